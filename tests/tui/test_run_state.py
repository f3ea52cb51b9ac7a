"""An installation as its journal tells it."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.events import (
    Event,
    Failed,
    Finished,
    Note,
    Progress,
    Started,
    StepFinished,
    StepStarted,
    StepTitle,
    Warned,
)
from ashore_installer.journal import Entry
from ashore_tui.app.run_state import RunState, after, died
from ashore_tui.app.widgets.step_list import window
from tests.tui.fakes import BROKEN, DONE


def told(*events: Event) -> RunState:
    state = RunState()
    for second, event in enumerate(events):
        state = after(state, Entry(time=1000.0 + second, event=event))
    return state


def test_before_the_first_event_nothing_is_known() -> None:
    assert RunState().part == 0.0
    assert RunState().current is None
    assert not RunState().ended


def test_a_whole_run() -> None:
    state = told(*DONE)

    assert state.finished == Finished(seconds=63)
    assert state.done == 2
    assert state.part == 1.0
    assert state.writing
    assert [step.seconds for step in state.steps] == [1, 2]


def test_the_step_that_runs_counts_as_far_as_it_tells() -> None:
    state = told(*DONE[:4], Progress(step="b", done=50, total=100))

    assert state.current is not None
    assert state.current.id == "b"
    assert state.part == 0.75
    assert state.progress is not None


def test_progress_without_an_amount_is_no_division_by_zero() -> None:
    assert told(*DONE[:4], Progress(step="b", done=0, total=0)).part == 0.5


def test_a_new_step_forgets_the_progress_of_the_one_before() -> None:
    state = told(DONE[0], DONE[1], Progress(step="a", done=1, total=2), *DONE[2:4])

    assert state.progress is None
    assert state.pace.samples == ()


def test_the_rate_comes_from_the_times_in_the_journal_so_that_who_joins_late_sees_it() -> None:
    state = told(*DONE[:4], *(Progress(step="b", done=10 * second, total=100) for second in range(5)))

    assert state.pace.rate == 10
    assert state.pace.left(100) == 6


def test_writing_begins_with_the_step_that_says_so() -> None:
    assert not told(*DONE[:2]).writing
    assert told(*DONE[:4]).writing


def test_notes_and_warnings_are_kept_with_their_steps() -> None:
    state = told(*DONE[:2], Note(step="a", text="vda"), Warned(step="a", message="old"))

    assert [(line.step, line.text, line.warning) for line in state.log] == [("a", "vda", False), ("a", "old", True)]
    assert [line.text for line in state.warnings] == ["old"]


def test_a_failure_keeps_the_step_that_failed() -> None:
    state = told(*BROKEN)

    assert state.ended
    assert isinstance(state.failed, Failed)
    assert state.current is not None
    assert state.current.id == "b"


def test_a_new_start_in_the_same_journal_begins_anew() -> None:
    state = told(*BROKEN, *DONE[:2])

    assert not state.ended
    assert state.done == 0


def test_an_engine_that_died_is_a_failure_of_the_step_that_ran() -> None:
    state = died(told(*DONE[:4]), -9, Path("/run/ashore/ashore.log"))

    assert state.failed is not None
    assert state.failed.step == "b"
    assert "-9" in state.failed.message
    assert state.failed.log == "/run/ashore/ashore.log"


def test_steps_are_shown_around_the_one_that_runs() -> None:
    titles = tuple(StepTitle(id=str(number), title=str(number)) for number in range(10))
    begun = told(Started(steps=titles), StepStarted(step="0", title="0", number=1, total=10, writes=False))
    later = told(
        Started(steps=titles),
        *(event for number in range(6) for event in _whole(str(number))),
        StepStarted(step="6", title="6", number=7, total=10, writes=True),
    )

    assert [step.id for step in window(begun.steps, 4)] == ["0", "1", "2", "3"]
    assert [step.id for step in window(later.steps, 4)] == ["4", "5", "6", "7"]
    assert [step.id for step in window(later.steps, 20)] == [str(number) for number in range(10)]


def _whole(step: str) -> tuple[Event, Event]:
    started = StepStarted(step=step, title=step, number=int(step) + 1, total=10, writes=False)
    return started, StepFinished(step=step, seconds=1.0)
