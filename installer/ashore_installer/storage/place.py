"""Where wanted partitions go: a disk, a gap, exact bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ashore_installer.machine import PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import ClearedDisk, Gap
from ashore_installer.storage.destinations import is_named
from ashore_installer.storage.needs import ALIGNMENT
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.wanted import Wanted
from ashore_installer.storage_plan import Format, PartitionPlan
from ashore_installer.units import human

_PRIMARY = 4
"""Entries of an MBR. With more partitions, one of them is the extended one, and the others lie in that."""
_FIRST = {Format.BIOSBOOT: 0, Format.EFI: 1}
"""What firmware reads stands first on its disk, then /boot, then everything else as it was asked for."""


class Growing(Protocol):
    """What shares room: a least size, and a limit if it grows (0 is none)."""

    @property
    def size(self) -> int: ...

    @property
    def grow(self) -> bool: ...

    @property
    def max_size(self) -> int: ...


@dataclass(kw_only=True)
class _Slot:
    """A gap that is being filled; `left` bytes of it are not promised yet."""

    gap: Gap
    left: int
    inside: list[Wanted] = field(default_factory=list)


@dataclass(kw_only=True)
class _Site:
    """A disk that is being filled."""

    cleared: ClearedDisk
    entries: int
    slots: list[_Slot]
    arrays: set[str] = field(default_factory=set)

    @property
    def inside(self) -> list[Wanted]:
        return [item for slot in self.slots for item in slot.inside]

    @property
    def can_extend(self) -> bool:
        """Whether a new MBR is made, which may get an extended partition."""
        return self.cleared.new_table and self.cleared.table is PartitionTable.MSDOS


def place(items: Sequence[Wanted], disks: Sequence[ClearedDisk]) -> tuple[PartitionPlan, ...]:
    """Partitions for `items`, in their order, then extended ones. `disks` are in the order of preference.

    Raises PlanError with everything that has no room.

    Fixed sizes go first, the largest first, each into the smallest gap that takes it, so that the large gaps are left
    for what grows. A partition without a disk of its own goes on the first disk where it fits. What grows shares the
    rest of its gap in proportion to its own least size, up to its limit.
    """
    sites = [_site(disk) for disk in disks]
    tries = [_promise(item, sites) for item in sorted(items, key=lambda item: (item.grow, -item.size))]
    problems = [problem for problem in (*tries, *map(_too_many_primary, sites)) if problem]
    if problems:
        raise PlanError(problems)
    done = {plan.id: plan for site in sites for slot in site.slots for plan in _fill(slot, site)}
    wanted = [item.id for item in items]
    return (*(done[one] for one in wanted), *(plan for plan in done.values() if plan.id not in wanted))


def share(items: Sequence[Growing], room: int, unit: int = ALIGNMENT) -> tuple[int, ...]:
    """Sizes of `items` that together take at most `room`, all multiples of `unit` as their least sizes are.

    Raises ValueError when their least sizes need more.
    """
    sizes = [item.size for item in items]
    spare = room - sum(sizes)
    if spare < 0:
        raise ValueError("the room is too small for the least sizes")
    growing = [number for number, item in enumerate(items) if item.grow]
    while growing:
        weight = sum(items[number].size for number in growing)
        parts = {number: spare * items[number].size // weight // unit * unit for number in growing}
        full = [number for number in growing if 0 < items[number].max_size <= sizes[number] + parts[number]]
        for number in full or growing:
            more = items[number].max_size - sizes[number] if full else parts[number]
            sizes[number] += more
            spare -= more
        growing = [number for number in growing if number not in full] if full else []
    _hand_out_rest(items, sizes, spare, unit)
    return tuple(sizes)


def _hand_out_rest(items: Sequence[Growing], sizes: list[int], spare: int, unit: int) -> None:
    """Rounding leaves less than one unit for each growing thing: the first ones get it."""
    for number, item in enumerate(items):
        if item.grow and spare >= unit and (not item.max_size or sizes[number] + unit <= item.max_size):
            sizes[number] += unit
            spare -= unit


def _site(disk: ClearedDisk) -> _Site:
    return _Site(cleared=disk, entries=disk.entries, slots=[_Slot(gap=gap, left=gap.size) for gap in disk.gaps])


def _promise(item: Wanted, sites: Sequence[_Site]) -> Problem | None:
    allowed = [site for site in sites if not item.disk or is_named(site.cleared.disk, (item.disk,))]
    taken = [site for site in allowed if item.apart and item.apart in site.arrays]
    for site in (site for site in allowed if site not in taken):
        # Before each logical partition lies its own record, for which a whole unit is taken.
        needed = item.size + (ALIGNMENT if site.can_extend and len(site.inside) >= _PRIMARY - 1 else 0)
        fitting = [slot for slot in site.slots if slot.left >= needed]
        if fitting and site.entries:
            slot = max(fitting, key=_left) if item.grow else min(fitting, key=_left)
            slot.left -= needed
            slot.inside.append(item)
            site.entries -= 1
            site.arrays.add(item.apart)
            return None
    if taken and len(taken) == len(allowed):
        return _same_disk(item, taken)
    return _no_room(item, allowed)


def _same_disk(item: Wanted, sites: Sequence[_Site]) -> Problem:
    return Problem(
        field=item.field,
        message=f"{item.name} would be on the same disk as another member of its array: {_names(sites)}.",
        hint="The members of an array go on different disks: allow more of them, or name others (`--ondisk`).",
    )


def _left(slot: _Slot) -> int:
    return slot.left


def _no_room(item: Wanted, sites: Sequence[_Site]) -> Problem:
    name = item.mount or item.name or item.format.value
    if sites and not any(site.entries for site in sites):
        return Problem(
            field=item.field,
            message=f"There is no entry left for {name} in the partition table of {_names(sites)}.",
            hint="Remove a partition, or let the disk get a new table (`clearpart --all --initlabel`).",
        )
    most = human(max((slot.left for site in sites for slot in site.slots), default=0))
    return Problem(
        field=item.field,
        message=f"There is no room for {name}: it needs {human(item.size)}, and {most} is free on {_names(sites)}.",
        hint="Use a larger disk, ask for less, or allow partitions to be removed (`clearpart`).",
    )


def _names(sites: Sequence[_Site]) -> str:
    return " and ".join(site.cleared.disk.describe() for site in sites) or "the disks that may be used"


def _too_many_primary(site: _Site) -> Problem | None:
    primary = [item for item in site.inside if item.primary]
    if not site.can_extend or len(site.inside) <= _PRIMARY or len(primary) < _PRIMARY:
        return None
    return Problem(
        field=primary[-1].field,
        message=f"{len(primary)} partitions of {_names([site])} shall be primary ones, and an MBR has room for "
        f"{_PRIMARY - 1} beside others.",
        hint="Let some of them be logical ones (leave out `--asprimary`), or use a GPT.",
    )


def _fill(slot: _Slot, site: _Site) -> list[PartitionPlan]:
    if site.can_extend and len(slot.inside) > _PRIMARY:
        return _fill_extended(slot, site)
    ordered = sorted(slot.inside, key=_position)
    start, plans = slot.gap.start, []
    for item, size in zip(ordered, share(ordered, slot.gap.size), strict=True):
        plans.append(_plan(item, site, start, size))
        start += size
    return plans


def _fill_extended(slot: _Slot, site: _Site) -> list[PartitionPlan]:
    """Three primary partitions, then an extended one with all the others in it, each behind its own record."""
    ordered = sorted(slot.inside, key=lambda item: (not item.primary, *_position(item)))
    logical = len(ordered) - (_PRIMARY - 1)
    sizes = share(ordered, slot.gap.size - logical * ALIGNMENT)
    start, plans, begin = slot.gap.start, [], 0
    for number, (item, size) in enumerate(zip(ordered, sizes, strict=True)):
        begin = start if number == _PRIMARY - 1 else begin
        start += ALIGNMENT if number >= _PRIMARY - 1 else 0
        plans.append(_plan(item, site, start, size))
        start += size
    disk = site.cleared.disk
    plans.append(
        PartitionPlan(id=f"extended-{disk.name}", disk=disk.id, start=begin, size=start - begin, format=Format.NONE)
    )
    return plans


def _plan(item: Wanted, site: _Site, start: int, size: int) -> PartitionPlan:
    return PartitionPlan(
        id=item.id,
        disk=site.cleared.disk.id,
        start=start,
        size=size,
        format=item.format,
        label=item.label,
        mkfs=item.mkfs,
    )


def _position(item: Wanted) -> tuple[int, int]:
    number = int(item.field.partition("[")[2].rstrip("]"))
    return _FIRST.get(item.format, 2 if item.mount == "/boot" else 3), number
