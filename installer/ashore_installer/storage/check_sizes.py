"""Checks of what must fit: every file system in its device, and the system in its file systems.

What is counted is what is left once every layer below has taken its own: see `overhead.py`, `lvm_sizes.py`,
`md_sizes.py`, and `needs.py` for the file systems' metadata.
"""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.found import btrfs_of, disk_of, partition_of, volume_of
from ashore_installer.storage.labels import label_problem
from ashore_installer.storage.needs import EFI_MINIMUM_4K, MINIMUM, boot_minimum, root_minimum, usr_minimum
from ashore_installer.storage.overhead import btrfs_room
from ashore_installer.storage.plan_names import apart, called, field_of
from ashore_installer.storage_plan import (
    BlockPlan,
    BtrfsPlan,
    Format,
    MountPlan,
    StoragePlan,
    VolumeKind,
)
from ashore_installer.units import MiB, human

_BOOT_LOADER = 16 * MiB
"""What shim, GRUB and a second copy of them in the fallback path take, with room for an update."""


def check_sizes(storage: StoragePlan, machine: MachineInfo, image: PayloadInfo) -> tuple[Problem, ...]:
    """What is too small, or has a label that its file system does not take."""
    found: list[Problem] = []
    for block in storage.blocks():
        if not block.keep:
            found += _block(storage, block, machine)
    return (*found, *_esp(storage, machine), *_payload(storage, machine, image))


def room_of(storage: StoragePlan, device: str, machine: MachineInfo) -> int:
    """Bytes that the file system on a mount's device can take beside what stays in it, its own metadata included."""
    device = next((one.volume for one in storage.subvolumes if one.id == device), device)
    for volume in storage.btrfs:
        if volume.id == device:
            return _btrfs_room(storage, volume, machine)
    size = storage.block(device).size
    pools = {one.id: one.size for one in storage.volumes if one.kind is VolumeKind.POOL}
    thin = next((one for one in storage.volumes if one.id == device and one.kind is VolumeKind.THIN), None)
    return (min(size, pools[thin.pool]) if thin else size) - _used(storage, device, machine)


def _used(storage: StoragePlan, device: str, machine: MachineInfo) -> int:
    """What is in a file system that stays, as far as is known: how far it could be shrunk."""
    found = [partition_of(one, machine) for one in storage.partitions if one.id == device and one.keep]
    volumes = [volume_of(one, storage, machine) for one in storage.volumes if one.id == device and one.keep]
    return max((one.minimum for one in (*found, *volumes) if one), default=0)


def _btrfs_room(storage: StoragePlan, volume: BtrfsPlan, machine: MachineInfo) -> int:
    sizes = [storage.block(member).size for member in volume.members]
    now = btrfs_of(volume.existing, machine) if volume.existing else None
    return max(0, btrfs_room(volume.data, sizes) - (now.used if now else 0))


def _block(storage: StoragePlan, block: BlockPlan, machine: MachineInfo) -> Iterator[Problem]:
    field, name = field_of(storage, block.id), called(storage, block.id)
    least = MINIMUM.get(block.format, 1)
    if block.format is Format.EFI and _sector_size(storage, block.id, machine) > 512:
        least = EFI_MINIMUM_4K
    if block.size < least:
        there, needed = apart(block.size, least)
        message = f"{name} has {there}; {block.format} needs at least {needed}."
        yield Problem(field=field, message=message, hint=f"Give it {human(least)}.")
    if reason := label_problem(block.label, block.format):
        message = f"The label {block.label!r} of {name} {reason}."
        yield Problem(field=field, message=message, hint="Choose another label, or leave it out.")
    if block.format is Format.NTFS:
        message = f"{name} can't be made with {block.format}: Ashore only keeps and shrinks it."
        yield Problem(field=field, message=message, hint="Use xfs, ext4, btrfs or vfat.")


def _esp(storage: StoragePlan, machine: MachineInfo) -> Iterator[Problem]:
    """An ESP that stays must take one more boot loader beside those that are in it."""
    mount = storage.mount("/boot/efi")
    block = storage.block_of(mount.device) if mount else None
    if mount is None or block is None or not block.keep:
        return
    room = room_of(storage, mount.device, machine)
    if room < _BOOT_LOADER:
        message = f"{called(storage, mount.device)} has {human(room)} left, too little for one more boot loader."
        hint = "Delete what is not needed from it, or make another ESP."
        yield Problem(field=field_of(storage, mount.device), message=message, hint=hint)


def _sector_size(storage: StoragePlan, id: str, machine: MachineInfo) -> int:  # noqa: A002 (the field's name)
    disks = (disk_of(one.disk, machine) for one in storage.partitions_below(id))
    return max((disk.sector_size for disk in disks if disk), default=512)


def _payload(storage: StoragePlan, machine: MachineInfo, image: PayloadInfo) -> Iterator[Problem]:
    """Whether root takes the image and /boot two kernels; without a separate /boot, root takes both.

    Of packages, /usr can be separate: then it takes most of them.
    """
    root, boot = storage.mount("/"), storage.mount("/boot")
    usr = storage.mount("/usr") if isinstance(image, PackagesInfo) else None
    root_format, boot_format, usr_format = (storage.format_of(path) for path in ("/", "/boot", "/usr"))
    if root and root_format in MINIMUM:
        least = root_minimum(image, root_format, holds_boot=boot is None, holds_usr=usr is None)
        yield from _too_small(storage, root, least, f"{image.name} needs", machine)
    if usr and isinstance(image, PackagesInfo) and usr_format in MINIMUM:
        yield from _too_small(storage, usr, usr_minimum(image, usr_format), f"{image.name} needs", machine)
    if boot and boot_format in MINIMUM:
        least = boot_minimum(image, boot_format)
        yield from _too_small(storage, boot, least, "the kernels of two versions need", machine)


def _too_small(storage: StoragePlan, mount: MountPlan, least: int, who: str, machine: MachineInfo) -> Iterator[Problem]:
    room = room_of(storage, mount.device, machine)
    if room >= least:
        return
    there, needed = apart(room, least)
    message = f"The file system {mount.path} is too small: it has {there}, and {who} {needed}."
    hint = f"Give {mount.path} more room, or use a larger disk."
    yield Problem(field=field_of(storage, mount.device), message=message, hint=hint)
