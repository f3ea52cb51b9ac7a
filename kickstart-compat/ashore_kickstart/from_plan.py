"""A finished plan as the draft that leads to it: the way back from `finalize`. Pure."""

from __future__ import annotations

from ashore_installer.plan import Draft, InstallPlan, PayloadRequest
from ashore_installer.storage_plan import DiskPlan, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.storage_request import Clear, PartitionRequest, StorageRequest


def draft_of(plan: InstallPlan) -> Draft:
    """The draft that `finalize` makes `plan` of, on the machine that `plan` was made for."""
    payload = plan.payload
    return Draft(
        payload=PayloadRequest(
            source=payload.source, target=payload.target, signed=payload.signed, stateroot=payload.stateroot
        ),
        storage=_storage(plan.storage),
        boot_disk=disk_word(plan.boot.disks[0]),
        kargs=plan.boot.kargs,
        system=plan.system,
        scripts=plan.scripts,
        finish=plan.finish,
        eject=plan.eject,
    )


def disk_word(id: str) -> str:  # noqa: A002 (the field's name)
    """How a disk is named in a kickstart: by its link below /dev/disk, else by the kernel's name."""
    return f"disk/{id}" if "/" in id else id


def _storage(plan: StoragePlan) -> StorageRequest:
    """What may go is only what the plan takes: new tables on these disks, or these partitions."""
    new = tuple(disk_word(disk.id) for disk in plan.disks if disk.table)
    gone = tuple(_partition_word(disk, number) for disk in plan.disks for number in disk.remove)
    return StorageRequest(
        only_use=tuple(disk_word(disk.id) for disk in plan.disks),
        clear=Clear.LIST if gone else Clear.ALL if new else Clear.NONE,
        clear_disks=() if gone else new,
        clear_partitions=(*new, *gone) if gone else (),
        zero_mbr=bool(new),
        new_table=bool(new) and not gone,
        partitions=tuple(_request(partition, plan) for partition in plan.partitions),
    )


def _partition_word(disk: DiskPlan, number: int) -> str:
    """A partition by its disk's stable name (`disk/by-id/…-part2`), or by the kernel's (`vda2`, `nvme0n1p2`)."""
    if "/" in disk.id:
        return f"{disk_word(disk.id)}-part{number}"
    return f"{disk.id}{'p' if disk.id[-1:].isdigit() else ''}{number}"


def _request(partition: PartitionPlan, plan: StoragePlan) -> PartitionRequest:
    mount = next((mount for mount in plan.mounts if mount.device == partition.id), MountPlan(device="", path=""))
    return PartitionRequest(
        mount=mount.path if mount.path.startswith("/") else "",
        format=partition.format,
        size=partition.size,
        disk=disk_word(partition.disk),
        label=partition.label,
        options=mount.options if mount.path else "",
    )
