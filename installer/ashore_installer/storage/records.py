"""What udev and the kernel say about block devices and mounts, as plain values, and the texts they say it in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecord:
    """One block device. `size` and `sector_size` in bytes, `number` is `major:minor`, `links` are full paths.

    `properties` are udev's, `disk` is the name of a partition's disk, `holders` and `slaves` are names of devices.
    `dm` is a mapped device's name and `dm_uuid` what its owner calls it (`LVM-…`, `CRYPT-LUKS2-…`). `md` are the
    attributes of an array in sysfs (Linux, Documentation/admin-guide/md.rst).
    """

    name: str
    number: str
    size: int
    path: str = ""
    disk: str = ""
    start: int = 0
    sector_size: int = 512
    physical_sector_size: int = 0
    removable: bool = False
    read_only: bool = False
    hidden: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    slaves: tuple[str, ...] = ()
    backing_file: str = ""
    dm: str = ""
    dm_uuid: str = ""
    md: Mapping[str, str] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """blkid's name of what is in it."""
        return self.properties.get("ID_FS_TYPE", "")

    @property
    def label(self) -> str:
        return unescape_hex(self.properties.get("ID_FS_LABEL_ENC", ""))

    @property
    def uuid(self) -> str:
        """UUID of what is in it."""
        return self.properties.get("ID_FS_UUID", "")

    @property
    def nodes(self) -> frozenset[str]:
        """Every path that it is known by."""
        return frozenset({f"/dev/{self.name}", *self.links})


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


def mounted(device: BlockRecord, mounts: Sequence[MountRecord]) -> tuple[str, ...]:
    """Where a device is mounted; btrfs hides its number, so the node counts too."""
    found = [one.where for one in mounts if one.number == device.number or one.source in device.nodes]
    return tuple(dict.fromkeys(found))


def parse_swaps(text: str) -> tuple[str, ...]:
    """The device nodes in the text of /proc/swaps."""
    return tuple(line.split()[0] for line in text.splitlines()[1:] if line.strip())


# --- escapes -------------------------------------------------------------------------------------------------


def _unescape_octal(text: str) -> str:
    """mountinfo writes space, tab, newline and backslash as `\\040`, …"""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def unescape_hex(text: str) -> str:
    """udev writes unsafe bytes as `\\x20`; the result is UTF-8 (systemd, encode_devnode_name)."""
    raw = re.sub(rb"\\x([0-9a-fA-F]{2})", lambda match: bytes([int(match[1], 16)]), text.encode(errors="replace"))
    return raw.decode(errors="replace")
