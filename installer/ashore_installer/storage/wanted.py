"""What partitions are wanted: the automatic layout, or a person's requests with their defaults filled in."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace

from ashore_installer.image import ImageInfo
from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.needs import MINIMUM, align_down, align_up, boot_size, esp_size, root_minimum
from ashore_installer.storage_plan import SWAP, Format
from ashore_installer.storage_request import PartitionRequest, StorageRequest
from ashore_installer.units import human

_WORDS = {SWAP: Format.SWAP, "biosboot": Format.BIOSBOOT}
_EFI_OPTIONS = "umask=0077,shortname=winnt"
"""Anaconda's options of /boot/efi: only root reads it, and names keep their case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A partition to be placed: sizes aligned, format and id decided. `max_size` 0 is no limit, `disk` may be empty."""

    id: str
    mount: str
    format: Format
    size: int
    grow: bool
    max_size: int
    disk: str
    label: str
    options: str
    field: str


def default_root_format(request: StorageRequest, image: ImageInfo) -> Format:
    """The request's, else the image's `root-fs-type`, else xfs."""
    if request.automatic and request.automatic.format:
        return request.automatic.format
    name = image.install.root_fs_type
    return Format(name) if name in (Format.XFS, Format.EXT4, Format.BTRFS) else Format.XFS


def automatic(machine: MachineInfo, image: ImageInfo, root: Format, disk: ClearedDisk) -> tuple[PartitionRequest, ...]:
    """The default layout for a disk: what the firmware boots from, /boot, and the rest as root.

    No swap: images bring zram, and a partition for hibernation is asked for with `part`. /boot is ext4 because every
    GRUB reads it.
    """
    boot = PartitionRequest(mount="/boot", format=Format.EXT4, size=boot_size(image), label="boot")
    least = root_minimum(image, root, holds_boot=False)
    rest = PartitionRequest(mount="/", format=root, size=least, grow=True, label="root")
    return (*_firmware_partition(machine, disk), boot, rest)


def _firmware_partition(machine: MachineInfo, disk: ClearedDisk) -> tuple[PartitionRequest, ...]:
    """An ESP, or a BIOS boot partition; with an MBR, GRUB embeds itself before the first partition."""
    if machine.firmware is Firmware.UEFI:
        return (PartitionRequest(mount="/boot/efi", size=esp_size(disk.room), label="EFI-SYSTEM"),)
    if disk.table is PartitionTable.MSDOS:
        return ()
    return (PartitionRequest(format=Format.BIOSBOOT, size=MINIMUM[Format.BIOSBOOT]),)


def wanted(requests: tuple[PartitionRequest, ...], root: Format) -> tuple[Wanted, ...]:
    """The requests with their defaults, in the same order; ids are unique."""
    found: list[Wanted] = []
    for number, request in enumerate(map(_plain, requests)):
        partition_format = request.format or _default_format(request.mount, root)
        name = _unused(_name(request.mount, partition_format), {one.id for one in found})
        found.append(_one(request, partition_format, name, number))
    return tuple(found)


def request_problems(requests: tuple[PartitionRequest, ...]) -> tuple[Problem, ...]:
    """What is wrong with the requests by themselves: sizes and mount points that say nothing or say it twice."""
    found = []
    for number, request in enumerate(map(_plain, requests)):
        field, name = f"storage.partitions[{number}]", _called(request)
        if request.size <= 0 and not request.grow:
            message = f"The size of {name} is missing."
            found.append(Problem(field=field, message=message, hint="Give it a size, or let it grow."))
        if request.max_size and request.max_size < request.size:
            message = f"{name} may not be larger than {human(request.max_size)}, but needs {human(request.size)}."
            found.append(Problem(field=field, message=message, hint="Raise the limit or lower the size."))
        if not request.mount and request.format is None:
            message = "A partition has neither a mount point nor a format."
            found.append(Problem(field=field, message=message, hint="Say where it is mounted."))
    return tuple(found)


def _plain(request: PartitionRequest) -> PartitionRequest:
    """Kickstart writes swap and biosboot where the mount point stands; a path may end in a slash."""
    if request.mount in _WORDS:
        return replace(request, mount="", format=request.format or _WORDS[request.mount])
    if request.mount.startswith("/"):
        return replace(request, mount=posixpath.normpath("/" + request.mount.strip("/")))
    return request


def _default_format(mount: str, root: Format) -> Format:
    if mount == "/boot/efi":
        return Format.EFI
    return Format.EXT4 if mount == "/boot" else root


def _name(mount: str, format: Format) -> str:  # noqa: A002 (the field's name)
    if mount == "/":
        return "root"
    if mount == "/boot/efi":
        return "efi"
    return mount.strip("/").replace("/", "-") if mount else format.value


def _unused(name: str, used: set[str]) -> str:
    candidates = (name, *(f"{name}{number}" for number in range(2, len(used) + 3)))
    return next(candidate for candidate in candidates if candidate not in used)


def _called(request: PartitionRequest) -> str:
    return request.mount or (request.format.value if request.format else "a partition")


def _one(request: PartitionRequest, format: Format, id: str, number: int) -> Wanted:  # noqa: A002 (the fields' names)
    size = align_up(max(request.size, 1))
    options = request.options or (_EFI_OPTIONS if format is Format.EFI else "defaults")
    return Wanted(
        id=id,
        mount=SWAP if format is Format.SWAP else request.mount,
        format=format,
        size=size,
        grow=request.grow,
        max_size=max(align_down(request.max_size), size) if request.max_size else 0,
        disk=request.disk,
        label=request.label,
        options=options,
        field=f"storage.partitions[{number}]",
    )
