"""Logical volumes: which sizes they get in the room of their group, and thin ones in that of their pool.

A thin pool takes twice its metadata on top of its data: once for itself, once for the spare that LVM keeps for repair.
Sizes that are asked for are given even where the thin volumes of a pool together promise more than it has: that is
what they are for. What grows only shares what is left, and no thin volume is larger than its pool: such a promise can
never be kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ashore_installer.storage.content import Content, content_of, least_size, size_problems
from ashore_installer.storage.lvm_sizes import LARGEST_CHUNK, extents_up, pool_chunk, pool_metadata
from ashore_installer.storage.members import purposes
from ashore_installer.storage.place import share
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A volume's share of the room: for a pool, its metadata is in it. `size` is the least."""

    request: VolumeRequest
    field: str
    size: int
    grow: bool
    max_size: int


def add_volumes(stack: Stack, request: StorageRequest, space: Space) -> None:
    """Plan the new volumes of one group; what is wrong goes to the stack's problems."""
    mine = {number: one for number, one in enumerate(request.volumes) if one.group == space.plan.name}
    before = len(stack.problems)
    for number, volume in mine.items():
        _check(stack, volume, f"storage.volumes[{number}]", list(mine.values())[: list(mine).index(number)], space)
    if len(stack.problems) > before:
        return
    extent, wanted = space.plan.extent, purposes(request)
    claims = [_claim(stack, one, n, extent) for n, one in mine.items() if one.kind is not VolumeKind.THIN]
    sizes = _sizes(stack, claims, space)
    for claim, size in zip(claims, sizes, strict=False):
        _add(stack, claim, size, space, content_of(claim.request, stack.root, wanted.get(claim.request.member)))
    if sizes or not claims:
        _add_thin(stack, {n: one for n, one in mine.items() if one.kind is VolumeKind.THIN}, space)


def _check(stack: Stack, volume: VolumeRequest, field: str, others: Sequence[VolumeRequest], space: Space) -> None:
    name = f"{volume.group}/{volume.name}"
    if volume.name in space.used or any(one.name == volume.name for one in others):
        stack.refuse(field, f"Two logical volumes are called {name}.", "Rename one of them.")
    if not volume.existing:
        stack.problems += size_problems(volume, field, name, sized=volume.percent > 0)
    if volume.chunk and volume.kind is VolumeKind.POOL and (volume.chunk % (64 * KiB) or volume.chunk > LARGEST_CHUNK):
        message = f"The chunks of the thin pool {name} can't have {human(volume.chunk)}."
        stack.refuse(field, message, "Use a multiple of 64 KiB, at most 1 GiB.")
    if volume.kind is VolumeKind.POOL and volume.mount not in ("", "none"):
        stack.refuse(field, f"The thin pool {name} can't be mounted itself.", "Mount thin volumes that are in it.")


# --- linear volumes and pools --------------------------------------------------------------------------------


def _claim(stack: Stack, volume: VolumeRequest, number: int, extent: int) -> _Claim:
    size = 0 if volume.percent else extents_up(least_size(volume, stack.machine.memory), extent)
    limit = max(volume.max_size // extent * extent, size) if volume.max_size else 0
    return _Claim(
        request=volume,
        field=f"storage.volumes[{number}]",
        size=_with_metadata(volume, size, extent),
        grow=volume.grow and not volume.percent,
        max_size=_with_metadata(volume, limit, extent),
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


def _add(stack: Stack, claim: _Claim, size: int, space: Space, content: Content) -> None:
    volume, extent = claim.request, space.plan.extent
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


def _add_thin(stack: Stack, requests: dict[int, VolumeRequest], space: Space) -> None:
    pools = {one.name: one for one in stack.volumes if one.group == space.plan.id and one.kind is VolumeKind.POOL}
    for number, volume in requests.items():
        if volume.pool not in pools:
            name = f"{volume.group}/{volume.name}"
            message = f"The thin volume {name} has no pool." if not volume.pool else ""
            message = message or f"The thin volume {name} is in the pool {volume.pool}, which nothing makes."
            hint = f"Add a thin pool to the group {volume.group}, and name it."
            stack.refuse(f"storage.volumes[{number}]", message, hint)
    for pool in pools.values():
        mine = {number: volume for number, volume in requests.items() if volume.pool == pool.name}
        for number, volume, size in _thin_sizes(stack, mine, pool, space.plan.extent):
            _add_one_thin(stack, f"storage.volumes[{number}]", volume, size, pool, space)


def _thin_sizes(
    stack: Stack, requests: dict[int, VolumeRequest], pool: VolumePlan, extent: int
) -> Iterator[tuple[int, VolumeRequest, int]]:
    claims = [_claim(stack, volume, number, extent) for number, volume in requests.items()]
    left = max(pool.size - sum(claim.size for claim in claims), 0)
    filled = tuple(_by_percent(claim, left, extent) for claim in claims)
    room = max(pool.size, sum(claim.size for claim in filled))
    yield from zip(requests, requests.values(), share(filled, room, extent), strict=True)


def _add_one_thin(
    stack: Stack, field: str, volume: VolumeRequest, size: int, pool: VolumePlan, space: Space
) -> None:  # fmt: skip
    if size > pool.size or size <= 0:
        message = (
            f"The thin volume {volume.group}/{volume.name} of {human(size)} can't be in the pool {pool.name}, "
            f"which has {human(pool.size)}."
        )
        stack.refuse(field, message, "Ask for less, or for a larger pool.")
        return
    plan = replace(_plan(stack, volume, size, space), kind=VolumeKind.THIN, pool=pool.id)
    _put(stack, plan, volume, content_of(volume, stack.root, None), space)
