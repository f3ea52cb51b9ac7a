"""What is on the disks already, as blivet sees it, found again by what the plan knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    DiskPlan,
    EncryptionPlan,
    GroupPlan,
    PartitionPlan,
    StoragePlan,
)


def the_disk(storage: Any, plan: DiskPlan, node: str) -> Any:
    """A disk of the plan. Raises InstallerError when it can't be used or is not what it was."""
    device = storage.devicetree.get_device_by_name(Path(node).name)
    if device is None or not device.partitionable:
        raise InstallerError(f"blivet can't partition {node}.", "Choose another disk.")
    if int(device.size) != plan.size:
        raise InstallerError(f"{node} has {int(device.size)} bytes now, and not {plan.size}.", "Make a new plan.")
    return device


def partitions_of(storage: Any, disk: Any) -> dict[int, Any]:
    """The partitions of a disk by their numbers."""
    return {part.parted_partition.number: part for part in storage.partitions if part.disk is disk}


def existing_device(plan: StoragePlan, block: BlockPlan, storage: Any, disks: Mapping[str, str]) -> Any:
    """The device of a block that is there already. Raises InstallerError when it is gone or another."""
    assert block.existing is not None
    match block:
        case PartitionPlan():
            return _partition(plan, block, storage, disks)
        case ArrayPlan():
            return _by_uuid(storage.mdarrays, block.existing.uuid, block.existing.name)
        case EncryptionPlan():
            below = existing_device(plan, plan.block(block.device), storage, disks)
            if not below.children:
                raise InstallerError(f"{block.existing.name} is not open.", "See the log for what cryptsetup said.")
            return below.children[0]
        case _:
            return _by_uuid(logical_volumes(storage), block.existing.uuid, block.existing.name)


def existing_group(storage: Any, plan: GroupPlan) -> Any:
    assert plan.existing is not None
    return _by_uuid(storage.vgs, plan.existing.uuid, plan.existing.name)


def logical_volumes(storage: Any) -> list[Any]:
    """All of them: pools first, as what is in them depends on them."""
    return [*storage.thinpools, *storage.thinlvs, *storage.lvs]


def remove_content(storage: Any, device: Any) -> None:
    """Actions for what lies on a device that stays, and for the format of it."""
    storage.devicetree.recursive_remove(device, remove_device=False)


def resize(storage: Any, block: BlockPlan, device: Any) -> None:
    """An action for the size of a device; the file system in it is `storage/resize.py`'s.

    blivet resizes no btrfs, and wants to look for minutes into others for sizes that the plan has already: so it is
    shown a device without a format meanwhile.
    """
    from blivet.deviceaction import ActionResizeDevice
    from blivet.formats import get_format
    from blivet.size import Size

    content = device.format
    device.format = get_format(None)
    storage.devicetree.actions.add(ActionResizeDevice(device, Size(block.size)))
    device.format = content


def _partition(plan: StoragePlan, block: PartitionPlan, storage: Any, disks: Mapping[str, str]) -> Any:
    assert block.existing is not None
    disk = next(one for one in plan.disks if one.id == block.disk)
    found = partitions_of(storage, the_disk(storage, disk, disks[disk.id])).get(block.existing.number)
    geometry = found.parted_partition.geometry if found else None
    if geometry is None or geometry.start * geometry.device.sectorSize != block.start:
        raise InstallerError(f"The partition {block.existing.name} is not where it was.", "Make a new plan.")
    return found


def _by_uuid(devices: Iterable[Any], uuid: str, name: str) -> Any:
    for device in devices:
        if digits(str(device.uuid or "")) == digits(uuid):
            return device
    raise InstallerError(f"{name} is gone, or can't be read.", "Make a new plan.")


def digits(uuid: str) -> str:
    """A UUID without what mdadm, blkid and blivet put between its digits, each its own way."""
    return uuid.replace("-", "").replace(":", "").lower()
