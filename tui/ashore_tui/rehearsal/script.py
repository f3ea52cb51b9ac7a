"""What an engine would tell of an installation, made from the plan's own steps. Pure.

Titles, order, amounts and what is done to the disks are those of the real installation; how long each takes is not
known here, so times are those of an imagined machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ashore_installer.engine import Request
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
    StepTitle,
)
from ashore_installer.executor import Step
from ashore_installer.facts import Facts
from ashore_installer.steps import steps_for
from ashore_installer.storage.sentences import actions
from ashore_installer.units import MiB
from ashore_tui.text import _

_TICK = 0.2
"""Seconds between two events of progress, as `context.PROGRESS_INTERVAL`."""
_READ, _WRITE = 900 * MiB, 160 * MiB
"""Bytes a second of the imagined machine."""
_SHORT = 0.35
"""Seconds of a step that moves no image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """An event, and the seconds that pass before it."""

    wait: float
    event: Event
    written: bool
    """Whether a real engine would have changed a disk by then, so that nothing can be cancelled any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The step of a rehearsal that shall fail, so that its end can be seen too."""

    step: str
    log: str


def script(request: Request, failure: Failure | None = None) -> Iterator[Beat]:
    """Every event of the rehearsal, in its order."""
    steps = steps_for(request.plan, kickstart=request.kickstart)
    yield Beat(
        wait=0, event=Started(steps=tuple(StepTitle(id=step.id, title=step.title) for step in steps)), written=False
    )
    seconds, written = 0.0, False
    for number, step in enumerate(steps, 1):
        written = written or step.writes
        for beat in _step(step, number, steps, request, failure, written=written):
            seconds += beat.wait
            yield beat
            if isinstance(beat.event, Failed):
                return
    yield Beat(wait=0, event=Finished(seconds=round(seconds, 3)), written=written)


def _step(
    step: Step, number: int, steps: Sequence[Step], request: Request, failure: Failure | None, *, written: bool
) -> Iterator[Beat]:
    started = StepStarted(step=step.id, title=step.title, number=number, total=len(steps), writes=written)
    yield Beat(wait=0, event=started, written=written)
    if number == 1:
        note = Note(
            step=step.id, text=_("This is a rehearsal: no disk is read or written, and all times are imagined.")
        )
        yield Beat(wait=0, event=note, written=written)
    seconds = 0.0
    for wait, event in _work(step, request):
        seconds += wait
        yield Beat(wait=wait, event=event, written=written)
    if failure and failure.step == step.id:
        yield Beat(wait=0, event=_failed(failure), written=written)
        return
    yield Beat(wait=_SHORT, event=StepFinished(step=step.id, seconds=round(seconds + _SHORT, 3)), written=written)


def _work(step: Step, request: Request) -> Iterator[tuple[float, Event]]:
    match step.id:
        case "verify-payload":
            yield from _bytes(step, _moved(request.payload), _READ)
        case "fetch-image" | "import-image" | "download-packages" | "install-packages":
            yield from _bytes(step, _moved(request.payload), _WRITE)
        case "prepare-storage":
            for sentence in actions(request.plan.storage, request.machine):
                yield _SHORT, Note(step=step.id, text=sentence)
        case "run-scripts" if request.plan.scripts:
            yield 0, Note(step=step.id, text=_("Scripts are not run in a rehearsal."))


def _bytes(step: Step, total: int, rate: int) -> Iterator[tuple[float, Event]]:
    tick = int(rate * _TICK)
    for done in (*range(tick, total, tick), total):
        yield _TICK, Progress(step=step.id, done=done, total=total)


def _moved(image: Facts) -> int:
    return image.download_size


def _failed(failure: Failure) -> Failed:
    return Failed(
        step=failure.step,
        message=_("This step was told to fail, so that you see how Ashore says it."),
        hint=_("Go back and begin the rehearsal again."),
        log=failure.log,
        status=ExitStatus.FAILED,
    )
