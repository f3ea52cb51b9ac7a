"""The steps of an installation that work on disks."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import ArrayInfo, DiskInfo, MachineInfo
from ashore_installer.probe import probe_storage
from ashore_installer.run import CommandFailed
from ashore_installer.storage.assembly import no_assembly
from ashore_installer.storage.changes import all_changes, current
from ashore_installer.storage.closing import close_all
from ashore_installer.storage.devices import realise
from ashore_installer.storage.mounts import (
    MODES,
    all_mounts,
    deployment_mounts,
    device_of,
    is_new,
    make_mount_point,
    mount,
    options_of,
    physical_mounts,
    place_in_deployment,
)
from ashore_installer.storage.opening import activate_groups, open_what_stays
from ashore_installer.storage.prove import prove_storage
from ashore_installer.storage.prove_files import prove_files
from ashore_installer.storage.recovery import add_recovery_keys
from ashore_installer.storage.resizing import check_resizable, grow_contents, shrink_contents
from ashore_installer.storage.sentences import actions
from ashore_installer.storage.stopping import stop_what_goes
from ashore_installer.storage.subvolumes import make_subvolumes, remove_subvolumes
from ashore_installer.storage_plan import Format, MountPlan, StoragePlan


class Realise(Protocol):
    """What carries out a plan: `storage/devices.py`, and fakes of it."""

    def __call__(
        self, plan: StoragePlan, disks: Mapping[str, str], tell: Callable[[str], None], begin: Callable[[], None]
    ) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareStorage:
    """Carry out the plan; before that, a last look whether the disks are still those of the plan."""

    storage: StoragePlan
    look: Callable[[MachineInfo], MachineInfo] = field(default=probe_storage, repr=False)
    make: Realise = field(default=realise, repr=False)
    id: ClassVar[str] = "prepare-storage"
    title: ClassVar[str] = "Partition the disks and make file systems"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        context.run.run(["udevadm", "settle"])
        now = self.look(context.machine)
        if changed := all_changes(self.storage, context.machine, now):
            raise InstallerError("\n".join(changed), "Nothing was written. Make a new plan.")
        check_resizable(self.storage)
        disks = {plan.id: current(plan, now.disks) for plan in self.storage.disks}
        context.devices.update({name: f"/dev/{disk.name}" for name, disk in disks.items()})
        context.cleanup.callback(close_all, context, self.storage)
        with no_assembly(context.run):
            open_what_stays(context, self.storage, disks, now.arrays)
            nodes = {name: context.devices[name] for name in disks}
            made = self.make(self.storage, nodes, context.note, partial(self._begin, context, disks, now.arrays))
            context.devices.update(made)
            context.run.run(["udevadm", "settle"])
            self._finish(context)

    def _begin(self, context: Context, disks: Mapping[str, DiskInfo], arrays: tuple[ArrayInfo, ...]) -> None:
        """The last moment before the first write: what comes is told in the words of the summary."""
        for sentence in actions(self.storage, context.machine):
            context.note(sentence)
        stop_what_goes(context, self.storage, disks, arrays)
        remove_subvolumes(context, self.storage)
        shrink_contents(context, self.storage)

    def _finish(self, context: Context) -> None:
        """What blivet can't do, and the proof."""
        activate_groups(context, self.storage)
        grow_contents(context, self.storage)
        make_subvolumes(context, self.storage)
        for block in self.storage.blocks():
            if block.format is Format.SWAP and block.mkfs and not block.keep:
                # blivet's swap space takes no options.
                label = ["--label", block.label] if block.label else []
                context.run.run(["mkswap", *shlex.split(block.mkfs), *label, context.devices[block.id]])
        prove_storage(context, self.storage)
        add_recovery_keys(context, self.storage)


