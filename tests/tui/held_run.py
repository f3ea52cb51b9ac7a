"""An engine whose installation a test tells event by event."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.engine import Request
from ashore_installer.errors import BadInput
from ashore_installer.events import Event
from ashore_installer.journal import Journal
from ashore_tui.engine import Running
from ashore_tui.rehearsal.engine import RehearsalEngine
from ashore_tui.rehearsal.process import play
from ashore_tui.rehearsal.script import Failure


@dataclass
class HeldRun:
    """An installation that stands still until it is told to go on."""

    folder: Path
    open: bool = True
    cancelled: int = 0
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.write_text("the engine's log\n", encoding="utf-8")
        self._journal = Journal(self.journal, self.clock)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedEngine(RehearsalEngine):
    """A rehearsal without a process of its own, which takes a second to start: played to its end at once."""

    def start(self, request: Request) -> Running:
        run = HeldRun(self.state)
        failure = Failure(step=self.fail_at, log=str(run.log)) if self.fail_at else None
        play(request, run.tell, lambda _seconds: False, failure)
        run.die()
        return run
