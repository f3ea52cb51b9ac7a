"""How large existing partitions become, and the machine's disks with them so: what is free behind them follows."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import DiskInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import ClearedDisk, cleared
from ashore_installer.storage.content import least_size
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.needs import align_down, align_up
from ashore_installer.storage.resolve import FoundPartition, find
from ashore_installer.storage_request import PartitionRequest, StorageRequest
from ashore_installer.units import human


def resized(request: StorageRequest, machine: MachineInfo) -> tuple[dict[str, int], tuple[Problem, ...]]:
    """The new sizes of partitions by the kernel's names, and which can't be had.

    Partitions never move: what grows takes the free room right behind it, what shrinks leaves room there.
    """
    wanted = [
        (f"storage.partitions[{number}]", one, found)
        for number, one in enumerate(request.partitions)
        if one.existing and one.resize and (one.grow or least_size(one, machine.memory))
        and isinstance(found := find(one.existing, machine, ""), FoundPartition)
    ]  # fmt: skip
    sizes = {
        found.name: min(align_up(one.size), found.part.size)
        for _, one, found in wanted
        if not one.grow and one.size < found.part.size
    }
    problems = []
    for field, one, found in wanted:
        if found.name in sizes:
            continue
        room = _room(found, request, with_sizes(machine, sizes))
        size = _grown(one, machine, room)
        if size > room:
            message = f"The partition {found.name} can't have {human(size)}: with what is free behind it, it can have "
            hint = "Ask for less, or let what is behind it be removed."
            problems.append(Problem(field=field, message=f"{message}{human(room)}.", hint=hint))
        sizes[found.name] = size
    return sizes, tuple(problems)


def with_sizes(machine: MachineInfo, sizes: dict[str, int]) -> MachineInfo:
    """The machine with its partitions as large as `sizes` says."""
    return replace(machine, disks=tuple(_with(disk, sizes) for disk in machine.disks))


def _with(disk: DiskInfo, sizes: dict[str, int]) -> DiskInfo:
    changed = (replace(one, size=sizes.get(partition_name(disk, one.number), one.size)) for one in disk.partitions)
    return replace(disk, partitions=tuple(changed))


def _grown(request: PartitionRequest, machine: MachineInfo, room: int) -> int:
    least = align_up(least_size(request, machine.memory))
    if not request.grow:
        return least
    return max(least, min(room, align_down(request.max_size) or room))


def _room(found: FoundPartition, request: StorageRequest, machine: MachineInfo) -> int:
    """Bytes that the partition can have where it is, with the gap that begins where it ends."""
    disk = next(one for one in machine.disks if one.id == found.disk.id)
    result = cleared(disk, request)
    end = found.part.start + found.part.size
    gaps = result.gaps if isinstance(result, ClearedDisk) else ()
    return max([found.part.size, *(gap.end - found.part.start for gap in gaps if gap.start == align_up(end))])
