"""Storage as values, exact: everything on the disks of a machine after an installation.

One graph. Disks carry partitions; what a partition, an array, a logical volume or an opened LUKS device *holds* is its
`format`. Three formats only carry something else: `luks` (an `EncryptionPlan` opens it), `lvmpv` (a volume group takes
it) and `raid` (an array takes it). Things name each other by `id`, which is unique in the plan and means nothing
outside of it. All sizes are bytes.

What has `existing` is there already: it stays, with its content if `keep`, resized if `size` differs. What is to go is
named by the disks (`DiskPlan`) and by `StoragePlan.remove`. Everything that is neither named nor on something that is
named is not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ashore_installer.machine import PartitionTable
from ashore_installer.secret import Secret

SWAP = "swap"
"""The `path` of a mount for swap space; kickstart's word too."""


class Format(StrEnum):
    """What a block device holds. `BIOSBOOT` is GRUB's raw partition on GPT disks of BIOS machines."""

    XFS = "xfs"
    EXT4 = "ext4"
    EXT3 = "ext3"
    EXT2 = "ext2"
    BTRFS = "btrfs"
    VFAT = "vfat"
    NTFS = "ntfs"
    """Only ever kept or shrunk."""
    EFI = "efi"
    BIOSBOOT = "biosboot"
    SWAP = "swap"
    LUKS = "luks"
    LVMPV = "lvmpv"
    RAID = "raid"
    NONE = "none"
    """Nothing: thin pools, extended partitions, and what is made without a format."""


class RaidLevel(StrEnum):
    """Levels of md arrays (md(4))."""

    RAID0 = "raid0"
    RAID1 = "raid1"
    RAID4 = "raid4"
    RAID5 = "raid5"
    RAID6 = "raid6"
    RAID10 = "raid10"

    @property
    def least_members(self) -> int:
        """Members without which the array holds nothing; spares come on top."""
        return _LEAST_MEMBERS[self]


_LEAST_MEMBERS = {
    RaidLevel.RAID0: 2,
    RaidLevel.RAID1: 2,
    RaidLevel.RAID4: 3,
    RaidLevel.RAID5: 3,
    RaidLevel.RAID6: 4,
    RaidLevel.RAID10: 4,  # md takes two, blivet (devicelibs/raid.py) does not
}


class VolumeKind(StrEnum):
    """What a logical volume is. A `THIN` one takes its space from a `POOL` when it is written to."""

    LINEAR = "linear"
    POOL = "thin-pool"
    THIN = "thin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What something of the plan is on the machine now. `name` is what people know it by: `vda2`, `vg/home`, `md127`.

    `uuid` is its own, by which it is found again (PARTUUID, LVM's, md's, LUKS's or btrfs's UUID); `number` is that of
    a partition in its table; `format` is blkid's name of what is in it and `content` that content's UUID.
    """

    name: str
    size: int = 0
    uuid: str = ""
    number: int = 0
    format: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tpm2:
    """Unlocking by the machine's TPM. `pcrs` are the registers of the installed system that it is bound to.

    They can only be read by the installed system itself: see `configure/enrol.py` for how that is done.
    """

    pcrs: tuple[int, ...] = (7,)
    pin: Secret | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How a device is encrypted: cryptsetup(8)'s words and units. Empty and 0 leave cryptsetup's own choice."""

    passphrase: Secret | None = field(default=None)
    cipher: str = ""
    """As `aes-xts-plain64`."""
    luks: str = "luks2"
    pbkdf: str = ""
    """`argon2id`, `argon2i` or `pbkdf2`."""
    pbkdf_memory: int = 0
    """KiB."""
    pbkdf_time: int = 0
    """Milliseconds that trying a passphrase shall take; excludes `pbkdf_iterations`."""
    pbkdf_iterations: int = 0
    recovery_key: bool = False
    """Make one more key, and show it to the person once."""
    escrow_certificate: str = ""
    """URL of an X.509 certificate; with `backup_passphrase`, a random passphrase is stored encrypted for its owner."""
    backup_passphrase: bool = False
    tpm2: Tpm2 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskPlan:
    """What happens to one disk. `id` is stable, `name` and `size` are those seen when the plan was made."""

    id: str
    name: str
    size: int
    table: PartitionTable | None = None
    """A new partition table of this kind, everything on the disk is lost; None keeps the table."""
    remove: tuple[int, ...] = ()
    """Numbers of partitions that go when the table is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """A block device and what it holds. `size` is that after the installation."""

    id: str
    size: int
    format: Format
    label: str = ""
    mkfs: str = ""
    """More options for the program that makes the file system, as a shell would split them."""
    existing: Existing | None = None
    keep: bool = False
    """What is in it stays; only with `existing`."""

    @property
    def resized(self) -> bool:
        return self.existing is not None and self.existing.size != self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionPlan(BlockPlan):
    """A partition; `start` in bytes from the disk's beginning. New ones are aligned."""

    disk: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionPlan(BlockPlan):
    """The opened device of `device`, a block with the format `luks`. It is `/dev/mapper/NAME` once it is open.

    `size` is the device's less LUKS's header. With `existing`, the passphrase opens it.
    """

    device: str
    name: str
    """Empty: `luks-` and the LUKS UUID, which is not known before it is made."""
    encryption: Encryption


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayPlan(BlockPlan):
    """An md array. `members` are ids of blocks with the format `raid`, the last `spares` of them idle.

    `size` is the least it will have: md rounds members down to its chunks.
    """

    name: str
    level: RaidLevel
    members: tuple[str, ...]
    spares: int = 0
    metadata: str = "1.2"
    """Format of the superblock; `1.0` is at the end, so that firmware and boot loaders see a plain file system."""
    chunk: int = 0
    """Bytes; 0 is md's own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """An LVM volume group. `members` are ids of blocks with the format `lvmpv`; `extent` in bytes."""

    id: str
    name: str
    members: tuple[str, ...]
    extent: int
    reserved: int = 0
    """Bytes that stay free."""
    existing: Existing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePlan(BlockPlan):
    """A logical volume of the group with the id `group`; a thin one has its `pool`'s id.

    For a pool `size` is the data it takes; `metadata` bytes and as many for LVM's repair come on top.
    """

    group: str
    name: str
    kind: VolumeKind = VolumeKind.LINEAR
    pool: str = ""
    metadata: int = 0
    chunk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BtrfsPlan:
    """A btrfs volume with several members, or with subvolumes. `members` are ids of blocks with the format `btrfs`.

    (A single block with the format `btrfs` that is mounted itself needs none.) `data` and `metadata` are profiles of
    mkfs.btrfs(8), empty for its own choice.
    """

    id: str
    members: tuple[str, ...]
    label: str = ""
    data: str = ""
    metadata: str = ""
    mkfs: str = ""
    existing: Existing | None = None
    """The volume stays, with all its subvolumes but those that the plan removes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubvolumePlan:
    """A subvolume at `path`, without a slash at its beginning, of the btrfs volume with the id `volume`."""

    id: str
    volume: str
    path: str
    existing: bool = False


