"""Checks of what firmware and boot loader must be able to read.

GRUB reads partitions, md arrays of all levels (diskfilter with mdraid09 and mdraid1x) and linear logical volumes (lvm).
It knows no thin pools, and here nobody is there to give it a passphrase: the boot loaders that images and this medium
bring have no `cryptomount` in them, and GRUB before 2.14 does not know argon2. btrfs subvolumes are up to the boot
loader that is chosen: see `boot/check.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.plan import InstallPlan, Problem
from ashore_installer.storage.check_disks import resulting_table
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.partition_types import BIOS_BOOT
from ashore_installer.storage.plan_names import field_of, own_name
from ashore_installer.storage_plan import (
    DiskPlan,
    Format,
    RaidLevel,
    StoragePlan,
    VolumeKind,
)

_AT_THE_END = ("0.90", "1.0")
"""Superblocks behind the data: each member by itself looks like a plain file system."""


def check_boot_layout(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why the machine would not find the boot loader, or the boot loader not the kernel."""
    return (*_firmware(storage, machine), *_esp(storage), *_bios_boot(storage, machine), *_readable(storage))


def check_boot_disks(plan: InstallPlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Each disk that the boot loader goes on must be one of the plan and hold what the firmware looks for there."""
    return tuple(problem for id in plan.boot.disks for problem in _boot_disk(plan, id, machine))  # noqa: A001


def _firmware(storage: StoragePlan, machine: MachineInfo) -> Iterator[Problem]:
    """What the machine boots from must be there; a BIOS needs nothing on a disk with an MBR."""
    if machine.firmware is Firmware.UEFI:
        if not storage.mount("/boot/efi"):
            message = "This machine boots by UEFI, and no EFI system partition is planned."
            hint = "Add `part /boot/efi --fstype=efi --size=600`."
            yield Problem(field="storage.partitions", message=message, hint=hint)
        return
    tables = [resulting_table(disk, machine) for disk in storage.disks]
    if PartitionTable.MSDOS not in tables and not any(_has_bios_boot(storage, one, machine) for one in storage.disks):
        message = "This machine boots by BIOS from a GPT disk, and no BIOS boot partition is planned."
        hint = "Add `part biosboot --fstype=biosboot --size=1`."
        yield Problem(field="storage.partitions", message=message, hint=hint)


def _esp(storage: StoragePlan) -> Iterator[Problem]:
    """Firmware reads partitions and nothing else. A mirror with its superblock at the end looks like one."""
    mount = storage.mount("/boot/efi")
    if mount is None or any(one.id == mount.device for one in storage.partitions):
        return
    array = next((one for one in storage.arrays if one.id == mount.device), None)
    field = field_of(storage, mount.device)
    if array is None or array.level is not RaidLevel.RAID1:
        message = f"The firmware can't read the EFI system partition on {own_name(storage, mount.device)}."
        yield Problem(field=field, message=message, hint="Use a plain partition, or a RAID1 array of partitions.")
    elif array.metadata not in _AT_THE_END:
        message = f"The firmware can't read the EFI system partition on an array with metadata {array.metadata}."
        yield Problem(field=field, message=message, hint="Use metadata 1.0, which is behind the data.")
    elif not all(any(part.id == one for part in storage.partitions) for one in array.members):
        message = f"The firmware can't read the EFI system partition on {own_name(storage, array.id)}."
        yield Problem(field=field, message=message, hint="Make its members plain partitions.")


def _bios_boot(storage: StoragePlan, machine: MachineInfo) -> Iterator[Problem]:
    for block in (*storage.arrays, *storage.encrypted, *storage.volumes):
        if block.format is Format.BIOSBOOT:
            message = f"GRUB finds no BIOS boot partition in {own_name(storage, block.id)}."
            yield Problem(field=field_of(storage, block.id), message=message, hint="Use a plain partition for it.")
    for partition in storage.partitions:
        disk = next(one for one in storage.disks if one.id == partition.disk)
        if partition.format is Format.BIOSBOOT and resulting_table(disk, machine) is PartitionTable.MSDOS:
            message = f"A BIOS boot partition needs a GPT, and {disk.name} has an MBR."
            hint = "Leave it out, or let the disk get a GPT."
            yield Problem(field=field_of(storage, partition.id), message=message, hint=hint)


# --- what GRUB reads -----------------------------------------------------------------------------------------


def _readable(storage: StoragePlan) -> Iterator[Problem]:
    mount = storage.mount("/boot") or storage.mount("/")
    if mount is None:
        return
    where = "/boot" if mount.path == "/boot" else "the root file system, which holds /boot,"
    for what in dict.fromkeys(_hidden(storage, mount.device)):
        message = f"GRUB can't read {where} {what}."
        hint = "Add a /boot of its own, as a plain partition." if mount.path == "/" else "Use a plain partition for it."
        yield Problem(field=field_of(storage, mount.device), message=message, hint=hint)


def _hidden(storage: StoragePlan, device: str) -> Iterator[str]:
    """What is between GRUB and a device, as the end of a sentence."""
    if any(one.id == device for one in storage.encrypted):
        yield "on an encrypted device"
    if any(one.id == device and one.kind is VolumeKind.THIN for one in storage.volumes):
        yield "on a thin volume"
    for lower in storage.below(device):
        yield from _hidden(storage, lower)


# --- the disks that boot -------------------------------------------------------------------------------------


def _boot_disk(plan: InstallPlan, id: str, machine: MachineInfo) -> Iterator[Problem]:  # noqa: A002 (the field's name)
    disk = next((disk for disk in plan.storage.disks if disk.id == id), None)
    if disk is None:
        message = f"The boot loader is to go on {id}, which is no disk of the plan."
        yield Problem(field="boot.disk", message=message, hint="Choose a disk that is installed on.")
        return
    known = disk_of(id, machine)
    uefi = machine.firmware is Firmware.UEFI
    if known and known.sector_size > 512 and not uefi:
        sectors = f"a BIOS reads no sectors of {known.sector_size} bytes"
        message = f"The boot loader is to go on the disk {disk.name}, and {sectors}."
        yield Problem(field="boot.disk", message=message, hint="Start the machine by UEFI, or choose another disk.")
    there = _has_esp(plan.storage, disk) if uefi else _has_bios_boot(plan.storage, disk, machine)
    if there or (not uefi and resulting_table(disk, machine) is PartitionTable.MSDOS):
        return
    what = "EFI system partition" if uefi else "BIOS boot partition"
    message = f"The boot loader is to go on the disk {disk.name}, and no {what} is planned there."
    hint = f"Put the {what} on that disk, or choose the disk that has it."
    yield Problem(field="boot.disk", message=message, hint=hint)


def _has_esp(storage: StoragePlan, disk: DiskPlan) -> bool:
    """An ESP of the plan on the disk, by itself or as a member of a mirror."""
    mirrored = {member for array in storage.arrays if array.format is Format.EFI for member in array.members}
    return any(one.disk == disk.id and (one.format is Format.EFI or one.id in mirrored) for one in storage.partitions)


def _has_bios_boot(storage: StoragePlan, disk: DiskPlan, machine: MachineInfo) -> bool:
    """A BIOS boot partition on the disk, of the plan or one that is there and stays."""
    if any(one.disk == disk.id and one.format is Format.BIOSBOOT for one in storage.partitions):
        return True
    known = disk_of(disk.id, machine)
    staying = known.partitions if known and not disk.table else ()
    return any(one.type == BIOS_BOOT and one.number not in disk.remove for one in staying)
