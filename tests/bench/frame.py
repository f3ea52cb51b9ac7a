"""What a benchmark is made of: two ways to the same result, measured in one run on one machine, and their ratio.

A benchmark is a module `tests/bench/bench_*.py` with a function `compare(work: Path) -> tuple[Comparison, ...]`; `work`
is an empty directory for its files. Seconds alone say more about the machine than about us, so only ratios are judged.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ashore_installer.errors import InstallerError
from ashore_installer.units import human


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way, measured: wall `seconds`, and `peak` memory (bytes) of its largest process."""

    name: str
    seconds: float
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Our way against a plain one that gives the same result."""

    title: str
    ours: Measured
    plain: Measured

    @property
    def ratio(self) -> float:
        """How many times longer ours takes."""
        return self.ours.seconds / self.plain.seconds

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.ratio:.2f} times the plain way"]
        lines += [
            f"  {way.name:<40} {way.seconds:8.2f} s   {human(way.peak):>10} peak" for way in (self.ours, self.plain)
        ]
        return "\n".join(lines)


def measure_program(name: str, argv: Sequence[str | os.PathLike[str]]) -> Measured:
    """Run a program to its end, its output going where ours goes. Raises InstallerError when it fails."""

    def start() -> int:
        words = [os.fspath(word) for word in argv]
        nothing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        return os.posix_spawnp(words[0], words, os.environ, file_actions=nothing)

    return _measure(name, start)


def measure_call(name: str, work: Callable[[], object]) -> Measured:
    """Call `work` in a process of its own, so that its memory is its own. Raises InstallerError when it fails."""

    def start() -> int:
        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        assert process.pid is not None
        return process.pid

    sys.stdout.flush()
    return _measure(name, start)


def _measure(name: str, start: Callable[[], int]) -> Measured:
    """The clock stops when the data is on the disk: what is written later is part of the price."""
    os.sync()
    began = time.perf_counter()
    _, status, usage = os.wait4(start(), 0)
    os.sync()
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise InstallerError(f"{name} failed.", "Its output is above.")
    return Measured(name=name, seconds=seconds, peak=usage.ru_maxrss * 1024)
