"""Whether the disks are still those that the plan was made and confirmed for."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.errors import InstallerError
from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.storage.check_disks import changed
from ashore_installer.storage_plan import DiskPlan, StoragePlan


def changes(plan: StoragePlan, before: MachineInfo, now: Sequence[DiskInfo]) -> tuple[str, ...]:
    """A sentence for each disk of the plan that is gone, in use or not as it was; a new kernel name is no change."""
    return tuple(text for disk in plan.disks if (text := _change(disk, before.disk(disk.id), now)))


def current(plan: DiskPlan, now: Sequence[DiskInfo]) -> DiskInfo:
    """The disk of the plan as it is now. Raises InstallerError when it is gone."""
    for disk in now:
        if disk.id == plan.id:
            return disk
    raise InstallerError(f"The disk {plan.id} ({plan.name}) is gone.", "Attach it again and start anew.")


def _change(plan: DiskPlan, before: DiskInfo, now: Sequence[DiskInfo]) -> str:
    disk = next((disk for disk in now if disk.id == plan.id), None)
    if disk is None:
        return f"The disk {before.describe()} is gone."
    if reason := changed(plan, disk):
        return f"The disk {disk.describe()} can't be used any more: {reason}."
    if _identity(disk) != _identity(before):
        return f"The disk {disk.describe()} is not the one that was planned for: {before.describe()}."
    if _content(disk) != _content(before):
        return f"The partitions of the disk {disk.describe()} are not what they were when the plan was made."
    return ""


def _identity(disk: DiskInfo) -> tuple[object, ...]:
    return disk.size, disk.sector_size, disk.model, disk.serial


def _content(disk: DiskInfo) -> tuple[object, ...]:
    return disk.table, disk.format, tuple(_shape(partition) for partition in disk.partitions)


def _shape(partition: PartitionInfo) -> tuple[object, ...]:
    return partition.number, partition.start, partition.size, partition.format, partition.label, partition.uuid
