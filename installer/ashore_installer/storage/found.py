"""The things of a plan that are on the machine already, found again: by UUID, else by name."""

from __future__ import annotations

from ashore_installer.machine import (
    ArrayInfo,
    BtrfsInfo,
    DiskInfo,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    VolumeInfo,
)
from ashore_installer.storage_plan import Existing, PartitionPlan, StoragePlan, VolumePlan


def disk_of(id: str, machine: MachineInfo) -> DiskInfo | None:  # noqa: A002 (the field's name)
    """The disk with this id."""
    return next((disk for disk in machine.disks if disk.id == id), None)


def partition_of(plan: PartitionPlan, machine: MachineInfo) -> PartitionInfo | None:
    """The partition with the plan's number on the plan's disk, whatever it is now."""
    disk = disk_of(plan.disk, machine)
    if disk is None or plan.existing is None:
        return None
    return next((one for one in disk.partitions if one.number == plan.existing.number), None)


def array_of(existing: Existing, machine: MachineInfo) -> ArrayInfo | None:
    by_uuid = [one for one in machine.arrays if existing.uuid and same_uuid(one.uuid, existing.uuid)]
    by_name = [one for one in machine.arrays if not existing.uuid and existing.name in (one.name, one.label)]
    return next(iter((*by_uuid, *by_name)), None)


def group_of(existing: Existing, machine: MachineInfo) -> GroupInfo | None:
    by_uuid = [one for one in machine.groups if existing.uuid and same_uuid(one.uuid, existing.uuid)]
    by_name = [one for one in machine.groups if not existing.uuid and existing.name == one.name]
    return next(iter((*by_uuid, *by_name)), None)


def btrfs_of(existing: Existing, machine: MachineInfo) -> BtrfsInfo | None:
    uuid = existing.uuid or existing.content
    return next((one for one in machine.btrfs if uuid and same_uuid(one.uuid, uuid)), None)


def volume_of(plan: VolumePlan, storage: StoragePlan, machine: MachineInfo) -> VolumeInfo | None:
    """The logical volume in the group that the plan says it is in."""
    owner = next((group for group in storage.groups if group.id == plan.group), None)
    if plan.existing is None or owner is None or owner.existing is None:
        return None
    group = group_of(owner.existing, machine)
    return find_volume(group, plan.existing.uuid, plan.name) if group else None


def find_volume(group: GroupInfo, uuid: str, name: str) -> VolumeInfo | None:
    """A volume of a group by UUID or, if that is empty, by its name, which may begin with the group's."""
    for one in group.volumes:
        if (uuid and same_uuid(one.uuid, uuid)) or (not uuid and name in (one.name, f"{group.name}/{one.name}")):
            return one
    return None


def same_uuid(one: str, other: str) -> bool:
    """Whether two UUIDs are the same, however a tool writes them (mdadm's have colons)."""
    return _bare(one) == _bare(other)


def _bare(uuid: str) -> str:
    return uuid.replace("-", "").replace(":", "").lower()
