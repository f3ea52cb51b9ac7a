"""What stands above the partitions today and after a plan: arrays, groups and their volumes, btrfs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ashore_installer.machine import ArrayInfo, BtrfsInfo, GroupInfo, MachineInfo
from ashore_installer.storage.fate import Gone, gone
from ashore_installer.storage.found import array_of, btrfs_of, group_of, same_uuid
from ashore_installer.storage.node_names import node_names
from ashore_installer.storage.view import Change, change_of
from ashore_installer.storage.view_words import FOUND, found_in, held_by, inner, mounted_after, mounted_today
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    GroupPlan,
    StoragePlan,
    VolumeKind,
    VolumePlan,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One thing above the partitions; `on` are names of what it is made of, `inside` what it is divided into.

    `kind` is in words: `RAID1 array`, `volume group`, `logical volume`, `thin pool`, `thin volume`, `btrfs volume`,
    `subvolume`. `size` in bytes, 0 if it has none of its own; `was` the size before, of what is resized.
    """

    kind: str
    name: str
    change: Change
    size: int = 0
    was: int = 0
    on: tuple[str, ...] = ()
    holds: str = ""
    label: str = ""
    mount: str = ""
    inside: tuple[Layer, ...] = ()
    id: str = ""


def stacks_before(plan: StoragePlan, machine: MachineInfo) -> tuple[Layer, ...]:
    """What is on the machine now, and what the plan does with it."""
    lost = gone(plan, machine)
    return (
        *(_array_today(plan, array, machine, lost) for array in machine.arrays),
        *(_group_today(plan, group, machine, lost) for group in machine.groups),
        *(_btrfs_today(volume, machine, lost) for volume in machine.btrfs if _is_shown(volume)),
    )


def stacks_after(plan: StoragePlan, machine: MachineInfo) -> tuple[Layer, ...]:
    """What is there after the plan: all that it makes and all that it leaves."""
    names = node_names(plan, machine)
    return (
        *_staying_arrays(plan, machine),
        *(_array(plan, array, names) for array in plan.arrays),
        *_staying_groups(plan, machine),
        *(_group(plan, group, names, machine) for group in plan.groups),
        *_staying_btrfs(plan, machine),
        *(_btrfs(plan, volume, names, machine) for volume in plan.btrfs),
    )


# --- today ---------------------------------------------------------------------------------------------------


def _array_today(plan: StoragePlan, array: ArrayInfo, machine: MachineInfo, lost: Gone) -> Layer:
    mine = next((one for one in plan.arrays if one.existing and array_of(one.existing, machine) == array), None)
    change = Change.REMOVED if array in lost.arrays else change_of(mine) if mine else Change.KEPT
    return Layer(
        kind=f"{array.level.upper()} array",
        name=array.label or array.name,
        change=change,
        size=array.size,
        on=array.members,
        holds=found_in(array.name, array.format, machine),
        label=array.content_label,
        mount=mounted_today(array.name, machine),
        id=mine.id if mine else "",
    )


def _group_today(plan: StoragePlan, group: GroupInfo, machine: MachineInfo, lost: Gone) -> Layer:
    owners = {one.id for one in plan.groups if one.existing and group_of(one.existing, machine) == group}
    mine = {one.name: one for one in plan.volumes if one.existing and one.group in owners}
    inside = []
    for volume in group.volumes:
        name, planned = f"{group.name}/{volume.name}", mine.get(volume.name)
        change = Change.REMOVED if name in lost.devices else Change.KEPT
        inside.append(
            Layer(
                kind=_LVM.get(volume.kind, "logical volume"),
                name=name,
                change=change_of(planned) if planned and group not in lost.groups else change,
                size=volume.size,
                holds=FOUND.get(volume.format, volume.format),
                label=volume.label,
                mount=mounted_today(name, machine),
                id=planned.id if planned else "",
            )
        )
    return Layer(
        kind="volume group",
        name=group.name,
        change=Change.REMOVED if group in lost.groups else Change.KEPT,
        size=group.size,
        on=group.members,
        inside=tuple(inside),
        id=next(iter(owners), ""),
    )


def _btrfs_today(volume: BtrfsInfo, machine: MachineInfo, lost: Gone) -> Layer:
    whole = volume in lost.btrfs
    inside = tuple(
        Layer(
            kind="subvolume",
            name=path,
            change=Change.REMOVED if whole or _goes(path, volume, lost) else Change.KEPT,
            mount=_mounted_subvolume(path, volume, machine),
        )
        for path in volume.subvolumes
    )
    return Layer(
        kind="btrfs volume",
        name=volume.label or volume.uuid,
        change=Change.REMOVED if whole else Change.KEPT,
        on=volume.members,
        inside=inside,
    )


def _is_shown(volume: BtrfsInfo) -> bool:
    """A btrfs on one device without subvolumes is a file system like any other."""
    return len(volume.members) > 1 or bool(volume.subvolumes)


