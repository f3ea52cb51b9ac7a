"""What firmware and boot loader need and nobody wrote down (kickstart's `reqpart`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ashore_installer.machine import Firmware, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.content import plain
from ashore_installer.storage.destinations import is_named, partition_name
from ashore_installer.storage.firmware_partitions import existing_bios_boot, existing_esp
from ashore_installer.storage.needs import MINIMUM, boot_size, esp_size
from ashore_installer.storage_plan import Format, RaidLevel
from ashore_installer.storage_request import PartitionRequest, StorageRequest


def with_required(
    request: StorageRequest, machine: MachineInfo, image: PayloadInfo, disks: Sequence[ClearedDisk]
) -> StorageRequest:  # fmt: skip
    """The request with the partitions that `required` and `required_boot` stand for, at the end of its list.

    What is asked for already is not added. `disks` are all that can be used, the preferred first. A machine with a
    BIOS gets a BIOS boot partition on each disk of the array that it boots from, so that it starts without one of them.
    """
    if not request.required and not request.required_boot:
        return request
    more = (*_firmware(request, machine, disks), *_boot(request, image))
    return replace(request, required=False, required_boot=False, partitions=(*request.partitions, *more))


def _firmware(
    request: StorageRequest, machine: MachineInfo, disks: Sequence[ClearedDisk]
) -> Iterator[PartitionRequest]:  # fmt: skip
    first = disks[0]
    if machine.firmware is Firmware.UEFI:
        if "/boot/efi" not in _mounted(request):
            yield _esp(first)
    elif Format.BIOSBOOT not in map(_format, request.partitions):
        size = MINIMUM[Format.BIOSBOOT]
        for one in _mirrored(request, disks) or (first,):
            if one.table is not PartitionTable.MSDOS and not _bios_boot(one):
                yield PartitionRequest(format=Format.BIOSBOOT, size=size, disk=one.disk.id)


def _esp(one: ClearedDisk) -> PartitionRequest:
    """The one that is there and stays, if it has enough room, else a new one."""
    found = existing_esp(_staying(one))
    if found:
        name = partition_name(one.disk, found.number)
        return PartitionRequest(mount="/boot/efi", format=Format.EFI, existing=name, keep=True)
    return PartitionRequest(mount="/boot/efi", size=esp_size(one.room), label="EFI-SYSTEM", disk=one.disk.id)


def _bios_boot(one: ClearedDisk) -> bool:
    """Whether there is one already that stays: GRUB takes the first."""
    return existing_bios_boot(_staying(one)) is not None


def _staying(one: ClearedDisk) -> tuple[PartitionInfo, ...]:
    return () if one.new_table else tuple(part for part in one.disk.partitions if part.number not in one.remove)


def _mirrored(request: StorageRequest, disks: Sequence[ClearedDisk]) -> tuple[ClearedDisk, ...]:
    """The disks of the array with /boot, or with root if that is all there is; those without one take the first."""
    arrays = [one for path in ("/boot", "/") for one in request.arrays if plain(one).mount == path and not one.existing]
    if not arrays or arrays[0].level is RaidLevel.RAID0:
        return ()
    members = [one for one in request.partitions if one.name in arrays[0].members]
    named = [disk for one in members for disk in disks if one.disk and is_named(disk.disk, (one.disk,))]
    free = [disk for disk in disks if disk not in named]
    return (*named, *free[: len([one for one in members if not one.disk])])


def _boot(request: StorageRequest, image: PayloadInfo) -> Iterator[PartitionRequest]:
    if request.required_boot and "/boot" not in _mounted(request):
        yield PartitionRequest(mount="/boot", format=Format.EXT4, size=boot_size(image), label="boot")


def _mounted(request: StorageRequest) -> set[str]:
    blocks = (*request.partitions, *request.arrays, *request.volumes)
    return {plain(one).mount for one in blocks} | {one.path for one in request.mounts}


def _format(request: PartitionRequest) -> Format | None:
    return plain(request).format
