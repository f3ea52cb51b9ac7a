"""A scenario from this host's side: disks into a thawed machine, the row carried out inside, the outcome compared."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer import codec
from tests.vm.storage.lab import Lab
from tests.vm.storage.row import Outcome, Row, Seen

_PROGRAM = "from tests.vm.storage.proof import main\nresult = main(arguments)\n"
_BLOCK = 1 << 20
_NO_HURRY = "echo 1000 >/proc/sys/dev/raid/speed_limit_max"
"""New arrays are not brought into step, for gigabytes and minutes, while the row is looked at (md(4))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`wrong` are sentences, empty when the row is as expected."""

    row: Row
    wrong: tuple[str, ...]
    seconds: float
    output: str = ""
    """What the guest said, for whoever must find out why."""


def judge(row: Row, logs: Path | None = None) -> Verdict:
    """Carry the row out in a machine of its own."""
    began = time.monotonic()
    wrong: tuple[str, ...]
    with Lab(row.disks, firmware=row.firmware, logs=logs) as lab:
        lab.out(_NO_HURRY)
        if row.prepare:
            prepared = lab.shell(f"set -e\n{row.prepare}\nudevadm settle; sync", 120)
            if prepared.status != 0:
                wrong = ("Its disks could not be prepared.",)
                return Verdict(row=row, wrong=wrong, seconds=time.monotonic() - began, output=prepared.output)
        lab.out("sync")
        before = [digest(disk.image) for disk in lab.disks]
        answer = lab.python(_PROGRAM, name=row.name, arguments=codec.to_data(row), seconds=90)
        lab.out("sync")
        changed = [disk.name for disk, was in zip(lab.disks, before, strict=True) if digest(disk.image) != was]
    if answer.status != 0:
        wrong = ("It ended with a traceback.",)
    else:
        wrong = tuple(faults(row, codec.from_data(answer.result, Outcome, "the outcome"), changed))
    return Verdict(row=row, wrong=wrong, seconds=time.monotonic() - began, output=answer.output)


def digest(image: Path) -> str:
    """Of the bytes that are on a disk and where they are. Blocks of zeros are as good as holes."""
    found = hashlib.sha256()
    with image.open("rb") as file:
        for start, end in _extents(file.fileno()):
            for place in range(start, end, _BLOCK):
                block = os.pread(file.fileno(), _BLOCK, place)
                if any(block):
                    found.update(place.to_bytes(8, "big") + block)
    return found.hexdigest()


def _extents(file: int) -> Iterator[tuple[int, int]]:
    """Where a sparse file has data, in whole blocks."""
    size, place = os.fstat(file).st_size, 0
    while place < size:
        try:
            data = os.lseek(file, place, os.SEEK_DATA)
        except OSError:  # nothing more (ENXIO)
            return
        start = max(place, data // _BLOCK * _BLOCK)
        place = min(size, -(-os.lseek(file, data, os.SEEK_HOLE) // _BLOCK) * _BLOCK)
        yield start, place


def faults(row: Row, outcome: Outcome, changed: list[str]) -> Iterator[str]:
    """How an outcome differs from what the row expects."""
    if row.refused:
        yield from _not_refused(row, outcome, changed)
        return
    if outcome.refused:
        yield f"It was refused: {outcome.refused}"
        return
    wanted, found = {one.name: one for one in row.seen}, {one.name: one for one in outcome.seen}
    for name in sorted(wanted.keys() | found.keys()):
        yield from _difference(wanted.get(name), found.get(name))
    for look, said in zip(row.looks, outcome.said, strict=True):
        if said.output != look.says:
            yield f"`{look.command}` says {said.output!r} (status {said.status}), and not {look.says!r}"
    if outcome.left:
        yield f"It leaves open: {', '.join(outcome.left)}"


def _not_refused(row: Row, outcome: Outcome, changed: list[str]) -> Iterator[str]:
    if not outcome.refused:
        yield f"It was not refused ({row.refused!r})"
    elif row.refused not in outcome.refused:
        yield f"It was refused for another reason: {outcome.refused}"
    if outcome.written:
        yield "It was refused after the first write"
    if changed and not row.between:
        yield f"The refusal changed {', '.join(changed)}"


def _difference(wanted: Seen | None, found: Seen | None) -> Iterator[str]:
    if wanted is None or found is None:
        one = wanted or found
        yield f"{one.name if one else ''} {'is missing' if found is None else f'is too much: {found}'}"
        return
    for field in ("size", "format", "mount", "label", "kind", "on"):
        was, is_ = getattr(wanted, field), getattr(found, field)
        if was != is_ and not (field == "size" and not was):
            yield f"{wanted.name}: {field} is {is_!r}, and not {was!r}"
