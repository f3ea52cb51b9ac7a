"""The EFI system partition: where it is mounted, and the partitions that firmware sees it in.

It is one partition, or an md RAID1 of one partition on each disk whose superblock is at the end (metadata 1.0), so that
firmware takes each member for a FAT file system of its own. Then every disk can start the machine. (Firmware must not
write to it: a change to one member is not on the others. It has no reason to, and md's next check would tell.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import BlockPlan, Format, PartitionPlan, StoragePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A partition that holds the ESP. `disk` and `node` are device nodes; `id` is its PARTUUID if it was there before.

    `number` is that in the partition table, as efibootmgr wants it.
    """

    disk: str
    node: str
    number: str
    id: str = ""


def esp_mount(storage: StoragePlan) -> str:
    """Where the ESP is mounted in the installed system."""
    for mount in storage.mounts:
        if storage.format_of(mount.path) is Format.EFI:
            return mount.path
    raise InstallerError("The plan has no EFI system partition.", "Add one, or use the automatic layout.")


def esp_of(context: Context) -> Path:
    """Where the ESP is mounted while the system is installed."""
    return context.target / esp_mount(context.plan.storage).lstrip("/")


def esp_block(storage: StoragePlan) -> BlockPlan:
    """The partition, or array, whose file system the ESP is."""
    mount = storage.mount(esp_mount(storage))
    block = storage.block_of(mount.device) if mount else None
    if block is None:
        raise InstallerError("The EFI system partition is nothing of the plan.", "Report this plan.")
    return block


def esp_members(context: Context) -> tuple[Member, ...]:
    """The ESP's partitions, those on the first boot disk first. Raises InstallerError for one without a device."""
    disks = context.plan.boot.disks
    return tuple(sorted(_members(context), key=lambda member: _rank(context, disks, member)))


def _members(context: Context) -> Iterator[Member]:
    storage = context.plan.storage
    for partition in storage.partitions_below(esp_block(storage).id):
        node, disk = context.devices.get(partition.id, ""), context.devices.get(partition.disk, "")
        match = re.search(r"(\d+)$", node)
        if not match or not disk:
            raise InstallerError("The EFI system partition has no device.", "See the log for what happened to it.")
        yield Member(disk=disk, node=node, number=match[1], id=_id(partition))


def _id(partition: PartitionPlan) -> str:
    return partition.existing.uuid.lower() if partition.existing else ""


def _rank(context: Context, disks: tuple[str, ...], member: Member) -> int:
    nodes = [context.devices.get(disk, "") for disk in disks]
    return nodes.index(member.disk) if member.disk in nodes else len(nodes)
