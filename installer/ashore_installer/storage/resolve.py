"""What a person's word means of what is on the machine: a partition, an array, a logical volume, a btrfs volume."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashore_installer.machine import ArrayInfo, BtrfsInfo, DiskInfo, GroupInfo, MachineInfo, PartitionInfo, VolumeInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import bare, partition_name
from ashore_installer.storage.found import same_uuid

_HINT = "Name it as vda2, /dev/disk/by-id/…-part2, UUID=…, LABEL=…, vg/lv or md127."


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPartition:
    disk: DiskInfo
    part: PartitionInfo

    @property
    def name(self) -> str:
        return partition_name(self.disk, self.part.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVolume:
    group: GroupInfo
    volume: VolumeInfo

    @property
    def name(self) -> str:
        return f"{self.group.name}/{self.volume.name}"


Found = FoundPartition | FoundVolume | ArrayInfo | BtrfsInfo


def find(word: str, machine: MachineInfo, field: str) -> Found | Problem:
    """The one thing that `word` means, or why it means none.

    A word is a kernel's name, a link below /dev, `UUID=…`, `PARTUUID=…`, `LABEL=…`, or LVM's `vg/lv`. UUIDs and labels
    of btrfs mean the whole volume.
    """
    meant = [thing for thing, names in _things(machine) if _matches(word, names)]
    volumes = [thing for thing in meant if isinstance(thing, BtrfsInfo)]
    if volumes:
        meant = list(volumes)
    if len(meant) == 1:
        return meant[0]
    if meant:
        message = f"{word} means several devices: {', '.join(thing_name(thing) for thing in meant)}."
        return Problem(field=field, message=message, hint="Name the one by its device, as vda2.")
    return Problem(field=field, message=f"There is no device {word!r} in this machine.", hint=_HINT)


def thing_name(thing: Found) -> str:
    """What people know it by: `vda2`, `vg/home`, `md127`, a btrfs volume's label or UUID."""
    if isinstance(thing, BtrfsInfo):
        return thing.label or f"UUID={thing.uuid}"
    return thing.name


def lower_names(thing: Found) -> tuple[str, ...]:
    """Kernel names of what a thing lies on directly."""
    if isinstance(thing, FoundPartition):
        return ()
    return thing.group.members if isinstance(thing, FoundVolume) else thing.members


def by_kernel_name(name: str, machine: MachineInfo) -> Found | None:
    """The thing that a member's name (`vda2`, `md127`, `vg/lv`) means."""
    return next(
        (thing for thing, _ in _things(machine) if not isinstance(thing, BtrfsInfo) and thing.name == name), None
    )  # fmt: skip


def disks_below(thing: Found, machine: MachineInfo) -> tuple[DiskInfo, ...]:
    """The disks that a thing lies on, through everything between."""
    if isinstance(thing, FoundPartition):
        return (thing.disk,)
    found: dict[str, DiskInfo] = {}
    for name in lower_names(thing):
        lower = by_kernel_name(name, machine)
        disks = disks_below(lower, machine) if lower else tuple(one for one in machine.disks if one.name == name)
        found |= {disk.id: disk for disk in disks}
    return tuple(found.values())


def _things(machine: MachineInfo) -> Iterator[tuple[Found, set[str]]]:
    """Everything with the words that mean it."""
    for disk in machine.disks:
        for part in disk.partitions:
            links = {f"{name}-part{part.number}" for name in disk.ids}
            tags = _tags(part.uuid, part.label) | ({f"PARTUUID={part.id}"} if part.id else set())
            yield FoundPartition(disk=disk, part=part), {partition_name(disk, part.number), *links, *tags}
    for array in machine.arrays:
        own = {array.name, *([array.label, f"md/{array.label}"] if array.label else [])}
        yield array, own | _tags(array.content, array.content_label)
    for group in machine.groups:
        for volume in group.volumes:
            mapper = f"mapper/{_doubled(group.name)}-{_doubled(volume.name)}"
            own = {f"{group.name}/{volume.name}", mapper}
            yield FoundVolume(group=group, volume=volume), own | _tags(volume.content, volume.label)
    for one in machine.btrfs:
        yield one, _tags(one.uuid, one.label)


def _tags(uuid: str, label: str) -> set[str]:
    return {f"{tag}={value}" for tag, value in (("UUID", uuid), ("LABEL", label)) if value}


def _matches(word: str, names: set[str]) -> bool:
    tag, _, value = word.partition("=")
    if tag in ("UUID", "PARTUUID") and value:
        pairs = (name.partition("=") for name in names)
        return any(own == tag and same_uuid(other, value) for own, _, other in pairs if other)
    return bare(word) in names or word in names


def _doubled(name: str) -> str:
    """device-mapper writes a hyphen in a name twice."""
    return name.replace("-", "--")
