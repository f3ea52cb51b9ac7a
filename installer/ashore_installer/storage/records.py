"""From what udev and the kernel say about block devices to disks: pure functions of plain records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ashore_installer.machine import DiskInfo, PartitionInfo, PartitionTable
from ashore_installer.medium import MOUNT_POINT

_NO_DISKS = re.compile(r"(loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock|zd|drbd|rbd)\d|mmcblk\d+(boot\d|rpmb)")
"""Names of whole devices that are no disks to install on: virtual, made of other devices, optical, or boot areas."""
_SECTOR = 512
"""The kernel and udev count in this unit, whatever a disk's own sectors are (block/partitions/core.c, blkid)."""
_ID_RANKS = ("wwn-", "nvme-eui.", "nvme-uuid.", "nvme-nguid.", "nvme-", "ata-", "scsi-", "virtio-", "usb-", "mmc-")
_TABLES = {"gpt": PartitionTable.GPT, "dos": PartitionTable.MSDOS}
_BUSES = {"ata": "sata"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecord:
    """One block device. `size` and `sector_size` in bytes, `number` is `major:minor`, `links` are full paths.

    `properties` are udev's, `disk` is the name of a partition's disk, `holders` and `slaves` are names of devices.
    """

    name: str
    number: str
    size: int
    path: str = ""
    disk: str = ""
    start: int = 0
    sector_size: int = 512
    removable: bool = False
    read_only: bool = False
    hidden: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    slaves: tuple[str, ...] = ()
    backing_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountRecord:
    """One line of /proc/self/mountinfo: which device (`major:minor` and its node) is mounted where."""

    number: str
    source: str
    where: str


def parse_mounts(text: str) -> tuple[MountRecord, ...]:
    """The mounts in the text of /proc/self/mountinfo (proc_pid_mountinfo(5))."""
    found = []
    for line in text.splitlines():
        words, _, rest = line.partition(" - ")
        fields, source = words.split(" "), rest.split(" ")[1]
        found.append(MountRecord(number=fields[2], source=_unescape_octal(source), where=_unescape_octal(fields[4])))
    return tuple(found)


def parse_swaps(text: str) -> tuple[str, ...]:
    """The device nodes in the text of /proc/swaps."""
    return tuple(line.split()[0] for line in text.splitlines()[1:] if line.strip())


def disks_from(
    records: Sequence[BlockRecord], mounts: Sequence[MountRecord], swaps: Sequence[str]
) -> tuple[DiskInfo, ...]:
    """The disks that records describe, in the order of their names."""
    medium = _medium(records, mounts)
    wholes = [one for one in records if not one.disk and one.size and not one.hidden and not _NO_DISKS.match(one.name)]
    claims = Counter(link for one in wholes for link in one.links)
    disks = []
    for one in sorted(wholes, key=lambda one: (len(one.name), one.name)):
        parts = sorted((part for part in records if part.disk == one.name), key=_number)
        disks.append(_disk(one, parts, mounts, swaps, claims, medium=one.name in medium))
    return tuple(disks)


def _disk(
    one: BlockRecord, parts: Sequence[BlockRecord], mounts: Sequence[MountRecord], swaps: Sequence[str],
    claims: Mapping[str, int], *, medium: bool,
) -> DiskInfo:  # fmt: skip
    table = one.properties.get("ID_PART_TABLE_TYPE", "")
    unknown = f"{table} partition table" if table and table not in _TABLES else ""
    return DiskInfo(
        name=one.name,
        ids=_ids(one.links, claims),
        size=one.size,
        sector_size=one.sector_size,
        model=_unescape_hex(one.properties.get("ID_MODEL_ENC", "")).strip() or one.properties.get("ID_MODEL", ""),
        serial=one.properties.get("ID_SERIAL_SHORT") or one.properties.get("ID_SERIAL", ""),
        transport=_transport(one),
        removable=one.removable,
        read_only=one.read_only,
        medium=medium,
        busy=next(filter(None, (_busy(device, mounts, swaps) for device in (one, *parts))), ""),
        table=_TABLES.get(table),
        format=unknown or ("" if table else one.properties.get("ID_FS_TYPE", "")),
        partitions=tuple(_partition(part, mounts) for part in parts),
    )


def _partition(part: BlockRecord, mounts: Sequence[MountRecord]) -> PartitionInfo:
    """udev's sizes come first: the kernel gives an extended partition only two sectors."""
    facts = part.properties
    return PartitionInfo(
        number=_number(part),
        start=int(facts.get("ID_PART_ENTRY_OFFSET", part.start // _SECTOR)) * _SECTOR,
        size=int(facts.get("ID_PART_ENTRY_SIZE", part.size // _SECTOR)) * _SECTOR,
        type=facts.get("ID_PART_ENTRY_TYPE", "").lower(),
        name=_unescape_hex(facts.get("ID_PART_ENTRY_NAME", "")),
        format=facts.get("ID_FS_TYPE", ""),
        label=_unescape_hex(facts.get("ID_FS_LABEL_ENC", "")),
        uuid=facts.get("ID_FS_UUID", ""),
        mounted=_mounted(part, mounts),
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


def _busy(device: BlockRecord, mounts: Sequence[MountRecord], swaps: Sequence[str]) -> str:
    """Why this device is in use, or can't be used by itself."""
    kind = device.properties.get("ID_FS_TYPE", "")
    if device.properties.get("DM_MULTIPATH_DEVICE_PATH") == "1":
        return f"{device.name} is one path of a multipath device"
    if kind.endswith("_raid_member") and kind != "linux_raid_member":
        return f"{device.name} belongs to a firmware RAID ({kind})"
    if where := _mounted(device, mounts):
        return f"{device.name} is mounted at {where[0]}"
    if {f"/dev/{device.name}", *device.links} & set(swaps):
        return f"{device.name} is active swap space"
    return f"{device.name} is part of the active device {device.holders[0]}" if device.holders else ""


def _mounted(device: BlockRecord, mounts: Sequence[MountRecord]) -> tuple[str, ...]:
    """Where a device is mounted; btrfs hides its number, so the node counts too."""
    nodes = {f"/dev/{device.name}", *device.links}
    found = [mount.where for mount in mounts if mount.number == device.number or mount.source in nodes]
    return tuple(dict.fromkeys(found))


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


# --- escapes -------------------------------------------------------------------------------------------------


def _unescape_octal(text: str) -> str:
    """mountinfo writes space, tab, newline and backslash as `\\040`, …"""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _unescape_hex(text: str) -> str:
    """udev writes unsafe bytes as `\\x20`; the result is UTF-8 (systemd, encode_devnode_name)."""
    raw = re.sub(rb"\\x([0-9a-fA-F]{2})", lambda match: bytes([int(match[1], 16)]), text.encode(errors="replace"))
    return raw.decode(errors="replace")
