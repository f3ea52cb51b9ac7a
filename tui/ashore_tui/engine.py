"""The engine as the faces use it: one seam, so that every face is tested without touching a machine.

Imports are made when they are used: `ashore --help` needs none of this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ashore_installer.errors import BadInput, ExitStatus

if TYPE_CHECKING:
    from ashore_installer.engine import Request
    from ashore_installer.facts import Facts
    from ashore_installer.image import ImageInfo
    from ashore_installer.machine import MachineInfo
    from ashore_installer.network_plan import NetworkConnection
    from ashore_installer.package_plan import PackagePayload, Repository
    from ashore_installer.payload.package_protocol import Catalogue, KeyInfo, Matched
    from ashore_installer.payload.trust import Trust
    from ashore_installer.plan import Draft, InstallPlan, Problem

Progress = Callable[[int, int], None]


class Running(Protocol):
    """An engine process that was started."""

    @property
    def journal(self) -> Path: ...

    @property
    def log(self) -> Path: ...

    def alive(self) -> bool: ...

    def cancel(self) -> None: ...

    def wait(self) -> int: ...


class Engine(Protocol):
    @property
    def privileged(self) -> bool:
        """Whether disks may be changed."""
        ...

    def probe(self) -> MachineInfo: ...

    def connect(self, connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
        """Give the running live system these connections; the machine with what its links have then.

        Raises InstallerError. Where this is no live system, its network is somebody else's, and stays as it is.
        """
        ...

    def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
        """The draft with its payload whole, and what that is; `machine` says which packages are needed besides."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The package repositories of the medium that this system was booted from."""
        ...

    def browse(self, payload: PackagePayload) -> Catalogue:
        """What the repositories of `payload` have to choose from. Raises InstallerError."""
        ...

    def search(self, payload: PackagePayload, words: tuple[str, ...]) -> Matched:
        """The packages whose names or summaries have all of `words`. Raises InstallerError."""
        ...

    def keys(self, payload: PackagePayload) -> tuple[KeyInfo, ...]:
        """The keys that the repositories of `payload` name, to be confirmed. Raises InstallerError."""
        ...

    def tags(self, source: str) -> tuple[str, ...]:
        """The tags beside that of an image in a registry. Asks the registry; raises InstallerError."""
        ...

    def trust(self, source: str, image: ImageInfo) -> Trust:
        """What is known of an image's signature before it is fetched. Asks the registry."""
        ...

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan: ...

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]: ...

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:
        """Titles of the steps, in their order."""
        ...

    def start(self, request: Request) -> Running: ...

    def attach(self) -> Running:
        """The installation that is running, or the last one. Raises BadInput when there was none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEngine:
    """The engine on this machine, with the medium that this system was booted from, if any."""

    @property
    def privileged(self) -> bool:
        return os.geteuid() == 0

    def probe(self) -> MachineInfo:
        from ashore_installer.probe import probe

        return probe()

    def connect(self, connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
        from ashore_installer.live_network import connect
        from ashore_installer.medium import MANIFEST, MOUNT_POINT
        from ashore_installer.run import Commands

        return connect(connections, machine, Commands()) if (MOUNT_POINT / MANIFEST).is_file() else machine

    def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
        from ashore_installer.sources import resolve

        return resolve(draft, progress=progress, machine=machine)

    def repositories(self) -> tuple[Repository, ...]:
        from ashore_installer.medium import MOUNT_POINT, medium_repositories

        return medium_repositories(MOUNT_POINT)

    def browse(self, payload: PackagePayload) -> Catalogue:
        from ashore_installer.machine import this_architecture
        from ashore_installer.payload.package_process import PackageProcess

        return PackageProcess().browse(payload, this_architecture())

    def search(self, payload: PackagePayload, words: tuple[str, ...]) -> Matched:
        from ashore_installer.machine import this_architecture
        from ashore_installer.payload.package_process import PackageProcess

        return PackageProcess().search(payload, this_architecture(), words)

    def keys(self, payload: PackagePayload) -> tuple[KeyInfo, ...]:
        from ashore_installer.machine import this_architecture
        from ashore_installer.payload.package_process import PackageProcess

        return PackageProcess().keys(payload, this_architecture())

    def tags(self, source: str) -> tuple[str, ...]:
        from ashore_installer.payload.refs import parse_image_name
        from ashore_installer.payload.trust import tags
        from ashore_installer.run import Commands

        return tags(Commands(), parse_image_name(source))

    def trust(self, source: str, image: ImageInfo) -> Trust:
        from ashore_installer.payload.refs import parse_image_name
        from ashore_installer.payload.trust import trust
        from ashore_installer.run import Commands

        return trust(Commands(), parse_image_name(source), image.manifest_digest)

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:
        from ashore_installer.finalize import finalize

        return finalize(draft, machine, image)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:
        from ashore_installer.check import check

        return check(plan, machine, image)

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:
        from ashore_installer.steps import steps_for

        return tuple(step.title for step in steps_for(plan))

    def start(self, request: Request) -> Running:
        from ashore_installer.engine import start

        return start(request)

    def attach(self) -> Running:
        from ashore_installer.engine import STATE

        running = Attached(state=STATE)
        if not running.journal.exists():
            raise BadInput("There is no installation to follow.", "Start one with `ashore install --kickstart FILE`.")
        return running


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An engine process that somebody else started, with its files in the directory `state`."""

    state: Path

    @property
    def journal(self) -> Path:
        from ashore_installer.engine import JOURNAL

        return self.state / JOURNAL

    @property
    def log(self) -> Path:
        from ashore_installer.engine import LOG

        return self.state / LOG

    def alive(self) -> bool:
        from ashore_installer.engine import running

        return running(self.state)

    def cancel(self) -> None:
        """Ask it to stop; it does unless the first write has begun. Raises BadInput where we may not."""
        from ashore_installer.engine import cancel

        cancel(self.state)

    def wait(self) -> int:
        return ExitStatus.FAILED
