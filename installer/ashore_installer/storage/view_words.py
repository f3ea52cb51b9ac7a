"""What is in a block device, in words: today, and after a plan."""

from __future__ import annotations

from collections.abc import Mapping

from ashore_installer.machine import MachineInfo
from ashore_installer.storage_plan import BlockPlan, EncryptionPlan, Format, StoragePlan

FOUND = {
    "crypto_LUKS": "LUKS",
    "LVM2_member": "LVM physical volume",
    "linux_raid_member": "RAID member",
    "": "",
}
"""blkid's names that people know by others."""
_FORMATS = {Format.EFI: "vfat", Format.BIOSBOOT: "", Format.NONE: ""}


def found_in(name: str, format: str, machine: MachineInfo) -> str:  # noqa: A002 (the field's name)
    """What is in a partition or an array now; with the name of the array, group or btrfs volume it is part of."""
    for array in machine.arrays:
        if name in array.members:
            return f"in the array {array.label or array.name}"
    for group in machine.groups:
        if name in group.members:
            return f"in the group {group.name}"
    for volume in machine.btrfs:
        if name in volume.members and len(volume.members) > 1:
            return f"btrfs, one of {len(volume.members)}"
    return FOUND.get(format, format)


def mounted_today(name: str, machine: MachineInfo) -> str:
    """Where the systems of the machine mount a device, with the system's name before its root."""
    found = []
    for system in machine.systems:
        for path, device in system.mounts:
            node, _, inside = device.partition(":")
            if node == name:
                found.append(system.name if path == "/" else path if not inside else f"{path} ({inside})")
    return ", ".join(dict.fromkeys(found))


def held_by(plan: StoragePlan, block: BlockPlan, names: Mapping[str, str]) -> str:
    """What a block holds after the plan."""
    for array in plan.arrays:
        if block.id in array.members:
            return f"in the array {names[array.id]}"
    for group in plan.groups:
        if block.id in group.members:
            return f"in the group {names[group.id]}"
    for volume in plan.btrfs:
        if block.id in volume.members and len(volume.members) > 1:
            return f"btrfs, one of {len(volume.members)}"
    opened = _opened(plan, block)
    if opened:
        inside = held_by(plan, opened, names)
        luks = opened.encryption.luks.upper()
        return f"{luks}: {inside}" if inside else luks
    if block.format in (Format.LUKS, Format.LVMPV, Format.RAID):
        return {Format.LUKS: "LUKS", Format.LVMPV: "LVM physical volume"}.get(block.format, "RAID member")
    return _FORMATS.get(block.format, block.format.value)


def inner(plan: StoragePlan, block: BlockPlan) -> BlockPlan:
    """The block itself, or the opened device in it."""
    opened = _opened(plan, block)
    return inner(plan, opened) if opened else block


def mounted_after(plan: StoragePlan, block: BlockPlan) -> str:
    """Where what is in a block is mounted: the file system itself, the one in LUKS, or the subvolumes on it."""
    ids = {inner(plan, block).id}
    ids |= {volume.id for volume in plan.btrfs if ids & set(volume.members)}
    ids |= {one.id for one in plan.subvolumes if one.volume in ids}
    return ", ".join(mount.path for mount in plan.mounts if mount.device in ids)


def _opened(plan: StoragePlan, block: BlockPlan) -> EncryptionPlan | None:
    return next((one for one in plan.encrypted if one.device == block.id), None)
