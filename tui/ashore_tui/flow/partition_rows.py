"""The rows of the custom partitioning screen: each disk with its pieces, then what stands above them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ashore_installer.machine import DiskInfo, MachineInfo
from ashore_installer.storage.destinations import unusable
from ashore_installer.storage.found import array_of, btrfs_of
from ashore_installer.storage.resolve import find
from ashore_installer.storage.view import Change, DiskView, Segment, layouts
from ashore_installer.storage.view_stacks import Layer, stacks_after, stacks_before
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import human
from ashore_tui.flow.disk_bar import WORTH_SHOWING
from ashore_tui.flow.partition_start import new_partitions
from ashore_tui.flow.partitions import Picture, Site


class Thing(StrEnum):
    """What a row stands for."""

    DISK = "disk"
    PARTITION = "partition"
    FREE = "free"
    WHOLE = "whole"
    """The content of a disk without a partition table."""
    ARRAY = "array"
    GROUP = "group"
    VOLUME = "volume"
    BTRFS = "btrfs"
    SUBVOLUME = "subvolume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """The place of a request: one of the lists of `StorageRequest`, and the number in it."""

    list: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing today and after. `key` is unique among the rows of a request, and stays where the thing does.

    `size` in bytes, `was` that before where it changes. `ref` is what asks for it, None if nothing does. `existing` is
    the name of what is there already, as requests name it. `inside` is the name of the disk, group or btrfs volume
    that it is in (`UUID=…` for existing btrfs volumes).
    """

    key: str
    thing: Thing
    depth: int
    name: str
    change: Change
    size: int = 0
    was: int = 0
    kind: str = ""
    holds: str = ""
    label: str = ""
    mount: str = ""
    inside: str = ""
    on: tuple[str, ...] = ()
    existing: str = ""
    ref: Ref | None = None
    start: int = 0
    planned: bool = False
    """`mount` is where the plan mounts it, and not where systems that are there do."""


def rows(request: StorageRequest, drawing: Picture, site: Site) -> tuple[Row, ...]:
    """Everything that the plan leaves or makes, and what goes, on the disks that may be used."""
    plan, machine = drawing.plan, site.machine
    refs = references(request, plan, machine)
    erased = {disk.id for disk in plan.disks if disk.table}
    shown = [view for view in layouts(plan, machine) if _is_shown(view, request, machine)]
    found = (
        *(row for view in shown for row in _disk(view, refs, erased=view.id in erased)),
        *_stacks(request, plan, machine, refs),
    )
    paths = {mount.path for mount in plan.mounts}
    return tuple(replace(row, planned=row.ref is not None and set(row.mount.split(", ")) <= paths) for row in found)


def references(request: StorageRequest, plan: StoragePlan, machine: MachineInfo) -> dict[str, Ref]:
    """Which request makes each thing of its plan, by the plan's ids."""
    return {
        **_partitions(request, plan),
        **_arrays(request, plan, machine),
        **{
            one.id: Ref(list="groups", index=index)
            for one in plan.groups
            for index, asked in enumerate(request.groups)
            if asked.name == one.name
        },
        **_volumes(request, plan),
        **_btrfs(request, plan, machine),
        **{
            one.id: Ref(list="subvolumes", index=index)
            for index, one in enumerate(plan.subvolumes[: len(request.subvolumes)])
        },
    }


# --- which request is which ----------------------------------------------------------------------------------


def _partitions(request: StorageRequest, plan: StoragePlan) -> dict[str, Ref]:
    made = [index for index, one in enumerate(request.partitions) if not one.existing]
    new = new_partitions(plan)
    found = {one.id: Ref(list="partitions", index=index) for one, index in zip(new, made, strict=False)}
    for index, asked in enumerate(request.partitions):
        for one in plan.partitions:
            if asked.existing and one.existing and one.existing.name == asked.existing:
                found[one.id] = Ref(list="partitions", index=index)
    return found


def _arrays(request: StorageRequest, plan: StoragePlan, machine: MachineInfo) -> dict[str, Ref]:
    made = [index for index, one in enumerate(request.arrays) if not one.existing]
    new = [one for one in plan.arrays if one.existing is None]
    found = {one.id: Ref(list="arrays", index=index) for one, index in zip(new, made, strict=False)}
    for index, asked in enumerate(request.arrays):
        there = find(asked.existing, machine, "") if asked.existing else None
        for one in plan.arrays:
            if there and one.existing and array_of(one.existing, machine) == there:
                found[one.id] = Ref(list="arrays", index=index)
    return found


def _volumes(request: StorageRequest, plan: StoragePlan) -> dict[str, Ref]:
    groups = {group.id: group.name for group in plan.groups}
    places = {(one.group, one.name): index for index, one in enumerate(request.volumes)}
    return {
        one.id: Ref(list="volumes", index=places[groups[one.group], one.name])
        for one in plan.volumes
        if (groups[one.group], one.name) in places
    }


def _btrfs(request: StorageRequest, plan: StoragePlan, machine: MachineInfo) -> dict[str, Ref]:
    made = [index for index, one in enumerate(request.btrfs) if not one.keep]
    new = [one for one in plan.btrfs if one.existing is None]
    found = {one.id: Ref(list="btrfs", index=index) for one, index in zip(new, made, strict=False)}
    for index, asked in enumerate(request.btrfs):
        there = find(asked.name, machine, "") if asked.keep else None
        for one in plan.btrfs:
            if there and one.existing and btrfs_of(one.existing, machine) == there:
                found[one.id] = Ref(list="btrfs", index=index)
    return found


# --- disks ---------------------------------------------------------------------------------------------------


def _is_shown(view: DiskView, request: StorageRequest, machine: MachineInfo) -> bool:
    disk = machine.disk(view.id)
    return not unusable(disk) and disk.name not in request.ignore


