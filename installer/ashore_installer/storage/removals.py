"""What goes one by one while what lies below stays: `StorageRequest.remove` in the plan's words."""

from __future__ import annotations

from ashore_installer.machine import BtrfsInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.resolve import disks_below, find, thing_name
from ashore_installer.storage_plan import Kind, Removal
from ashore_installer.storage_request import StorageRequest

_HINT = "Name it as vg, vg/lv, md127 or vda3:subvolume."


def removals(
    request: StorageRequest, machine: MachineInfo, allowed: frozenset[str]
) -> tuple[tuple[Removal, ...], tuple[Problem, ...]]:
    """The removals in the order in which they can be made: from the top down. `allowed` are ids of disks.

    Nothing is removed that lies on another disk, even in part.
    """
    found: list[Removal] = []
    problems: list[Problem] = []
    for number, word in enumerate(request.remove):
        result = _removal(word, machine, f"storage.remove[{number}]", allowed)
        if isinstance(result, Problem):
            problems.append(result)
        elif result not in found:
            found.append(result)
    order = (Kind.SUBVOLUME, Kind.VOLUME, Kind.GROUP, Kind.ARRAY)
    return tuple(sorted(found, key=lambda one: order.index(one.kind))), tuple(problems)


def _removal(word: str, machine: MachineInfo, field: str, allowed: frozenset[str]) -> Removal | Problem:
    device, _, path = word.partition(":")
    groups = [one for one in machine.groups if one.name == word.removeprefix("/dev/")]
    members: tuple[str, ...] = ()
    if len(groups) == 1:
        members = groups[0].members
        result: Removal | Problem = Removal(
            kind=Kind.GROUP, name=groups[0].name, uuid=groups[0].uuid, size=groups[0].size
        )
    else:
        result, members = _single(device, path, machine, field)
    if isinstance(result, Problem):
        return result
    return _elsewhere(word, members, machine, field, allowed) or result


def _single(word: str, path: str, machine: MachineInfo, field: str) -> tuple[Removal | Problem, tuple[str, ...]]:
    found = find(word, machine, field)
    if isinstance(found, Problem):
        return found, ()
    if path:
        volume = _volume(found, machine)
        if volume is None or path not in volume.subvolumes:
            message = f"There is no btrfs subvolume {path} on {word}, which is to be removed."
            return Problem(field=field, message=message, hint="Leave it out."), ()
        return Removal(kind=Kind.SUBVOLUME, name=path, on=volume.uuid), volume.members
    for group in machine.groups:
        for one in group.volumes:
            if thing_name(found) == f"{group.name}/{one.name}":
                name = f"{group.name}/{one.name}"
                return Removal(kind=Kind.VOLUME, name=name, uuid=one.uuid, size=one.size), group.members
    for array in machine.arrays:
        if found == array:
            return Removal(kind=Kind.ARRAY, name=array.name, uuid=array.uuid, size=array.size), array.members
    message = f"{word} can't be removed by itself."
    return Problem(field=field, message=message, hint=f"{_HINT} Partitions go by `clearpart --list`."), ()


def _volume(found: object, machine: MachineInfo) -> BtrfsInfo | None:
    if isinstance(found, BtrfsInfo):
        return found
    names = (thing_name(found),) if hasattr(found, "name") else ()  # type: ignore[arg-type]
    return next((one for one in machine.btrfs if set(names) & set(one.members)), None)


def _elsewhere(
    word: str, members: tuple[str, ...], machine: MachineInfo, field: str, allowed: frozenset[str]
) -> Problem | None:  # fmt: skip
    for name in members:
        lower = find(name, machine, field)
        disks = () if isinstance(lower, Problem) else disks_below(lower, machine)
        for disk in disks:
            if disk.id not in allowed:
                message = (
                    f"{word} is to be removed, but lies on the disk {disk.describe()} too, which must not be used."
                )
                return Problem(field=field, message=message, hint="Allow that disk, or leave it as it is.")
    return None
