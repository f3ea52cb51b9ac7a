"""Checks of md arrays: members, names, superblocks, sizes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ashore_installer.machine import ArrayInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.fate import gone
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.md_sizes import array_size
from ashore_installer.storage.plan_names import apart, field_of, own_name
from ashore_installer.storage_plan import ArrayPlan, RaidLevel, StoragePlan
from ashore_installer.units import KiB, TiB, human

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_LONGEST = 32
"""Bytes that a superblock has for the name (md_p.h, set_name)."""
METADATA = ("0.90", "1.0", "1.1", "1.2")
_OLD_MEMBERS = 27
_OLD_SIZE = 2 * TiB
"""Limits of metadata 0.90 (md(4))."""
_CHUNK_LEAST = 4 * KiB


def check_raid(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why an array of the plan can't be made, or would not be worth its name."""
    found: list[Problem] = []
    stay = [one for one in machine.arrays if one not in gone(storage, machine).arrays]
    for array in storage.arrays:
        found += _name(storage, array, stay)
        found += _members(storage, array)
        found += _on_one_disk(storage, array, machine)
        if not array.existing:
            found += _superblock(storage, array)
            found += _size(storage, array)
    return tuple(found)


def _name(storage: StoragePlan, array: ArrayPlan, stay: Sequence[ArrayInfo]) -> Iterator[Problem]:
    field = f"{field_of(storage, array.id)}.name"
    if array.existing:
        return
    if array.name and (not _NAME.fullmatch(array.name) or len(array.name.encode()) > _LONGEST):
        message = f"An array can't have the name {array.name!r}."
        hint = f"Use at most {_LONGEST} letters, digits, dots, dashes and underscores, a letter or a digit first."
        yield Problem(field=field, message=message, hint=hint)
    if array.name and sum(one.name == array.name for one in storage.arrays) > 1:
        message = f"Two arrays of the plan are named {array.name}."
        yield Problem(field=field, message=message, hint="Give each a name of its own.")
    elif array.name and any(array.name in _names(one) for one in stay):
        message = f"There is an array {array.name} on this machine that stays."
        yield Problem(field=field, message=message, hint="Choose another name, or remove that array.")


def _names(array: ArrayInfo) -> tuple[str, ...]:
    """The names an array goes by; kickstarts call md127 also 127."""
    return array.name, array.name.removeprefix("md"), array.label


def _members(storage: StoragePlan, array: ArrayPlan) -> Iterator[Problem]:
    if array.existing and not array.members:
        return
    field, name = field_of(storage, array.id), own_name(storage, array.id)
    active = len(array.members) - array.spares
    if array.spares < 0 or active < array.level.least_members:
        least = array.level.least_members
        spares = f" and {array.spares} spare" if array.spares else ""
        message = f"{name} has {max(active, 0)} members{spares}, and {array.level} needs {least}."
        yield Problem(field=field, message=message.replace("the", "The", 1), hint="Add members, or use another level.")
    if array.spares > 0 and array.level is RaidLevel.RAID0:
        message = f"The array {array.name} can't have spares: {array.level} can't lose a member."
        yield Problem(field=field, message=message, hint="Leave the spares out.")


def _on_one_disk(storage: StoragePlan, array: ArrayPlan, machine: MachineInfo) -> Iterator[Problem]:
    """Two members on one disk are lost together, and are slower than one."""
    below = {member: {one.disk for one in storage.partitions_below(member)} for member in array.members}
    count = Counter(disk for disks in below.values() for disk in disks)
    for disk in (disk for disk, times in count.items() if times > 1 and not array.existing):
        known = disk_of(disk, machine)
        names = " and ".join(own_name(storage, member) for member in array.members if disk in below[member])
        message = f"{names} are members of {own_name(storage, array.id)}, and both are on the disk "
        message += f"{known.name if known else disk}."
        hint = "Put each member on a disk of its own."
        yield Problem(field=field_of(storage, array.id), message=message, hint=hint)


def _superblock(storage: StoragePlan, array: ArrayPlan) -> Iterator[Problem]:
    field, name = field_of(storage, array.id), own_name(storage, array.id)
    if array.metadata not in METADATA:
        message = f"{array.metadata!r}, the metadata format of {name}, is none that md knows."
        yield Problem(field=field, message=message, hint=f"Use one of {', '.join(METADATA)}.")
    old = array.metadata == "0.90"
    if old and (len(array.members) > _OLD_MEMBERS or any(_is_large(storage, one) for one in array.members)):
        message = f"{name} is too large for the metadata format 0.90: it takes {_OLD_MEMBERS} members of 2 TiB."
        yield Problem(field=field, message=message, hint="Use 1.0.")
    power = array.chunk & (array.chunk - 1) == 0
    if array.chunk and (array.chunk < _CHUNK_LEAST or not power):
        message = f"{name} can't have chunks of {human(array.chunk)}."
        yield Problem(field=field, message=message, hint="Use a power of two from 4 KiB on, or leave it to md.")


def _is_large(storage: StoragePlan, member: str) -> bool:
    return storage.block(member).size > _OLD_SIZE


def _size(storage: StoragePlan, array: ArrayPlan) -> Iterator[Problem]:
    active = array.members[: len(array.members) - array.spares]
    if array.metadata not in METADATA or len(active) < array.level.least_members:
        return
    sizes = [storage.block(member).size for member in active]
    room = array_size(array.level, sizes, chunk=array.chunk, metadata=array.metadata)
    if array.size > room or array.size <= 0:
        planned, there = apart(array.size, room)
        message = f"{own_name(storage, array.id)} has {planned} in the plan, and its members hold {there}."
        yield Problem(field=field_of(storage, array.id), message=message, hint="Make a new plan.")
