"""Which disks can take new partitions, the best first."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.machine import DiskInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.clearing import ClearedDisk, cleared
from ashore_installer.storage.destinations import destinations, is_named, unusable
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_request import StorageRequest


def candidates(request: StorageRequest, machine: MachineInfo, *, boot_disk: str = "") -> tuple[ClearedDisk, ...]:
    """The disks that the request lets be used, as they are once what may go has gone, in the order of preference.

    First the disks that a person tied the system to: `boot_disk`, then where root and /boot must be. Then those with
    the most room in one piece; removable and USB disks come last. A disk that stands in the way (no table that can be
    read, or something on it that must stay) only matters if it was named, or if there is no other. Raises PlanError.
    """
    found, problems = [], []
    allowed = destinations(request, machine)
    if boot_disk and machine.disk(boot_disk) not in allowed:
        raise PlanError((_refused_boot_disk(machine.disk(boot_disk)),))
    for disk in allowed:
        result = cleared(disk, request)
        if isinstance(result, ClearedDisk):
            found.append(result)
        elif _is_needed(disk, request, boot_disk):
            raise PlanError((result,))
        else:
            problems.append(result)
    if not found:
        raise PlanError(problems)
    preferred = _preferred(request, machine, boot_disk)
    return tuple(sorted(found, key=lambda one: _rank(one, preferred)))


def _refused_boot_disk(disk: DiskInfo) -> Problem:
    message = f"The boot loader can't go on {disk.describe()}: {unusable(disk) or 'the disk must not be used'}."
    return Problem(field="boot_disk", message=message, hint="Choose another disk for the boot loader.")


def _is_needed(disk: DiskInfo, request: StorageRequest, boot_disk: str) -> bool:
    words = [*request.only_use, *request.clear_disks, *(item.disk for item in request.partitions), boot_disk]
    return any(disk.is_named(word) for word in words)


def _preferred(request: StorageRequest, machine: MachineInfo, boot_disk: str) -> tuple[str, ...]:
    words = [boot_disk]
    if not request.automatic:
        words += [item.disk for path in ("/", "/boot") for item in request.partitions if item.mount == path]
    return tuple(disk.id for word in words if word for disk in machine.disks if is_named(disk, (word,)))


def _rank(one: ClearedDisk, preferred: Sequence[str]) -> tuple[int, bool, int]:
    place = preferred.index(one.disk.id) if one.disk.id in preferred else len(preferred)
    return place, one.disk.removable or one.disk.transport == "usb", -one.room
