"""Partitions, arrays, groups, logical volumes, btrfs and mount points, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ashore_installer.storage_plan import Format, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    BlockRequest,
    BtrfsRequest,
    GroupRequest,
    MountRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import KiB, MiB
from ashore_kickstart.read_block import FILE_SYSTEMS, MEMBERS, PLACES
from ashore_kickstart.words import Unsayable, Value, quote, words
from ashore_kickstart.write_encryption import encryption_options

_UNMOUNTED = {Format.SWAP: "swap", Format.BIOSBOOT: "biosboot"}
_WORDS = {found: word for word, found in FILE_SYSTEMS.items()} | _UNMOUNTED


def block_lines(request: StorageRequest, reveal: bool) -> Iterator[str]:
    """A line for everything that is made or kept, in the order in which it is made."""
    yield from (_part(one, reveal) for one in request.partitions)
    yield from (_raid(one, reveal) for one in request.arrays)
    yield from (_volgroup(one) for one in request.groups)
    yield from (_logvol(one, reveal) for one in request.volumes)
    yield from (_btrfs(one) for one in request.btrfs)
    options = {one.name: one.options for one in request.btrfs}
    yield from (_subvolume(one, options.get(one.volume, "")) for one in request.subvolumes)
    yield from (_mount(one) for one in request.mounts)


def _part(request: PartitionRequest, reveal: bool) -> str:
    _check_size(request)
    options: dict[str, Value] = {"--onpart": request.existing, "--ondisk": request.disk, "--asprimary": request.primary}
    options = {
        **_format_options(request),
        **_sizes(request),
        **options,
        **encryption_options(request.encryption, reveal),
    }
    return words("part", options, _where(request, request.name))


def _raid(request: ArrayRequest, reveal: bool) -> str:
    name = request.name
    if not name or name.startswith(("/dev/", "md/")) or request.existing not in ("", name) or _sizes(request)["--size"]:
        raise Unsayable(f"the array {name or 'without a name'} has no name of its own, or has a size")
    options: dict[str, Value] = {
        "--device": name,
        "--level": str(request.level or ""),
        "--spares": request.spares or None,
        "--chunksize": _units(request.chunk, KiB, f"the chunks of {name}"),
        "--metadata": request.metadata,
        "--useexisting": bool(request.existing) and not request.keep,
    }
    options = {**options, **_format_options(request), **encryption_options(request.encryption, reveal)}
    return words("raid", options, _where(request, request.member), *request.members)


def _volgroup(request: GroupRequest) -> str:
    options: dict[str, Value] = {
        "--pesize": _units(request.extent, KiB, f"the extents of {request.name}"),
        "--reserved-space": _units(request.reserved, MiB, f"what {request.name} keeps free"),
        "--reserved-percent": request.reserved_percent or None,
        "--useexisting": request.keep,
    }
    return words("volgroup", options, request.name, *request.members)


def _logvol(request: VolumeRequest, reveal: bool) -> str:
    name = f"{request.group}/{request.name}"
    if request.existing not in ("", name):
        raise Unsayable(f"the logical volume {name} is called {request.existing} now")
    if not request.percent:
        _check_size(request)
    options: dict[str, Value] = {
        "--vgname": request.group,
        "--name": request.name,
        "--thinpool": request.kind is VolumeKind.POOL,
        "--thin": request.kind is VolumeKind.THIN,
        "--poolname": request.pool,
        "--percent": request.percent or None,
        "--metadatasize": _units(request.metadata, MiB, f"the metadata of {name}"),
        "--chunksize": _units(request.chunk, KiB, f"the chunks of {name}"),
        "--useexisting": bool(request.existing) and not request.keep,
    }
    if request.kind is VolumeKind.POOL:
        if request.format is not Format.NONE or request.mount:
            raise Unsayable(f"the thin pool {name} holds something else than volumes")
        kept: dict[str, Value] = {"--noformat": request.keep, "--resize": request.resize}
        return words("logvol", {**options, **_sizes(request), **kept}, "none")
    options = {**options, **_format_options(request), **_sizes(request)}
    return words(
        "logvol", {**options, **encryption_options(request.encryption, reveal)}, _where(request, request.member)
    )


def _btrfs(request: BtrfsRequest) -> str:
    usual = request.label or next(iter(request.members), "")
    options: dict[str, Value] = {
        "--useexisting": request.keep,
        "--label": request.label,
        "--name": "" if request.keep or request.name == usual else request.name,
        "--data": request.data,
        "--metadata": request.metadata,
        "--mkfsoptions": request.mkfs,
        "--fsoptions": request.options,
    }
    devices = (request.name,) if request.keep else request.members
    return words("btrfs", options, request.mount or "none", *devices)


def _subvolume(request: SubvolumeRequest, inherited: str) -> str:
    if inherited and request.mount and not request.options:
        raise Unsayable(f"the subvolume {request.path} has no mount options, but its volume has")
    options: dict[str, Value] = {
        "--subvol": True,
        "--name": request.path,
        "--fsoptions": request.options,
        "--useexisting": request.keep,
    }
    return words("btrfs", options, request.mount or "none", request.volume)


def _mount(request: MountRequest) -> str:
    reformat = str(request.format) if request.format else True
    options: dict[str, Value] = {
        "--reformat": request.reformat and reformat,
        "--mkfsoptions": request.mkfs,
        "--mountoptions": request.options,
    }
    # --reformat takes the next word for its value, so that it has to stand behind the others.
    return f"mount {quote(request.device)} {quote(request.path)}{words('', options)}"


# --- what all of them have in common -------------------------------------------------------------------------


def _where(request: BlockRequest, member: str) -> str:
    """The mount point, the name as a member, or the word for what is not mounted."""
    if member:
        usual = next((formats for prefix, formats in MEMBERS.items() if member.startswith(prefix)), {})
        if request.format not in usual.values() or request.mount:
            raise Unsayable(f"{member} is made as {request.format}")
        return member
    if request.mount in PLACES and request.format not in PLACES[request.mount].values():
        raise Unsayable(f"{request.mount} is made as {request.format}")
    if request.mount:
        return request.mount
    if request.format not in _WORDS and not (request.keep and request.format is None):
        raise Unsayable("something is made without a mount point and without a file system")
    return _UNMOUNTED.get(request.format, "none") if request.format else "none"


def _format_options(request: BlockRequest) -> Mapping[str, Value]:
    if request.mount and request.format in _UNMOUNTED:
        raise Unsayable(f"{request.mount} is made as {request.format}")
    return {
        "--fstype": _WORDS.get(request.format, "") if request.format else "",
        "--label": request.label,
        "--fsoptions": request.options,
        "--mkfsoptions": request.mkfs,
        "--fsprofile": request.profile,
        "--noformat": request.keep,
        "--resize": request.resize,
    }


def _sizes(request: BlockRequest) -> Mapping[str, Value]:
    return {
        "--size": _units(request.size, MiB, f"the size of {request.mount or 'something'}"),
        "--grow": request.grow,
        "--maxsize": _units(request.max_size, MiB, f"the largest size of {request.mount or 'something'}"),
        "--recommended": request.recommended,
        "--hibernation": request.hibernation,
    }


def _check_size(request: BlockRequest) -> None:
    if not (request.size or request.grow or request.recommended or request.hibernation or request.existing):
        raise Unsayable("something is made without a size")


def _units(size: int, unit: int, what: str) -> int | None:
    if size % unit:
        raise Unsayable(f"{what}, {size} bytes, is no whole number of {'MiB' if unit == MiB else 'KiB'}")
    return size // unit or None
