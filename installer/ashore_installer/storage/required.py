"""What firmware and boot loader need and nobody wrote down (kickstart's `reqpart`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ashore_installer.image import ImageInfo
from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.content import plain
from ashore_installer.storage.needs import MINIMUM, boot_size, esp_size
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import PartitionRequest, StorageRequest


def with_required(request: StorageRequest, machine: MachineInfo, image: ImageInfo, disk: ClearedDisk) -> StorageRequest:
    """The request with the partitions that `required` and `required_boot` stand for, at the end of its list.

    What is asked for already is not added. `disk` is the one that the boot loader will go on.
    """
    if not request.required and not request.required_boot:
        return request
    more = (*_firmware(request, machine, disk), *_boot(request, image))
    return replace(request, required=False, required_boot=False, partitions=(*request.partitions, *more))


def _firmware(request: StorageRequest, machine: MachineInfo, disk: ClearedDisk) -> Iterator[PartitionRequest]:
    if machine.firmware is Firmware.UEFI:
        if "/boot/efi" not in _mounted(request):
            yield PartitionRequest(mount="/boot/efi", size=esp_size(disk.room), label="EFI-SYSTEM", disk=disk.disk.id)
    elif disk.table is not PartitionTable.MSDOS and Format.BIOSBOOT not in map(_format, request.partitions):
        yield PartitionRequest(format=Format.BIOSBOOT, size=MINIMUM[Format.BIOSBOOT], disk=disk.disk.id)


def _boot(request: StorageRequest, image: ImageInfo) -> Iterator[PartitionRequest]:
    if request.required_boot and "/boot" not in _mounted(request):
        yield PartitionRequest(mount="/boot", format=Format.EXT4, size=boot_size(image), label="boot")


def _mounted(request: StorageRequest) -> set[str]:
    blocks = (*request.partitions, *request.arrays, *request.volumes)
    return {plain(one).mount for one in blocks} | {one.path for one in request.mounts}


def _format(request: PartitionRequest) -> Format | None:
    return plain(request).format
