"""What is done to whole disks, where groups, arrays and btrfs volumes lie across several of them.

What loses a part is lost: so it may only go whole, and only if all of it is where things may go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ashore_installer.machine import ArrayInfo, BtrfsInfo, DiskInfo, GroupInfo, MachineInfo, PartitionTable
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.destinations import partition_name, unusable
from ashore_installer.storage.fate import gone
from ashore_installer.storage.stack import Stack
from ashore_installer.storage_plan import DiskPlan, Kind, Removal

_HINT = "Let those disks be used and cleared too, or leave this one out."


def disk_plans(
    stack: Stack, disks: Sequence[ClearedDisk], remove: tuple[Removal, ...], allowed: frozenset[str]
) -> tuple[DiskPlan, ...]:
    """What happens to each disk of the plan; what must not happen goes to the stack's problems.

    Only disks are in it that change or that something of the plan lies on: those that get partitions, those that were
    named to be cleared, those of existing things that stay, and those that lose a part of something that goes: of
    these only that part goes. They stand in the machine's order: that of the candidates depends on how the same plan
    was asked for.
    """
    by_id = {one.disk.id: one for one in disks}
    new = {one.disk for one in stack.partitions if one.existing is None}
    plans = {one.disk.id: _plan(one) for one in disks if one.disk.id in new or one.asked}
    for partition in stack.partitions:
        disk = next(one for one in stack.machine.disks if one.id == partition.disk)
        plans.setdefault(disk.id, DiskPlan(id=disk.id, name=disk.name, size=disk.size))
        if disk.id not in allowed and partition.existing:
            reason = unusable(disk)
            why = f": {reason}" if reason else ""
            message = f"{partition.existing.name} is on the disk {disk.describe()}, which must not be used{why}."
            stack.refuse("storage.partitions", message, "Allow that disk, or choose something else.")
    while more := _entangled(stack, tuple(plans.values()), remove, by_id):
        plans |= more
    return tuple(plans[disk.id] for disk in stack.machine.disks if disk.id in plans)


def _plan(one: ClearedDisk) -> DiskPlan:
    return DiskPlan(
        id=one.disk.id,
        name=one.disk.name,
        size=one.disk.size,
        table=one.table if one.new_table else None,
        remove=one.remove,
    )


def _entangled(
    stack: Stack, plans: tuple[DiskPlan, ...], remove: tuple[Removal, ...], disks: dict[str, ClearedDisk]
) -> dict[str, DiskPlan]:
    """Disks that must be cleared as well, since they have parts of what goes; empty when nothing is missing."""
    machine, known = stack.machine, {plan.id: plan for plan in plans}
    lost = gone(stack.plan(plans, remove), machine)
    named = {one.name for one in remove if one.kind in (Kind.ARRAY, Kind.GROUP)}
    found: dict[str, DiskPlan] = {}
    whole: tuple[ArrayInfo | GroupInfo | BtrfsInfo, ...] = (*lost.arrays, *lost.groups, *lost.btrfs)
    for thing in whole:
        if not isinstance(thing, BtrfsInfo) and thing.name in named:
            continue
        for member in thing.members:
            if member in lost.devices:
                continue
            other = _owner(member, machine)
            site = disks.get(other[0].id) if other else None
            if other and site and _may_go(site, other[1]):
                base = found.get(site.disk.id) or known.get(site.disk.id)
                found[site.disk.id] = _without(site, other[1], base)
            else:
                _refuse(stack, thing, member, other[0] if other else None)
    return found if not stack.problems else {}


def _without(site: ClearedDisk, number: int, base: DiskPlan | None) -> DiskPlan:
    """The plan of a disk that loses this partition only, though all may go; numbers of logical ones change."""
    logical = site.disk.table is PartitionTable.MSDOS and number > 4
    if not number or logical or not site.disk.table:
        return _plan(site)
    base = base or DiskPlan(id=site.disk.id, name=site.disk.name, size=site.disk.size)
    return replace(base, remove=tuple(sorted({*base.remove, number})))


def _owner(member: str, machine: MachineInfo) -> tuple[DiskInfo, int] | None:
    """The disk of a member, and its number there; 0 for a disk that is one as a whole."""
    return next((pair for name, pair in _owners(machine) if name == member), None)


def _owners(machine: MachineInfo) -> Iterator[tuple[str, tuple[DiskInfo, int]]]:
    for disk in machine.disks:
        yield disk.name, (disk, 0)
        for part in disk.partitions:
            yield partition_name(disk, part.number), (disk, part.number)


def _may_go(site: ClearedDisk, number: int) -> bool:
    return site.new_table or number in site.remove


def _refuse(stack: Stack, thing: ArrayInfo | GroupInfo | BtrfsInfo, member: str, disk: DiskInfo | None) -> None:
    kind = {ArrayInfo: "array", GroupInfo: "volume group", BtrfsInfo: "btrfs volume"}[type(thing)]
    what = f"The {kind} {thing.label or thing.uuid if isinstance(thing, BtrfsInfo) else thing.name}"
    where = f"{member} of the disk {disk.describe()}" if disk else member
    message = f"{what} would lose a part, but also lies on {where}, which must stay as it is."
    if message not in [problem.message for problem in stack.problems]:
        stack.refuse("storage.clear", message, _HINT)
