"""Checks of what is there already: it must be what the plan says, may only be resized as far as its content allows,
and goes whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ashore_installer.machine import ArrayInfo, BtrfsInfo, MachineInfo, PartitionInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.fate import Gone, gone, removed_array, removed_group, removed_volume
from ashore_installer.storage.found import array_of, btrfs_of, group_of, partition_of, same_uuid, volume_of
from ashore_installer.storage.plan_names import field_of, own_name, volume_name
from ashore_installer.storage.present import format_of
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    Existing,
    Format,
    GroupPlan,
    Kind,
    PartitionPlan,
    Removal,
    StoragePlan,
    VolumePlan,
)
from ashore_installer.units import human

_ANEW = "Make a new plan."
_GROWS = frozenset({Format.EXT2, Format.EXT3, Format.EXT4, Format.XFS, Format.BTRFS, Format.NTFS, Format.LVMPV})
_SHRINKS = frozenset({Format.EXT2, Format.EXT3, Format.EXT4, Format.BTRFS, Format.NTFS})


def check_existing(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why the plan and what is on the machine don't go together; empty when they do."""
    lost = gone(storage, machine)
    found = [*_mistaken(storage)]
    for partition in storage.partitions:
        if partition.existing:
            found += _partition(storage, partition, partition.existing, machine)
    for array in storage.arrays:
        if array.existing:
            found += _array(storage, array, array.existing, machine, lost)
    for group in storage.groups:
        if group.existing:
            found += _group(storage, group, group.existing, machine, lost)
    for volume in storage.volumes:
        if volume.existing:
            found += _volume(storage, volume, volume.existing, machine, lost)
    found += _btrfs(storage, machine, lost)
    found += [problem for number, one in enumerate(storage.remove) for problem in _removal(number, one, machine)]
    return (*found, *_whole(storage, machine, lost))


def _mistaken(storage: StoragePlan) -> Iterator[Problem]:
    """What stays must be what the plan takes it for. A format that Ashore does not know stays as `none`."""
    for block in storage.blocks():
        there = block.existing.format if block.existing and block.keep else ""
        known = {format_of(there), format_of(there, mount="/boot/efi"), Format.NONE}
        if block.existing and there and block.format not in known:
            message = f"{block.existing.name} holds {there}, and the plan takes it for {block.format}."
            yield Problem(field=field_of(storage, block.id), message=message, hint="Let it be formatted anew.")


def _partition(
    storage: StoragePlan, plan: PartitionPlan, existing: Existing, machine: MachineInfo
) -> Iterator[Problem]:
    old = partition_of(plan, machine)
    if old is None:
        yield _not_there(storage, plan.id, f"The partition {existing.name}")
        return
    if old.start != plan.start or old.size != existing.size or _differs(old.id, existing.uuid):
        yield _other(storage, plan.id, f"The partition {existing.name}")
    elif plan.keep and (old.format != existing.format or _differs(old.uuid, existing.content)):
        yield _other(storage, plan.id, f"What is in the partition {existing.name}")
    elif plan.resized:
        yield from _resize(storage, plan, existing, old.minimum)
    if plan.disk in {disk.id for disk in storage.disks if disk.table or existing.number in disk.remove}:
        yield _stays(storage, plan.id, f"the partition {existing.name}")


def _resize(storage: StoragePlan, plan: BlockPlan, existing: Existing, minimum: int) -> Iterator[Problem]:
    """Whether what is in a device that stays can follow its size. `minimum` is that of its content, 0 if unknown."""
    field = field_of(storage, plan.id)
    if not plan.keep:
        return
    if plan.size > existing.size and plan.format not in _GROWS:
        message = f"{existing.name} can't be made larger: {plan.format} does not grow."
        yield Problem(field=field, message=message, hint="Leave its size, or format it anew.")
    if plan.size < existing.size and (plan.format not in _SHRINKS or not minimum):
        message = f"{existing.name} can't be made smaller: nobody knows how far its {existing.format or 'content'} is."
        hint = "Leave its size, or check it in its own system first: Windows must be shut down, and not only asleep."
        yield Problem(field=field, message=message, hint=hint)
    elif plan.size < existing.size and plan.size < minimum:
        message = f"{existing.name} can't be made as small as {human(plan.size)}: it holds {human(minimum)}."
        yield Problem(field=field, message=message, hint=f"Leave it at least {human(minimum)}.")


