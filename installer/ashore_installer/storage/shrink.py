"""Partitions that give up room at their end, so that a new system fits beside what is in them."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import ClearedDisk, cleared
from ashore_installer.storage.destinations import partition_name, unusable
from ashore_installer.storage.needs import align_up
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.resolve import FoundPartition, find
from ashore_installer.storage_request import PartitionRequest, ShrinkRequest, StorageRequest
from ashore_installer.units import human


def shrink_requests(request: StorageRequest, machine: MachineInfo) -> tuple[PartitionRequest, ...]:
    """`request.shrink` in the planner's words: partitions that are kept with their content, and resized.

    Raises PlanError with every reason why a partition can't be made that small.
    """
    found = [_checked(one, f"storage.shrink[{number}]", request, machine) for number, one in enumerate(request.shrink)]
    problems = [one for one in found if isinstance(one, Problem)]
    wanted = [one for one in found if isinstance(one, PartitionRequest)]
    names = [one.existing for one in wanted]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        message = f"The partition {name} is to be shrunk twice."
        problems.append(Problem(field="storage.shrink", message=message, hint="Name it once."))
    if problems:
        raise PlanError(problems)
    return tuple(wanted)


def after_shrinking(requests: tuple[PartitionRequest, ...], machine: MachineInfo) -> MachineInfo:
    """The machine with its partitions as small as the result of `shrink_requests` will make them."""
    sizes = {one.existing: one.size for one in requests}
    return replace(machine, disks=tuple(_with_sizes(disk, sizes) for disk in machine.disks))


def _with_sizes(disk: DiskInfo, sizes: dict[str, int]) -> DiskInfo:
    smaller = (
        replace(one, size=sizes.get(partition_name(disk, one.number), one.size)) for one in disk.partitions
    )  # fmt: skip
    return replace(disk, partitions=tuple(smaller))


def _checked(
    one: ShrinkRequest, field: str, request: StorageRequest, machine: MachineInfo
) -> PartitionRequest | Problem:
    found = find(one.existing, machine, field)
    if isinstance(found, Problem):
        return found
    if not isinstance(found, FoundPartition):
        message = f"{one.existing} is no partition that could be shrunk."
        return Problem(field=field, message=message, hint="Name a partition, as vda2.")
    size = align_up(one.size)
    reason, hint = _refusal(found.disk, found.part, size)
    if not reason and _goes(found, request):
        reason, hint = "it is to be removed, too", "Leave out one of the two."
    if reason:
        message = f"The partition {found.name} can't be shrunk to {human(one.size)}: {reason}."
        return Problem(field=field, message=message, hint=hint)
    return PartitionRequest(existing=found.name, keep=True, resize=True, size=size, disk=found.disk.id, line=one.line)


def _goes(found: FoundPartition, request: StorageRequest) -> bool:
    site = cleared(found.disk, request)
    return isinstance(site, ClearedDisk) and (site.new_table or found.part.number in site.remove)


def _refusal(disk: DiskInfo, part: PartitionInfo, size: int) -> tuple[str, str]:
    """Why a partition can't have this size, as the end of a sentence, and one thing to try."""
    if reason := unusable(disk):
        return f"of the disk {disk.name}, {reason}", "Choose another partition."
    if part.mounted:
        return f"it is mounted at {part.mounted[0]}", "Unmount it, or choose another partition."
    if size >= part.size:
        return f"it has only {human(part.size)}", "Ask for less than it has."
    if not part.minimum:
        what = part.format or "something unknown"
        return f"it holds {what}, which can't be shrunk or was not closed properly", "Choose another partition."
    if size < part.minimum:
        return f"its content needs {human(part.minimum)}", f"Leave it at least {human(part.minimum)}."
    return "", ""
