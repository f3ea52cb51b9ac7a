"""Before anything is written: what blivet would make is what the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import ArrayPlan, EncryptionPlan, StoragePlan, VolumePlan

_HINT = "Make a new plan, or clear the disks first."


def prove_places(plan: StoragePlan, devices: Mapping[str, Any]) -> None:
    """Every partition, new or not, lies exactly where the plan says. Raises InstallerError."""
    for one in plan.partitions:
        geometry = devices[one.id].parted_partition.geometry
        sector = geometry.device.sectorSize
        found = geometry.start * sector, geometry.length * sector
        if found != (one.start, one.size):
            message = f"blivet would make {one.id} at {found[0]} with {found[1]} bytes, and not at {one.start}"
            raise InstallerError(f"{message} with {one.size}.", _HINT)


def prove_stacks(plan: StoragePlan, devices: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Names, sizes and members of everything that is built on partitions. Raises InstallerError.

    blivet changes names that it finds too long, and only guesses the sizes of arrays: those are proven afterwards.
    """
    wrong = [text for one in plan.arrays for text in _array(one, devices)]
    wrong += [text for one in plan.volumes for text in _volume(one, devices[one.id])]
    wrong += [text for one in plan.encrypted for text in _opened(one, devices)]
    for group in plan.groups:
        found = groups.get(group.id)
        if found is not None and found.name != group.name:
            wrong.append(f"blivet would call the volume group {group.name} {found.name}.")
        if found is not None and int(found.pe_size) != group.extent:
            wrong.append(f"blivet would give {group.name} extents of {int(found.pe_size)} bytes.")
    if wrong:
        raise InstallerError("\n".join(wrong), _HINT)


def prove_untouched(kept: Mapping[str, Any], storage: Any) -> None:
    """Nothing is planned for the content of what stays, and blivet still has it. Raises InstallerError."""
    queued = storage.devicetree.actions.find(object_type="format")
    for name, device in kept.items():
        if device not in storage.devices:
            raise InstallerError(f"{name} should stay, but lies on something that goes.", _HINT)
        if any(action.device is device for action in queued):
            raise InstallerError(f"{name} should stay, but blivet would format it.", _HINT)


def _array(plan: ArrayPlan, devices: Mapping[str, Any]) -> list[str]:
    found = devices[plan.id]
    members = {devices[member].path for member in plan.members}
    wrong = []
    if plan.name and not plan.existing and found.name != plan.name:
        wrong.append(f"blivet would call the array {plan.name} {found.name}.")
    if {member.path for member in found.members} != members:
        wrong.append(f"blivet would not make the array {plan.name} of {', '.join(plan.members)}.")
    if str(found.level) != plan.level.value or (not plan.existing and found.spares != plan.spares):
        wrong.append(f"blivet would make {plan.name} a {found.level} with {found.spares} spares.")
    return wrong


def _volume(plan: VolumePlan, found: Any) -> list[str]:
    wrong = []
    if int(found.size) != plan.size:
        wrong.append(f"blivet would give {plan.name} {int(found.size)} bytes, and not {plan.size}.")
    if found.lvname != plan.name:
        wrong.append(f"blivet would call the logical volume {plan.name} {found.lvname}.")
    return wrong


def _opened(plan: EncryptionPlan, devices: Mapping[str, Any]) -> list[str]:
    below = devices[plan.id].raw_device
    return [] if below is devices[plan.device] else [f"blivet would open {below.path}, and not {plan.device}."]
