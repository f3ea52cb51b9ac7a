"""The state of one installation while it runs: where things are mounted, how to report, how to clean up."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.errors import Cancelled, InstallerError
from ashore_installer.events import Event, Listener, Note, Progress, Warned
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.plan import InstallPlan
from ashore_installer.run import Runner

PROGRESS_INTERVAL = 0.2
"""Seconds between two progress events of a step: faces get at most five a second."""

TARGET = Path("/run/ashore/target")
"""Where the target root file system is mounted during an installation."""


@dataclass(kw_only=True)
class Context:
    """What steps share. Only steps change it; everything about *what* to install is in the frozen plan.

    Every mount and activation registers its undo in `cleanup` where it is made.
    """

    plan: InstallPlan
    machine: MachineInfo
    payload: Facts
    """What is installed; it may be known better after a step than before."""
    run: Runner
    listener: Listener
    log_file: Path
    cleanup: ExitStack = field(default_factory=ExitStack)
    target: Path = TARGET
    """The physical root: what becomes /sysroot of the installed system."""
    deployment: Path | None = None
    """Root of the new deployment, below `target`; in traditional mode, once there is a system, `target` itself."""
    commit: str = ""
    """Checksum of the merge commit."""
    uuids: dict[str, str] = field(default_factory=dict)
    """UUID of what each block of the plan holds, by its id, once it is formatted or found: of a file system, for a
    `luks` block of its LUKS header; of the volume for ids of btrfs volumes and subvolumes."""
    own_uuids: dict[str, str] = field(default_factory=dict)
    """UUID of an array, group, opened LUKS device or logical volume itself, by its id."""
    devices: dict[str, str] = field(default_factory=dict)
    """Device node (`/dev/vda2`, `/dev/mapper/vg-root`) of each block and (`/dev/vda`) of each disk, by id."""
    mounted: dict[str, Path] = field(default_factory=dict)
    """Where the file system of a block is mounted (for btrfs, the first of its subvolumes), by the block's id."""
    step: str = ""
    cancelled: Callable[[], bool] = lambda: False
    """Whether somebody asked for an end; heeded only before the first write."""
    written: bool = False
    """Whether a step that writes has begun."""
    on_failure: Callable[[Context], None] = lambda _context: None
    """Called when a step failed, while everything is still mounted."""
    _last_progress: float = 0.0

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        """Say how far this step is; cheap to call often. The last call (done == total) always gets through."""
        self.heed_cancel()
        now = time.monotonic()
        if done >= total or now - self._last_progress >= PROGRESS_INTERVAL:
            self._last_progress = now
            self._tell(Progress(step=self.step, done=done, total=total, unit=unit))

    def heed_cancel(self) -> None:
        """Raise Cancelled if that was asked for and nothing is written yet. Long work before then calls it often."""
        if not self.written and self.cancelled():
            raise Cancelled

    def note(self, text: str) -> None:
        self._tell(Note(step=self.step, text=text))

    def warn(self, message: str) -> None:
        self._tell(Warned(step=self.step, message=message))

    @property
    def image(self) -> ImageInfo:
        """What the image is, for steps of image mode."""
        if not isinstance(self.payload, ImageInfo):
            raise TypeError("no image is installed")
        return self.payload

    @property
    def packages(self) -> PackagesInfo:
        """The resolved packages, for steps of traditional mode."""
        if not isinstance(self.payload, PackagesInfo):
            raise TypeError("no packages are installed")
        return self.payload

    def root(self) -> Path:
        """The deployment's root, or the target's. It is our bug to ask before there is one."""
        if self.deployment is None:
            raise RuntimeError("there is no system yet")
        return self.deployment

    @property
    def plain(self) -> bool:
        """Whether the new system's root is the root file system itself, and not a deployment in it."""
        return self.deployment == self.target

    def uuid(self, partition: str) -> str:
        try:
            return self.uuids[partition]
        except KeyError:
            raise InstallerError(
                f"The file system {partition} has no UUID.", "See the log for what mkfs said."
            ) from None

    def _tell(self, event: Event) -> None:
        self.listener(event)
