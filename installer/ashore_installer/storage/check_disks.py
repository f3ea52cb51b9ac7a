"""Checks of a storage plan against the disks themselves: identity, permission, geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import MSDOS_SECTORS, free_entries, last_usable
from ashore_installer.storage.destinations import partition_name, unusable
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.needs import ALIGNMENT
from ashore_installer.storage.partition_types import is_extended
from ashore_installer.storage.plan_names import own_name
from ashore_installer.storage_plan import DiskPlan, Format, PartitionPlan, StoragePlan
from ashore_installer.units import human

_ANEW = "Make a new plan."


def check_disks(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """What of the plan does not fit the machine's disks. Empty: everything lies where it may."""
    found: list[Problem] = []
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
    disk = disk_of(plan.id, machine)
    if disk is None:
        message = f"The disk {plan.id} ({plan.name}, {human(plan.size)}) is not in this machine."
        return [Problem(field=field, message=message, hint="Attach it, or make a new plan.")]
    if sum(one.id == plan.id for one in machine.disks) > 1:
        message = f"Several disks go by the name {plan.id}, so nobody can say which of them is meant."
        return [Problem(field=field, message=message, hint="Detach the others.")]
    mine = [partition for partition in storage.partitions if partition.disk == plan.id]
    if reason := changed(plan, disk) or _failing(plan, disk, mine):
        message = f"The disk {disk.describe()} can't be used: {reason}."
        return [Problem(field=field, message=message, hint="Choose another disk, or make a new plan.")]
    missing = set(plan.remove) - {partition.number for partition in disk.partitions}
    if missing:
        message = f"The disk {disk.name} has no partition {', '.join(map(str, sorted(missing)))} to remove."
        return [Problem(field=field, message=message, hint=_ANEW)]
    return _geometry(plan, disk, mine, field, storage)


def _failing(plan: DiskPlan, disk: DiskInfo, mine: Sequence[PartitionPlan]) -> str:
    """A failing disk may still be read from and mounted, but nothing new is put on it."""
    written = plan.table or plan.remove or any(not one.keep or one.resized for one in mine)
    return f"it is failing: {disk.failing}" if disk.failing and written else ""


def _geometry(
    plan: DiskPlan, disk: DiskInfo, mine: Sequence[PartitionPlan], field: str, storage: StoragePlan
) -> list[Problem]:
    table = plan.table or disk.table
    if table is None:
        if not mine:
            return []
        message = f"The disk {disk.describe()} has no partition table, and the plan makes none."
        return [Problem(field=field, message=message, hint=_ANEW)]
    reused = {one.existing.number for one in mine if one.existing}
    kept = [old for old in _staying(plan, disk) if old.number not in reused]
    found = [_outside(one, disk, table, field, storage) for one in mine]
    found += _overlaps(mine, kept, disk, field, storage)
    new = [one for one in mine if not one.existing and not _is_inside(one, mine, disk)]
    if len(new) > free_entries(table, _staying(plan, disk)):
        message = f"The partition table of {disk.name} has no room for {len(new)} more partitions."
        found.append(Problem(field=field, message=message, hint="Ask for fewer, or for a new table."))
    return [problem for problem in found if problem]


def _staying(plan: DiskPlan, disk: DiskInfo) -> list[PartitionInfo]:
    return [] if plan.table else [old for old in disk.partitions if old.number not in plan.remove]


def _outside(
    plan: PartitionPlan, disk: DiskInfo, table: PartitionTable, field: str, storage: StoragePlan
) -> Problem | None:
    last = last_usable(disk, table)
    end, name = plan.start + plan.size, own_name(storage, plan.id)
    if plan.existing:
        if plan.size > 0 and plan.size % disk.sector_size == 0 and (end <= last or not plan.resized):
            return None
        message = f"{name} can't be made {human(plan.size)} large on {disk.name}."
        return Problem(field=field, message=message, hint="Give it less.")
    if table is PartitionTable.MSDOS and max(plan.start, plan.size) // disk.sector_size >= MSDOS_SECTORS:
        most = human(MSDOS_SECTORS * disk.sector_size)
        message = f"{name} does not lie in the first {most} of {disk.name}, which is all that an MBR can address."
        return Problem(field=field, message=message, hint="Give the disk a GPT.")
    aligned = plan.start % ALIGNMENT == 0 and plan.size % ALIGNMENT == 0 and plan.size > 0
    if aligned and plan.start >= ALIGNMENT and end <= last:
        return None
    message = f"{name} does not lie between {human(ALIGNMENT)} and {human(last)} of {disk.name} in whole MiB."
    return Problem(field=field, message=message, hint=_ANEW)


def _overlaps(
    mine: Sequence[PartitionPlan],
    kept: Sequence[PartitionInfo],
    disk: DiskInfo,
    field: str,
    storage: StoragePlan,
) -> Iterator[Problem]:
    """Partitions of the plan that share bytes with each other or with one that stays; logical ones may lie inside."""
    flat = sorted((one for one in mine if not _holds_others(one, mine)), key=lambda one: one.start)
    pairs = [
        (own_name(storage, one.id), own_name(storage, other.id))
        for one, other in pairwise(flat)
        if one.start + one.size > other.start
    ]
    pairs += [
        (own_name(storage, one.id), f"the existing partition {partition_name(disk, old.number)}")
        for one in mine
        for old in kept
        if _meet(one, old) and not _holds(old, one)
    ]
    pairs += [
        (own_name(storage, one.id), own_name(storage, outer.id))
        for outer in mine
        if _holds_others(outer, mine)
        for one in mine
        if one is not outer and _meet(one, outer) and not _within(one, outer)
    ]
    for one, other in pairs:
        yield Problem(field=field, message=f"{one} and {other} overlap on {disk.name}.", hint=_ANEW)


def _is_inside(plan: PartitionPlan, mine: Sequence[PartitionPlan], disk: DiskInfo) -> bool:
    """Whether this is a logical partition, which takes no entry of the table."""
    planned = any(_holds_others(outer, mine) and _within(plan, outer) for outer in mine)
    return planned or any(_holds(old, plan) for old in disk.partitions)


def _holds_others(plan: PartitionPlan, mine: Sequence[PartitionPlan]) -> bool:
    """Whether this is an extended partition: it has no format, and others lie in it."""
    return plan.format is Format.NONE and any(_within(one, plan) for one in mine if one is not plan)


def _holds(old: PartitionInfo, plan: PartitionPlan) -> bool:
    return is_extended(old) and _within(plan, old)


def _within(one: PartitionPlan, outer: PartitionPlan | PartitionInfo) -> bool:
    return outer.start < one.start and one.start + one.size <= outer.start + outer.size


def _meet(one: PartitionPlan, other: PartitionPlan | PartitionInfo) -> bool:
    return one.start < other.start + other.size and other.start < one.start + one.size
