"""From a storage request to an exact plan: a pure function of request, machine and image.

What is asked for is expanded to explicit requests, then planned from below: partitions are placed on the disks, arrays,
LUKS devices, volume groups and btrfs volumes are put on them. What is there already is put into the plan with
everything that it lies on. Sizes are what is there at least once it is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.machine import MachineInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.arrays import add_arrays
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.btrfs_volumes import add_btrfs
from ashore_installer.storage.candidates import candidates
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.clearing_stacks import disk_plans
from ashore_installer.storage.content import default_root_format
from ashore_installer.storage.destinations import destinations
from ashore_installer.storage.existing import add_existing_arrays, add_existing_partitions
from ashore_installer.storage.groups import add_groups
from ashore_installer.storage.members import arrays_of, member_problems, purposes
from ashore_installer.storage.mount_requests import with_mounts
from ashore_installer.storage.place import place
from ashore_installer.storage.present import Present
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.removals import removals
from ashore_installer.storage.required import with_required
from ashore_installer.storage.resized import resized, with_sizes
from ashore_installer.storage.stack import Stack
from ashore_installer.storage.wanted import request_problems, wanted
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import StorageRequest


def plan_storage(
    request: StorageRequest, machine: MachineInfo, image: PayloadInfo, *, boot_disk: str = ""
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


def layout(request: StorageRequest, machine: MachineInfo, image: PayloadInfo, *, boot_disk: str = "") -> StoragePlan:
    """The same, not looked at as a whole yet: whether it boots, and whether the image fits, is not known."""
    stack = Stack(machine=machine, root=default_root_format(request, image))
    request = expand(request, machine, image, boot_disk=boot_disk)
    allowed = frozenset(disk.id for disk in destinations(request, machine))
    request, problems = with_mounts(request, machine)
    sizes, too_large = resized(request, machine)
    _refuse([*problems, *too_large])
    disks = candidates(request, with_sizes(machine, sizes), boot_disk=boot_disk)
    request = with_required(request, machine, image, disks)
    _refuse([*_empty(request), *request_problems(request.partitions, stack.root), *member_problems(request)])
    remove, not_removed = removals(request, machine, allowed)
    stack.problems += not_removed
    _build(stack, request, disks, sizes)
    plans = disk_plans(stack, disks, remove, allowed)
    _refuse(stack.problems)
    return stack.plan(plans, remove, request.zram)


def _build(stack: Stack, request: StorageRequest, disks: Sequence[ClearedDisk], sizes: dict[str, int]) -> None:
    present = Present(stack=stack)
    add_existing_partitions(stack, present, request, sizes)
    try:
        _add_partitions(stack, request, disks)
    except PlanError as error:
        stack.problems += error.problems
    add_existing_arrays(stack, present, request)
    add_arrays(stack, request)
    add_groups(stack, present, request)
    add_btrfs(stack, present, request)


def _add_partitions(stack: Stack, request: StorageRequest, disks: Sequence[ClearedDisk]) -> None:
    items = wanted(
        {number: one for number, one in enumerate(request.partitions) if not one.existing},
        stack.root,
        purposes=purposes(request),
        apart=arrays_of(request),
        memory=stack.machine.memory,
        names=stack.names,
    )
    placed = place(items, disks)
    for item, partition in zip(items, placed, strict=False):
        stack.add_partition(partition, item, item.name)
    stack.partitions += placed[len(items) :]


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise PlanError(problems)


def _empty(request: StorageRequest) -> tuple[Problem, ...]:
    if request.partitions or request.arrays or request.volumes or request.btrfs or request.subvolumes:
        return ()
    message = "Nothing says which partitions to make."
    return (Problem(field="storage.partitions", message=message, hint="Use `autopart`, or add `part` lines."),)
