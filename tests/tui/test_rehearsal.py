"""Rehearsals: what is played is what the plan's own steps would tell, and nobody can take it for the real thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ashore_installer.engine import Request
from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.events import Event, Failed, Finished, Note, Progress, Started, StepFinished, StepStarted
from ashore_installer.journal import follow
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.steps import steps_for
from ashore_installer.storage.sentences import actions
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_tui.rehearsal.engine import RehearsalEngine
from ashore_tui.rehearsal.image import EXAMPLE, example_image
from ashore_tui.rehearsal.process import play
from ashore_tui.rehearsal.script import Failure, script
from tests.fakes.machines import recorded

ERASE = StorageRequest(clear=Clear.ALL, automatic=Automatic(), zero_mbr=True, new_table=True)


def never(_seconds: float) -> bool:
    return False


def a_request() -> Request:
    machine = recorded("qemu-uefi-nvme")
    engine = RehearsalEngine(machine=machine, state=Path("/nowhere"))
    draft, image = engine.resolve(Draft(storage=ERASE), lambda _done, _total: None)
    plan = engine.finalize(draft, machine, image)
    assert engine.check(plan, machine, image) == ()
    return Request(plan=plan, machine=machine, payload=image, kickstart="")


def played(request: Request, wait: Callable[[float], bool] = never, failure: Failure | None = None) -> list[Event]:
    events: list[Event] = []
    play(request, events.append, wait, failure)
    return events


def test_the_steps_are_those_of_the_plan() -> None:
    request = a_request()
    wanted = [step.title for step in steps_for(request.plan)]

    events = played(request)

    assert isinstance(events[0], Started)
    assert [step.title for step in events[0].steps] == wanted
    assert [one.title for one in events if isinstance(one, StepStarted)] == wanted
    assert len([one for one in events if isinstance(one, StepFinished)]) == len(wanted)
    assert isinstance(events[-1], Finished)


def test_amounts_and_actions_are_those_of_the_plan() -> None:
    request = a_request()

    events = played(request)

    bars = [one for one in events if isinstance(one, Progress) and one.step == "import-image"]
    assert bars[-1].done == bars[-1].total == request.payload.download_size
    notes = [one.text for one in events if isinstance(one, Note) and one.step == "prepare-storage"]
    assert tuple(notes) == actions(request.plan.storage, request.machine)


def test_the_first_thing_said_is_that_it_is_a_rehearsal() -> None:
    notes = [one.text for one in played(a_request()) if isinstance(one, Note)]

    assert notes[0].startswith("This is a rehearsal")


def test_writing_begins_with_the_first_step_that_writes_and_stays() -> None:
    started = [one for one in played(a_request()) if isinstance(one, StepStarted)]

    writes = [one.writes for one in started]
    assert writes == sorted(writes)
    assert next(one.step for one in started if one.writes) == "prepare-storage"


def test_it_can_be_cancelled_before_the_first_write_only() -> None:
    request = a_request()
    beats = list(script(request))
    free = sum(not beat.written for beat in beats)

    early = played(request, _after(3))
    late = played(request, _after(free + 1))

    assert isinstance(early[-1], Failed)
    assert early[-1].status == ExitStatus.CANCELLED
    assert isinstance(late[-1], Finished)


def _after(calls: int) -> Callable[[float], bool]:
    """A wait that is interrupted from its call number `calls` on."""
    seen: list[float] = []

    def wait(seconds: float) -> bool:
        seen.append(seconds)
        return len(seen) >= calls

    return wait


def test_a_step_can_be_told_to_fail() -> None:
    events = played(a_request(), failure=Failure(step="import-image", log="/tmp/log"))

    last = events[-1]
    assert isinstance(last, Failed)
    assert (last.step, last.status, last.log) == ("import-image", ExitStatus.FAILED, "/tmp/log")


def test_a_process_of_its_own_plays_it(tmp_path: Path) -> None:
    request = a_request()
    engine = RehearsalEngine(machine=request.machine, state=tmp_path / "state", speed=0)

    running = engine.start(request)
    events = [entry.event for entry in follow(running.journal, running.alive)]

    assert running.wait() == ExitStatus.DONE
    assert events == played(request)
    with pytest.raises(BadInput, match="No rehearsal is running"):
        engine.attach()


def test_a_running_rehearsal_can_be_joined_and_cancelled_by_who_joined(tmp_path: Path) -> None:
    request = a_request()
    engine = RehearsalEngine(machine=request.machine, state=tmp_path / "state", speed=0.1)
    running = engine.start(request)
    entries = follow(running.journal, running.alive)
    next(entries)

    joined = engine.attach()

    assert isinstance(next(follow(joined.journal, joined.alive)).event, Started)
    joined.cancel()
    assert running.wait() == ExitStatus.CANCELLED


def test_only_the_example_image_is_known() -> None:
    engine = RehearsalEngine(machine=recorded("two-sata"), state=Path("/nowhere"))
    elsewhere = Draft(payload=PayloadRequest(source="docker://registry.example/other:1"))

    with pytest.raises(BadInput, match="looks no image up"):
        engine.resolve(elsewhere, lambda _done, _total: None)
    draft, image = engine.resolve(Draft(), lambda _done, _total: None)
    assert draft.payload == EXAMPLE
    assert image == example_image("amd64")
