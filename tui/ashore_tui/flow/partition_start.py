"""Where custom partitioning begins: nothing but empty disks, what is there, or what an automatic layout would make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ashore_installer.errors import BadInput
from ashore_installer.machine import DiskInfo, MachineInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.candidates import candidates
from ashore_installer.storage.destinations import destinations, partition_name, unusable
from ashore_installer.storage.mount_requests import with_mounts
from ashore_installer.storage.partition_types import is_extended
from ashore_installer.storage.required import with_required
from ashore_installer.storage.resized import resized, with_sizes
from ashore_installer.storage.resolve import FoundVolume, find, thing_name
from ashore_installer.storage_plan import PartitionPlan, StoragePlan
from ashore_installer.storage_request import (
    BlockRequest,
    Clear,
    PartitionRequest,
    StorageRequest,
    VolumeRequest,
)
from ashore_tui.flow.partitions import Edited, Refused, Site, drawn, refusal
from ashore_tui.text import _

_Block = TypeVar("_Block", bound=BlockRequest)


def start_as_it_is(site: Site, disks: Sequence[str] = ()) -> StorageRequest:
    """Everything stays, and nothing is asked for yet. `disks` (ids) are all that may be touched; empty means any."""
    others = [one for one in site.machine.disks if disks and one.id not in disks and not unusable(one)]
    return StorageRequest(clear=Clear.LIST, ignore=tuple(one.name for one in others))


def start_empty(site: Site, disks: Sequence[str]) -> Edited:
    """Nothing is left on these disks, and nothing is made yet."""
    base = start_as_it_is(site, disks)
    names = tuple(one.name for one in site.machine.disks if one.id in disks)
    request = replace(base, clear_partitions=names)
    try:
        drawn(request, site)
    except BadInput as error:
        return refusal(error)
    return request


def plain_form(request: StorageRequest, site: Site) -> Edited:
    """The same layout with everything listed: nothing is automatic, and what goes is named one by one.

    Its plan is the same. A request that the planner refuses has no such form.
    """
    if request.automatic and request.automatic.reinstall:
        message = _("A system that takes the place of another one can't be edited.")
        return Refused(message=message, hint=_("Begin with what is on the disks, and use its partitions again."))
    try:
        plan = drawn(request, site)
        return _listed(_expanded(request, site), plan, site)
    except BadInput as error:
        return refusal(error)


# --- how it is listed ----------------------------------------------------------------------------------------


def _expanded(request: StorageRequest, site: Site) -> StorageRequest:
    """What `layout` expands a request to. Raises PlanError as that does."""
    machine = site.machine
    known = expand(request, machine, site.image, boot_disk=site.boot_disk)
    known, _problems = with_mounts(known, machine)
    sizes, _problems = resized(known, machine)
    if not known.required and not known.required_boot:
        return known
    disks = candidates(known, with_sizes(machine, sizes), boot_disk=site.boot_disk)
    return with_required(known, machine, site.image, disks)


def _listed(request: StorageRequest, plan: StoragePlan, site: Site) -> StorageRequest:
    machine = site.machine
    allowed = {disk.id for disk in destinations(request, machine)}
    others = (disk for disk in machine.disks if disk.id not in allowed and not unusable(disk))
    return replace(
        request,
        only_use=(),
        ignore=tuple(disk.name for disk in others),
        clear=Clear.LIST,
        clear_disks=(),
        clear_partitions=tuple(_cleared(plan, machine)),
        zero_mbr=False,
        new_table=False,
        partitions=_placed(tuple(_canonical(one, machine) for one in request.partitions), plan),
        arrays=tuple(_canonical(one, machine) for one in request.arrays),
        volumes=tuple(_volume(one, machine) for one in request.volumes),
    )


def _cleared(plan: StoragePlan, machine: MachineInfo) -> Iterator[str]:
    """Names of the disks and partitions that go, in the machine's order: the plan's own depends on how it was asked."""
    for one in sorted(plan.disks, key=lambda one: machine.disks.index(machine.disk(one.id))):
        disk = machine.disk(one.id)
        if one.table:
            yield disk.name
        else:
            yield from (partition_name(disk, number) for number in one.remove if not _goes_along(disk, number))


def _goes_along(disk: DiskInfo, number: int) -> bool:
    """An extended partition goes with the last one that is in it."""
    logical = disk.table is PartitionTable.MSDOS and any(one.number > 4 for one in disk.partitions)
    return logical and any(one.number == number and is_extended(one) for one in disk.partitions)


def _canonical(request: _Block, machine: MachineInfo) -> _Block:
    """What is there is named by the name that is shown for it."""
    found = find(request.existing, machine, "") if request.existing else None
    return replace(request, existing=thing_name(found)) if found and not isinstance(found, Problem) else request


def _volume(request: VolumeRequest, machine: MachineInfo) -> VolumeRequest:
    word = request.existing if "=" in request.existing else f"{request.group}/{request.name}"
    found = find(word, machine, "") if request.existing else None
    if not isinstance(found, FoundVolume):
        return request
    return replace(request, existing=found.name, group=found.group.name, name=found.volume.name)


def _placed(requests: tuple[PartitionRequest, ...], plan: StoragePlan) -> tuple[PartitionRequest, ...]:
    """New partitions with the disks that the planner found for them, so that later edits don't move them."""
    places = iter(new_partitions(plan))
    return tuple(one if one.existing else replace(one, disk=next(places).disk) for one in requests)


def new_partitions(plan: StoragePlan) -> tuple[PartitionPlan, ...]:
    """Those that are made, in the order of their requests; extended ones, which nobody asked for, come last."""
    return tuple(one for one in plan.partitions if one.existing is None)
