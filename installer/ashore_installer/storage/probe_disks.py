"""From records of block devices to disks: pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ashore_installer.machine import DiskInfo, PartitionInfo, PartitionTable
from ashore_installer.medium import MOUNT_POINT
from ashore_installer.storage.probe_busy import in_use, network, other_path
from ashore_installer.storage.records import BlockRecord, MountRecord, mounted, unescape_hex

_NO_DISKS = re.compile(r"(loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock|zd|drbd|rbd)\d|mmcblk\d+(boot\d|rpmb)")
"""Names of whole devices that are no disks to install on: virtual, made of other devices, optical, or boot areas."""
_SECTOR = 512
"""The kernel and udev count in this unit, whatever a disk's own sectors are (block/partitions/core.c, blkid)."""
_ID_RANKS = ("wwn-", "nvme-eui.", "nvme-uuid.", "nvme-nguid.", "nvme-", "ata-", "scsi-", "virtio-", "usb-", "mmc-")
_TABLES = {"gpt": PartitionTable.GPT, "dos": PartitionTable.MSDOS}
_BUSES = {"ata": "sata"}


def disks_from(
    records: Sequence[BlockRecord], mounts: Sequence[MountRecord], swaps: Sequence[str]
) -> tuple[DiskInfo, ...]:
    """The disks that records describe, in the order of their names."""
    medium = _medium(records, mounts)
    wholes = [one for one in records if not one.disk and one.size and not one.hidden and not _NO_DISKS.match(one.name)]
    claims = Counter(link for one in wholes for link in one.links)
    disks = []
    for one in sorted(wholes, key=lambda one: (len(one.name), one.name)):
        parts = parts_of(one.name, records)
        used = (in_use(part, records, mounts, swaps) for part in (one, *parts))
        busy = network(one) or next(filter(None, used), "") or other_path(one, wholes)
        disks.append(_disk(one, parts, mounts, claims, busy=busy, medium=one.name in medium))
    return tuple(disks)


def parts_of(disk: str, records: Sequence[BlockRecord]) -> list[BlockRecord]:
    """The partitions of a disk, in the order of their numbers."""
    return sorted((part for part in records if part.disk == disk), key=_number)


def _disk(
    one: BlockRecord, parts: Sequence[BlockRecord], mounts: Sequence[MountRecord], claims: Mapping[str, int], *,
    busy: str, medium: bool,
) -> DiskInfo:  # fmt: skip
    table = one.properties.get("ID_PART_TABLE_TYPE", "")
    unknown = f"{table} partition table" if table and table not in _TABLES else ""
    return DiskInfo(
        name=one.name,
        ids=_ids(one.links, claims),
        size=one.size,
        sector_size=one.sector_size,
        model=unescape_hex(one.properties.get("ID_MODEL_ENC", "")).strip() or one.properties.get("ID_MODEL", ""),
        serial=one.properties.get("ID_SERIAL_SHORT") or one.properties.get("ID_SERIAL", ""),
        transport=_transport(one),
        removable=one.removable,
        read_only=one.read_only,
        medium=medium,
        busy=busy,
        table=_TABLES.get(table),
        format=unknown or ("" if table else one.format),
        partitions=tuple(_partition(part, mounts) for part in parts),
        physical_sector_size=one.physical_sector_size,
    )


def _partition(part: BlockRecord, mounts: Sequence[MountRecord]) -> PartitionInfo:
    """udev's sizes come first: the kernel gives an extended partition only two sectors."""
    facts = part.properties
    return PartitionInfo(
        number=_number(part),
        start=int(facts.get("ID_PART_ENTRY_OFFSET", part.start // _SECTOR)) * _SECTOR,
        size=int(facts.get("ID_PART_ENTRY_SIZE", part.size // _SECTOR)) * _SECTOR,
        type=facts.get("ID_PART_ENTRY_TYPE", "").lower(),
        name=unescape_hex(facts.get("ID_PART_ENTRY_NAME", "")),
        format=part.format,
        label=part.label,
        uuid=part.uuid,
        mounted=mounted(part, mounts),
        id=facts.get("ID_PART_ENTRY_UUID", "").lower(),
    )


def _number(part: BlockRecord) -> int:
    return int(part.properties.get("ID_PART_ENTRY_NUMBER") or part.properties.get("PARTN") or _trailing(part.name))


def _trailing(name: str) -> str:
    match = re.search(r"\d+$", name)
    return match[0] if match else "0"


def _ids(links: Iterable[str], claims: Mapping[str, int]) -> tuple[str, ...]:
    """Names below /dev/disk that survive a reboot, best first. What two disks claim names neither."""
    names = [link.removeprefix("/dev/disk/") for link in links if claims[link] == 1]
    # A link named for what is on the disk goes when the disk is cleared.
    by_id = sorted((n for n in names if n.startswith("by-id/") and not n.startswith("by-id/lvm-pv-")), key=_id_rank)
    by_path = sorted((name for name in names if name.startswith("by-path/")), key=lambda name: (len(name), name))
    return (*by_id, *by_path)


def _id_rank(name: str) -> tuple[int, int, str]:
    bare = name.removeprefix("by-id/")
    rank = next((rank for rank, prefix in enumerate(_ID_RANKS) if bare.startswith(prefix)), len(_ID_RANKS))
    return rank, len(name), name


def _transport(one: BlockRecord) -> str:
    """How the disk is attached. A bridge hides USB from ID_BUS but not from the device's path."""
    if "/usb" in one.path:
        return "usb"
    for prefix, name in (("nvme", "nvme"), ("vd", "virtio"), ("mmcblk", "mmc")):
        if one.name.startswith(prefix):
            return name
    bus = one.properties.get("ID_BUS", "")
    return _BUSES.get(bus, bus)


# --- the medium ----------------------------------------------------------------------------------------------


def _medium(records: Sequence[BlockRecord], mounts: Sequence[MountRecord]) -> frozenset[str]:
    """Names of the disks below the live system's medium, through partitions, loop devices and mapped devices."""
    found: set[str] = set()
    todo = [one for mount in mounts if mount.where == str(MOUNT_POINT) for one in _sources(mount, records)]
    while todo:
        one = todo.pop()
        if one.name in found:
            continue
        found.add(one.name)
        todo += [other for other in records if other.name == one.disk or other.name in one.slaves]
        if one.backing_file:
            todo += _below_file(one.backing_file, records, mounts)
    return frozenset(found)


def _sources(mount: MountRecord, records: Sequence[BlockRecord]) -> list[BlockRecord]:
    return [one for one in records if one.number == mount.number or mount.source in (f"/dev/{one.name}", *one.links)]


def _below_file(path: str, records: Sequence[BlockRecord], mounts: Sequence[MountRecord]) -> list[BlockRecord]:
    """The device of the file system that holds a file: that of the longest mount point above it."""
    above = [mount for mount in mounts if f"{path}/".startswith(f"{mount.where.rstrip('/')}/")]
    return _sources(max(above, key=lambda mount: len(mount.where)), records) if above else []