@dataclass(frozen=True, slots=True, kw_only=True)
class MountTarget:
    """Mount the physical root at the target, with /boot and the ESP in it; `whole`, with everything else too."""

    storage: StoragePlan
    whole: bool = False
    id: ClassVar[str] = "mount-target"
    title: ClassVar[str] = "Mount the new file systems"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        for one in all_mounts(self.storage) if self.whole else physical_mounts(self.storage):
            where = context.target / one.path.lstrip("/")
            where.mkdir(parents=True, exist_ok=True)
            _mount(context, self.storage, one, where)
            if self.whole and is_new(self.storage, one.device) and one.path in MODES:
                where.chmod(MODES[one.path])


@dataclass(frozen=True, slots=True, kw_only=True)
class MountDeploymentVolumes:
    """Move what the image brings for /var, /home, … to file systems of their own and mount those in their places."""

    storage: StoragePlan
    stateroot: str
    id: ClassVar[str] = "mount-volumes"
    title: ClassVar[str] = "Mount the other file systems"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        var = context.target / "ostree/deploy" / self.stateroot / "var"
        mounts = deployment_mounts(self.storage)
        places = {one.path: place_in_deployment(one.path, context.root(), var) for one in mounts}
        for one in sorted(mounts, key=lambda one: places[one.path]):
            make_mount_point(one.path, places[one.path])
            if is_new(self.storage, one.device):
                _copy_content(context, self.storage, one, places[one.path], var)
            _mount(context, self.storage, one, places[one.path])


def _mount(context: Context, plan: StoragePlan, one: MountPlan, where: Path) -> None:
    """Mount it, and keep where its file system is mounted first: that one place stands for all others."""
    mount(context, device_of(context, plan, one.device), where, options=options_of(plan, one))
    block = plan.block_of(one.device)
    if block:
        context.mounted.setdefault(block.id, where)


def _copy_content(context: Context, plan: StoragePlan, one: MountPlan, place: Path, var: Path) -> None:
    """What is in `place`, and its mode, owner and labels, go to the new file system that will hide it.

    Only what lies in the stateroot's /var is also deleted: the rest of a deployment is the image's.
    """
    aside = context.target.parent / "volume"
    aside.mkdir(parents=True, exist_ok=True)
    subvolume = ["--options", options] if (options := options_of(plan, one, only_place=True)) else []
    context.run.run(["mount", *subvolume, device_of(context, plan, one.device), aside])
    try:
        context.run.run(["cp", "--archive", "--no-target-directory", place, aside])
        if place.is_relative_to(var):
            context.run.run(["find", place, "-xdev", "-mindepth", "1", "-delete"])
    finally:
        context.run.run(["umount", aside])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveStorage:
    """Read the disks again, and see that /etc/fstab and /etc/crypttab name what is there."""

    storage: StoragePlan
    stateroot: str = ""
    """Empty for a system that is no deployment."""
    id: ClassVar[str] = "prove-storage"
    title: ClassVar[str] = "Check the disks"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        prove_storage(context, self.storage)
        stateroot = context.target / "ostree/deploy" / self.stateroot if self.stateroot else context.target
        prove_files(context, self.storage, stateroot / "var")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishStorage:
    """Write everything out so that a boot loader can read it without a journal, unmount and close. The last step."""

    storage: StoragePlan
    id: ClassVar[str] = "finish-storage"
    title: ClassVar[str] = "Write everything to the disks"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        for block in self.storage.blocks():
            if block.id in context.mounted:
                _finish(context, context.mounted[block.id], freezes=block.format not in (Format.EFI, Format.VFAT))
        context.cleanup.close()


def _finish(context: Context, where: Path, *, freezes: bool) -> None:
    """What `bootc install finalize` does to a file system (bootc, install.rs, finalize_filesystem)."""
    _try(context, "fstrim", "--quiet-unsupported", str(where))
    context.run.run(["sync", "--file-system", where])
    _try(context, "mount", "--options", "remount,ro", str(where))
    if freezes:
        context.run.run(["fsfreeze", "--freeze", where])
        context.run.run(["fsfreeze", "--unfreeze", where])


def _try(context: Context, *argv: str) -> None:
    """A command that makes the result better and whose failure does no harm: the data is synced and unmounted."""
    try:
        context.run.run(argv)
    except CommandFailed as error:
        context.warn(error.message)
