"""Logical volumes: which sizes they get in the room of their group, and thin ones in that of their pool.

A thin pool takes twice its metadata on top of its data: once for itself, once for the spare that LVM keeps for repair.
Sizes that are asked for are given even where the thin volumes of a pool together promise more than it has: that is
what they are for. What grows only shares what is left, and no thin volume is larger than its pool: such a promise can
never be kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ashore_installer.machine import GroupInfo
from ashore_installer.storage.content import Content, content_of, least_size, size_problems
from ashore_installer.storage.existing import content_of_existing, find_volume
from ashore_installer.storage.lvm_sizes import LARGEST_CHUNK, extents_up, pool_chunk, pool_metadata
from ashore_installer.storage.members import purposes
from ashore_installer.storage.place import share
from ashore_installer.storage.present import Present, as_it_is, format_of
from ashore_installer.storage.resolve import FoundVolume
from ashore_installer.storage.stack import Stack
from ashore_installer.storage_plan import Format, GroupPlan, VolumeKind, VolumePlan
from ashore_installer.storage_request import StorageRequest, VolumeRequest
from ashore_installer.units import KiB, human


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A group with the bytes that its volumes can take; `used` are the names that are taken in it."""

    plan: GroupPlan
    room: int
    field: str
    disks: frozenset[str]
    used: frozenset[str] = frozenset()
    info: GroupInfo | None = None
    """What the group is now, if it is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A volume's share of the room: for a pool, its metadata is in it. `size` is the least.

    `found` is the volume as it is, if it is there already and is resized.
    """

    request: VolumeRequest
    field: str
    size: int
    grow: bool
    max_size: int
    found: FoundVolume | None = None


def add_volumes(stack: Stack, present: Present, request: StorageRequest, space: Space) -> None:
    """Plan the volumes of one group; what is wrong goes to the stack's problems."""
    mine = {f"storage.volumes[{n}]": one for n, one in enumerate(request.volumes) if one.group == space.plan.name}
    before = len(stack.problems)
    for field, volume in mine.items():
        _check(stack, volume, field, list(mine.values())[: list(mine).index(field)], space)
    found = {field: find_volume(stack, present, one, field) for field, one in mine.items() if one.existing}
    if len(stack.problems) > before:
        return
    wanted = purposes(request)
    for field, there in found.items():
        if there and not mine[field].resize:
            _add_existing(stack, present, mine[field], there, field, space, wanted)
    sized = {field: one for field, one in mine.items() if one.resize or not one.existing}
    claims = [_claim(stack, one, field, space.plan.extent, found.get(field)) for field, one in sized.items()]
    fat = [claim for claim in claims if claim.request.kind is not VolumeKind.THIN]
    room = space.room + sum(claim.found.volume.size for claim in fat if claim.found)
    sizes = _sizes(stack, fat, replace(space, room=room))
    for claim, size in zip(fat, sizes, strict=False):
        _add(stack, present, claim, size, space, wanted)
    if sizes or not fat:
        _add_thin(stack, present, [claim for claim in claims if claim not in fat], space, wanted)


def _add_existing(
    stack: Stack, present: Present, volume: VolumeRequest, found: FoundVolume, field: str, space: Space,
    wanted: Mapping[str, Format], size: int = 0,
) -> None:  # fmt: skip
    present.field = field
    inside = format_of(found.volume.format, mount=volume.mount)
    content = content_of_existing(present, volume, inside, wanted.get(volume.member))
    if content is None:
        return
    pool = volume.kind is VolumeKind.POOL
    member = present.volume(
        found, space.plan, as_it_is(Format.NONE) if pool else content, keep=volume.keep or pool, size=size
    )
    stack.members |= {volume.member: member} if volume.member and member else {}


