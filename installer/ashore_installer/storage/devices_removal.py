"""What goes, as blivet's actions: they stop it, take it apart from the top and erase its signatures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage.devices_existing import digits, logical_volumes, partitions_of
from ashore_installer.storage_plan import DiskPlan, Kind, PartitionPlan, Removal


def clear_disk(storage: Any, plan: DiskPlan, device: Any, partitions: Iterable[PartitionPlan]) -> None:
    """All of a disk that gets a new partition table goes, else the partitions that are named."""
    from blivet.formats import get_format

    if plan.table:
        if any(one.existing and one.disk == plan.id for one in partitions):
            raise InstallerError(f"{plan.name} can't get a new table while partitions stay.", "Make a new plan.")
        storage.devicetree.recursive_remove(device)
        storage.format_device(device, get_format("disklabel", device=device.path, label_type=plan.table.value))
        return
    numbered = partitions_of(storage, device)
    for number in sorted(plan.remove, reverse=True):
        if numbered[number] in storage.devicetree.devices:
            storage.devicetree.recursive_remove(numbered[number])


def remove(storage: Any, plan: Removal) -> None:
    """One thing whose disks stay, with all that lies on it. Raises InstallerError when it is not there."""
    device = _found(storage, plan)
    # Members that are used again get a new format; the others must not bring back what is removed.
    members = list(device.parents) if plan.kind in (Kind.GROUP, Kind.ARRAY) else []
    storage.devicetree.recursive_remove(device)
    for member in members:
        storage.devicetree.recursive_remove(member, remove_device=False)


def _found(storage: Any, plan: Removal) -> Any:
    kinds = {Kind.GROUP: storage.vgs, Kind.ARRAY: storage.mdarrays, Kind.VOLUME: logical_volumes(storage)}
    found = [one for one in kinds[plan.kind] if digits(str(one.uuid or "")) == digits(plan.uuid)]
    if not found:
        raise InstallerError(f"The {plan.kind} {plan.name} is gone, or can't be read.", "Make a new plan.")
    return found[0]
