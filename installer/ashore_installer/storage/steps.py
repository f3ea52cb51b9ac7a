"""The steps of an installation that work on disks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import DiskInfo
from ashore_installer.probe import probe_disks
from ashore_installer.run import CommandFailed
from ashore_installer.storage.changes import changes, current
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.devices import realise
from ashore_installer.storage.mounts import (
    deployment_mounts,
    make_mount_point,
    mount,
    physical_mounts,
    place_in_deployment,
)
from ashore_installer.storage.partition_types import is_extended
from ashore_installer.storage.readback import difference, read_back
from ashore_installer.storage.records import MountRecord, parse_mounts
from ashore_installer.storage_plan import Format, StoragePlan

_MOUNTINFO = Path("/proc/self/mountinfo")


def mounts_now() -> tuple[MountRecord, ...]:
    """What is mounted now."""
    return parse_mounts(_MOUNTINFO.read_text(errors="surrogateescape"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareStorage:
    """Make partitions and file systems; before that, a last look whether the disks are still those of the plan."""

    storage: StoragePlan
    look: Callable[[], tuple[DiskInfo, ...]] = field(default=probe_disks, repr=False)
    make: Callable[[StoragePlan, Mapping[str, str], Callable[[str], None]], dict[str, str]] = field(
        default=realise, repr=False
    )
    id: ClassVar[str] = "prepare-storage"
    title: ClassVar[str] = "Partition the disks and make file systems"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        context.run.run(["udevadm", "settle"])
        now = self.look()
        if changed := changes(self.storage, context.machine, now):
            raise InstallerError("\n".join(changed), "Nothing was written. Make a new plan.")
        disks = {plan.id: current(plan, now) for plan in self.storage.disks}
        for plan in self.storage.disks:
            _wipe(context, disks[plan.id], gone=None if plan.table else plan.remove)
        context.run.run(["udevadm", "settle"])
        nodes = {name: f"/dev/{disk.name}" for name, disk in disks.items()}
        partitions = self.make(self.storage, nodes, context.note)
        context.devices.update(nodes | partitions)
        context.run.run(["udevadm", "settle"])
        _prove(self.storage, context)


def _wipe(context: Context, disk: DiskInfo, *, gone: tuple[int, ...] | None) -> None:
    """Erase the signatures of what goes, so that nothing wakes up old RAID, LVM or LUKS; None is the whole disk.

    The container of logical partitions is left to blivet: its signature is the chain of those that may stay.
    """
    context.note(f"Erase {'the signatures' if gone is None else 'removed partitions'} of {disk.describe()}")
    doomed = [part for part in disk.partitions if (gone is None or part.number in gone) and not is_extended(part)]
    nodes = [f"/dev/{partition_name(disk, part.number)}" for part in doomed]
    nodes += [f"/dev/{disk.name}"] if gone is None else []
    for node in nodes:
        context.run.run(["wipefs", "--all", "--force", node])


def _prove(storage: StoragePlan, context: Context) -> None:
    """Read back what was made, compare it with the plan, and keep the UUIDs."""
    wrong = []
    for plan in storage.partitions:
        facts = read_back(context.run, context.devices[plan.id])
        wrong += [text] if (text := difference(plan, facts)) else []
        if plan.format is not Format.BIOSBOOT:
            context.uuids[plan.id] = facts.get("UUID", "")
    if wrong:
        raise InstallerError("\n".join(["The disks are not what was planned:", *wrong]), "See the log, and try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MountTarget:
    """Mount the physical root at the target, with /boot and the ESP in it."""

    storage: StoragePlan
    id: ClassVar[str] = "mount-target"
    title: ClassVar[str] = "Mount the new file systems"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        for one in physical_mounts(self.storage):
            where = context.target / one.path.lstrip("/")
            where.mkdir(parents=True, exist_ok=True)
            mount(context, context.devices[one.device], where, options=one.options)


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
            device = context.devices[one.device]
            _copy_content(context, device, places[one.path], move=places[one.path].is_relative_to(var))
            mount(context, device, places[one.path], options=one.options)


def _copy_content(context: Context, device: str, place: Path, *, move: bool) -> None:
    """What is in `place`, and its mode, owner and labels, go to the file system that will hide it.

    Only what lies in the stateroot's /var is also deleted: the rest of a deployment is the image's.
    """
    aside = context.target.parent / "volume"
    aside.mkdir(parents=True, exist_ok=True)
    context.run.run(["mount", device, aside])
    try:
        context.run.run(["cp", "--archive", "--no-target-directory", place, aside])
        if move:
            context.run.run(["find", place, "-xdev", "-mindepth", "1", "-delete"])
    finally:
        context.run.run(["umount", aside])


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishStorage:
    """Write everything out so that a boot loader can read it without a journal, and unmount. The last step."""

    storage: StoragePlan
    mounted: Callable[[], tuple[MountRecord, ...]] = field(default=mounts_now, repr=False)
    id: ClassVar[str] = "finish-storage"
    title: ClassVar[str] = "Write everything to the disks"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        for plan in self.storage.partitions:
            for where in self._places(context, plan.id):
                _finish(context, where, freezes=plan.format is not Format.EFI)
        context.cleanup.close()

    def _places(self, context: Context, partition: str) -> tuple[str, ...]:
        """Where the partition's file system is mounted first: one place stands for all its bind mounts."""
        places = [one.where for one in self.mounted() if one.source == context.devices[partition]]
        return tuple(places[:1])


def _finish(context: Context, where: str, *, freezes: bool) -> None:
    """What `bootc install finalize` does to a file system (bootc, install.rs, finalize_filesystem)."""
    _try(context, "fstrim", "--quiet-unsupported", where)
    context.run.run(["sync", "--file-system", where])
    _try(context, "mount", "--options", "remount,ro", where)
    if freezes:
        context.run.run(["fsfreeze", "--freeze", where])
        context.run.run(["fsfreeze", "--unfreeze", where])


def _try(context: Context, *argv: str) -> None:
    """A command that makes the result better and whose failure does no harm: the data is synced and unmounted."""
    try:
        context.run.run(argv)
    except CommandFailed as error:
        context.warn(error.message)
