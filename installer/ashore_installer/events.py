"""What the engine tells its faces.

Every event is one JSON line of the journal: `{"v": 1, "time": …, "type": "Progress", …}`. Faces must ignore types that
they don't know, so adding an event does not need a new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTitle:
    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The first event of a run: the steps that will be made, in their order."""

    steps: tuple[StepTitle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """`writes` is true from the first step on that changes a disk: from there on nothing can be cancelled."""

    step: str
    title: str
    number: int
    total: int
    writes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` `unit`s ("bytes" or a plural noun) of a step; droppable, at most five a second."""

    step: str
    done: int
    total: int
    unit: str = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line worth showing: a chosen disk, the output of a script."""

    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    step: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    step: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The last event of a run that failed or was cancelled. `step` is empty if it failed before the first step."""

    step: str
    message: str
    hint: str
    log: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event of a run that did what the plan says."""

    seconds: float


Event = Started | StepStarted | Progress | Note | Warned | StepFinished | Failed | Finished


class Listener(Protocol):
    """Takes events. The journal is one, a test's list another."""

    def __call__(self, event: Event, /) -> None: ...
