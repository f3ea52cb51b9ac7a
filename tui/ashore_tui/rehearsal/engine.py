"""The engine of a rehearsal: real plans and real checks on a recorded machine, and a journal that is only played."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ashore_installer import codec
from ashore_installer.check import check
from ashore_installer.engine import JOURNAL, LOG, PID, EngineProcess, Request
from ashore_installer.errors import BadInput
from ashore_installer.facts import Facts
from ashore_installer.finalize import finalize
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import NetworkConnection
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.payload.package_protocol import Catalogue, KeyInfo, Matched
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.requirements import with_required
from ashore_installer.payload.trust import Trust
from ashore_installer.plan import Draft, InstallPlan, Problem
from ashore_installer.steps import steps_for
from ashore_tui.engine import Attached, Progress, Running
from ashore_tui.rehearsal.image import EXAMPLE, example_image
from ashore_tui.rehearsal.network import imagined
from ashore_tui.rehearsal.packages import (
    REPOSITORY,
    example_catalogue,
    example_keys,
    example_packages,
    example_search,
)
from ashore_tui.text import _


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalEngine:
    """Has the shape of `ashore_tui.engine.Engine`. `state` is a directory for the journal of the rehearsal.

    `speed` is how much faster than an imagined machine the installation is played; 0 is without any waiting. `fail_at`
    is the id of a step that shall fail.
    """

    machine: MachineInfo
    state: Path
    speed: float = 1.0
    fail_at: str = ""

    @property
    def privileged(self) -> bool:
        """Nothing is written, so anybody may."""
        return True

    def probe(self) -> MachineInfo:
        return self.machine

    def connect(self, connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
        """As if every network had a DHCP server, and every address were free."""
        return imagined(connections, machine)

    def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
        """The example packages, or the example image, for the medium's own only: a rehearsal looks nothing up.

        Raises BadInput for other images.
        """
        if draft.packages is not None:
            whole = with_required(draft.packages, draft, machine or self.machine)
            return replace(draft, packages=whole), example_packages(whole, self.machine.architecture)
        image = example_image(self.machine.architecture)
        progress(image.download_size, image.download_size)
        request = draft.payload
        if request.source not in ("", EXAMPLE.source):
            parse_image_name(request.source)
            raise BadInput(
                _("A rehearsal looks no image up, so nothing is known of {name}.").format(name=request.source),
                _("Choose the image of the medium."),
            )
        payload = replace(request, source=EXAMPLE.source, target=request.target or EXAMPLE.target)
        return replace(draft, payload=payload), image

    def repositories(self) -> tuple[Repository, ...]:
        return (REPOSITORY,)

    def browse(self, payload: PackagePayload) -> Catalogue:
        return example_catalogue(payload)

    def search(self, payload: PackagePayload, words: tuple[str, ...]) -> Matched:  # noqa: ARG002 (the Protocol's)
        return example_search(words)

    def keys(self, payload: PackagePayload) -> tuple[KeyInfo, ...]:
        return example_keys(payload)

    def tags(self, source: str) -> tuple[str, ...]:  # noqa: ARG002 (the Protocol's)
        """Raises BadInput: a rehearsal asks no registry."""
        raise BadInput(_("A rehearsal asks no registry."), _("Type the whole name."))

    def trust(self, source: str, image: ImageInfo) -> Trust:  # noqa: ARG002 (the Protocol's)
        return Trust()

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:
        return finalize(draft, machine, image)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:
        return check(plan, machine, image)

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:
        return tuple(step.title for step in steps_for(plan))

    def start(self, request: Request) -> Running:
        """Play the installation in a process of its own, as the real engine has one."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        journal = self.state / JOURNAL
        journal.unlink(missing_ok=True)
        (self.state / PID).unlink(missing_ok=True)
        journal.touch(mode=0o600)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "ashore_tui.rehearsal.process",
                os.fspath(self.state),
                str(self.speed),
                self.fail_at,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        if process.stdin is None:
            raise RuntimeError("the rehearsal has no stdin")
        with process.stdin as pipe:
            pipe.write(codec.to_json(request, reveal_secrets=True).encode())
        return EngineProcess(journal=journal, log=self.state / LOG, process=process)

    def attach(self) -> Running:
        """The rehearsal that is being played. Raises BadInput when there is none: one that is over is of no use."""
        running = Attached(state=self.state)
        if not running.journal.exists() or not running.alive():
            raise BadInput(_("No rehearsal is running."), _("Begin one."))
        return running
