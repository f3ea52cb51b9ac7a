"""Checks of UUIDs that are there twice, as on a disk and its copy: what is found by UUID would be either of them."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.fate import Gone, gone
from ashore_installer.storage.found import partition_of, same_uuid
from ashore_installer.storage.plan_names import field_of
from ashore_installer.storage_plan import PartitionPlan, StoragePlan

_SHARED = frozenset({"linux_raid_member", "btrfs", ""})
"""Members of one array or btrfs volume all have its UUID; how many there may be is checked with the volume."""


def check_twins(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """What the plan keeps and could not be told from something else that stays on the machine."""
    lost = gone(storage, machine)
    found: list[Problem] = []
    for plan in storage.partitions:
        old = partition_of(plan, machine)
        if old is not None and plan.keep:
            found += _partition(storage, plan, old, machine, lost)
    for group in storage.groups:
        same = [one for one in machine.groups if one.name == group.name and one not in lost.groups]
        if group.existing and len(same) > 1:
            message = f"There are {len(same)} volume groups {group.name} on this machine."
            hint = "Detach the disks of the other, or rename it with vgrename."
            found.append(Problem(field=field_of(storage, group.id), message=message, hint=hint))
    return tuple(found)


def _partition(
    storage: StoragePlan, plan: PartitionPlan, old: PartitionInfo, machine: MachineInfo, lost: Gone
) -> Iterator[Problem]:
    for disk in machine.disks:
        for other in disk.partitions:
            name = partition_name(disk, other.number)
            mine = disk.id == plan.disk and other.number == old.number
            if not mine and name not in lost.devices and _are_twins(old, other):
                yield _twins(storage, plan, name, disk)


def _are_twins(one: PartitionInfo, other: PartitionInfo) -> bool:
    content = bool(one.uuid) and one.format not in _SHARED and same_uuid(one.uuid, other.uuid)
    return content or (bool(one.id) and same_uuid(one.id, other.id))


def _twins(storage: StoragePlan, plan: PartitionPlan, name: str, disk: DiskInfo) -> Problem:
    own = plan.existing.name if plan.existing else plan.id
    message = f"{own} and {name} on {disk.describe()} have the same UUID: one is a copy of the other."
    return Problem(field=field_of(storage, plan.id), message=message, hint=f"Detach the disk {disk.name}, or erase it.")
