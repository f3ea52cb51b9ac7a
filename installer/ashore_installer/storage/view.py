"""The disks of a machine today and after a plan, as values that screens and text can draw. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.storage.clearing import last_usable
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.fate import Gone, gone
from ashore_installer.storage.found import partition_of
from ashore_installer.storage.needs import ALIGNMENT
from ashore_installer.storage.node_names import node_names
from ashore_installer.storage.partition_types import is_extended, kind
from ashore_installer.storage.view_words import FOUND, found_in, held_by, inner, mounted_after, mounted_today
from ashore_installer.storage_plan import BlockPlan, DiskPlan, Format, PartitionPlan, StoragePlan

_PURPOSES = {Format.EFI: "EFI system partition", Format.BIOSBOOT: "BIOS boot"}


class Change(StrEnum):
    """What a plan does with a piece of a disk, or with something above it."""

    FREE = "free"
    KEPT = "kept"
    RESIZED = "resized"
    FORMATTED = "formatted"
    """It stays where it is, and what is in it does not."""
    REMOVED = "removed"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a disk; `start` and `size` in bytes. Pieces of one list don't overlap.

    `name` is the kernel's (`vda2`), that of a new partition is the one it will most likely get. `holds` says what is in
    it, in words; `mount` where it will be mounted, or (today) where systems on the machine mount it.
    """

    start: int
    size: int
    change: Change
    name: str = ""
    purpose: str = ""
    """What the partition's type says it is for."""
    holds: str = ""
    label: str = ""
    mount: str = ""
    was: int = 0
    """Bytes before, of what is resized."""
    id: str = ""
    """The plan's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskView:
    """One disk today and after the plan. `changed`: the plan does something with it."""

    id: str
    name: str
    size: int
    title: str
    changed: bool
    table_before: PartitionTable | None
    table_after: PartitionTable | None
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]


def layouts(plan: StoragePlan, machine: MachineInfo) -> tuple[DiskView, ...]:
    """Every disk of the machine today and after `plan`, in the machine's order."""
    lost, names = gone(plan, machine), node_names(plan, machine)
    return tuple(_disk(plan, disk, machine, lost, names) for disk in machine.disks)


# --- one disk ------------------------------------------------------------------------------------------------


def _disk(plan: StoragePlan, disk: DiskInfo, machine: MachineInfo, lost: Gone, names: Mapping[str, str]) -> DiskView:
    own = next((one for one in plan.disks if one.id == disk.id), None)
    mine = tuple(one for one in plan.partitions if one.disk == disk.id)
    table = (own and own.table) or disk.table
    before = tuple(_today(disk, old, mine, machine, lost) for old in disk.partitions if not is_extended(old))
    after = _after(plan, own, disk, mine, machine, lost, names)
    return DiskView(
        id=disk.id,
        name=disk.name,
        size=disk.size,
        title=disk.describe(),
        changed=own is not None and (own.table is not None or bool(own.remove) or any(_is_change(one) for one in mine)),
        table_before=disk.table,
        table_after=table,
        before=_filled(before, disk, disk.table) if disk.table else (_whole(disk, lost),),
        after=_filled(after, disk, table) if table else after or (_whole(disk, lost),),
    )


def _is_change(plan: PartitionPlan) -> bool:
    return not plan.keep or plan.resized


def _whole(disk: DiskInfo, lost: Gone) -> Segment:
    """A disk without a partition table."""
    change = Change.REMOVED if disk.name in lost.devices else Change.KEPT
    return Segment(
        start=0,
        size=disk.size,
        change=change if disk.format else Change.FREE,
        name=disk.name if disk.format else "",
        holds=FOUND.get(disk.format, disk.format),
    )


def _today(
    disk: DiskInfo, old: PartitionInfo, mine: Sequence[PartitionPlan], machine: MachineInfo, lost: Gone
) -> Segment:
    name = partition_name(disk, old.number)
    plan = next((one for one in mine if one.existing and one.existing.number == old.number), None)
    change = Change.REMOVED if name in lost.devices else Change.KEPT
    if plan is not None:
        change = change_of(plan)
    return Segment(
        start=old.start,
        size=old.size,
        change=change,
        name=name,
        purpose=kind(old),
        holds=found_in(name, old.format, machine),
        label=old.label,
        mount=mounted_today(name, machine),
        id=plan.id if plan else "",
    )


def _after(
    plan: StoragePlan,
    own: DiskPlan | None,
    disk: DiskInfo,
    mine: Sequence[PartitionPlan],
    machine: MachineInfo,
    lost: Gone,
    names: Mapping[str, str],
) -> tuple[Segment, ...]:
    used = {one.existing.number for one in mine if one.existing}
    staying = [
        old
        for old in (() if own and own.table else disk.partitions)
        if old.number not in used and not (own and old.number in own.remove) and not is_extended(old)
    ]
    kept = [_staying(disk, old, machine, lost) for old in staying]
    return (*kept, *(_planned(plan, one, names, machine) for one in mine if not _is_container(one, mine)))


def _staying(disk: DiskInfo, old: PartitionInfo, machine: MachineInfo, lost: Gone) -> Segment:
    """A partition that the plan does not name. What is above it can go all the same: then it is left empty."""
    segment = _today(disk, old, (), machine, lost)
    members = [one.members for one in lost.arrays] + [one.members for one in lost.groups]
    if any(segment.name in names for names in members):
        return replace(segment, holds="", label="", mount="")
    return segment


def _is_container(plan: PartitionPlan, mine: Sequence[PartitionPlan]) -> bool:
    end = plan.start + plan.size
    return plan.format is Format.NONE and any(plan.start < one.start < end for one in mine)


def _planned(plan: StoragePlan, one: PartitionPlan, names: Mapping[str, str], machine: MachineInfo) -> Segment:
    """What stays keeps its label, and where the plan mounts nothing, other systems go on using it."""
    old = partition_of(one, machine) if one.keep else None
    return Segment(
        start=one.start,
        size=one.size,
        change=change_of(one),
        name=names[one.id],
        purpose=kind(old) if old else _PURPOSES.get(one.format, ""),
        holds=held_by(plan, one, names),
        label=old.label if old else inner(plan, one).label,
        mount=mounted_after(plan, one) or (mounted_today(names[one.id], machine) if old else ""),
        was=one.existing.size if one.existing and one.resized else 0,
        id=one.id,
    )


def change_of(plan: BlockPlan) -> Change:
    """What the plan does with one of its own blocks."""
    if plan.existing is None:
        return Change.NEW
    if not plan.keep:
        return Change.FORMATTED
    return Change.RESIZED if plan.resized else Change.KEPT


def _filled(segments: Sequence[Segment], disk: DiskInfo, table: PartitionTable | None) -> tuple[Segment, ...]:
    """The segments in their order, with the free space between them that could be used."""
    found: list[Segment] = []
    position, last = ALIGNMENT, last_usable(disk, table or PartitionTable.GPT)
    for segment in sorted(segments, key=lambda segment: segment.start):
        if segment.start - position >= ALIGNMENT:
            found.append(Segment(start=position, size=segment.start - position, change=Change.FREE))
        found.append(segment)
        position = max(position, segment.start + segment.size)
    if last - position >= ALIGNMENT:
        found.append(Segment(start=position, size=last - position, change=Change.FREE))
    return tuple(found)