def _array(
    storage: StoragePlan, plan: ArrayPlan, existing: Existing, machine: MachineInfo, lost: Gone
) -> Iterator[Problem]:
    now = array_of(existing, machine)
    if now is None:
        yield _not_there(storage, plan.id, f"The array {existing.name}")
        return
    if now.size != existing.size or now.level != plan.level.value:
        yield _other(storage, plan.id, f"The array {existing.name}")
    elif plan.keep and (now.format != existing.format or _differs(now.content, existing.content)):
        yield _other(storage, plan.id, f"What is in the array {existing.name}")
    if not (now.active or _can_start(now)):
        message = f"The array {existing.name} is not running, so what is in it can't be used."
        yield Problem(field=field_of(storage, plan.id), message=message, hint="Attach its missing disks, or remove it.")
    if plan.resized:
        message = f"The array {existing.name} would have to be resized, which Ashore does not do."
        yield Problem(field=field_of(storage, plan.id), message=message, hint="Leave its size.")
    if now in lost.arrays:
        yield _stays(storage, plan.id, f"the array {existing.name}")


def _can_start(array: ArrayInfo) -> bool:
    """Whether an array that does not run has all it needs; its size is known when it could be looked into."""
    return bool(array.size) and len(array.members) >= array.wanted


def _group(
    storage: StoragePlan, plan: GroupPlan, existing: Existing, machine: MachineInfo, lost: Gone
) -> Iterator[Problem]:
    now = group_of(existing, machine)
    field = field_of(storage, plan.id)
    if now is None:
        yield _not_there(storage, plan.id, f"The volume group {existing.name}")
        return
    if now.name != plan.name or now.extent != plan.extent or (existing.size and now.size != existing.size):
        yield _other(storage, plan.id, f"The volume group {existing.name}")
    if now.missing:
        message = f"The volume group {now.name} lacks {now.missing} of its disks."
        yield Problem(field=field, message=message, hint="Attach them, or remove the group.")
    if now in lost.groups:
        yield _stays(storage, plan.id, f"the volume group {now.name}")


def _volume(
    storage: StoragePlan, plan: VolumePlan, existing: Existing, machine: MachineInfo, lost: Gone
) -> Iterator[Problem]:
    name, now = volume_name(storage, plan), volume_of(plan, storage, machine)
    if now is None:
        yield _not_there(storage, plan.id, f"The logical volume {name}")
        return
    if now.name != plan.name or now.size != existing.size:
        yield _other(storage, plan.id, f"The logical volume {name}")
    elif plan.keep and (now.format != existing.format or _differs(now.content, existing.content)):
        yield _other(storage, plan.id, f"What is in the logical volume {name}")
    elif plan.resized:
        yield from _resize(storage, plan, existing, now.minimum)
    if plan.keep and name in lost.devices:
        yield _stays(storage, plan.id, f"the logical volume {name}")


def _btrfs(storage: StoragePlan, machine: MachineInfo, lost: Gone) -> Iterator[Problem]:
    kept: dict[str, BtrfsInfo] = {}
    for volume in storage.btrfs:
        if volume.existing is None:
            continue
        now = btrfs_of(volume.existing, machine)
        if now is None:
            yield _not_there(storage, volume.id, f"The btrfs volume {volume.existing.name}")
            continue
        kept[volume.id] = now
        if len(now.members) != now.wanted:
            message = f"The btrfs volume {volume.existing.name} has {len(now.members)} of its {now.wanted} devices."
            yield Problem(field=field_of(storage, volume.id), message=message, hint="Attach the others.")
        if now in lost.btrfs:
            yield _stays(storage, volume.id, f"the btrfs volume {volume.existing.name}")
    for one in storage.subvolumes:
        yield from _subvolume(storage, one.id, kept.get(one.volume), lost)


