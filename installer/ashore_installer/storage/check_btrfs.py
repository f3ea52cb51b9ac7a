"""Checks of btrfs volumes with several members or subvolumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.labels import label_problem
from ashore_installer.storage.plan_names import field_of, own_name
from ashore_installer.storage_plan import BtrfsPlan, Format, StoragePlan

_LEAST = {
    "": 1,
    "single": 1,
    "dup": 1,
    "raid0": 2,
    "raid1": 2,
    "raid1c3": 3,
    "raid1c4": 4,
    "raid10": 4,
    "raid5": 2,
    "raid6": 3,
}
"""Members that a profile needs (mkfs.btrfs(8), PROFILES; raid10 with two of them is not for kernels before 5.15)."""
_SURVIVES = frozenset({"raid1", "raid10", "raid1c3", "raid1c4", "raid5", "raid6"})
_LONGEST = 255
"""Bytes of a directory entry (btrfs_tree.h, BTRFS_NAME_LEN)."""


def check_btrfs(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why a btrfs volume or a subvolume of the plan can't be made."""
    found: list[Problem] = []
    for volume in storage.btrfs:
        if not volume.existing:
            found += _volume(storage, volume, machine)
    count = Counter((one.volume, one.path) for one in storage.subvolumes)
    for one in storage.subvolumes:
        field = f"{field_of(storage, one.id)}.path"
        if not one.existing and not _is_path(one.path):
            message = f"A subvolume can't have the name {one.path!r}."
            hint = "Use names without blanks, commas and dots alone, with a slash between them."
            found.append(Problem(field=field, message=message, hint=hint))
        if count[one.volume, one.path] > 1:
            message = f"There are two subvolumes {one.path} of the same btrfs volume."
            found.append(Problem(field=field, message=message, hint="Choose another name for one of them."))
    return tuple(found)


def _volume(storage: StoragePlan, volume: BtrfsPlan, machine: MachineInfo) -> Iterator[Problem]:
    field, name = field_of(storage, volume.id), volume.label or volume.id
    for what, profile in (("data", volume.data), ("metadata", volume.metadata)):
        least = _LEAST.get(profile)
        if least is None:
            message = f"{profile!r} is no profile for the {what} of the btrfs volume {name}."
            known = ", ".join(sorted(one for one in _LEAST if one))
            yield Problem(field=field, message=message, hint=f"Use one of {known}.")
        elif len(volume.members) < least:
            message = f"The btrfs volume {name} has {len(volume.members)} members, and {profile} needs {least}."
            yield Problem(field=field, message=message, hint="Add members, or use another profile.")
    if reason := label_problem(volume.label, Format.BTRFS):
        message = f"The label {volume.label!r} of a btrfs volume {reason}."
        yield Problem(field=field, message=message, hint="Choose another label, or leave it out.")
    if _SURVIVES & {volume.data, volume.metadata}:
        yield from _on_one_disk(storage, volume, machine)


def _on_one_disk(storage: StoragePlan, volume: BtrfsPlan, machine: MachineInfo) -> Iterator[Problem]:
    """Copies on one disk are lost together."""
    disks = Counter(one.disk for member in volume.members for one in storage.partitions_below(member))
    for disk in (disk for disk, times in disks.items() if times > 1):
        known = disk_of(disk, machine)
        below = [one for one in volume.members if disk in {part.disk for part in storage.partitions_below(one)}]
        names = " and ".join(own_name(storage, one) for one in below)
        message = f"{names} are members of one btrfs volume, and both are on the disk {known.name if known else disk}."
        yield Problem(field=field_of(storage, volume.id), message=message, hint="Put each on a disk of its own.")


def _is_path(path: str) -> bool:
    """Blanks and commas would end what fstab and the kernel's arguments say of it."""
    parts = path.split("/")
    good = all(part and part not in (".", "..") and len(part.encode()) <= _LONGEST for part in parts)
    return good and path.isprintable() and not any(letter.isspace() or letter in ',\\"' for letter in path)
