"""Checks of a storage plan against the disks themselves: identity, permission, geometry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import free_entries, last_usable
from ashore_installer.storage.destinations import unusable
from ashore_installer.storage.needs import ALIGNMENT
from ashore_installer.storage_plan import DiskPlan, PartitionPlan, StoragePlan
from ashore_installer.units import human


def check_disks(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """What of the plan does not fit the machine's disks. Empty: everything lies where it may."""
    found = [*_unique("disks", [disk.id for disk in storage.disks])]
    found += _unique("partitions", [partition.id for partition in storage.partitions])
    known = {disk.id for disk in storage.disks}
    for number, partition in enumerate(storage.partitions):
        if partition.disk not in known:
            message = f"{partition.id} is on {partition.disk!r}, which is no disk of the plan."
            found.append(Problem(field=f"storage.partitions[{number}]", message=message))
    for number, plan in enumerate(storage.disks):
        found += _check_disk(plan, f"storage.disks[{number}]", storage, machine)
    return tuple(found)


def resulting_table(plan: DiskPlan, machine: MachineInfo) -> PartitionTable | None:
    """The kind of table that a disk of the plan has in the end; None if it has none or is not in the machine."""
    return plan.table or next((disk.table for disk in machine.disks if disk.id == plan.id), None)


def changed(plan: DiskPlan, disk: DiskInfo) -> str:
    """Why this is not the disk that the plan was made for, as the end of a sentence, or empty."""
    if disk.size != plan.size:
        return f"it has {human(disk.size)} ({disk.size} bytes), and the plan was made for {plan.size} bytes"
    return unusable(disk)


def _check_disk(plan: DiskPlan, field: str, storage: StoragePlan, machine: MachineInfo) -> list[Problem]:
    disk = next((disk for disk in machine.disks if disk.id == plan.id), None)
    if disk is None:
        message = f"The disk {plan.id} ({plan.name}, {human(plan.size)}) is not in this machine."
        return [Problem(field=field, message=message, hint="Attach it, or make a new plan.")]
    if reason := changed(plan, disk):
        message = f"The disk {disk.describe()} can't be used: {reason}."
        return [Problem(field=field, message=message, hint="Choose another disk, or make a new plan.")]
    missing = set(plan.remove) - {partition.number for partition in disk.partitions}
    if missing:
        message = f"The disk {disk.name} has no partition {', '.join(map(str, sorted(missing)))} to remove."
        return [Problem(field=field, message=message, hint="Make a new plan.")]
    mine = [partition for partition in storage.partitions if partition.disk == plan.id]
    return _geometry(plan, disk, mine, field)


def _geometry(plan: DiskPlan, disk: DiskInfo, mine: Sequence[PartitionPlan], field: str) -> list[Problem]:
    table = plan.table or disk.table
    if table is None:
        message = f"The disk {disk.describe()} has no partition table, and the plan makes none."
        return [Problem(field=field, message=message, hint="Make a new plan.")]
    kept = [] if plan.table else [old for old in disk.partitions if old.number not in plan.remove]
    found = [_outside(partition, disk, table, field) for partition in mine]
    found += _overlaps(mine, kept, disk, field)
    if len(mine) > free_entries(table, kept):
        message = f"The partition table of {disk.name} has no room for {len(mine)} more partitions."
        found.append(Problem(field=field, message=message, hint="Ask for fewer, or for a new table."))
    return [problem for problem in found if problem]


def _outside(partition: PartitionPlan, disk: DiskInfo, table: PartitionTable, field: str) -> Problem | None:
    last = last_usable(disk, table)
    aligned = partition.start % ALIGNMENT == 0 and partition.size % ALIGNMENT == 0 and partition.size > 0
    if aligned and partition.start >= ALIGNMENT and partition.start + partition.size <= last:
        return None
    message = f"{partition.id} does not lie between {human(ALIGNMENT)} and {human(last)} of {disk.name} in whole MiB."
    return Problem(field=field, message=message, hint="Make a new plan.")


def _overlaps(
    mine: Sequence[PartitionPlan], kept: Sequence[PartitionInfo], disk: DiskInfo, field: str
) -> list[Problem]:
    """New partitions that share bytes with each other or with one that stays."""
    new = sorted(mine, key=lambda partition: partition.start)
    pairs = [(one.id, other.id) for one, other in pairwise(new) if one.start + one.size > other.start]
    pairs += [
        (one.id, f"the existing partition {old.number}")
        for one in mine
        for old in kept
        if one.start < old.start + old.size and old.start < one.start + one.size
    ]
    return [
        Problem(field=field, message=f"{one} and {other} overlap on {disk.name}.", hint="Make a new plan.")
        for one, other in pairs
    ]


def _unique(what: str, ids: Sequence[str]) -> list[Problem]:
    return [
        Problem(field=f"storage.{what}", message=f"{id!r} stands twice in the plan's {what}.")
        for id in dict.fromkeys(ids)  # noqa: A001 (the field's name)
        if ids.count(id) > 1
    ]
