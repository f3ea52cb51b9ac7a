"""The kinds of automatic layouts as requests: what stands on the room that firmware and /boot leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ashore_installer.storage.lvm_sizes import EXTENT, pool_metadata
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
_LUKS_HEADER = LUKS_HEADER["luks2"]
_MEMBER_OVERHEAD = 2 * EXTENT
"""A physical volume's metadata, and what its last extent does not fill."""
_METADATA_LIMIT = 1 * GiB
"""More metadata than this is avoided by larger chunks; LVM can't use more than 15.8 GiB (lvmthin(7))."""
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
    return found + 2 * _thin_metadata(room) if scheme is Scheme.THIN else found


def small_chunk(data: int) -> int:
    """Bytes of a chunk for a thin pool with `data` bytes.

    LVM's smallest, 64 KiB, as long as the pool's metadata then stays below a GiB: small chunks make snapshots cheap.
    """
    chunk = 64 * KiB
    while pool_metadata(data, chunk, EXTENT) > _METADATA_LIMIT:
        chunk *= 2
    return chunk


def _thin_metadata(data: int) -> int:
    return pool_metadata(data, small_chunk(data), EXTENT)


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
    more = 2 * _thin_metadata(ground.room) if thin else 0
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
    pool = VolumeRequest(
        name=POOL,
        group=ground.group,
        kind=VolumeKind.POOL,
        format=Format.NONE,
        size=ground.sizes.root + ground.sizes.home,
        grow=True,
        metadata=_thin_metadata(ground.room),
        chunk=small_chunk(ground.room),
    )
    inside = [one for one in _volumes(ground) if one.mount]
    thin = (replace(one, kind=VolumeKind.THIN, pool=POOL) for one in inside)
    return (*(one for one in _volumes(ground) if not one.mount), pool, *thin)


def _names(members: Sequence[PartitionRequest]) -> tuple[str, ...]:
    return tuple(member.name for member in members)


def whole_extents(size: int) -> int:
    """The largest size in whole extents that is not larger."""
    return size // EXTENT * EXTENT
