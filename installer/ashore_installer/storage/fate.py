"""What a plan does away with, followed through everything that stands on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ashore_installer.machine import ArrayInfo, BtrfsInfo, GroupInfo, MachineInfo
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.found import array_of, disk_of, find_volume, same_uuid, volume_of
from ashore_installer.storage_plan import Kind, Removal, StoragePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What is no more after the plan.

    `devices` lose their content, whether they go themselves or are only formatted anew: kernel names of disks and
    partitions, names of arrays, and `vg/lv`. `subvolumes` are those that are removed one by one: pairs of the btrfs
    volume's UUID and a path.
    """

    devices: frozenset[str]
    arrays: tuple[ArrayInfo, ...]
    groups: tuple[GroupInfo, ...]
    btrfs: tuple[BtrfsInfo, ...]
    subvolumes: frozenset[tuple[str, str]]


@dataclass(kw_only=True)
class _Loss:
    """Grows until nothing more stands on what is lost."""

    devices: set[str]
    arrays: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def spread(self, machine: MachineInfo) -> bool:
        """One round; whether it found anything new."""
        before = len(self.devices), len(self.arrays), len(self.groups)
        self.arrays |= {one.name for one in machine.arrays if not self.devices.isdisjoint(one.members)}
        self.groups |= {one.name for one in machine.groups if not self.devices.isdisjoint(one.members)}
        self.devices |= self.arrays
        for group in machine.groups:
            if group.name in self.groups:
                self.devices |= {f"{group.name}/{volume.name}" for volume in group.volumes}
        return before != (len(self.devices), len(self.arrays), len(self.groups))


def gone(plan: StoragePlan, machine: MachineInfo) -> Gone:
    """What the plan does away with. Things above a lost device are lost too: a group that lacks a disk is no group."""
    loss = _Loss(devices={*_on_disks(plan, machine), *_formatted(plan, machine)})
    for removal in plan.remove:
        _remove(removal, machine, loss)
    while loss.spread(machine):
        pass
    return Gone(
        devices=frozenset(loss.devices),
        arrays=tuple(one for one in machine.arrays if one.name in loss.arrays),
        groups=tuple(one for one in machine.groups if one.name in loss.groups),
        btrfs=tuple(one for one in machine.btrfs if not loss.devices.isdisjoint(one.members)),
        subvolumes=frozenset((one.on, one.name) for one in plan.remove if one.kind is Kind.SUBVOLUME),
    )


def removed_array(removal: Removal, machine: MachineInfo) -> ArrayInfo | None:
    """The array that a removal means."""
    return next((one for one in machine.arrays if _means(removal, one.uuid, one.name, one.label)), None)


def removed_group(removal: Removal, machine: MachineInfo) -> GroupInfo | None:
    """The volume group that a removal means."""
    return next((one for one in machine.groups if _means(removal, one.uuid, one.name)), None)


def removed_volume(removal: Removal, machine: MachineInfo) -> str:
    """`vg/lv` of the logical volume that a removal means, or empty."""
    for group in machine.groups:
        if removal.name.startswith(f"{group.name}/") and (one := find_volume(group, removal.uuid, removal.name)):
            return f"{group.name}/{one.name}"
    return ""


def _means(removal: Removal, uuid: str, *names: str) -> bool:
    return same_uuid(removal.uuid, uuid) if removal.uuid and uuid else removal.name in names


def _on_disks(plan: StoragePlan, machine: MachineInfo) -> Iterator[str]:
    """Disks that get a new table with all their partitions, and the partitions that go by themselves."""
    for one in plan.disks:
        disk = disk_of(one.id, machine)
        if disk is None:
            continue
        numbers = {part.number for part in disk.partitions} if one.table else set(one.remove)
        yield from (partition_name(disk, number) for number in numbers)
        if one.table:
            yield disk.name


def _formatted(plan: StoragePlan, machine: MachineInfo) -> Iterator[str]:
    """What stays itself and gets new content."""
    for partition in plan.partitions:
        disk = disk_of(partition.disk, machine)
        if partition.existing and not partition.keep and disk:
            yield partition_name(disk, partition.existing.number)
    for array in plan.arrays:
        if array.existing and not array.keep and (found := array_of(array.existing, machine)):
            yield found.name
    groups = {group.id: group.name for group in plan.groups}
    for volume in plan.volumes:
        if volume.existing and not volume.keep and (there := volume_of(volume, plan, machine)):
            yield f"{groups[volume.group]}/{there.name}"


def _remove(removal: Removal, machine: MachineInfo, loss: _Loss) -> None:
    if removal.kind is Kind.ARRAY and (array := removed_array(removal, machine)):
        loss.arrays.add(array.name)
    elif removal.kind is Kind.GROUP and (group := removed_group(removal, machine)):
        loss.groups.add(group.name)
    elif removal.kind is Kind.VOLUME and (name := removed_volume(removal, machine)):
        loss.devices.add(name)
        loss.devices |= _thin_in(name, machine)


def _thin_in(pool: str, machine: MachineInfo) -> set[str]:
    """The thin volumes of a pool `vg/pool`: they go with it."""
    return {
        f"{group.name}/{one.name}"
        for group in machine.groups
        for one in group.volumes
        if one.pool and pool == f"{group.name}/{one.pool}"
    }
