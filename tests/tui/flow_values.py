"""An engine that plans and checks as the real one does, on a recorded machine and without a medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ashore_installer.check import check
from ashore_installer.engine import Request
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.events import Event, Failed
from ashore_installer.facts import Facts
from ashore_installer.finalize import finalize
from ashore_installer.image import ImageInfo
from ashore_installer.journal import Journal
from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import NetworkConnection
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.payload.package_protocol import Catalogue, KeyInfo, Matched
from ashore_installer.payload.requirements import with_required
from ashore_installer.payload.trust import Demand, Signed, Trust
from ashore_installer.payload_info import INITRAMFS_WORDS, PROGRAMS
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest, Problem
from ashore_installer.steps import steps_for
from ashore_tui.engine import Progress, Running
from ashore_tui.flow.evaluate import begin
from ashore_tui.flow.state import Flow
from ashore_tui.rehearsal.network import imagined
from ashore_tui.rehearsal.packages import example_catalogue, example_keys, example_packages, example_search
from tests.fakes.machines import recorded
from tests.fakes.values import a_machine, an_image
from tests.tui.fakes import DONE, EMBEDDED, Finite

REMOTE = "docker://registry.example/other:2"
TAGS = ("latest", "2", "1")
"""What the registry has beside it."""


def a_bootable_image() -> ImageInfo:
    """An image that can be installed on every recorded machine: it brings its own boot loader, and can all."""
    return an_image(bootupd=True, initramfs=INITRAMFS_WORDS, programs=PROGRAMS)


@dataclass
class PlanningEngine:
    """Real plans and checks; the images are `embedded` (the medium's, if any) and one at `REMOTE`."""

    machine: MachineInfo
    directory: Path = Path("/nowhere")
    embedded: ImageInfo | None = field(default_factory=a_bootable_image)
    events: Sequence[Event] = DONE
    privileged: bool = True
    requests: list[Request] = field(default_factory=list)
    connections: list[tuple[NetworkConnection, ...]] = field(default_factory=list)
    unconnected: str = ""
    """Why no card gets a connection, if none does."""
    offered: tuple[Repository, ...] = ()
    """The package repositories of the medium."""
    solved: list[PackagePayload] = field(default_factory=list)

    def probe(self) -> MachineInfo:
        return self.machine

    def connect(self, connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
        self.connections.append(tuple(connections))
        if self.unconnected:
            raise InstallerError(self.unconnected, "Check the cable.")
        return imagined(connections, machine)

    def repositories(self) -> tuple[Repository, ...]:
        return self.offered

    def browse(self, payload: PackagePayload) -> Catalogue:
        return example_catalogue(payload)

    def search(self, payload: PackagePayload, words: tuple[str, ...]) -> Matched:  # noqa: ARG002 (the Protocol's)
        return example_search(words)

    def keys(self, payload: PackagePayload) -> tuple[KeyInfo, ...]:
        return example_keys(payload)

    def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
        progress(1, 1)
        if draft.packages is not None:
            self.solved.append(draft.packages)
            whole = with_required(draft.packages, draft, machine or self.machine)
            return replace(draft, packages=whole), example_packages(whole, self.machine.architecture)
        source = draft.payload.source
        if source == REMOTE:
            return draft, replace(a_bootable_image(), scanned=False, os_release={})
        if source not in ("", EMBEDDED.source):
            raise BadInput(f"The image {source} can't be read: no such manifest.", "Check the name.")
        if self.embedded is None:
            raise BadInput("No image was named.", "Name one.")
        payload = PayloadRequest(source=EMBEDDED.source, target=draft.payload.target or EMBEDDED.target)
        return replace(draft, payload=payload), self.embedded

    def tags(self, source: str) -> tuple[str, ...]:
        if source.partition("@")[0].rpartition(":")[0] != REMOTE.rpartition(":")[0]:
            raise BadInput(f"The image {source} can't be read: no such name.", "Check the name.")
        return TAGS

    def trust(self, source: str, image: ImageInfo) -> Trust:  # noqa: ARG002 (the Protocol's)
        return Trust(demand=Demand.NOTHING, signed=Signed.YES)

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:
        return finalize(draft, machine, image)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:
        return check(plan, machine, image)

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:
        return tuple(step.title for step in steps_for(plan))

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


def on(name: str = "") -> Flow:
    """A flow on a recorded machine (without a name on `a_machine`), with an image on the medium."""
    return begin(PlanningEngine(machine=recorded(name) if name else a_machine()))
