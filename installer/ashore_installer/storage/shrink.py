"""Partitions that give up room at their end, so that a new system fits beside what is in them."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import bare, partition_name, unusable
from ashore_installer.storage.needs import align_up
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_request import PartitionRequest, ShrinkRequest, StorageRequest
from ashore_installer.units import human


def shrink_requests(request: StorageRequest, machine: MachineInfo) -> tuple[PartitionRequest, ...]:
    """`request.shrink` in the planner's words: partitions that are kept with their content, and resized.

    Raises PlanError with every reason why a partition can't be made that small.
    """
    found = [_checked(one, f"storage.shrink[{number}]", machine) for number, one in enumerate(request.shrink)]
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


def find_partition(word: str, machine: MachineInfo) -> tuple[DiskInfo, PartitionInfo] | None:
    """The partition that a word means: `vda2`, a link below /dev, `UUID=…`, `LABEL=…`, `PARTUUID=…`."""
    pairs = ((disk, part) for disk in machine.disks for part in disk.partitions)
    return next(((disk, part) for disk, part in pairs if bare(word) in _names(disk, part)), None)


def _names(disk: DiskInfo, part: PartitionInfo) -> set[str]:
    names = {partition_name(disk, part.number), *(f"{name}-part{part.number}" for name in disk.ids)}
    tags = (("UUID", part.uuid), ("LABEL", part.label), ("PARTUUID", part.id))
    return names | {f"{tag}={value}" for tag, value in tags if value}


def _checked(one: ShrinkRequest, field: str, machine: MachineInfo) -> PartitionRequest | Problem:
    found = find_partition(one.existing, machine)
    if found is None:
        message = f"There is no partition {one.existing!r} to shrink in this machine."
        return Problem(field=field, message=message, hint="Name it as vda2 or disk/by-id/…-part2.")
    disk, part = found
    name, size = partition_name(disk, part.number), align_up(one.size)
    reason, hint = _refusal(disk, part, size)
    if reason:
        message = f"The partition {name} can't be shrunk to {human(one.size)}: {reason}."
        return Problem(field=field, message=message, hint=hint)
    return PartitionRequest(existing=name, keep=True, resize=True, size=size, disk=disk.id, line=one.line)


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
