"""The kinds of automatic layouts as requests: what stands on the room that firmware and /boot leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ashore_installer.storage.needs import align_up
from ashore_installer.storage.overhead import LUKS_HEADER
from ashore_installer.storage_plan import Encryption, Format, VolumeKind
from ashore_installer.storage_request import (
    BtrfsRequest,
    GroupRequest,
    PartitionRequest,
    Scheme,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import GiB, KiB, MiB

POOL = "pool00"
"""Anaconda's name of the thin pool."""
EXTENT = 4 * MiB
"""LVM's own choice (lvm.conf(5), physical_extent_size)."""
_LUKS_HEADER = LUKS_HEADER["luks2"]
_MEMBER_OVERHEAD = 2 * EXTENT
"""A physical volume's metadata, and what its last extent does not fill."""
_METADATA_LIMIT = 1 * GiB
"""More metadata than this is avoided by larger chunks; LVM can't use more than 15.8 GiB (lvmthin(7))."""
_METADATA_PER_CHUNK = 64
_SMALLEST_MEMBER = 256 * MiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes. `home` and `swap` 0: there is none. With a /home the root has exactly its size; else that is the least."""

    root: int
    home: int = 0
    swap: int = 0

    @property
    def least(self) -> int:
        return self.root + self.home + self.swap


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a scheme builds on. `disks` are ids, the one with the boot loader first; `room` is what they have left."""

    disks: tuple[str, ...]
    room: int
    sizes: Sizes
    format: Format
    home: bool
    group: str
    encryption: Encryption | None


def requests_of(scheme: Scheme, ground: Ground) -> StorageRequest:
    """A request with nothing but the lists of this scheme."""
    if scheme is Scheme.PLAIN:
        return StorageRequest(partitions=_plain(ground))
    if scheme is Scheme.BTRFS:
        return _btrfs(ground)
    return _lvm(ground, thin=scheme is Scheme.THIN)


def overhead(scheme: Scheme, *, disks: int, room: int, encrypted: bool) -> int:
    """Bytes of `room` that the scheme needs for itself, at most."""
    if scheme is Scheme.PLAIN:
        return 3 * _LUKS_HEADER if encrypted else 0
    found = disks * (_MEMBER_OVERHEAD + (_LUKS_HEADER if encrypted else 0))
    return found + 2 * pool_metadata(room)[0] if scheme is Scheme.THIN else found


def pool_metadata(data: int) -> tuple[int, int]:
    """Bytes of metadata and of a chunk for a thin pool with `data` bytes.

    64 bytes for each chunk (lvmthin(7), "Thin pool metadata size"), with LVM's smallest chunk of 64 KiB as long as
    that stays below a GiB: small chunks make snapshots cheap.
    """
    chunk = 64 * KiB
    while data // chunk * _METADATA_PER_CHUNK > _METADATA_LIMIT:
        chunk *= 2
    return max(-(-data // chunk * _METADATA_PER_CHUNK // EXTENT) * EXTENT, 2 * EXTENT), chunk


def _plain(ground: Ground) -> tuple[PartitionRequest, ...]:
    header = _LUKS_HEADER if ground.encryption else 0
    swap = PartitionRequest(format=Format.SWAP, size=ground.sizes.swap + header, label="swap")
    root = PartitionRequest(mount="/", format=ground.format, size=ground.sizes.root + header, label="root")
    home = PartitionRequest(mount="/home", format=ground.format, size=ground.sizes.home + header, label="home")
    found = [swap] if ground.sizes.swap else []
    found += [root, replace(home, grow=True)] if ground.sizes.home else [replace(root, grow=True)]
    return tuple(replace(one, disk=ground.disks[0], encryption=ground.encryption) for one in found)


def _members(ground: Ground, kind: Format, prefix: str, least: int) -> tuple[PartitionRequest, ...]:
    """One growing partition on each disk; on a single one it must take everything."""
    alone = len(ground.disks) == 1
    header = _LUKS_HEADER if ground.encryption else 0
    return tuple(
        PartitionRequest(
            name=f"{prefix}{number:02}",
            disk=disk,
            format=kind,
            size=align_up(least + header) if alone else _SMALLEST_MEMBER,
            grow=True,
            encryption=ground.encryption,
        )
        for number, disk in enumerate(ground.disks, start=1)
    )


def _btrfs(ground: Ground) -> StorageRequest:
    header = _LUKS_HEADER if ground.encryption else 0
    swap = PartitionRequest(
        format=Format.SWAP,
        size=ground.sizes.swap + header,
        label="swap",
        disk=ground.disks[0],
        encryption=ground.encryption,
    )
    members = _members(ground, Format.BTRFS, "btrfs.", ground.sizes.root)
    several = len(members) > 1
    volume = BtrfsRequest(
        name="root",
        label="root",
        data="single" if several else "",
        metadata="raid1" if several else "",
        members=_names(members),
    )
    subvolumes = [SubvolumeRequest(volume=volume.name, path="root", mount="/")]
    subvolumes += [SubvolumeRequest(volume=volume.name, path="home", mount="/home")] if ground.home else []
    return StorageRequest(
        partitions=(*([swap] if ground.sizes.swap else []), *members),
        btrfs=(volume,),
        subvolumes=tuple(subvolumes),
    )


def _lvm(ground: Ground, *, thin: bool) -> StorageRequest:
    more = 2 * pool_metadata(ground.room)[0] if thin else 0
    members = _members(ground, Format.LVMPV, "pv.", ground.sizes.least + more + _MEMBER_OVERHEAD)
    volumes = _thin_volumes(ground) if thin else _volumes(ground)
    return StorageRequest(
        partitions=members, groups=(GroupRequest(name=ground.group, members=_names(members)),), volumes=volumes
    )


def _volumes(ground: Ground) -> tuple[VolumeRequest, ...]:
    sizes = ground.sizes
    swap = VolumeRequest(name="swap", group=ground.group, format=Format.SWAP, size=sizes.swap, label="swap")
    root = VolumeRequest(
        name="root", group=ground.group, mount="/", format=ground.format, size=sizes.root, label="root"
    )
    home = VolumeRequest(
        name="home", group=ground.group, mount="/home", format=ground.format, size=sizes.home, label="home", grow=True
    )
    found = [swap] if sizes.swap else []
    return (*found, root, home) if sizes.home else (*found, replace(root, grow=True))


def _thin_volumes(ground: Ground) -> tuple[VolumeRequest, ...]:
    """The pool takes the group but swap; the volumes promise no more than the pool has."""
    metadata, chunk = pool_metadata(ground.room)
    pool = VolumeRequest(
        name=POOL,
        group=ground.group,
        kind=VolumeKind.POOL,
        format=Format.NONE,
        size=ground.sizes.root + ground.sizes.home,
        grow=True,
        metadata=metadata,
        chunk=chunk,
    )
    inside = [one for one in _volumes(ground) if one.mount]
    thin = (replace(one, kind=VolumeKind.THIN, pool=POOL) for one in inside)
    return (*(one for one in _volumes(ground) if not one.mount), pool, *thin)


def _names(members: Sequence[PartitionRequest]) -> tuple[str, ...]:
    return tuple(member.name for member in members)


def whole_extents(size: int) -> int:
    """The largest size in whole extents that is not larger."""
    return size // EXTENT * EXTENT
