"""Which disks get the boot loader."""

from __future__ import annotations

from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.partition_types import BIOS_BOOT
from ashore_installer.storage_plan import DiskPlan, Format, RaidLevel, StoragePlan

_COPIES = ("raid1", "raid1c3", "raid1c4", "raid10")
"""Profiles of btrfs that keep data on several disks."""


def boot_disks(storage: StoragePlan, machine: MachineInfo, asked: str = "") -> tuple[str, ...]:
    """Ids of the disks that get the boot loader, `asked` first if there is one; empty without a root file system.

    Firmware reads the ESP, so on UEFI machines it is the disks of that. A BIOS starts from a disk's first sector: there
    it is the disk of /boot (of root, without one), if GRUB finds a place on it. Where an array keeps a copy of that on
    several disks, all of those that have a place get the boot loader, so that the machine starts without one of them.
    """
    mount = storage.mount("/boot/efi") if machine.firmware is Firmware.UEFI else None
    mount = mount or storage.mount("/boot") or storage.mount("/")
    if mount is None:
        return ()
    below = tuple(dict.fromkeys(one.disk for one in storage.partitions_below(mount.device)))
    copies = below if is_mirrored(storage, mount.device) else ()
    if asked:
        return (asked, *(one for one in _with_place(storage, machine, copies) if one != asked))
    every = tuple(disk.id for disk in storage.disks)
    best = _with_place(storage, machine, below) or _with_place(storage, machine, every) or below
    return best if copies else best[:1]


def is_mirrored(storage: StoragePlan, id: str) -> bool:  # noqa: A002 (the field's name)
    """Whether something lies on an array, or a btrfs volume, that survives the loss of a disk."""
    if any(one.id == id and one.level is not RaidLevel.RAID0 for one in storage.arrays):
        return True
    if any(one.id == id and one.data in _COPIES and one.metadata in _COPIES for one in storage.btrfs):
        return True
    lower = storage.below(id)
    return bool(lower) and all(is_mirrored(storage, one) for one in lower)


def _with_place(storage: StoragePlan, machine: MachineInfo, ids: tuple[str, ...]) -> tuple[str, ...]:
    plans = {disk.id: disk for disk in storage.disks}
    return tuple(one for one in ids if one in plans and _has_place(storage, machine, plans[one]))


def _has_place(storage: StoragePlan, machine: MachineInfo, disk: DiskPlan) -> bool:
    """An ESP of the plan is a place of its own; for a BIOS, an MBR's first MiB or a BIOS boot partition."""
    if machine.firmware is Firmware.UEFI:
        mount = storage.mount("/boot/efi")
        return mount is not None and any(one.disk == disk.id for one in storage.partitions_below(mount.device))
    now = disk_of(disk.id, machine)
    if (disk.table or (now and now.table)) is PartitionTable.MSDOS:
        return True
    if any(one.disk == disk.id and one.format is Format.BIOSBOOT for one in storage.partitions):
        return True
    kept = now.partitions if now and not disk.table else ()
    return any(one.type == BIOS_BOOT and one.number not in disk.remove for one in kept)
