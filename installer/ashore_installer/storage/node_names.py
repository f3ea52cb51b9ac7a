"""Which names the things of a plan will have: what is there keeps its own, what is made gets the next one."""

from __future__ import annotations

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionTable
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.plan_names import volume_name
from ashore_installer.storage_plan import DiskPlan, Format, PartitionPlan, StoragePlan

_PRIMARY = 4
"""Entries of an MBR; logical partitions are numbered after them."""


def node_names(plan: StoragePlan, machine: MachineInfo) -> dict[str, str]:
    """A name for every id of the plan: `vda2`, `vg/home`, `boot`, `luks-vda3`.

    New partitions are numbered as they lie on their disk, each with the lowest number that is free, as parted does it;
    on a disk whose table stays and is not known, they go by their id.
    """
    names = {disk.id: disk.name for disk in plan.disks}
    for disk in plan.disks:
        names |= _partitions(plan, disk, disk_of(disk.id, machine))
    for array in plan.arrays:
        names[array.id] = array.name or (array.existing.name if array.existing else array.id)
    for volume in plan.btrfs:
        names[volume.id] = volume.label or (volume.existing.name if volume.existing else volume.id)
    names |= {group.id: group.name for group in plan.groups}
    names |= {one.id: volume_name(plan, one) for one in plan.volumes}
    names |= {one.id: one.path for one in plan.subvolumes}
    for opened in plan.encrypted:
        names[opened.id] = opened.name or f"luks-{names.get(opened.device, opened.device).replace('/', '-')}"
    return names


def _partitions(plan: StoragePlan, disk: DiskPlan, known: DiskInfo | None) -> dict[str, str]:
    base = known or DiskInfo(name=disk.name, ids=(disk.id,), size=disk.size)
    mine = sorted((one for one in plan.partitions if one.disk == disk.id), key=lambda one: one.start)
    staying = base.partitions if not disk.table else ()
    taken = {one.number for one in staying if one.number not in disk.remove}
    taken |= {one.existing.number for one in mine if one.existing}
    logical = _logical(mine) if (disk.table or base.table) is PartitionTable.MSDOS else set()
    found: dict[str, str] = {}
    if not (disk.table or base.table):
        return {one.id: one.existing.name if one.existing else one.id for one in mine}
    for one in mine:
        number = one.existing.number if one.existing else _free(taken, _PRIMARY + 1 if one.id in logical else 1)
        taken.add(number)
        found[one.id] = partition_name(base, number)
    return found


def _logical(mine: list[PartitionPlan]) -> set[str]:
    """Ids of what lies in an extended partition of the plan."""
    return {
        one.id
        for outer in mine
        if outer.format is Format.NONE
        for one in mine
        if outer.start < one.start < outer.start + outer.size
    }


def _free(taken: set[int], first: int) -> int:
    number = first
    while number in taken:
        number += 1
    return number
