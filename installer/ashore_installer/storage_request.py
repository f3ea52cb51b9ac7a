"""Storage as somebody asked for it: what may be used, what may go, what should be made. Kickstart's words, as values.

`storage/layout.py` turns it into a `StoragePlan` for one machine. Sizes in bytes; `line` is that of the kickstart.
Disks are named by words that `DiskInfo.is_named` knows. Things that are there already are named by `existing`: a
kernel's name (`vda2`), a link below /dev, `UUID=…`, `LABEL=…`, LVM's `vg/lv`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.machine import PartitionTable
from ashore_installer.storage_plan import Encryption, Format, RaidLevel, VolumeKind, ZramPlan


class Clear(StrEnum):
    """Which existing partitions may be removed to make room (kickstart's `clearpart`)."""

    NONE = "none"
    LINUX = "linux"
    ALL = "all"
    LIST = "list"


class Scheme(StrEnum):
    """Kinds of automatic layouts (kickstart's `autopart --type`)."""

    PLAIN = "plain"
    LVM = "lvm"
    THIN = "thinp"
    BTRFS = "btrfs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic:
    """An automatic layout; `format` is that of the root file system, None for the image's own.

    By default the root takes the whole disk, without /home and without swap.
    """

    scheme: Scheme = Scheme.PLAIN
    format: Format | None = None
    encryption: Encryption | None = None
    boot: bool = True
    """A /boot of its own."""
    home: bool = False
    """A /home of its own, which a reinstallation can keep."""
    swap: bool = False
    """Swap space on the disk, sized by the machine's memory."""
    hibernation: bool = False
    """The swap space takes the whole memory, and the system resumes from it."""
    reinstall: str = ""
    """Put the new system in the place of one that is there: its name, or `*` if there is one only; /home is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRequest:
    """A block device that should hold something. `size` is the least with `grow`; `max_size` 0 is no limit."""

    mount: str = ""
    """A path; empty for swap, BIOS boot partitions and members of something."""
    format: Format | None = None
    label: str = ""
    options: str = ""
    mkfs: str = ""
    profile: str = ""
    """mke2fs's usage type (mke2fs(8), -T)."""
    size: int = 0
    grow: bool = False
    max_size: int = 0
    recommended: bool = False
    """The size is ours to choose (swap)."""
    hibernation: bool = False
    """Swap that takes the memory."""
    existing: str = ""
    keep: bool = False
    resize: bool = False
    encryption: Encryption | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionRequest(BlockRequest):
    """`name` is what members are called in kickstarts: `pv.01`, `raid.boot`, `btrfs.1`."""

    name: str = ""
    disk: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRequest(BlockRequest):
    """`members` are names of partitions, `name` is that of the device (`md0`, `root`) or empty.

    As a member of a volume group or a btrfs volume the array goes by `member` (`pv.01`).
    """

    name: str = ""
    member: str = ""
    level: RaidLevel | None = None
    members: tuple[str, ...] = ()
    spares: int = 0
    chunk: int = 0
    metadata: str = ""
    """Empty: 1.0 where firmware or boot loader read it, else 1.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRequest:
    name: str
    members: tuple[str, ...] = ()
    extent: int = 0
    """0 is LVM's own choice, 4 MiB."""
    reserved: int = 0
    reserved_percent: int = 0
    keep: bool = False
    """The group is there already and stays, with those of its volumes that nothing else is said of."""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRequest(BlockRequest):
    name: str
    group: str
    member: str = ""
    """Its name as a member of a btrfs volume."""
    kind: VolumeKind = VolumeKind.LINEAR
    pool: str = ""
    percent: int = 0
    """Per cent of what the group has left."""
    metadata: int = 0
    chunk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BtrfsRequest:
    """A btrfs volume. `name` is how subvolumes refer to it, besides `LABEL=…`: the label, or a name of its own."""

    name: str
    mount: str = ""
    label: str = ""
    data: str = ""
    metadata: str = ""
    mkfs: str = ""
    options: str = ""
    members: tuple[str, ...] = ()
    keep: bool = False
    """It is there already and stays; `name` is `UUID=…`, `LABEL=…` or a device."""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubvolumeRequest:
    volume: str
    path: str
    mount: str = ""
    options: str = ""
    keep: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MountRequest:
    """An existing block device, or btrfs subvolume, that is mounted, formatted anew if `format` (kickstart's `mount`).

    `path` is `none` for what is only formatted.
    """

    device: str
    path: str
    reformat: bool = False
    format: Format | None = None
    options: str = ""
    mkfs: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkRequest:
    """An existing partition that gives up room at its end; what is in it stays. `size` is what it has afterwards."""

    existing: str
    size: int
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRequest:
    """What may be used and what should be made: `automatic`, or everything that the lists say, or `mounts` only."""

    only_use: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    clear: Clear = Clear.NONE
    clear_disks: tuple[str, ...] = ()
    """Disks that `clear` is limited to; empty means all usable ones."""
    clear_partitions: tuple[str, ...] = ()
    """What goes with `Clear.LIST`: partitions, as `vda2` or `disk/by-id/…-part2`, and all of a disk that is named."""
    shrink: tuple[ShrinkRequest, ...] = ()
    """Partitions that make room for new ones, whether the layout is automatic or not."""
    remove: tuple[str, ...] = ()
    """What goes while the partitions below stay: groups `vg`, volumes `vg/lv`, arrays `md127`, and btrfs subvolumes as
    `SystemInfo` names them (`vda3:root`). A subvolume takes those inside of it along."""
    zero_mbr: bool = False
    """Disks with an unknown or no partition table may be given one."""
    new_table: bool = False
    table: PartitionTable | None = None
    """The kind of new tables; None is GPT."""
    automatic: Automatic | None = None
    required: bool = False
    """Add what the firmware needs to boot (kickstart's `reqpart`), and /boot if `required_boot`."""
    required_boot: bool = False
    partitions: tuple[PartitionRequest, ...] = ()
    arrays: tuple[ArrayRequest, ...] = ()
    groups: tuple[GroupRequest, ...] = ()
    volumes: tuple[VolumeRequest, ...] = ()
    btrfs: tuple[BtrfsRequest, ...] = ()
    subvolumes: tuple[SubvolumeRequest, ...] = ()
    mounts: tuple[MountRequest, ...] = ()
    zram: ZramPlan | None = None
