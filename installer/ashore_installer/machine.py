"""What a machine has: firmware, disks, memory, network. A value; `probe.py` fills it on a real machine."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.errors import BadInput
from ashore_installer.units import human

VERSION = 1

_OCI_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}


def oci_architecture(machine: str) -> str:
    """OCI's word (Go's GOARCH) for uname's (`x86_64` is `amd64`); others are the same in both."""
    return _OCI_ARCHITECTURES.get(machine, machine)


def this_architecture() -> str:
    """The architecture that this program runs on, in OCI's words."""
    return oci_architecture(platform.machine())


class Firmware(StrEnum):
    BIOS = "bios"
    UEFI = "uefi"


class PartitionTable(StrEnum):
    GPT = "gpt"
    MSDOS = "msdos"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionInfo:
    """A partition as it is on a disk now. `start` and `size` in bytes."""

    number: int
    start: int
    size: int
    type: str = ""
    """GPT type GUID in lower case, or the MBR type as `0x83`."""
    name: str = ""
    format: str = ""
    """What blkid finds in it: `ext4`, `vfat`, `crypto_LUKS`, `LVM2_member`, …"""
    label: str = ""
    uuid: str = ""
    mounted: tuple[str, ...] = ()
    id: str = ""
    """PARTUUID, in lower case."""
    minimum: int = 0
    """Bytes that the partition can be shrunk to without touching the data in it; 0 when it can't be, or is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeInfo:
    """A logical volume. `kind` is lvs's segment type: `linear`, `thin-pool`, `thin`, `raid1`, …"""

    name: str
    uuid: str
    size: int
    kind: str = "linear"
    pool: str = ""
    format: str = ""
    label: str = ""
    content: str = ""
    """UUID of what is in it."""
    mounted: tuple[str, ...] = ()
    minimum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInfo:
    """An LVM volume group. `members` are kernel names of its physical volumes (`vda2`, `md127`, `dm-0`)."""

    name: str
    uuid: str
    size: int
    free: int = 0
    extent: int = 4 << 20
    members: tuple[str, ...] = ()
    missing: int = 0
    """How many physical volumes are not there."""
    volumes: tuple[VolumeInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayInfo:
    """An md array. `name` is the kernel's (`md127`) or, when it is not running, the one in its superblock."""

    name: str
    uuid: str
    level: str
    size: int = 0
    label: str = ""
    """The name in the superblock, without the host's."""
    metadata: str = "1.2"
    members: tuple[str, ...] = ()
    wanted: int = 0
    """How many members it should have, spares not counted."""
    active: bool = True
    format: str = ""
    content_label: str = ""
    content: str = ""
    mounted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BtrfsInfo:
    """A btrfs volume. `subvolumes` are paths from its top, without a slash at the beginning."""

    uuid: str
    label: str = ""
    members: tuple[str, ...] = ()
    wanted: int = 1
    """How many members it should have."""
    used: int = 0
    subvolumes: tuple[str, ...] = ()
    mounted: tuple[str, ...] = ()


class SystemKind(StrEnum):
    LINUX = "linux"
    OSTREE = "ostree"
    """A Linux whose root is an ostree deployment: image mode."""
    WINDOWS = "windows"
    MACOS = "macos"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """An operating system that is on the disks. `name` is for people (`Debian GNU/Linux 13 (trixie)`).

    `mounts` are pairs of mount point and device (`vda3`, `vg/home`, and `vda3:subvolume` on btrfs), from its fstab;
    for others than Linux only the root, as `/`. `stateroots` are those of an ostree system.
    """

    name: str
    kind: SystemKind
    mounts: tuple[tuple[str, str], ...]
    stateroots: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        return dict(self.mounts)["/"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskInfo:
    """A whole disk. `size` and `sector_size` (logical) in bytes.

    `ids` are names that survive a reboot, best first: links below `/dev/disk`, as `by-id/virtio-abc` or
    `by-path/pci-0000:00:04.0`.
    """

    name: str
    ids: tuple[str, ...]
    size: int
    sector_size: int = 512
    model: str = ""
    serial: str = ""
    transport: str = ""
    removable: bool = False
    read_only: bool = False
    medium: bool = False
    """The medium that the running system was booted from; never a destination."""
    busy: str = ""
    """Why the disk is in use now (a mounted partition, an active array), or empty."""
    table: PartitionTable | None = None
    format: str = ""
    """What blkid finds on the whole disk when it has no partition table."""
    partitions: tuple[PartitionInfo, ...] = ()
    physical_sector_size: int = 0
    """Bytes; 0 is the same as `sector_size`. 4096 beside 512 is a 512e disk."""
    failing: str = ""
    """What the disk says of its own health when it is bad, or empty."""

    @property
    def id(self) -> str:
        return self.ids[0] if self.ids else self.name

    def describe(self) -> str:
        """One line by which a person tells this disk from the others."""
        facts = [self.model, self.transport, self.serial and f"serial {self.serial}", f"/dev/{self.name}"]
        return f"{human(self.size)} {', '.join(fact for fact in facts if fact)} [{self.id}]"

    def is_named(self, selector: str) -> bool:
        """Whether a user's word means this disk: `vda`, `/dev/vda`, `disk/by-id/…`, `/dev/disk/by-path/…`."""
        word = selector.removeprefix("/dev/").removeprefix("disk/")
        return word == self.name or word in self.ids


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLink:
    name: str
    mac: str
    up: bool = False
    wireless: bool = False
    addresses: tuple[str, ...] = ()
    """What it has now, with prefixes (`192.0.2.7/24`), without those that are only good on the link itself."""
    gateways: tuple[str, ...] = ()
    """Where its default routes lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineInfo:
    """A machine at one moment. `memory` in bytes; `architecture` in OCI words (`amd64`)."""

    version: int = VERSION
    architecture: str
    firmware: Firmware
    secure_boot: bool = False
    memory: int
    consoles: tuple[str, ...] = ()
    """`console=` arguments of the running kernel, in their order, such as `tty0` and `ttyS0,115200`."""
    disks: tuple[DiskInfo, ...] = ()
    links: tuple[NetworkLink, ...] = ()
    dns: tuple[str, ...] = ()
    """Name servers that the running system asks."""
    search: tuple[str, ...] = ()
    """Domains that it looks for names in."""
    arrays: tuple[ArrayInfo, ...] = ()
    groups: tuple[GroupInfo, ...] = ()
    btrfs: tuple[BtrfsInfo, ...] = ()
    systems: tuple[SystemInfo, ...] = ()
    tpm2: bool = False
    """There is a TPM 2.0 that the kernel can use."""

    def disk(self, selector: str) -> DiskInfo:
        """The disk a user's word means. Raises BadInput when there is none."""
        for disk in self.disks:
            if disk.is_named(selector):
                return disk
        known = ", ".join(disk.name for disk in self.disks) or "none at all"
        raise BadInput(f"There is no disk {selector!r} in this machine.", f"The disks are: {known}.")
