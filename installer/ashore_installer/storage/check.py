"""Every check of a storage plan before the first write: pure, and all problems at once."""

from __future__ import annotations

from ashore_installer.image import ImageInfo
from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.plan import InstallPlan, Problem
from ashore_installer.storage.check_disks import check_disks, resulting_table
from ashore_installer.storage.labels import label_problem
from ashore_installer.storage.needs import (
    EFI_MINIMUM_4K,
    MINIMUM,
    boot_minimum,
    root_minimum,
)
from ashore_installer.storage_plan import SWAP, Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import human

ROOT_FORMATS = (Format.XFS, Format.EXT4, Format.BTRFS)

_FIXED = ("/", "/boot", "/boot/efi")
# In image mode the system's own tree is read-only and comes from the image: what can be separate is what lies in the
# stateroot's /var, also by the links that bootable images have at these names, and /tmp.
_SEPARATE = ("/var", "/home", "/root", "/srv", "/opt", "/mnt", "/media", "/usr/local", "/tmp")


def check_storage(plan: InstallPlan, machine: MachineInfo, image: ImageInfo) -> tuple[Problem, ...]:
    """Why the disks of `plan` can't be made or can't boot on `machine`; empty when they can."""
    return (*check_layout(plan.storage, machine, image), *_boot_disk(plan, machine))


def check_layout(storage: StoragePlan, machine: MachineInfo, image: ImageInfo) -> tuple[Problem, ...]:
    """The same without the choice of the boot disk."""
    broken = (*check_disks(storage, machine), *_references(storage))
    if broken:
        return broken
    return (
        *_formats(storage, machine),
        *_mount_points(storage),
        *_root(storage),
        *_firmware(storage, machine),
        *_sizes(storage, image),
    )


def _references(storage: StoragePlan) -> tuple[Problem, ...]:
    ids = {partition.id for partition in storage.partitions}
    return tuple(
        _problem("storage.mounts", f"{mount.path} is on {mount.device!r}, which is no partition of the plan.")
        for mount in storage.mounts
        if mount.device not in ids
    )


