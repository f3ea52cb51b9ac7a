"""Checks of UUIDs that are there twice, as on a disk and its copy: what is found by UUID would be either of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.fate import Gone, gone
from ashore_installer.storage.found import array_of, partition_of, same_uuid, volume_of
from ashore_installer.storage.plan_names import field_of, volume_name
from ashore_installer.storage_plan import StoragePlan

_SHARED = frozenset({"linux_raid_member", "btrfs"})
"""Members of one array or btrfs volume all have its UUID; how many there may be is checked with the volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    """By what a device is found: its PARTUUID, and the UUID of what is in it. Empty for what has none of its own."""

    name: str
    where: str
    own: str = ""
    content: str = ""

    def is_twin_of(self, other: _Identity) -> bool:
        own = bool(self.own) and same_uuid(self.own, other.own)
        return own or (bool(self.content) and same_uuid(self.content, other.content))


def check_twins(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """What the plan keeps and could not be told from something else that stays on the machine."""
    lost = gone(storage, machine)
    staying = [one for one in _identities(machine) if one.name not in lost.devices]
    found = []
    for field, name in _kept(storage, machine):
        mine = next((one for one in staying if one.name == name), None)
        for other in staying:
            if mine and other is not mine and mine.is_twin_of(other):
                message = f"{mine.name} and {other.name}{other.where} have the same UUID: one is a copy of the other."
                found.append(Problem(field=field, message=message, hint=f"Detach {other.name}, or erase it."))
    return (*found, *_groups(storage, machine, lost))


def _identities(machine: MachineInfo) -> Iterator[_Identity]:
    for disk in machine.disks:
        for one in disk.partitions:
            content = "" if one.format in _SHARED else one.uuid
            name = partition_name(disk, one.number)
            yield _Identity(name=name, where=f" on {disk.describe()}", own=one.id, content=content)
    for array in machine.arrays:
        content = "" if array.format in _SHARED else array.content
        yield _Identity(name=array.name, where="", content=content)
    for group in machine.groups:
        for volume in group.volumes:
            content = "" if volume.format in _SHARED else volume.content
            yield _Identity(name=f"{group.name}/{volume.name}", where="", content=content)


def _kept(storage: StoragePlan, machine: MachineInfo) -> Iterator[tuple[str, str]]:
    """The place in the plan and the name of every block whose content stays."""
    disks = {disk.id: disk for disk in machine.disks}
    for partition in storage.partitions:
        old = partition_of(partition, machine)
        if old and partition.keep:
            yield field_of(storage, partition.id), partition_name(disks[partition.disk], old.number)
    for array in storage.arrays:
        now = array_of(array.existing, machine) if array.existing and array.keep else None
        if now:
            yield field_of(storage, array.id), now.name
    for volume in storage.volumes:
        if volume.keep and volume_of(volume, storage, machine):
            yield field_of(storage, volume.id), volume_name(storage, volume)


def _groups(storage: StoragePlan, machine: MachineInfo, lost: Gone) -> Iterator[Problem]:
    for group in storage.groups:
        same = [one for one in machine.groups if one.name == group.name and one not in lost.groups]
        if group.existing and len(same) > 1:
            message = f"There are {len(same)} volume groups {group.name} on this machine."
            hint = "Detach the disks of the other, or rename it with vgrename."
            yield Problem(field=field_of(storage, group.id), message=message, hint=hint)
