"""A finished plan as the draft that leads to it: the way back from `finalize`. Pure."""

from __future__ import annotations

from ashore_installer.machine import PartitionTable
from ashore_installer.package_plan import PackagePayload
from ashore_installer.plan import Draft, InstallPlan, Payload, PayloadRequest
from ashore_installer.storage_plan import DiskPlan, Kind, Removal, StoragePlan
from ashore_installer.storage_request import Clear, StorageRequest
from ashore_kickstart.from_blocks import Back, disk_word, partition_word


def draft_of(plan: InstallPlan) -> Draft:
    """The draft that `finalize` makes `plan` of, on the machine that `plan` was made for."""
    return Draft(
        payload=_request(plan.payload),
        packages=plan.payload if isinstance(plan.payload, PackagePayload) else None,
        storage=_storage(plan.storage),
        boot_disk=disk_word(plan.boot.disks[0]),
        leave_boot_order=plan.boot.leave_order,
        boot_timeout=plan.boot.timeout,
        kargs=plan.boot.kargs,
        system=plan.system,
        scripts=plan.scripts,
        finish=plan.finish,
        eject=plan.eject,
    )


def _request(payload: Payload) -> PayloadRequest:
    """Nothing for packages, which a draft has elsewhere."""
    if isinstance(payload, PackagePayload):
        return PayloadRequest()
    return PayloadRequest(
        source=payload.source, target=payload.target, signed=payload.signed, stateroot=payload.stateroot
    )


def _storage(plan: StoragePlan) -> StorageRequest:
    """What may go is only what the plan takes: new tables on these disks, or these partitions."""
    new = tuple(disk_word(disk.id) for disk in plan.disks if disk.table)
    gone = tuple(_partition_word(disk, number) for disk in plan.disks for number in disk.remove)
    back = Back(plan)
    return StorageRequest(
        only_use=tuple(disk_word(disk.id) for disk in plan.disks),
        clear=Clear.LIST if gone else Clear.ALL if new else Clear.NONE,
        clear_disks=() if gone else new,
        clear_partitions=(*new, *gone) if gone else (),
        remove=tuple(_removal_word(one) for one in plan.remove),
        zero_mbr=bool(new),
        new_table=bool(new) and not gone,
        table=_table(plan),
        partitions=back.partitions(),
        arrays=back.arrays(),
        groups=back.groups(),
        volumes=back.volumes(),
        btrfs=back.btrfs(),
        subvolumes=back.subvolumes(),
        zram=plan.zram,
    )


def _partition_word(disk: DiskPlan, number: int) -> str:
    return partition_word(disk.id, number)


def _removal_word(removal: Removal) -> str:
    """Subvolumes go by their volume's UUID, everything else by its name."""
    return f"UUID={removal.on}:{removal.name}" if removal.kind is Kind.SUBVOLUME else removal.name


def _table(plan: StoragePlan) -> PartitionTable | None:
    """Nothing for GPT, which is what new tables are when nobody says anything."""
    return PartitionTable.MSDOS if any(disk.table is PartitionTable.MSDOS for disk in plan.disks) else None