def _formats(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    found = []
    for number, partition in enumerate(storage.partitions):
        field, name = f"storage.partitions[{number}]", _called(storage, partition.id)
        least = MINIMUM[partition.format]
        if partition.format is Format.EFI and machine.disk(partition.disk).sector_size > 512:
            least = EFI_MINIMUM_4K
        if partition.size < least:
            message = f"{name} has {human(partition.size)}; {partition.format} needs at least {human(least)}."
            found.append(_problem(field, message, f"Give it {human(least)}."))
        if partition.format is Format.BIOSBOOT and _table_of(partition, storage, machine) is PartitionTable.MSDOS:
            message = f"A BIOS boot partition needs a GPT, and {machine.disk(partition.disk).name} keeps an MBR."
            found.append(_problem(field, message, "Leave it out, or let the disk get a new table."))
        if reason := label_problem(partition.label, partition.format):
            message = f"The label {partition.label!r} of {name} {reason}."
            found.append(_problem(field, message, "Choose another label, or leave it out."))
    return tuple(found)


def _table_of(partition: PartitionPlan, storage: StoragePlan, machine: MachineInfo) -> PartitionTable | None:
    return next(resulting_table(disk, machine) for disk in storage.disks if disk.id == partition.disk)


def _mount_points(storage: StoragePlan) -> tuple[Problem, ...]:
    found = []
    paths = [mount.path for mount in storage.mounts if mount.path != SWAP]
    for path in dict.fromkeys(path for path in paths if paths.count(path) > 1):
        found.append(_problem("storage.mounts", f"The mount point {path} is used twice.", "Remove one of the two."))
    for mount in storage.mounts:
        problem = _mount_point(mount, storage.partition(mount.device).format)
        if problem:
            found.append(problem)
    return tuple(found)


def _mount_point(mount: MountPlan, format: Format) -> Problem | None:  # noqa: A002 (the field's name)
    if (mount.path == SWAP) != (format is Format.SWAP) or format is Format.BIOSBOOT:
        return _problem("storage.mounts", f"{format} can't be mounted at {mount.path}.", "Choose a file system.")
    if mount.path == SWAP:
        return None
    if (mount.path == "/boot/efi") != (format is Format.EFI):
        return _problem("storage.mounts", f"{format} can't be mounted at {mount.path}.", "The ESP is at /boot/efi.")
    if not _is_plain_path(mount.path):
        return _problem("storage.mounts", f"{mount.path!r} is no mount point.", "Write a path from / on, without dots.")
    if mount.path not in _FIXED and not any(mount.path == top or mount.path.startswith(f"{top}/") for top in _SEPARATE):
        message = f"{mount.path} is part of the image and can't be a file system of its own."
        return _problem("storage.mounts", message, f"These and what is below them can: {', '.join(_SEPARATE)}.")
    return None


def _is_plain_path(path: str) -> bool:
    parts = path.split("/")
    if path == "/":
        return True
    plain = parts[0] == "" and all(part and part not in (".", "..") for part in parts[1:])
    return plain and path.isprintable() and not any(letter.isspace() or letter in '\\"' for letter in path)


def _root(storage: StoragePlan) -> tuple[Problem, ...]:
    found = []
    root, boot = storage.format_of("/"), storage.format_of("/boot")
    if root is None:
        found.append(_problem("storage.mounts", "There is no root file system.", "Add `part / --size=8192 --grow`."))
    elif root not in ROOT_FORMATS:
        found.append(_problem("storage.mounts", f"The root file system can't be {root}.", "Use xfs, ext4 or btrfs."))
    if boot and boot not in ROOT_FORMATS:
        found.append(_problem("storage.mounts", f"/boot can't be {boot}.", "Use ext4: libostree needs symbolic links."))
    return tuple(found)


def _firmware(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """What the machine boots from must be there; a BIOS needs nothing on a disk with an MBR."""
    if machine.firmware is Firmware.UEFI:
        if storage.mount("/boot/efi"):
            return ()
        message = "This machine boots by UEFI, and no EFI system partition is planned."
        return (_problem("storage.partitions", message, "Add `part /boot/efi --fstype=efi --size=600`."),)
    tables = [resulting_table(disk, machine) for disk in storage.disks]
    if PartitionTable.MSDOS in tables or any(one.format is Format.BIOSBOOT for one in storage.partitions):
        return ()
    message = "This machine boots by BIOS from a GPT disk, and no BIOS boot partition is planned."
    return (_problem("storage.partitions", message, "Add `part biosboot --fstype=biosboot --size=1`."),)


def _sizes(storage: StoragePlan, image: ImageInfo) -> tuple[Problem, ...]:
    """Whether root takes the image and /boot two kernels; without a separate /boot, root takes both."""
    root, boot = storage.mount("/"), storage.mount("/boot")
    found = []
    if root and storage.partition(root.device).format in ROOT_FORMATS:
        least = root_minimum(image, storage.partition(root.device).format, holds_boot=boot is None)
        found += _too_small(storage, root, least, f"{image.name} needs")
    if boot and storage.partition(boot.device).format in ROOT_FORMATS:
        least = boot_minimum(image, storage.partition(boot.device).format)
        found += _too_small(storage, boot, least, "the kernels of two versions need")
    return tuple(found)


def _too_small(storage: StoragePlan, mount: MountPlan, least: int, who: str) -> list[Problem]:
    number = next(i for i, partition in enumerate(storage.partitions) if partition.id == mount.device)
    size = storage.partitions[number].size
    if size >= least:
        return []
    message = f"The file system {mount.path} is too small: it has {human(size)}, and {who} {human(least)}."
    return [_problem(f"storage.partitions[{number}]", message, f"Give {mount.path} more room, or use a larger disk.")]


def _boot_disk(plan: InstallPlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """The disk that the boot loader goes on must be one of the plan and hold what the firmware looks for there."""
    disk = next((disk for disk in plan.storage.disks if disk.id == plan.boot.disks[0]), None)
    if disk is None:
        message = f"The boot loader is to go on {plan.boot.disks[0]}, which is no disk of the plan."
        return (_problem("boot.disk", message, "Choose a disk that is installed on."),)
    there = {partition.format for partition in plan.storage.partitions if partition.disk == disk.id}
    needed = Format.EFI if machine.firmware is Firmware.UEFI else Format.BIOSBOOT
    if needed in there or (needed is Format.BIOSBOOT and resulting_table(disk, machine) is PartitionTable.MSDOS):
        return ()
    what = "EFI system partition" if needed is Format.EFI else "BIOS boot partition"
    message = f"The boot loader is to go on the disk {disk.name}, and no {what} is planned there."
    return (_problem("boot.disk", message, f"Put the {what} on that disk, or choose the disk that has it."),)


def _called(storage: StoragePlan, id: str) -> str:  # noqa: A002 (the field's name)
    return next((mount.path for mount in storage.mounts if mount.device == id), id)


def _problem(field: str, message: str, hint: str = "") -> Problem:
    return Problem(field=field, message=message, hint=hint)
