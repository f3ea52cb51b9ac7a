"""Whether the disks, and what lies across them, are still what the plan was made and confirmed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ashore_installer.errors import InstallerError
from ashore_installer.machine import (
    ArrayInfo,
    BtrfsInfo,
    DiskInfo,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    VolumeInfo,
)
from ashore_installer.storage.check_disks import changed
from ashore_installer.storage.fate import gone
from ashore_installer.storage.found import array_of, btrfs_of, group_of, same_uuid
from ashore_installer.storage_plan import DiskPlan, StoragePlan


def changes(plan: StoragePlan, before: MachineInfo, now: Sequence[DiskInfo]) -> tuple[str, ...]:
    """A sentence for each disk of the plan that is gone, in use or not as it was; a new kernel name is no change."""
    return tuple(text for disk in plan.disks if (text := _change(disk, before.disk(disk.id), now)))


def all_changes(plan: StoragePlan, before: MachineInfo, now: MachineInfo) -> tuple[str, ...]:
    """The same, and a sentence for each array, volume group and btrfs volume that the plan keeps or removes.

    What else is on the machine may change: it is not the plan's business.
    """
    return (*changes(plan, before, now.disks), *_stacks(plan, before, now))


def current(plan: DiskPlan, now: Sequence[DiskInfo]) -> DiskInfo:
    """The disk of the plan as it is now. Raises InstallerError when it is gone."""
    for disk in now:
        if disk.id == plan.id:
            return disk
    raise InstallerError(f"The disk {plan.id} ({plan.name}) is gone.", "Attach it again and start anew.")


# --- disks ---------------------------------------------------------------------------------------------------


def _change(plan: DiskPlan, before: DiskInfo, now: Sequence[DiskInfo]) -> str:
    disk = next((disk for disk in now if disk.id == plan.id), None)
    if disk is None:
        return f"The disk {before.describe()} is gone."
    if sum(one.id == plan.id for one in now) > 1:
        return f"Several disks go by the name {plan.id} now, so nobody can say which of them is meant."
    if reason := changed(plan, disk):
        return f"The disk {disk.describe()} can't be used any more: {reason}."
    if _identity(disk) != _identity(before):
        return f"The disk {disk.describe()} is not the one that was planned for: {before.describe()}."
    if _content(disk) != _content(before):
        return f"The partitions of the disk {disk.describe()} have changed since the plan was made."
    return ""


def _identity(disk: DiskInfo) -> tuple[object, ...]:
    return disk.size, disk.sector_size, disk.model, disk.serial


def _content(disk: DiskInfo) -> tuple[object, ...]:
    return disk.table, disk.format, tuple(_shape(partition) for partition in disk.partitions)


def _shape(partition: PartitionInfo) -> tuple[object, ...]:
    whole = (partition.number, partition.start, partition.size, partition.id)
    return (*whole, partition.format, partition.label, partition.uuid)


# --- what lies across disks ----------------------------------------------------------------------------------


def _stacks(plan: StoragePlan, before: MachineInfo, now: MachineInfo) -> Iterator[str]:
    arrays, groups, volumes = _concerned(plan, before)
    for array in arrays:
        later = [_array_shape(one) for one in now.arrays if same_uuid(one.uuid, array.uuid)]
        yield from _told(f"The array {array.label or array.name}", _array_shape(array), later)
    for group in groups:
        later = [_group_shape(one) for one in now.groups if same_uuid(one.uuid, group.uuid)]
        yield from _told(f"The volume group {group.name}", _group_shape(group), later)
    for volume in volumes:
        later = [_btrfs_shape(one) for one in now.btrfs if same_uuid(one.uuid, volume.uuid)]
        yield from _told(f"The btrfs volume {volume.label or volume.uuid}", _btrfs_shape(volume), later)


def _concerned(plan: StoragePlan, machine: MachineInfo) -> tuple[list[ArrayInfo], list[GroupInfo], list[BtrfsInfo]]:
    """What the plan uses, and what people were told that they lose."""
    lost = gone(plan, machine)
    arrays = [array_of(one.existing, machine) for one in plan.arrays if one.existing]
    groups = [group_of(one.existing, machine) for one in plan.groups if one.existing]
    volumes = [btrfs_of(one.existing, machine) for one in plan.btrfs if one.existing]
    pruned = {uuid for uuid, _ in lost.subvolumes}
    return (
        [one for one in machine.arrays if one in lost.arrays or one in arrays],
        [one for one in machine.groups if one in lost.groups or one in groups or _loses_volumes(one, lost.devices)],
        [one for one in machine.btrfs if one in lost.btrfs or one in volumes or one.uuid in pruned],
    )


def _loses_volumes(group: GroupInfo, lost: frozenset[str]) -> bool:
    return any(f"{group.name}/{volume.name}" in lost for volume in group.volumes)


def _told(what: str, before: tuple[object, ...], now: Sequence[tuple[object, ...]]) -> Iterator[str]:
    """`now` are the things with the same UUID: none if it is gone, two if somebody attached a copy."""
    if not now:
        yield f"{what} is gone."
    elif list(now) != [before]:
        yield f"{what} has changed since the plan was made."


def _array_shape(array: ArrayInfo) -> tuple[object, ...]:
    """Its kernel's name is no part of it: that can change from one look to the next. Nor is whether it is running."""
    content = (array.format, array.content_label, array.content)
    return array.level, array.size, array.metadata, len(array.members), array.wanted, *content


def _group_shape(group: GroupInfo) -> tuple[object, ...]:
    volumes = frozenset(_volume_shape(volume) for volume in group.volumes)
    return group.name, group.size, group.extent, len(group.members), group.missing, volumes


def _volume_shape(volume: VolumeInfo) -> tuple[object, ...]:
    content = (volume.format, volume.label, volume.content)
    return volume.name, volume.uuid, volume.size, volume.kind, volume.pool, *content


def _btrfs_shape(volume: BtrfsInfo) -> tuple[object, ...]:
    return len(volume.members), volume.wanted, volume.label, frozenset(volume.subvolumes)