def _check(stack: Stack, volume: VolumeRequest, field: str, others: Sequence[VolumeRequest], space: Space) -> None:
    name = f"{volume.group}/{volume.name}"
    taken = volume.name in space.used and not volume.existing
    if taken or any(one.name == volume.name for one in others):
        what = "There is a logical volume" if taken else "Two logical volumes are called"
        stack.refuse(field, f"{what} {name}{' already' if taken else ''}.", "Choose another name, or remove one.")
    stack.problems += size_problems(volume, field, name, stack.root, sized=volume.percent > 0 or bool(volume.existing))
    if volume.chunk and volume.kind is VolumeKind.POOL and (volume.chunk % (64 * KiB) or volume.chunk > LARGEST_CHUNK):
        message = f"The chunks of the thin pool {name} can't have {human(volume.chunk)}."
        stack.refuse(field, message, "Use a multiple of 64 KiB, at most 1 GiB.")
    if volume.kind is VolumeKind.POOL and volume.mount not in ("", "none"):
        stack.refuse(field, f"The thin pool {name} can't be mounted itself.", "Mount thin volumes that are in it.")


# --- linear volumes and pools --------------------------------------------------------------------------------


def _claim(stack: Stack, volume: VolumeRequest, field: str, extent: int, found: FoundVolume | None) -> _Claim:
    least = least_size(volume, stack.machine.memory) or (found.volume.size if found else 0)
    size = 0 if volume.percent else extents_up(least, extent)
    limit = max(volume.max_size // extent * extent, size) if volume.max_size else 0
    return _Claim(
        request=volume,
        field=field,
        size=size if found else _with_metadata(volume, size, extent),
        grow=volume.grow and not volume.percent,
        max_size=limit if found else _with_metadata(volume, limit, extent),
        found=found,
    )


def _with_metadata(volume: VolumeRequest, size: int, extent: int) -> int:
    if volume.kind is not VolumeKind.POOL or not size:
        return size
    return size + 2 * _metadata(volume, size, extent)


def _metadata(volume: VolumeRequest, size: int, extent: int) -> int:
    if volume.metadata:
        return extents_up(volume.metadata, extent)
    return pool_metadata(size, volume.chunk or pool_chunk(size), extent)


def _sizes(stack: Stack, claims: Sequence[_Claim], space: Space) -> tuple[int, ...]:
    """What each claim gets; empty, with a problem said, when there is not enough."""
    least, percent = sum(claim.size for claim in claims), sum(claim.request.percent for claim in claims)
    if percent > 100:
        message = f"The volumes of the group {space.plan.name} ask for {percent} % of what is left in it."
        stack.refuse(space.field, message, "Ask for 100 % at most.")
        return ()
    if least > space.room:
        message = (
            f"The volume group {space.plan.name} has {human(space.room)}, and its volumes need {human(least)}: "
            f"{', '.join(f'{claim.request.name} {human(claim.size)}' for claim in claims)}."
        )
        stack.refuse(space.field, message, "Ask for less, or give the group more or larger members.")
        return ()
    filled = tuple(_by_percent(claim, space.room - least, space.plan.extent) for claim in claims)
    return share(filled, space.room, space.plan.extent)


def _by_percent(claim: _Claim, left: int, extent: int) -> _Claim:
    percent = claim.request.percent
    return replace(claim, size=left * percent // 100 // extent * extent) if percent else claim


def _add(
    stack: Stack, present: Present, claim: _Claim, size: int, space: Space, wanted: Mapping[str, Format]
) -> None:  # fmt: skip
    volume, extent = claim.request, space.plan.extent
    if claim.found:
        _add_existing(stack, present, volume, claim.found, claim.field, space, wanted, size)
        return
    content = content_of(volume, stack.root, wanted.get(volume.member))
    metadata = chunk = 0
    if volume.kind is VolumeKind.POOL:
        metadata = _metadata(volume, size, extent) if claim.grow or volume.percent else _fixed(volume, stack, extent)
        size -= 2 * metadata
        chunk = volume.chunk or pool_chunk(max(size, 1))
        content = replace(content, format=Format.NONE, mount="", encryption=None)
    if size <= 0:
        message = f"There is no room for the logical volume {volume.group}/{volume.name}."
        stack.refuse(claim.field, message, "Ask for less elsewhere, or give the group more room.")
        return
    plan = _plan(stack, volume, size, space)
    _put(stack, replace(plan, kind=volume.kind, metadata=metadata, chunk=chunk), volume, content, space)


def _fixed(volume: VolumeRequest, stack: Stack, extent: int) -> int:
    return _metadata(volume, extents_up(least_size(volume, stack.machine.memory), extent), extent)


def _plan(stack: Stack, volume: VolumeRequest, size: int, space: Space) -> VolumePlan:
    return VolumePlan(
        id=stack.names.take(f"{volume.group}-{volume.name}"),
        size=size,
        format=Format.NONE,
        group=space.plan.id,
        name=volume.name,
    )


def _put(stack: Stack, plan: VolumePlan, volume: VolumeRequest, content: Content, space: Space) -> None:
    plan, top = stack.holding(plan, content)
    stack.volumes.append(plan)
    if volume.member:
        stack.members[volume.member] = replace(top, disks=space.disks)


# --- thin volumes --------------------------------------------------------------------------------------------


def _add_thin(
    stack: Stack, present: Present, claims: Sequence[_Claim], space: Space, wanted: Mapping[str, Format]
) -> None:  # fmt: skip
    for name in dict.fromkeys(claim.request.pool for claim in claims):
        mine = [claim for claim in claims if claim.request.pool == name]
        pool = _pool(stack, present, name, space)
        if pool is None:
            _no_pool(stack, mine, name, space)
            continue
        for claim, size in zip(mine, _thin_sizes(mine, pool, space), strict=True):
            _add_one_thin(stack, present, claim, size, pool, space, wanted)


def _pool(stack: Stack, present: Present, name: str, space: Space) -> VolumePlan | None:
    """The pool of that name: planned, or there already."""
    if space.info:
        there = next((one for one in space.info.volumes if (one.name, one.kind) == (name, "thin-pool")), None)
        if there and name in space.used and f"{space.plan.name}/{name}" not in present.done:
            found = FoundVolume(group=space.info, volume=there)
            present.volume(found, space.plan, as_it_is(Format.NONE), keep=True)
    pools = (one for one in stack.volumes if one.group == space.plan.id and one.kind is VolumeKind.POOL)
    return next((one for one in pools if one.name == name), None)


def _no_pool(stack: Stack, claims: Sequence[_Claim], name: str, space: Space) -> None:
    for claim in claims:
        called = f"The thin volume {space.plan.name}/{claim.request.name}"
        message = f"{called} is in the pool {name}, which nothing makes." if name else f"{called} has no pool."
        stack.refuse(claim.field, message, f"Add a thin pool to the group {space.plan.name}, and name it.")


def _thin_sizes(claims: Sequence[_Claim], pool: VolumePlan, space: Space) -> tuple[int, ...]:
    extent, mine = space.plan.extent, {claim.request.name for claim in claims}
    others = space.info.volumes if space.info else ()
    promised = sum(one.size for one in others if one.pool == pool.name and one.name in space.used - mine)
    left = max(pool.size - promised - sum(claim.size for claim in claims), 0)
    filled = tuple(_by_percent(claim, left, extent) for claim in claims)
    least = sum(claim.size for claim in filled)
    return share(filled, max((pool.size - promised) // extent * extent, least), extent)


def _add_one_thin(
    stack: Stack, present: Present, claim: _Claim, size: int, pool: VolumePlan, space: Space,
    wanted: Mapping[str, Format],
) -> None:  # fmt: skip
    volume = claim.request
    if size > pool.size or size <= 0:
        message = (
            f"The thin volume {volume.group}/{volume.name} of {human(size)} can't be in the pool {pool.name}, "
            f"which has {human(pool.size)}."
        )
        stack.refuse(claim.field, message, "Ask for less, or for a larger pool.")
    elif claim.found:
        _add_existing(stack, present, volume, claim.found, claim.field, space, wanted, size)
    else:
        plan = replace(_plan(stack, volume, size, space), kind=VolumeKind.THIN, pool=pool.id)
        _put(stack, plan, volume, content_of(volume, stack.root, wanted.get(volume.member)), space)
