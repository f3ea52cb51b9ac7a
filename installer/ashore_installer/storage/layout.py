"""From a storage request to an exact plan: a pure function of request, machine and image.

What is asked for is expanded to explicit requests, then planned from below: partitions are placed on the disks, arrays,
LUKS devices, volume groups and btrfs volumes are put on them. Sizes are what is there at least once it is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.arrays import add_arrays
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.btrfs_volumes import add_btrfs
from ashore_installer.storage.candidates import candidates
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.content import default_root_format
from ashore_installer.storage.groups import add_groups
from ashore_installer.storage.members import arrays_of, member_problems, purposes
from ashore_installer.storage.place import place
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.required import with_required
from ashore_installer.storage.stack import Stack
from ashore_installer.storage.wanted import request_problems, wanted
from ashore_installer.storage_plan import DiskPlan, PartitionPlan, StoragePlan
from ashore_installer.storage_request import StorageRequest


def plan_storage(
    request: StorageRequest, machine: MachineInfo, image: ImageInfo, *, boot_disk: str = ""
) -> StoragePlan:
    """The exact layout for a request, or PlanError with everything that is wrong with it.

    Partitions without a disk of their own go on `boot_disk` if given, else on the disk with the most room, where
    removable and USB disks come last. Disks that a person named to be cleared are cleared even if nothing is put on
    them. Every rule of `check_layout` holds for the result.
    """
    plan = layout(request, machine, image, boot_disk=boot_disk)
    problems = check_layout(plan, machine, image)
    if problems:
        raise PlanError(problems)
    return plan


def layout(request: StorageRequest, machine: MachineInfo, image: ImageInfo, *, boot_disk: str = "") -> StoragePlan:
    """The same, not looked at as a whole yet: whether it boots, and whether the image fits, is not known."""
    root = default_root_format(request, image)
    request = expand(request, machine, image, boot_disk=boot_disk)
    disks = candidates(request, machine, boot_disk=boot_disk)
    request = with_required(request, machine, image, disks[0])
    problems = (*_empty(request), *request_problems(request.partitions), *member_problems(request))
    if problems:
        raise PlanError(problems)
    stack = Stack(machine=machine, root=root)
    _add_partitions(stack, request, disks)
    add_arrays(stack, request)
    add_groups(stack, request)
    add_btrfs(stack, request)
    if stack.problems:
        raise PlanError(stack.problems)
    return stack.plan(_disk_plans(disks, stack.partitions), zram=request.zram)


def _add_partitions(stack: Stack, request: StorageRequest, disks: Sequence[ClearedDisk]) -> None:
    items = wanted(
        dict(enumerate(request.partitions)),
        stack.root,
        purposes=purposes(request),
        apart=arrays_of(request),
        memory=stack.machine.memory,
        names=stack.names,
    )
    for item, partition in zip(items, place(items, disks), strict=True):
        stack.add_partition(partition, item, item.name)


def _empty(request: StorageRequest) -> tuple[Problem, ...]:
    if request.partitions or request.mounts or request.volumes or request.subvolumes:
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
