"""The executor: order, cancelling before the first write, failures, cleanup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.events import Event, Failed, Finished, Progress, Started, StepFinished, StepStarted, Warned
from ashore_installer.executor import execute
from tests.fakes.runner import FakeRunner
from tests.fakes.values import a_machine, a_plan, an_image


@dataclass(frozen=True)
class FakeStep:
    id: str
    action: Callable[[Context], None] = lambda _context: None
    writes: bool = False

    @property
    def title(self) -> str:
        return f"Do {self.id}"

    def run(self, context: Context) -> None:
        self.action(context)


@dataclass
class Run:
    """One run of the executor and all that it told."""

    events: list[Event] = field(default_factory=list)
    cancel: bool = False
    failures: list[str] = field(default_factory=list)

    def context(self) -> Context:
        return Context(
            plan=a_plan(),
            machine=a_machine(),
            payload=an_image(),
            run=FakeRunner(),
            listener=self.events.append,
            log_file=Path("/run/ashore/ashore.log"),
            cancelled=lambda: self.cancel,
            on_failure=lambda context: self.failures.append(context.step),
        )

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def raising(error: Exception) -> Callable[[Context], None]:
    def action(_context: Context) -> None:
        raise error

    return action


def test_steps_run_in_order_and_say_so() -> None:
    run = Run()
    ran: list[str] = []
    steps = [FakeStep(name, lambda context: ran.append(context.step)) for name in ("one", "two", "three")]

    assert execute(steps, run.context()) == ExitStatus.DONE

    assert ran == ["one", "two", "three"]
    assert [type(event) for event in run.events] == [Started, *([StepStarted, StepFinished] * 3), Finished]
    assert [step.id for step in run.events[0].steps] == ran  # type: ignore[union-attr]


def test_a_failure_is_an_event_with_message_hint_and_log_and_stops_the_rest() -> None:
    run = Run()
    later = FakeStep("later", raising(AssertionError("must not run")))

    status = execute([FakeStep("bad", raising(InstallerError("It broke.", "Try again."))), later], run.context())

    assert status == ExitStatus.FAILED
    assert run.events[-1] == Failed(
        step="bad", message="It broke.", hint="Try again.", log="/run/ashore/ashore.log", status=1
    )
    assert run.failures == ["bad"]


def test_bad_input_has_its_own_status() -> None:
    assert execute([FakeStep("bad", raising(BadInput("No.")))], Run().context()) == ExitStatus.BAD_INPUT


def test_a_bug_of_ours_is_told_in_one_sentence_and_raised() -> None:
    run = Run()
    with pytest.raises(ZeroDivisionError):
        execute([FakeStep("bug", raising(ZeroDivisionError("x")))], run.context())
    (failed,) = run.of(Failed)
    assert isinstance(failed, Failed)
    assert "bug" in failed.message


def test_cleanup_is_unwound_in_reverse_order_on_success_and_on_failure() -> None:
    for last in (FakeStep("fine"), FakeStep("bad", raising(InstallerError("no")))):
        undone: list[str] = []

        def mount(context: Context, undone: list[str] = undone) -> None:
            context.cleanup.callback(undone.append, "outer")
            context.cleanup.callback(undone.append, "inner")

        execute([FakeStep("mount", mount), last], Run().context())
        assert undone == ["inner", "outer"]


def test_cancel_is_heeded_before_the_first_write_only() -> None:
    run = Run()

    def ask(_context: Context) -> None:
        run.cancel = True

    before = execute([FakeStep("read", ask), FakeStep("write", writes=True)], run.context())
    assert before == ExitStatus.CANCELLED
    assert [event.step for event in run.of(StepStarted) if isinstance(event, StepStarted)] == ["read"]

    run = Run()
    after = execute([FakeStep("write", ask, writes=True), FakeStep("more")], run.context())
    assert after == ExitStatus.DONE


def test_long_work_before_the_first_write_is_cancelled_in_its_middle() -> None:
    run = Run()

    def work(context: Context) -> None:
        context.progress(1, 10)
        run.cancel = True
        context.progress(2, 10)
        raise AssertionError("went on after the cancellation")

    assert execute([FakeStep("read", work)], run.context()) == ExitStatus.CANCELLED


def test_progress_is_limited_but_its_end_is_always_told() -> None:
    run = Run()

    def work(context: Context) -> None:
        for done in range(1001):
            context.progress(done, 1000)

    execute([FakeStep("copy", work)], run.context())
    told = [event for event in run.of(Progress) if isinstance(event, Progress)]
    assert told[-1].done == 1000
    assert len(told) < 20


def test_a_warning_does_not_stop_the_run() -> None:
    run = Run()
    status = execute([FakeStep("post", lambda context: context.warn("A script failed."))], run.context())
    assert status == ExitStatus.DONE
    assert run.of(Warned) == [Warned(step="post", message="A script failed.")]
