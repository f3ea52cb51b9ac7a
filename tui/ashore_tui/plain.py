"""The line mode: an installation as plain lines, for serial consoles, logs, pipes and screen readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_installer.events import (
    Event,
    Failed,
    Finished,
    Note,
    Progress,
    Started,
    StepFinished,
    StepStarted,
    Warned,
)
from ashore_installer.journal import Entry
from ashore_tui.outputs import Output
from ashore_tui.progress import duration
from ashore_tui.report import INDENT, Meter
from ashore_tui.text import _, said


def final_line(status: int) -> str:
    """The last line of every installation; programs that drive a machine wait for it."""
    return f"ashore: installation finished (status {int(status)})"


@dataclass(kw_only=True)
class PlainFace:
    """Shows events as lines. It only reads: the installation doesn't know of it."""

    output: Output
    clock: Callable[[], float] = time.monotonic
    writing: bool = False
    """Whether the first write has begun, so that nothing can be cancelled any more."""
    status: int | None = None
    """The exit status of the installation, once it has ended."""
    _seen: int = 0
    _titles: dict[str, str] = field(default_factory=dict)
    _meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._meter = Meter(output=self.output, clock=self.clock)

    def follow(self, entries: Iterable[Entry]) -> None:
        """Show all of them but those that were shown before: a journal is followed from its beginning each time."""
        for entry in islice(entries, self._seen, None):
            self._seen += 1
            self.show(entry.event)

    def show(self, event: Event) -> None:
        match event:
            case Started():
                self._titles = {step.id: step.title for step in event.steps}
            case StepStarted():
                self._begin(event)
            case Progress():
                self._meter.show(event.done, event.total, event.unit)
            case Note():
                self.output.line(_indented(said(event.text)))
            case Warned():
                self.output.line(_("Warning: {text}").format(text=said(event.message)))
            case StepFinished():
                pass
            case Failed():
                self._failed(event)
            case Finished():
                self.status = ExitStatus.DONE
                self.output.line(_("Installed in {time}.").format(time=duration(event.seconds)))

    def died(self, returncode: int, log: Path) -> None:
        """The engine ended without saying how: it was killed, or has a bug."""
        self.status = ExitStatus.FAILED
        text = _("The installer itself ended with status {status}, so the installation is not complete.")
        self.output.line(text.format(status=returncode))
        self._name_log(str(log))

    def _begin(self, event: StepStarted) -> None:
        self.writing = event.writes
        self._meter.reset()
        self.output.line(f"[{event.number:2}/{event.total}] {said(event.title)}")

    def _failed(self, event: Failed) -> None:
        self.status = event.status
        title = self._titles.get(event.step)
        self.output.line("")
        if event.status == ExitStatus.CANCELLED:
            self.output.line(said(event.message))
        else:
            where = _("The installation failed in the step '{title}'.") if title else _("The installation failed.")
            self.output.line(where.format(title=said(title or "")))
            self.output.line(_indented(said(event.message), "  "))
        if event.hint:
            self.output.line(said(event.hint))
        if event.log:
            self._name_log(event.log)

    def _name_log(self, path: str) -> None:
        self.output.line(_("The log is in {path}.").format(path=path))


def _indented(text: str, by: str = INDENT) -> str:
    return "\n".join(by + line for line in text.splitlines())
