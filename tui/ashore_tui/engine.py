"""The engine as the faces use it: one seam, so that every face is tested without touching a machine.

Imports are made when they are used: `ashore --help` needs none of this.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ashore_installer.errors import BadInput, ExitStatus

if TYPE_CHECKING:
    from ashore_installer.engine import Request
    from ashore_installer.image import ImageInfo
    from ashore_installer.machine import MachineInfo
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

    def resolve(self, draft: Draft, progress: Progress) -> tuple[Draft, ImageInfo]: ...

    def tags(self, source: str) -> tuple[str, ...]:
        """The tags beside that of an image in a registry. Asks the registry; raises InstallerError."""
        ...

    def trust(self, source: str, image: ImageInfo) -> Trust:
        """What is known of an image's signature before it is fetched. Asks the registry."""
        ...

    def finalize(self, draft: Draft, machine: MachineInfo, image: ImageInfo) -> InstallPlan: ...

    def check(self, plan: InstallPlan, machine: MachineInfo, image: ImageInfo) -> tuple[Problem, ...]: ...

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

    def resolve(self, draft: Draft, progress: Progress) -> tuple[Draft, ImageInfo]:
        from ashore_installer.sources import resolve

        return resolve(draft, progress=progress)

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

    def finalize(self, draft: Draft, machine: MachineInfo, image: ImageInfo) -> InstallPlan:
        from ashore_installer.finalize import finalize

        return finalize(draft, machine, image)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: ImageInfo) -> tuple[Problem, ...]:
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
