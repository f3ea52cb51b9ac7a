"""From a storage request to exact partitions: a pure function of request, machine and image."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.image import ImageInfo
from ashore_installer.machine import DiskInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.clearing import ClearedDisk, cleared
from ashore_installer.storage.destinations import destinations, is_named, unusable
from ashore_installer.storage.place import place
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.wanted import Wanted, automatic, default_root_format, request_problems, wanted
from ashore_installer.storage_plan import DiskPlan, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.storage_request import PartitionRequest, StorageRequest


def plan_storage(
    request: StorageRequest, machine: MachineInfo, image: ImageInfo, *, boot_disk: str = ""
) -> StoragePlan:
    """The exact layout for a request, or PlanError with everything that is wrong with it.

    The automatic layout is put on one disk: `boot_disk` if given, else the one with the most room, where removable and
    USB disks come last. Disks that a person named to be cleared are cleared even if nothing is put on them. Every
    rule of `check_layout` holds for the result.
    """
    disks = _cleared_disks(request, machine, boot_disk)
    root = default_root_format(request, image)
    requests = automatic(machine, image, root, disks[0]) if request.automatic else request.partitions
    problems = _empty(requests) + request_problems(requests)
    if problems:
        raise PlanError(problems)
    items = wanted(requests, root)
    partitions = place(items, disks[:1] if request.automatic else disks)
    plan = StoragePlan(disks=_disk_plans(disks, partitions), partitions=partitions, mounts=_mounts(items))
    problems = check_layout(plan, machine, image)
    if problems:
        raise PlanError(problems)
    return plan


def _cleared_disks(request: StorageRequest, machine: MachineInfo, boot_disk: str) -> tuple[ClearedDisk, ...]:
    """The disks that can take partitions, the preferred first. A disk that stands in the way only matters if named."""
    found, problems = [], []
    allowed = destinations(request, machine)
    if boot_disk and machine.disk(boot_disk) not in allowed:
        raise PlanError((_refused_boot_disk(machine.disk(boot_disk)),))
    for disk in allowed:
        result = cleared(disk, request)
        if isinstance(result, ClearedDisk):
            found.append(result)
        elif _is_needed(disk.id, request, machine, boot_disk):
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


def _is_needed(id: str, request: StorageRequest, machine: MachineInfo, boot_disk: str) -> bool:  # noqa: A002
    words = [*request.only_use, *request.clear_disks, *(item.disk for item in request.partitions), boot_disk]
    return any(disk.id == id and disk.is_named(word) for disk in machine.disks for word in words)


def _preferred(request: StorageRequest, machine: MachineInfo, boot_disk: str) -> tuple[str, ...]:
    """Ids of disks that a person tied the system to: by the boot loader, or by where root or /boot must be."""
    words = [boot_disk]
    if not request.automatic:
        words += [item.disk for path in ("/", "/boot") for item in request.partitions if item.mount == path]
    return tuple(disk.id for word in words if word for disk in machine.disks if is_named(disk, (word,)))


def _rank(one: ClearedDisk, preferred: Sequence[str]) -> tuple[int, bool, int]:
    place = preferred.index(one.disk.id) if one.disk.id in preferred else len(preferred)
    return place, one.disk.removable or one.disk.transport == "usb", -one.room


def _empty(requests: tuple[PartitionRequest, ...]) -> tuple[Problem, ...]:
    if requests:
        return ()
    message = "Nothing says which partitions to make."
    return (Problem(field="storage.partitions", message=message, hint="Use `autopart`, or add `part` lines."),)


def _disk_plans(disks: Sequence[ClearedDisk], partitions: Sequence[PartitionPlan]) -> tuple[DiskPlan, ...]:
    """Only disks that change: those that get partitions and those that were named to be cleared."""
    used = {partition.disk for partition in partitions}
    return tuple(
        DiskPlan(
            id=one.disk.id,
            name=one.disk.name,
            size=one.disk.size,
            table=one.table if one.new_table else None,
            remove=one.remove,
        )
        for one in disks
        if one.disk.id in used or one.asked
    )


def _mounts(items: Sequence[Wanted]) -> tuple[MountPlan, ...]:
    """Mounts of the installed system, each after the one it stands in; swap last."""
    mounts = [MountPlan(device=item.id, path=item.mount, options=item.options) for item in items if item.mount]
    return tuple(sorted(mounts, key=lambda mount: (not mount.path.startswith("/"), mount.path)))
