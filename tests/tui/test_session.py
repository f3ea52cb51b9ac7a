from __future__ import annotations

import fcntl
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_installer.errors import Cancelled, ExitStatus
from ashore_installer.events import Event, Failed
from ashore_installer.journal import Journal
from ashore_installer.plan import Script, ScriptPhase
from ashore_tui.engine import Attached, Running
from ashore_tui.plain import PlainFace
from ashore_tui.session import record, watch
from tests.fakes.values import a_plan
from tests.tui.fakes import DONE, FakeEngine, Recorder, ashore


@dataclass
class Interrupted:
    """A run in which the person presses ^C when `events` are shown; it ends when it is asked to."""

    journal: Path
    events: tuple[Event, ...]
    log: Path = Path("/run/ashore/ashore.log")
    asks: int = 0
    cancelled: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tell(self.events)

    def _tell(self, events: tuple[Event, ...]) -> None:
        journal = Journal(self.journal)
        for event in events:
            journal(event)
        journal.close()

    def alive(self) -> bool:
        self.asks += 1
        # It is asked once before each line.
        if self.asks == len(self.events) + 1:
            raise KeyboardInterrupt
        return not self.cancelled

    def cancel(self) -> None:
        self.cancelled.append(True)
        error = Cancelled()
        self._tell((Failed(step="a", message=error.message, hint="", log="", status=error.status),))

    def wait(self) -> int:
        return ExitStatus.CANCELLED


def test_an_interrupt_before_the_first_write_stops_the_installation(tmp_path: Path) -> None:
    running, recorder = Interrupted(tmp_path / "journal", DONE[:2]), Recorder()

    assert watch(running, PlainFace(output=recorder)) == ExitStatus.CANCELLED

    assert running.cancelled == [True]
    assert recorder.lines == ["[ 1/2] Look at it", "Stopping ...", "", "Cancelled. Nothing was written."]


def test_an_interrupt_after_the_first_write_stops_only_the_face(tmp_path: Path) -> None:
    running = Interrupted(tmp_path / "journal", DONE[:4])

    class Engine(FakeEngine):
        def attach(self) -> Running:
            return running

    outcome = ashore(Engine(tmp_path), "install", "--follow")

    assert outcome.status == ExitStatus.CANCELLED
    assert running.cancelled == []
    assert outcome.out.endswith(
        "The disks are being written, so the installation goes on without this command.\n"
        "To see it again: ashore install --follow\n"
    )


def test_somebody_elses_installation_lives_as_long_as_its_lock_is_held(tmp_path: Path) -> None:
    attached = Attached(state=tmp_path)
    assert not attached.alive()

    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert attached.alive()

    assert not attached.alive()


@pytest.mark.parametrize("body", ["cat <<E\n%end\nE\n", "true\r\n"])
def test_a_plan_that_kickstart_has_no_words_for_is_recorded_as_a_comment(body: str) -> None:
    script = Script(phase=ScriptPhase.POST, body=body)

    text = record(a_plan(scripts=(script,)))

    assert text.startswith("# A kickstart can't say this: a script ")
    assert all(line.startswith("# ") for line in text.splitlines())
