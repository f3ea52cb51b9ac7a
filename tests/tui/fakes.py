"""A terminal, an engine and an output that only remember."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ashore_installer.engine import Request
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.events import Event, Failed, Finished, Started, StepFinished, StepStarted, StepTitle
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.journal import Journal
from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import NetworkConnection
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.payload.package_protocol import Catalogue, KeyInfo, Matched
from ashore_installer.payload.trust import Trust
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest, Problem
from ashore_tui.__main__ import main
from ashore_tui.engine import Progress, Running
from ashore_tui.terminal import Session, Terminal
from tests.fakes.values import a_machine, a_plan, an_image

EMBEDDED = PayloadRequest(source="oci:/medium/payload:payload", target="docker://registry.example/sample:1")

DONE: tuple[Event, ...] = (
    Started(steps=(StepTitle(id="a", title="Look at it"), StepTitle(id="b", title="Write it"))),
    StepStarted(step="a", title="Look at it", number=1, total=2, writes=False),
    StepFinished(step="a", seconds=1),
    StepStarted(step="b", title="Write it", number=2, total=2, writes=True),
    StepFinished(step="b", seconds=2),
    Finished(seconds=63),
)
BROKEN: tuple[Event, ...] = (
    *DONE[:4],
    Failed(step="b", message="The disk is full.", hint="Use a larger one.", log="/run/ashore/ashore.log", status=1),
)


@dataclass
class Recorder:
    """An output as a list of lines; status lines are marked."""

    lines: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def status(self, text: str) -> None:
        self.lines.append(f"~{text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finite:
    """A run whose journal is complete already."""

    journal: Path
    log: Path
    status: int
    cancelled: list[bool] = field(default_factory=list)

    def alive(self) -> bool:
        return False

    def cancel(self) -> None:
        self.cancelled.append(True)

    def wait(self) -> int:
        return self.status


@dataclass
class FakeEngine:
    """Every draft becomes the plan of `tests.fakes.values` with the draft's own system; runs tell `events`."""

    directory: Path
    machine: MachineInfo = field(default_factory=a_machine)
    image: ImageInfo = field(default_factory=an_image)
    problems: Sequence[Problem] = ()
    events: Sequence[Event] = DONE
    privileged: bool = True
    probes: int = 0
    resolved: list[Draft] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: list[tuple[NetworkConnection, ...]] = field(default_factory=list)
    unconnected: str = ""
    """Why no card gets a connection, if none does."""

    def probe(self) -> MachineInfo:
        self.probes += 1
        return self.machine

    def connect(self, connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
        self.connections.append(tuple(connections))
        if self.unconnected:
            raise InstallerError(self.unconnected, "Check the cable.")
        return machine

    def repositories(self) -> tuple[Repository, ...]:
        return ()

    def browse(self, payload: PackagePayload) -> Catalogue:  # noqa: ARG002
        raise BadInput("There are no packages here.")

    def search(self, payload: PackagePayload, words: tuple[str, ...]) -> Matched:  # noqa: ARG002
        raise BadInput("There are no packages here.")

    def keys(self, payload: PackagePayload) -> tuple[KeyInfo, ...]:  # noqa: ARG002
        raise BadInput("There are no packages here.")

    def resolve(
        self, draft: Draft, progress: Progress, machine: MachineInfo | None = None  # noqa: ARG002
    ) -> tuple[Draft, Facts]:  # fmt: skip
        self.resolved.append(draft)
        progress(5, 10)
        return replace(draft, payload=draft.payload if draft.payload.source else EMBEDDED), self.image

    def tags(self, source: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def trust(self, source: str, image: ImageInfo) -> Trust:  # noqa: ARG002
        return Trust()

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:  # noqa: ARG002
        if draft.storage is None:
            raise BadInput("Nothing says which disks may be used.", "Add autopart.")
        return a_plan(system=draft.system, scripts=draft.scripts, finish=draft.finish, eject=draft.eject)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:  # noqa: ARG002
        return tuple(self.problems)

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:  # noqa: ARG002
        return ("Look at it", "Write it")

    def start(self, request: Request) -> Running:
        self.requests.append(request)
        return self.attach()

    def attach(self) -> Running:
        path = self.directory / "journal.jsonl"
        journal = Journal(path)
        for event in self.events:
            journal(event)
        journal.close()
        last = self.events[-1]
        status = last.status if isinstance(last, Failed) else ExitStatus.DONE
        return Finite(journal=path, log=self.directory / "ashore.log", status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    status: int
    out: str
    err: str


def ashore(engine: FakeEngine, *arguments: str, answer: str | None = None) -> Outcome:
    """Run the command; `answer` is what the person types, None is a run that nobody watches."""
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out=out, err=err, ask=_asks(out, answer or ""), interactive=answer is not None)
    status = main(arguments, Session(terminal=terminal, engine=engine))
    return Outcome(status=status, out=out.getvalue(), err=err.getvalue())


def _asks(out: io.StringIO, answer: str) -> Callable[[str], str]:
    def ask(question: str) -> str:
        out.write(question)
        return answer

    return ask
