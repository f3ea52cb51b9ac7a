"""Why a device can't be used now: pure functions of records.

What merely is not put away is no reason: arrays, logical volumes and opened LUKS devices that nobody has mounted are
stopped before a disk is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ashore_installer.storage.records import BlockRecord, MountRecord, mounted

_STOPPABLE = ("LVM-", "CRYPT-")
"""Beginnings of the UUIDs by which LVM and cryptsetup mark what is theirs (libdevmapper, dm-uuid)."""
_FIRMWARE_RAID = re.compile(r"(?!linux_).*_raid_member")


def in_use(
    device: BlockRecord, records: Sequence[BlockRecord], mounts: Sequence[MountRecord], swaps: Sequence[str]
) -> str:
    """Why this device, or what lies on it, is in use or can't be used by itself, as a clause; or empty."""
    if device.properties.get("DM_MULTIPATH_DEVICE_PATH") == "1" or device.format == "mpath_member":
        return f"{device.name} is one path of a multipath device"
    if _FIRMWARE_RAID.fullmatch(device.format):
        return f"{device.name} belongs to a firmware RAID ({device.format})"
    if reason := _work(device, records, mounts, swaps):
        return f"{device.name} {reason}"
    for above in _above(device, records):
        if reason := _work(above, records, mounts, swaps):
            return f"{device.name} holds {title(above)}, which {reason}"
        if not _can_be_stopped(above):
            return f"{device.name} is part of the active device {title(above)}"
    known = {one.name for one in records}
    unknown = [name for name in device.holders if name not in known]
    return f"{device.name} is part of the active device {unknown[0]}" if unknown else ""


def network(disk: BlockRecord) -> str:
    """Why a disk that is reached over a network, or a mainframe's channel, can't be used, as a clause; or empty.

    The forms of the paths are those of systemd (udev-builtin-path_id.c) and of the kernel's device tree.
    """
    path = disk.properties.get("ID_PATH", "")
    if "-iscsi-" in path or re.search(r"/session\d+/", disk.path):
        return f"{disk.name} is an iSCSI disk; network disks can't be used yet"
    if re.search(r"/net/[^/]+/.*host\d+/", disk.path) or re.match(r"pci-eth\d+-fc-", path):
        return f"{disk.name} is an FCoE disk; network disks can't be used yet"
    if "/nvme-fabrics/" in disk.path:
        return f"{disk.name} is an NVMe disk behind a network; network disks can't be used yet"
    if disk.name.startswith("dasd"):
        return f"{disk.name} is a DASD; mainframe disks can't be used yet"
    if path.startswith("ccw-") and ("-fc-" in path or "-zfcp-" in path):
        return f"{disk.name} is a zFCP disk; mainframe disks can't be used yet"
    return ""


def other_path(disk: BlockRecord, disks: Sequence[BlockRecord]) -> str:
    """Why a disk that is there twice can't be used, as a clause; or empty. Without multipathd nothing else tells.

    The name is that of SCSI (SPC, Device Identification VPD page) or of NVMe (NGUID, EUI-64), as udev writes it.
    Sticks and bridges of USB have names that others have too.
    """
    name = _world_wide_name(disk)
    same = (one.name for one in disks if one is not disk and (_world_wide_name(one), one.size) == (name, disk.size))
    if name and "/usb" not in disk.path and (twin := next(same, "")):
        return f"{disk.name} and {twin} are two paths to one disk; multipath devices can't be used yet"
    return ""


def _world_wide_name(disk: BlockRecord) -> str:
    facts = disk.properties
    return facts.get("ID_WWN_WITH_EXTENSION") or facts.get("ID_WWN", "")


def title(device: BlockRecord) -> str:
    """What people call a device: `vg/root`, the name of an opened LUKS device, or the kernel's name."""
    facts = device.properties
    if group := facts.get("DM_VG_NAME", ""):
        return f"{group}/{facts.get('DM_LV_NAME', '')}"
    return device.dm or device.name


def _work(
    device: BlockRecord, records: Sequence[BlockRecord], mounts: Sequence[MountRecord], swaps: Sequence[str]
) -> str:
    if where := next((where for one in _together(device, records) for where in mounted(one, mounts)), ""):
        return f"is mounted at {where}"
    return "is active swap space" if device.nodes & set(swaps) else ""


def _together(device: BlockRecord, records: Sequence[BlockRecord]) -> Iterator[BlockRecord]:
    """The device, and the others that are mounted when it is: mounts name one member of a btrfs volume only."""
    yield device
    if device.format == "btrfs" and device.uuid:
        yield from (one for one in records if one.format == "btrfs" and one.uuid == device.uuid and one != device)


def _above(device: BlockRecord, records: Sequence[BlockRecord]) -> Iterator[BlockRecord]:
    """Every device that is made of this one, and the partitions of those."""
    for one in records:
        if one.name in device.holders or (device.slaves and one.disk == device.name):
            yield one
            yield from _above(one, records)


def _can_be_stopped(device: BlockRecord) -> bool:
    return bool(device.md or device.disk) or device.dm_uuid.startswith(_STOPPABLE)