def _goes(path: str, volume: BtrfsInfo, lost: Gone) -> bool:
    names = [name for uuid, name in lost.subvolumes if same_uuid(uuid, volume.uuid)]
    return any(path == name or path.startswith(f"{name}/") for name in names)


def _mounted_subvolume(path: str, volume: BtrfsInfo, machine: MachineInfo) -> str:
    devices = {f"{member}:{path}" for member in volume.members}
    return ", ".join(where for system in machine.systems for where, device in system.mounts if device in devices)


# --- what the plan leaves alone ------------------------------------------------------------------------------


def _staying_arrays(plan: StoragePlan, machine: MachineInfo) -> Iterator[Layer]:
    lost = gone(plan, machine)
    for array in machine.arrays:
        layer = _array_today(plan, array, machine, lost)
        if layer.change is not Change.REMOVED and not layer.id:
            yield layer


def _staying_groups(plan: StoragePlan, machine: MachineInfo) -> Iterator[Layer]:
    lost = gone(plan, machine)
    for group in machine.groups:
        layer = _group_today(plan, group, machine, lost)
        if layer.change is not Change.REMOVED and not layer.id:
            yield layer


def _staying_btrfs(plan: StoragePlan, machine: MachineInfo) -> Iterator[Layer]:
    lost = gone(plan, machine)
    planned = [btrfs_of(one.existing, machine) for one in plan.btrfs if one.existing]
    for volume in machine.btrfs:
        if volume not in lost.btrfs and volume not in planned and _is_shown(volume):
            yield _btrfs_today(volume, machine, lost)


# --- what the plan says --------------------------------------------------------------------------------------


def _array(plan: StoragePlan, array: ArrayPlan, names: Mapping[str, str]) -> Layer:
    return Layer(
        kind=f"{array.level.value.upper()} array",
        name=names[array.id],
        change=change_of(array),
        size=array.size,
        on=tuple(names[one] for one in array.members),
        holds=held_by(plan, array, names),
        label=inner(plan, array).label,
        mount=mounted_after(plan, array),
        id=array.id,
    )


def _group(plan: StoragePlan, group: GroupPlan, names: Mapping[str, str], machine: MachineInfo) -> Layer:
    now = group_of(group.existing, machine) if group.existing else None
    own = [volume for volume in plan.volumes if volume.group == group.id]
    lost = gone(plan, machine)
    named = {one.name for one in own}
    left = [
        one
        for one in (_group_today(plan, now, machine, lost).inside if now else ())
        if one.change is Change.KEPT and one.name.partition("/")[2] not in named
    ]
    return Layer(
        kind="volume group",
        name=group.name,
        change=Change.KEPT if group.existing else Change.NEW,
        size=now.size if now else sum(plan.block(one).size for one in group.members),
        on=tuple(names[one] for one in group.members) or (now.members if now else ()),
        inside=(*left, *(_volume(plan, one, names) for one in own)),
        id=group.id,
    )


def _volume(plan: StoragePlan, volume: VolumePlan, names: Mapping[str, str]) -> Layer:
    return Layer(
        kind=_LVM[volume.kind],
        name=names[volume.id],
        change=change_of(volume),
        size=volume.size,
        was=volume.existing.size if volume.existing and volume.resized else 0,
        holds=held_by(plan, volume, names),
        label=inner(plan, volume).label,
        mount=mounted_after(plan, volume),
        id=volume.id,
    )


def _btrfs(plan: StoragePlan, volume: BtrfsPlan, names: Mapping[str, str], machine: MachineInfo) -> Layer:
    mounts = {mount.device: mount.path for mount in plan.mounts}
    own = [one for one in plan.subvolumes if one.volume == volume.id]
    now = btrfs_of(volume.existing, machine) if volume.existing else None
    today = _btrfs_today(now, machine, gone(plan, machine)).inside if now else ()
    left = [one for one in today if one.change is Change.KEPT and one.name not in {sub.path for sub in own}]
    inside = [
        Layer(
            kind="subvolume",
            name=one.path,
            change=Change.KEPT if one.existing else Change.NEW,
            mount=mounts.get(one.id, ""),
            id=one.id,
        )
        for one in own
    ]
    return Layer(
        kind="btrfs volume",
        name=names[volume.id],
        change=Change.KEPT if volume.existing else Change.NEW,
        size=sum(plan.block(one).size for one in volume.members),
        on=tuple(names[one] for one in volume.members),
        label=volume.label,
        mount=mounts.get(volume.id, ""),
        inside=(*left, *inside),
        id=volume.id,
    )


_LVM = {
    "linear": "logical volume",
    VolumeKind.LINEAR: "logical volume",
    VolumeKind.POOL: "thin pool",
    VolumeKind.THIN: "thin volume",
}