def _subvolume(storage: StoragePlan, id: str, volume: BtrfsInfo | None, lost: Gone) -> Iterator[Problem]:  # noqa: A002
    plan = next(one for one in storage.subvolumes if one.id == id)
    there = volume is not None and plan.path in volume.subvolumes
    removed = volume is not None and _is_removed(plan.path, volume, lost)
    if plan.existing and (not there or removed):
        yield _not_there(storage, id, f"The subvolume {plan.path}")
    elif not plan.existing and there and not removed:
        message = f"The btrfs volume has a subvolume {plan.path} already."
        hint = "Use it, remove it, or choose another name."
        yield Problem(field=field_of(storage, id), message=message, hint=hint)


def _is_removed(path: str, volume: BtrfsInfo, lost: Gone) -> bool:
    """Removing a subvolume takes those inside of it along."""
    gone_paths = [name for uuid, name in lost.subvolumes if same_uuid(uuid, volume.uuid)]
    return any(path == name or path.startswith(f"{name}/") for name in gone_paths)


def _removal(number: int, removal: Removal, machine: MachineInfo) -> Iterator[Problem]:
    if not _is_there(removal, machine):
        message = f"The {removal.kind} {removal.name}, which is to be removed, is not there."
        yield Problem(field=f"storage.remove[{number}]", message=message, hint=_ANEW)


def _is_there(removal: Removal, machine: MachineInfo) -> bool:
    if removal.kind is Kind.ARRAY:
        return removed_array(removal, machine) is not None
    if removal.kind is Kind.GROUP:
        return removed_group(removal, machine) is not None
    if removal.kind is Kind.VOLUME:
        return bool(removed_volume(removal, machine))
    return any(same_uuid(one.uuid, removal.on) and removal.name in one.subvolumes for one in machine.btrfs)


def _whole(storage: StoragePlan, machine: MachineInfo, lost: Gone) -> Iterator[Problem]:
    """Nothing is left with some of its devices gone, unless it was named to be removed."""
    named = {one.uuid for one in (*_named(storage, machine, Kind.ARRAY), *_named(storage, machine, Kind.GROUP))}
    for array in lost.arrays:
        if array.uuid not in named:
            yield from _half("RAID array", array.label or array.name, array.members, lost)
    for group in lost.groups:
        if group.uuid not in named:
            yield from _half("volume group", group.name, group.members, lost)
    for volume in lost.btrfs:
        yield from _half("btrfs volume", volume.label or volume.uuid, volume.members, lost)


def _named(storage: StoragePlan, machine: MachineInfo, kind: Kind) -> Iterator[Existing]:
    for one in storage.remove:
        found = removed_array(one, machine) if kind is Kind.ARRAY else removed_group(one, machine)
        if one.kind is kind and found:
            yield Existing(name=found.name, uuid=found.uuid)


def _half(what: str, name: str, members: Sequence[str], lost: Gone) -> Iterator[Problem]:
    left = [one for one in members if one not in lost.devices]
    if left:
        went = ", ".join(one for one in members if one in lost.devices)
        message = f"The {what} {name} would lose {went} and keep {', '.join(left)}: it only goes whole."
        yield Problem(field="storage.disks", message=message, hint=f"Remove all of {name}, or leave all of it.")


def shape(partition: PartitionInfo) -> tuple[object, ...]:
    """What must not change between a plan and its installation."""
    return partition.number, partition.start, partition.size, partition.format, partition.label, partition.uuid


def _differs(now: str, planned: str) -> bool:
    """Whether two UUIDs are known and not the same."""
    return bool(now and planned) and not same_uuid(now, planned)


def _not_there(storage: StoragePlan, id: str, what: str) -> Problem:  # noqa: A002 (the field's name)
    message = f"{what}, which the plan uses, is not on this machine."
    return Problem(field=field_of(storage, id), message=message, hint=_ANEW)


def _other(storage: StoragePlan, id: str, what: str) -> Problem:  # noqa: A002 (the field's name)
    message = f"{what} is not what it was when the plan was made."
    return Problem(field=field_of(storage, id), message=message, hint=_ANEW)


def _stays(storage: StoragePlan, id: str, what: str) -> Problem:  # noqa: A002 (the field's name)
    message = f"{own_name(storage, id)} is to be used, but the plan removes {what} or what it lies on."
    return Problem(field=field_of(storage, id), message=message, hint="Keep all of it, or remove all of it.")
