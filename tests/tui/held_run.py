"""An engine whose installation a test tells event by event."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ashore_installer.engine import Request
from ashore_installer.errors import BadInput
from ashore_installer.events import Event
from ashore_installer.journal import Journal
from ashore_tui.engine import Running
from ashore_tui.rehearsal.engine import RehearsalEngine


@dataclass
class HeldRun:
    """An installation that stands still until it is told to go on."""

    folder: Path
    open: bool = True
    cancelled: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.log.write_text("the engine's log\n", encoding="utf-8")
        self._journal = Journal(self.journal)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "ashore.log"

    def tell(self, *events: Event) -> None:
        for event in events:
            self._journal(event)

    def die(self) -> None:
        """End without a word."""
        self.open = False

    def alive(self) -> bool:
        return self.open

    def cancel(self) -> None:
        self.cancelled += 1

    def wait(self) -> int:
        return -9


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEngine(RehearsalEngine):
    """Plans as a rehearsal does; its installation is `run`, which goes on already when `joined`."""

    run: HeldRun
    joined: bool = False
    may: bool = True

    @property
    def privileged(self) -> bool:
        return self.may

    def start(self, request: Request) -> Running:  # noqa: ARG002 (the Protocol's)
        return self.run

    def attach(self) -> Running:
        if not self.joined:
            raise BadInput("There is no installation to follow.")
        return self.run
