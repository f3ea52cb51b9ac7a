"""Checks of volume groups and logical volumes: LVM's names, its extents, and whether everything fits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.fate import gone
from ashore_installer.storage.found import disk_of, group_of
from ashore_installer.storage.lvm_sizes import LARGEST_CHUNK, pool_chunk, pool_metadata, usable
from ashore_installer.storage.plan_names import apart, field_of, own_name, volume_name
from ashore_installer.storage_plan import GroupPlan, Kind, StoragePlan, VolumeKind, VolumePlan
from ashore_installer.units import GiB, KiB, MiB, human

_NAME = re.compile(r"[A-Za-z0-9+_.][A-Za-z0-9+_.-]*")
_LONGEST = 127
"""Bytes of a device-mapper name (DM_NAME_LEN of linux/dm-ioctl.h, with the final zero 128)."""
_RESERVED_STARTS = ("snapshot", "pvmove")
_RESERVED_PARTS = (
    *("_cdata", "_cmeta", "_corig", "_imeta", "_iorig", "_mimage", "_mlog", "_pmspare", "_rimage", "_rmeta"),
    *("_tdata", "_tmeta", "_vdata", "_vorigin", "_wcorig"),
)
"""lvm(8), VALID NAMES."""
_IN_DEV = frozenset(
    {"block", "bsg", "bus", "char", "cpu", "disk", "dri", "fd", "input", "loop", "mapper", "md", "mem", "net"}
    | {"null", "pts", "random", "shm", "snd", "usb", "vfio", "zero"}
)
"""What /dev has already: a group's volumes are in a directory there with the group's name."""
_SMALLEST_EXTENT = 1 * KiB
_LARGEST_EXTENT = 16 * GiB
_ODD_EXTENT = 128 * KiB
_POOL_CHUNK = 64 * KiB
_POOL_METADATA_LEAST = 2 * MiB
_POOL_METADATA_MOST = 16 * GiB
"""Limits of a thin pool's metadata (lvmthin(7))."""