def _disk(view: DiskView, refs: dict[str, Ref], *, erased: bool) -> Iterator[Row]:
    gone = [] if erased else [one for one in view.before if one.change is Change.REMOVED]
    yield Row(
        key=f"disk {view.id}",
        thing=Thing.DISK,
        depth=0,
        name=view.name,
        change=Change.REMOVED if erased else Change.KEPT,
        size=view.size,
        kind=view.title.removeprefix(f"{human(view.size)} ").rpartition(" [")[0],
        inside=view.id,
    )
    pieces = [*((one, False) for one in view.after), *((one, True) for one in gone)]
    for segment, goes in sorted(pieces, key=lambda piece: (piece[0].start, not piece[1])):
        if segment.change is not Change.FREE or segment.size >= WORTH_SHOWING:
            yield _segment(view, segment, refs, goes=goes)


def _segment(view: DiskView, one: Segment, refs: dict[str, Ref], *, goes: bool) -> Row:
    free = one.change is Change.FREE
    whole = not free and not view.table_after
    key = f"free {view.id} {one.start}" if free else f"{'gone' if goes else 'partition'} {one.name}"
    return Row(
        key=key,
        thing=Thing.FREE if free else Thing.WHOLE if whole else Thing.PARTITION,
        depth=1,
        name=one.name,
        change=one.change,
        size=one.size,
        was=one.was,
        kind=one.purpose,
        holds=one.holds,
        label=one.label,
        mount=one.mount,
        inside=view.id,
        existing="" if free or one.change is Change.NEW else one.name,
        ref=refs.get(one.id),
        start=one.start,
    )


# --- what stands above ---------------------------------------------------------------------------------------


def _stacks(
    request: StorageRequest, plan: StoragePlan, machine: MachineInfo, refs: dict[str, Ref]
) -> Iterator[Row]:  # fmt: skip
    """What will be there, and what goes by itself: what goes with its disk is not shown again."""
    shown = {disk.name for disk in machine.disks if disk.name not in request.ignore}
    after = stacks_after(plan, machine)
    before = stacks_before(plan, machine)
    gone = [one for one in before if one.change is Change.REMOVED and _removed_itself(one, request, machine)]
    order = [(one.kind, one.name) for one in before]
    for layer in sorted((*after, *gone), key=lambda one: _place(order, (one.kind, one.name))):
        then = next((one.inside for one in before if (one.kind, one.name) == (layer.kind, layer.name)), ())
        if _lies_on(layer, shown, machine):
            yield from _layer(layer, then if layer.change is not Change.NEW else (), refs, machine)


def _place(order: Sequence[tuple[str, str] | str], name: tuple[str, str] | str) -> int:
    """What is there keeps its place, what is new comes after it."""
    return order.index(name) if name in order else len(order)


def _removed_itself(layer: Layer, request: StorageRequest, machine: MachineInfo) -> bool:
    return _own_name(layer, _THINGS.get(layer.kind, Thing.ARRAY), machine) in request.remove


def _lies_on(layer: Layer, shown: set[str], machine: MachineInfo) -> bool:
    """Whether a thing can be reached at all: not all of it lies on disks that must not be used."""
    hidden = tuple(disk for disk in machine.disks if disk.name not in shown or unusable(disk))
    return not layer.on or not all(any(_is_on(name, disk) for disk in hidden) for name in layer.on)


def _is_on(name: str, disk: DiskInfo) -> bool:
    return name == disk.name or (name.startswith(disk.name) and name[len(disk.name) :].lstrip("p").isdigit())


def _layer(layer: Layer, then: Sequence[Layer], refs: dict[str, Ref], machine: MachineInfo) -> Iterator[Row]:
    thing = _THINGS.get(layer.kind, Thing.ARRAY)
    own = _own_name(layer, thing, machine)
    yield _above(layer, thing, 0, "", own, refs)
    inside = Thing.SUBVOLUME if thing is Thing.BTRFS else Thing.VOLUME
    known = {one.name for one in layer.inside}
    gone = [one for one in then if one.change is Change.REMOVED and one.name not in known]
    order = [one.name for one in then]
    for one in sorted((*layer.inside, *gone), key=lambda one: _place(order, one.name)):
        name = f"{own}:{one.name}" if inside is Thing.SUBVOLUME else one.name
        yield _above(one, inside, 1, own, name, refs)


def _above(layer: Layer, thing: Thing, depth: int, inside: str, own: str, refs: dict[str, Ref]) -> Row:
    goes = layer.change is Change.REMOVED
    return Row(
        key=f"{'gone ' if goes else ''}{thing} {own or layer.name}",
        thing=thing,
        depth=depth,
        name=layer.name,
        change=layer.change,
        size=layer.size,
        was=layer.was,
        kind=layer.kind,
        holds=layer.holds,
        label=layer.label,
        mount=layer.mount,
        inside=inside,
        on=layer.on,
        existing="" if layer.change is Change.NEW else own,
        ref=refs.get(layer.id),
    )


def _own_name(layer: Layer, thing: Thing, machine: MachineInfo) -> str:
    """The word by which requests name an existing thing; for btrfs that is its UUID, since labels can be the same."""
    if thing is Thing.BTRFS:
        found = next((one for one in machine.btrfs if set(one.members) & set(layer.on)), None)
        return f"UUID={found.uuid}" if found and layer.change is not Change.NEW else layer.name
    if thing is Thing.ARRAY:
        found_array = next((one for one in machine.arrays if layer.name in (one.label, one.name)), None)
        return found_array.name if found_array and layer.change is not Change.NEW else layer.name
    return layer.name


_THINGS = {"volume group": Thing.GROUP, "btrfs volume": Thing.BTRFS}
