"""Requests for what is on a machine already, by the words in which `SystemInfo` names the devices of a system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from ashore_installer.machine import ArrayInfo, BtrfsInfo, MachineInfo
from ashore_installer.storage.resolve import FoundPartition, FoundVolume, by_kernel_name
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


def merged(lists: list[StorageRequest]) -> StorageRequest:
    """One request with all the lists; a group or btrfs volume that several name stands in it once."""
    return reduce(_merge, lists, StorageRequest())


def content_of(device: str, machine: MachineInfo) -> str:
    """blkid's name of what a device holds; empty if there is no such device."""
    if ":" in device:
        return "btrfs"
    found = by_kernel_name(device, machine)
    if isinstance(found, FoundPartition):
        return found.part.format
    if isinstance(found, FoundVolume):
        return found.volume.format
    return found.format if isinstance(found, ArrayInfo) else ""


def btrfs_on(device: str, machine: MachineInfo) -> BtrfsInfo | None:
    """The btrfs volume that a device is a member of, by the kernel's name or by the UUID in it."""
    found, uuid = by_kernel_name(device, machine), ""
    if isinstance(found, FoundPartition):
        uuid = found.part.uuid
    elif isinstance(found, FoundVolume):
        uuid = found.volume.content
    elif isinstance(found, ArrayInfo):
        uuid = found.content
    return next((one for one in machine.btrfs if device in one.members or (uuid and one.uuid == uuid)), None)


def reused(use: Use, machine: MachineInfo) -> StorageRequest | None:
    """The lists that say so, or None if there is no such device."""
    if ":" in use.device:
        return _subvolume(use, machine)
    found = by_kernel_name(use.device, machine)
    if isinstance(found, FoundPartition):
        return _partition(use, found)
    if isinstance(found, FoundVolume):
        return _volume(use, found)
    return _array(use, found) if isinstance(found, ArrayInfo) else None


def _partition(use: Use, found: FoundPartition) -> StorageRequest:
    request = PartitionRequest(
        mount=_mount(use),
        format=_format(use, found.part.format),
        label=use.label,
        existing=found.name,
        keep=use.keep,
    )
    return StorageRequest(partitions=(request,))


def _array(use: Use, found: ArrayInfo) -> StorageRequest:
    request = ArrayRequest(
        mount=_mount(use),
        format=_format(use, found.format),
        label=use.label,
        existing=found.name,
        keep=use.keep,
        name=found.label or found.name,
    )
    return StorageRequest(arrays=(request,))


def _volume(use: Use, found: FoundVolume) -> StorageRequest:
    group, volume = found.group, found.volume
    request = VolumeRequest(
        mount=_mount(use),
        format=_format(use, volume.format),
        label=use.label,
        existing=found.name,
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
