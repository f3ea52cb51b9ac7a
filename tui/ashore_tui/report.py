"""Progress of work that is no installation: reading an image, checking a medium, baking an ISO."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ashore_tui.outputs import Output
from ashore_tui.progress import Pace, progress_text

INDENT = " " * 8


@dataclass(kw_only=True)
class Meter:
    """The progress line of an output."""

    output: Output
    clock: Callable[[], float] = time.monotonic
    _pace: Pace = field(default_factory=Pace)

    def reset(self) -> None:
        """Other work begins."""
        self._pace = Pace()

    def show(self, done: int, total: int, unit: str = "bytes") -> None:
        self._pace = self._pace.after(self.clock(), done)
        self.output.status(INDENT + progress_text(done, total, unit, self._pace))


@dataclass(kw_only=True)
class OutputReport:
    """Lines and progress on one output; has the shape of `ashore_isogen.report.Report`."""

    output: Output
    clock: Callable[[], float] = time.monotonic
    _meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._meter = Meter(output=self.output, clock=self.clock)

    def note(self, text: str) -> None:
        self._meter.reset()
        self.output.line(text)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        self._meter.show(done, total, unit)
