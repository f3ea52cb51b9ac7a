"""What a plan destroys, for the summary that people confirm."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.partition_types import kind
from ashore_installer.storage_plan import DiskPlan, StoragePlan
from ashore_installer.units import human


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that will be gone: a partition, or with `number` 0 the disk's content as a whole.

    `disk` is the disk's id, `name` the kernel's name (`vda`, `vda2`), `size` in bytes, `text` a whole sentence.
    """

    disk: str
    number: int
    name: str
    size: int
    text: str
    kind: str = ""
    """What the partition's type says it is for, in words."""
    format: str = ""
    """blkid's name of what is in it."""
    label: str = ""


def losses(plan: StoragePlan, machine: MachineInfo) -> tuple[Loss, ...]:
    """Everything that `plan` destroys, disk by disk; each disk with a new table has one line of its own first.

    Raises BadInput when a disk of the plan is not in the machine.
    """
    return tuple(loss for disk in plan.disks for loss in _of_disk(disk, machine.disk(disk.id)))


def _of_disk(plan: DiskPlan, disk: DiskInfo) -> list[Loss]:
    if plan.table is None:
        gone = [partition for partition in disk.partitions if partition.number in plan.remove]
        return [_partition(disk, partition) for partition in gone]
    return [_whole(disk), *(_partition(disk, partition) for partition in disk.partitions)]


def _whole(disk: DiskInfo) -> Loss:
    if disk.table:
        what = "It loses its partition table" + (" and every partition on it" if disk.partitions else "")
    elif disk.format:
        what = f"It loses its {disk.format} content"
    else:
        what = "It has no partition table that can be read; whatever is on it is lost"
    text = f"{disk.describe()} is erased. {what}."
    return Loss(disk=disk.id, number=0, name=disk.name, size=disk.size, text=text, format=disk.format)


def _partition(disk: DiskInfo, partition: PartitionInfo) -> Loss:
    name, purpose = partition_name(disk, partition.number), kind(partition)
    facts = [human(partition.size), purpose, partition.format]
    labels = [f"“{label}”" for label in dict.fromkeys((partition.label, partition.name)) if label]
    text = f"{name} ({', '.join(fact for fact in (*facts, *labels) if fact)}) is deleted with everything in it."
    return Loss(
        disk=disk.id,
        number=partition.number,
        name=name,
        size=partition.size,
        text=text,
        kind=purpose,
        format=partition.format,
        label=partition.label or partition.name,
    )
