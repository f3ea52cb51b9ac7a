"""What is known of a running installation, folded from its journal. Pure: the same journal gives the same state."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_installer.events import Event, Failed, Finished, Note, Progress, Started, StepFinished, StepStarted, Warned
from ashore_installer.journal import Entry
from ashore_tui.progress import Pace
from ashore_tui.text import _

_WEIGHTS = {"verify-payload": 8, "fetch-image": 40, "import-image": 40, "deploy-image": 6, "prepare-storage": 6}
"""About how much longer than the others these steps take, for the bar of the whole installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """One step; `seconds` is None until it is done. `began` is in seconds since the epoch, 0 before it began."""

    id: str
    title: str
    began: float = 0.0
    seconds: float | None = None

    @property
    def running(self) -> bool:
        return bool(self.began) and self.seconds is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A note or a warning, and the step that it belongs to."""

    step: str
    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """An installation as its journal tells it."""

    steps: tuple[StepState, ...] = ()
    log: tuple[LogLine, ...] = ()
    writing: bool = False
    """The first write has begun: nothing can be cancelled any more."""
    progress: Progress | None = None
    """Of the step that runs, if it tells any."""
    pace: Pace = field(default_factory=Pace)
    began: float = 0.0
    now: float = 0.0
    """Time of the last entry, in seconds since the epoch."""
    finished: Finished | None = None
    failed: Failed | None = None

    @property
    def ended(self) -> bool:
        return self.finished is not None or self.failed is not None

    @property
    def current(self) -> StepState | None:
        """The step that runs, or that failed."""
        return next((step for step in self.steps if step.running), None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.seconds is not None for step in self.steps)

    @property
    def part(self) -> float:
        """How much is done, 0 to 1: steps by their weight, and of the one that runs as much as it tells."""
        total = sum(map(_weight, self.steps))
        if not total:
            return 0.0
        inside = self.progress.done / self.progress.total if self.progress and self.progress.total > 0 else 0.0
        done = sum(_weight(step) for step in self.steps if step.seconds is not None)
        running = inside * _weight(self.current) if self.current else 0.0
        return min(1.0, (done + running) / total)

    @property
    def warnings(self) -> tuple[LogLine, ...]:
        return tuple(line for line in self.log if line.warning)


def _weight(step: StepState) -> int:
    return _WEIGHTS.get(step.id, 1)


def after(state: RunState, entry: Entry) -> RunState:
    """The state with one more entry of the journal."""
    known = replace(_after(state, entry.event, entry.time), now=entry.time)
    return known if known.began else replace(known, began=entry.time)


def died(state: RunState, status: int, log: Path) -> RunState:
    """The state after the engine ended without saying how."""
    message = _("The installer itself ended with status {status}.").format(status=status)
    step = state.current.id if state.current else ""
    hint = _("What was installed is not complete. Save the logs, and begin again.")
    failed = Failed(step=step, message=message, hint=hint, log=str(log), status=ExitStatus.FAILED)
    return replace(state, failed=failed)


def _after(state: RunState, event: Event, time: float) -> RunState:
    match event:
        case Started():
            return RunState(steps=tuple(StepState(id=step.id, title=step.title) for step in event.steps))
        case StepStarted():
            steps = _with(state, event.step, began=time)
            return replace(state, steps=steps, writing=event.writes, progress=None, pace=Pace())
        case StepFinished():
            return replace(state, steps=_with(state, event.step, seconds=event.seconds), progress=None, pace=Pace())
        case Progress():
            return replace(state, progress=event, pace=state.pace.after(time, event.done))
        case Note():
            return replace(state, log=(*state.log, LogLine(step=event.step, text=event.text)))
        case Warned():
            return replace(state, log=(*state.log, LogLine(step=event.step, text=event.message, warning=True)))
        case Failed():
            return replace(state, failed=event)
        case Finished():
            return replace(state, finished=event)


def _with(state: RunState, id: str, **changes: float) -> tuple[StepState, ...]:  # noqa: A002 (the field's name)
    return tuple(replace(step, **changes) if step.id == id else step for step in state.steps)  # type: ignore[arg-type]
