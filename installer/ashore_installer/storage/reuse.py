"""Requests for what is on a machine already, by the words in which `SystemInfo` names the devices of a system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from ashore_installer.machine import ArrayInfo, BtrfsInfo, GroupInfo, MachineInfo, VolumeInfo
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.shrink import find_partition
from ashore_installer.storage_plan import SWAP, Format, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    BtrfsRequest,
    GroupRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)

_KINDS = {"thin": VolumeKind.THIN, "thin-pool": VolumeKind.POOL}
_FORMATS = {"vfat": Format.EFI} | {kind.value: kind for kind in Format if kind is not Format.VFAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """That a device of a system is used at `mount` (`swap`, or empty for a BIOS boot partition).

    With `keep` its content stays; else it is formatted with `format` and gets `label`, and a subvolume is removed and
    made anew.
    """

    device: str
    mount: str
    keep: bool = True
    format: Format | None = None
    label: str = ""


def reused(use: Use, machine: MachineInfo) -> StorageRequest | None:
    """The lists that say so, or None if there is no such device."""
    if ":" in use.device:
        return _subvolume(use, machine)
    return _partition(use, machine) or _array(use, machine) or _volume(use, machine)


def merged(lists: list[StorageRequest]) -> StorageRequest:
    """One request with all the lists; a group or btrfs volume that several name stands in it once."""
    return reduce(_merge, lists, StorageRequest())


def content_of(device: str, machine: MachineInfo) -> str | None:
    """blkid's name of what a device holds, or None if there is no such device."""
    if ":" in device:
        return "btrfs"
    if part := find_partition(device, machine):
        return part[1].format
    if array := array_named(device, machine):
        return array.format
    volume = volume_named(device, machine)
    return volume[1].format if volume else None


def disks_below(device: str, machine: MachineInfo) -> frozenset[str]:
    """Kernel names of the disks that a device lies on; of a btrfs volume and a group, all of theirs."""
    base = device.partition(":")[0]
    found = find_partition(base, machine)
    names = {found[0].name} if found else set()
    for one in _members(base, machine):
        names |= disks_below(one, machine)
    if volume := btrfs_on(base, machine):
        for other in volume.members:
            part = find_partition(other, machine)
            names |= {part[0].name} if part else set()
    return frozenset(names)


def array_named(name: str, machine: MachineInfo) -> ArrayInfo | None:
    return next((one for one in machine.arrays if one.name == name), None)


def volume_named(word: str, machine: MachineInfo) -> tuple[GroupInfo, VolumeInfo] | None:
    """The logical volume that `vg/lv` means, and its group."""
    pairs = ((group, one) for group in machine.groups for one in group.volumes)
    return next(((group, one) for group, one in pairs if f"{group.name}/{one.name}" == word), None)


def btrfs_on(device: str, machine: MachineInfo) -> BtrfsInfo | None:
    """The btrfs volume that a device is a member of."""
    part, array, volume = find_partition(device, machine), array_named(device, machine), volume_named(device, machine)
    uuids = {part[1].uuid if part else "", array.content if array else "", volume[1].content if volume else ""}
    return next((one for one in machine.btrfs if device in one.members or one.uuid in uuids - {""}), None)


def _members(device: str, machine: MachineInfo) -> tuple[str, ...]:
    volume, array = volume_named(device, machine), array_named(device, machine)
    if volume:
        return volume[0].members
    return array.members if array else ()


def _partition(use: Use, machine: MachineInfo) -> StorageRequest | None:
    found = find_partition(use.device, machine)
    if found is None:
        return None
    disk, part = found
    request = PartitionRequest(
        mount=_mount(use),
        format=_format(use, part.format),
        label=use.label,
        existing=partition_name(disk, part.number),
        keep=use.keep,
        disk=disk.id,
    )
    return StorageRequest(partitions=(request,))


def _array(use: Use, machine: MachineInfo) -> StorageRequest | None:
    found = array_named(use.device, machine)
    if found is None:
        return None
    request = ArrayRequest(
        mount=_mount(use),
        format=_format(use, found.format),
        label=use.label,
        existing=found.name,
        keep=use.keep,
        name=found.label or found.name,
    )
    return StorageRequest(arrays=(request,))


def _volume(use: Use, machine: MachineInfo) -> StorageRequest | None:
    found = volume_named(use.device, machine)
    if found is None:
        return None
    group, volume = found
    request = VolumeRequest(
        mount=_mount(use),
        format=_format(use, volume.format),
        label=use.label,
        existing=use.device,
        keep=use.keep,
        name=volume.name,
        group=group.name,
        kind=_KINDS.get(volume.kind, VolumeKind.LINEAR),
        pool=volume.pool,
    )
    return StorageRequest(groups=(GroupRequest(name=group.name, keep=True),), volumes=(request,))


def _subvolume(use: Use, machine: MachineInfo) -> StorageRequest | None:
    device, _, path = use.device.partition(":")
    volume = btrfs_on(device, machine)
    if volume is None or path not in volume.subvolumes:
        return None
    name = f"UUID={volume.uuid}"
    return StorageRequest(
        remove=() if use.keep else (use.device,),
        btrfs=(BtrfsRequest(name=name, keep=True),),
        subvolumes=(SubvolumeRequest(volume=name, path=path, mount=use.mount, keep=use.keep),),
    )


def _mount(use: Use) -> str:
    """Swap has no mount point in requests."""
    return "" if use.mount == SWAP else use.mount


def _format(use: Use, content: str) -> Format | None:
    return use.format or _FORMATS.get(content)


def _merge(one: StorageRequest, other: StorageRequest) -> StorageRequest:
    return StorageRequest(
        remove=(*one.remove, *other.remove),
        partitions=(*one.partitions, *other.partitions),
        arrays=(*one.arrays, *other.arrays),
        groups=tuple(dict.fromkeys((*one.groups, *other.groups))),
        volumes=(*one.volumes, *other.volumes),
        btrfs=tuple(dict.fromkeys((*one.btrfs, *other.btrfs))),
        subvolumes=(*one.subvolumes, *other.subvolumes),
    )
