"""What a plan itself knows of the machine that it was made for, for those who have nothing else to look at."""

from __future__ import annotations

from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionInfo
from ashore_installer.storage_plan import DiskPlan, StoragePlan


def known_machine(plan: StoragePlan, architecture: str = "") -> MachineInfo:
    """A machine with the disks of the plan and, on those that keep their table, the partitions that the plan uses.

    What else is on them, what is removed and even the kind of their tables is not known. Firmware and memory are not
    those of any machine.
    """
    disks = tuple(_disk(plan, disk) for disk in plan.disks)
    return MachineInfo(architecture=architecture, firmware=Firmware.UEFI, memory=0, disks=disks)


def _disk(plan: StoragePlan, disk: DiskPlan) -> DiskInfo:
    partitions = tuple(
        PartitionInfo(
            number=one.existing.number,
            start=one.start,
            size=one.existing.size,
            format=one.existing.format,
            label=one.label,
            uuid=one.existing.content,
            id=one.existing.uuid,
        )
        for one in plan.partitions
        if one.disk == disk.id and one.existing
    )
    return DiskInfo(name=disk.name, ids=(disk.id,), size=disk.size, partitions=partitions)