class Kind(StrEnum):
    """What can be removed while the disks below it stay as they are."""

    GROUP = "volume group"
    VOLUME = "logical volume"
    ARRAY = "RAID array"
    SUBVOLUME = "btrfs subvolume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Something that goes though its disks' partitions stay; `on` is the btrfs volume (UUID) of a subvolume."""

    kind: Kind
    name: str
    uuid: str = ""
    size: int = 0
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPlan:
    """Where something of the plan is mounted in the installed system; `device` is an id.

    `path` is `swap` for swap space.
    """

    device: str
    path: str
    options: str = "defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZramPlan:
    """Compressed swap in memory: `size` and `algorithm` in zram-generator.conf(5)'s words."""

    size: str = "min(ram / 2, 4096)"
    algorithm: str = "zstd"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlan:
    """All of it. Within each tuple the order is that in which things are made."""

    disks: tuple[DiskPlan, ...] = ()
    remove: tuple[Removal, ...] = ()
    partitions: tuple[PartitionPlan, ...] = ()
    arrays: tuple[ArrayPlan, ...] = ()
    encrypted: tuple[EncryptionPlan, ...] = ()
    groups: tuple[GroupPlan, ...] = ()
    volumes: tuple[VolumePlan, ...] = ()
    btrfs: tuple[BtrfsPlan, ...] = ()
    subvolumes: tuple[SubvolumePlan, ...] = ()
    mounts: tuple[MountPlan, ...] = ()
    zram: ZramPlan | None = None

    def blocks(self) -> Iterator[BlockPlan]:
        """Every block device of the plan."""
        yield from self.partitions
        yield from self.arrays
        yield from self.encrypted
        yield from self.volumes

    def block(self, id: str) -> BlockPlan:  # noqa: A002 (the field's name)
        return next(block for block in self.blocks() if block.id == id)

    def partition(self, id: str) -> PartitionPlan:  # noqa: A002 (the field's name)
        return next(partition for partition in self.partitions if partition.id == id)

    def mount(self, path: str) -> MountPlan | None:
        return next((mount for mount in self.mounts if mount.path == path), None)

    def block_of(self, device: str) -> BlockPlan | None:
        """The block that a mount's device is or, for btrfs, the first block it lies on."""
        device = next((one.volume for one in self.subvolumes if one.id == device), device)
        device = next((one.members[0] for one in self.btrfs if one.id == device), device)
        return next((block for block in self.blocks() if block.id == device), None)

    def format_of(self, path: str) -> Format | None:
        mount = self.mount(path)
        block = self.block_of(mount.device) if mount else None
        return block.format if block else None

    def below(self, id: str) -> tuple[str, ...]:  # noqa: A002 (the field's name)
        """Ids of what something is made of directly; empty for partitions."""
        return self._lower().get(id, ())

    def _lower(self) -> dict[str, tuple[str, ...]]:
        lower = {array.id: array.members for array in self.arrays}
        lower |= {group.id: group.members for group in self.groups}
        lower |= {volume.id: volume.members for volume in self.btrfs}
        lower |= {one.id: (one.device,) for one in self.encrypted}
        lower |= {one.id: (one.group,) for one in self.volumes}
        return lower | {one.id: (one.volume,) for one in self.subvolumes}

    def partitions_below(self, id: str) -> tuple[PartitionPlan, ...]:  # noqa: A002 (the field's name)
        """The partitions that something lies on, through everything between."""
        own = tuple(one for one in self.partitions if one.id == id)
        return own + tuple(one for lower in self.below(id) for one in self.partitions_below(lower))