def check_lvm(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why LVM would refuse a group or a volume of the plan."""
    found = [*_names_of_groups(storage, machine)]
    for group in storage.groups:
        mine = [volume for volume in storage.volumes if volume.group == group.id]
        found += _group(storage, group, machine)
        found += _names_of_volumes(storage, group, mine, machine)
        for volume in mine:
            found += _volume(storage, group, volume)
        found += _room(storage, group, mine, machine)
    return tuple(found)


def name_problem(name: str, what: str) -> str:
    """Why LVM does not take a name, as the end of a sentence, or empty. `what` is `group` or `volume`."""
    if not _NAME.fullmatch(name) or name in (".", ".."):
        return "has characters that LVM does not take"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if what == "group" and name in _IN_DEV:
        return "is the name of something else in /dev"
    if what == "volume" and (name.startswith(_RESERVED_STARTS) or any(part in name for part in _RESERVED_PARTS)):
        return "is one that LVM keeps for itself"
    return ""


def mapper_name(group: str, volume: str) -> str:
    """The name below /dev/mapper of a logical volume (lvm(8)): a dash in a name is written twice."""
    return f"{group.replace('-', '--')}-{volume.replace('-', '--')}"


def _names_of_groups(storage: StoragePlan, machine: MachineInfo) -> Iterator[Problem]:
    count = Counter(group.name for group in storage.groups)
    stay = {one.name for one in machine.groups} - {one.name for one in gone(storage, machine).groups}
    for group in storage.groups:
        field = f"{field_of(storage, group.id)}.name"
        if reason := "" if group.existing else name_problem(group.name, "group"):
            message = f"The name {group.name!r} of a volume group {reason}."
            yield Problem(field=field, message=message, hint="Use letters, digits, dots, dashes and underscores.")
        if count[group.name] > 1:
            message = f"Two volume groups of the plan are named {group.name}."
            yield Problem(field=field, message=message, hint="Give each a name of its own.")
        elif not group.existing and group.name in stay:
            message = f"There is a volume group {group.name} on this machine that stays."
            yield Problem(field=field, message=message, hint="Choose another name, or remove that group.")


def _group(storage: StoragePlan, group: GroupPlan, machine: MachineInfo) -> Iterator[Problem]:
    field, name = field_of(storage, group.id), own_name(storage, group.id)
    good = group.extent > 0 and (group.extent & (group.extent - 1) == 0 or group.extent % _ODD_EXTENT == 0)
    if not (good and _SMALLEST_EXTENT <= group.extent <= _LARGEST_EXTENT):
        message = f"{_upper(name)} can't have extents of {human(group.extent)}."
        yield Problem(field=field, message=message, hint="Use a power of two from 1 KiB to 16 GiB; 4 MiB is usual.")
        return
    for member in group.members:
        block = storage.block(member)
        if not block.keep and not _usable(block.size, group):
            message = f"{own_name(storage, member)} has {human(block.size)}, which is too small to be part of {name}."
            yield Problem(field=field_of(storage, member), message=message, hint="Give it more, or leave it out.")
    sectors = {_sector_size(storage, member, machine) for member in group.members}
    if len(sectors) > 1:
        message = f"{_upper(name)} would mix disks with sectors of {' and '.join(map(str, sorted(sectors)))} bytes."
        yield Problem(field=field, message=message, hint="Make a group for each kind of disk.")


def _sector_size(storage: StoragePlan, member: str, machine: MachineInfo) -> int:
    """Bytes of a logical sector of what stands on the disks below `member`; LVM refuses to mix them."""
    disks = (disk_of(one.disk, machine) for one in storage.partitions_below(member))
    return max((disk.sector_size for disk in disks if disk), default=512)


def _names_of_volumes(
    storage: StoragePlan, group: GroupPlan, mine: list[VolumePlan], machine: MachineInfo
) -> Iterator[Problem]:
    now = group_of(group.existing, machine) if group.existing else None
    removed = gone(storage, machine).devices
    stay = {one.name for one in now.volumes if f"{now.name}/{one.name}" not in removed} if now else set()
    count = Counter(volume.name for volume in mine)
    for volume in mine:
        field, name = f"{field_of(storage, volume.id)}.name", volume_name(storage, volume)
        if reason := "" if volume.existing else name_problem(volume.name, "volume"):
            message = f"The name {volume.name!r} of a logical volume {reason}."
            yield Problem(field=field, message=message, hint="Use letters, digits, dots, dashes and underscores.")
        elif len(mapper_name(group.name, volume.name)) > _LONGEST:
            message = f"The name {name} is too long: group and volume together take {_LONGEST} characters."
            yield Problem(field=field, message=message, hint="Choose a shorter one.")
        if count[volume.name] > 1 or (not volume.existing and volume.name in stay):
            message = f"There are two logical volumes {name}."
            yield Problem(field=field, message=message, hint="Choose another name for one of them.")


def _volume(storage: StoragePlan, group: GroupPlan, volume: VolumePlan) -> Iterator[Problem]:
    field, name = field_of(storage, volume.id), volume_name(storage, volume)
    fresh = not volume.existing or volume.resized
    if fresh and volume.kind is not VolumeKind.THIN and (volume.size <= 0 or volume.size % max(group.extent, 1)):
        message = f"{name} has {volume.size} bytes, which are no whole extents of {human(group.extent)}."
        yield Problem(field=field, message=message, hint="Make a new plan.")
    if volume.kind is VolumeKind.POOL and not volume.existing:
        yield from _pool(field, name, volume)
    if volume.resized and volume.kind is VolumeKind.POOL and volume.existing and volume.size < volume.existing.size:
        yield Problem(field=field, message=f"The thin pool {name} can't be made smaller.", hint="Leave its size.")


def _pool(field: str, name: str, pool: VolumePlan) -> Iterator[Problem]:
    if pool.metadata and not _POOL_METADATA_LEAST <= pool.metadata <= _POOL_METADATA_MOST:
        message = f"The thin pool {name} can't have {human(pool.metadata)} for its metadata."
        yield Problem(field=field, message=message, hint="Use 2 MiB to 16 GiB, or leave it to LVM.")
    if pool.chunk and (pool.chunk % _POOL_CHUNK or not _POOL_CHUNK <= pool.chunk <= LARGEST_CHUNK):
        message = f"The thin pool {name} can't have chunks of {human(pool.chunk)}."
        yield Problem(field=field, message=message, hint="Use a multiple of 64 KiB, up to 1 GiB, or leave it to LVM.")


def _room(storage: StoragePlan, group: GroupPlan, mine: list[VolumePlan], machine: MachineInfo) -> Iterator[Problem]:
    if group.extent <= 0:
        return
    new = [storage.block(member) for member in group.members if not storage.block(member).keep]
    room = sum(_usable(block.size, group) for block in new)
    room += _free_now(storage, group, machine) - group.reserved
    needed = sum(_taken(volume, group) for volume in mine) + _spare(mine, group)
    if needed > room:
        reserved = f" besides the {human(group.reserved)} that stay free" if group.reserved else ""
        least, there = apart(needed, room)
        message = f"The volumes of {own_name(storage, group.id)} need {least}, and it has {there}{reserved}."
        yield Problem(field=field_of(storage, group.id), message=message, hint="Make a volume smaller.")


def _free_now(storage: StoragePlan, group: GroupPlan, machine: MachineInfo) -> int:
    """What an existing group has free once the volumes that the plan removes are gone."""
    now = group_of(group.existing, machine) if group.existing else None
    if now is None:
        return 0
    named = {one.name for one in storage.remove if one.kind is Kind.VOLUME}
    freed = [one for one in now.volumes if named & {one.name, f"{now.name}/{one.name}"} and one.kind != "thin"]
    return now.free + sum(one.size for one in freed)


def _taken(volume: VolumePlan, group: GroupPlan) -> int:
    """What a volume takes of its group beyond what it has."""
    if volume.kind is VolumeKind.THIN:
        return 0
    if volume.existing:
        return volume.size - volume.existing.size
    return volume.size + (_metadata(volume, group) if volume.kind is VolumeKind.POOL else 0)


def _spare(mine: list[VolumePlan], group: GroupPlan) -> int:
    """A group keeps one spare, as large as its largest pool's metadata, to repair with (lvmthin(7))."""
    pools = [one for one in mine if one.kind is VolumeKind.POOL]
    if any(one.existing for one in pools):
        return 0
    return max((_metadata(one, group) for one in pools), default=0)


def _metadata(pool: VolumePlan, group: GroupPlan) -> int:
    if pool.metadata:
        return -(-pool.metadata // group.extent) * group.extent
    return pool_metadata(pool.size, pool.chunk or pool_chunk(pool.size), group.extent)


def _usable(size: int, group: GroupPlan) -> int:
    """The most that a physical volume can give; on an array it is less, which the planner reckons with."""
    return usable(size, group.extent, array=False, stripe=0)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
