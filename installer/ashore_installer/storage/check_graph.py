"""Whether a storage plan hangs together: everything that it names is there, is of the right kind and is used once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ashore_installer.plan import Problem
from ashore_installer.storage.plan_names import field_of, fields, own_name
from ashore_installer.storage_plan import BlockPlan, Format, StoragePlan, VolumeKind

_ANEW = "Make a new plan."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """That the thing with the id `user` (or a mount) stands on the one with the id `id`."""

    user: str
    who: str
    id: str
    format: Format | None
    """What `id` must hold to be used so; None where that is not for its user to say."""


def check_graph(storage: StoragePlan) -> tuple[Problem, ...]:
    """Why the plan contradicts itself. No other check can look at a plan that does."""
    broken = (*_ids(storage), *_references(storage), *_cycles(storage))
    if broken:
        return broken
    return (
        *_without_members(storage),
        *_used_once(storage),
        *_used_rightly(storage),
        *_unused(storage),
        *_kept(storage),
    )


def _ids(storage: StoragePlan) -> Iterator[Problem]:
    places = fields(storage)
    for name, count in Counter(name for name, _ in places).items():
        if count > 1:
            what = dict(places)[name].partition("[")[0].removeprefix("storage.")
            message = f"{name!r} stands twice in the plan's {what}."
            yield Problem(field=f"storage.{what}", message=message, hint=_ANEW)


def _references(storage: StoragePlan) -> Iterator[Problem]:
    disks = {disk.id for disk in storage.disks}
    for partition in storage.partitions:
        if partition.disk not in disks:
            yield _missing(storage, partition.id, partition.id, partition.disk, "disk")
    blocks = {block.id for block in storage.blocks()}
    for use in _block_uses(storage):
        if use.id not in blocks:
            yield _missing(storage, use.user, use.who, use.id, "block device")
    yield from _group_references(storage)
    volumes = {volume.id for volume in storage.btrfs}
    for one in storage.subvolumes:
        if one.volume not in volumes:
            yield _missing(storage, one.id, f"The subvolume {one.path}", one.volume, "btrfs volume")
    mountable = blocks | volumes | {one.id for one in storage.subvolumes}
    for mount in storage.mounts:
        if mount.device not in mountable:
            message = f"{mount.path} is on {mount.device!r}, which is nothing of the plan."
            yield Problem(field="storage.mounts", message=message, hint=_ANEW)


def _group_references(storage: StoragePlan) -> Iterator[Problem]:
    groups = {group.id for group in storage.groups}
    pools = {one.id: one.group for one in storage.volumes if one.kind is VolumeKind.POOL}
    for volume in storage.volumes:
        if volume.group not in groups:
            yield _missing(storage, volume.id, f"The volume {volume.name}", volume.group, "volume group")
        elif volume.kind is VolumeKind.THIN and pools.get(volume.pool) != volume.group:
            yield _missing(storage, volume.id, f"The thin volume {volume.name}", volume.pool, "thin pool of its group")
        elif volume.kind is not VolumeKind.THIN and volume.pool:
            message = f"The volume {volume.name} has a thin pool and is not thin."
            yield Problem(field=field_of(storage, volume.id), message=message, hint=_ANEW)


def _missing(storage: StoragePlan, user: str, who: str, id: str, what: str) -> Problem:  # noqa: A002
    message = f"{who[:1].upper()}{who[1:]} is on {id!r}, which is no {what} of the plan."
    if user == who:
        message = f"{who} is on {id!r}, which is no {what} of the plan."
    return Problem(field=field_of(storage, user), message=message, hint=_ANEW)


def _block_uses(storage: StoragePlan) -> Iterator[_Use]:
    """Every use of a block by something that is made of it."""
    for array in storage.arrays:
        who = own_name(storage, array.id)
        yield from (_Use(user=array.id, who=who, id=one, format=Format.RAID) for one in array.members)
    for one in storage.encrypted:
        who = f"the encrypted device {one.name or one.id}"
        yield _Use(user=one.id, who=who, id=one.device, format=Format.LUKS)
    for group in storage.groups:
        who = own_name(storage, group.id)
        yield from (_Use(user=group.id, who=who, id=one, format=Format.LVMPV) for one in group.members)
    for volume in storage.btrfs:
        who = f"the btrfs volume {volume.label or volume.id}"
        yield from (_Use(user=volume.id, who=who, id=one, format=Format.BTRFS) for one in volume.members)


def _cycles(storage: StoragePlan) -> Iterator[Problem]:
    lower: dict[str, list[str]] = {volume.id: [volume.group] for volume in storage.volumes}
    for use in _block_uses(storage):
        lower.setdefault(use.user, []).append(use.id)
    for start in lower:
        if _leads_back(start, lower, frozenset()):
            message = f"{own_name(storage, start)} is made of itself."
            yield Problem(field=field_of(storage, start), message=message, hint=_ANEW)
            return


def _leads_back(id: str, lower: Mapping[str, Sequence[str]], path: frozenset[str]) -> bool:  # noqa: A002
    """Whether the way down from `id` comes to something that it has passed already."""
    return id in path or any(_leads_back(one, lower, path | {id}) for one in lower.get(id, ()))


def _without_members(storage: StoragePlan) -> Iterator[Problem]:
    for group in storage.groups:
        if not group.members and not group.existing:
            yield _no_members(storage, group.id, f"The volume group {group.name}", "part pv.01")
    for volume in storage.btrfs:
        if not volume.members:
            yield _no_members(storage, volume.id, f"The btrfs volume {volume.label or volume.id}", "part btrfs.01")


def _no_members(storage: StoragePlan, id: str, what: str, example: str) -> Problem:  # noqa: A002 (the field's name)
    return Problem(field=field_of(storage, id), message=f"{what} has no members.", hint=f"Add `{example}` to it.")


def _used_once(storage: StoragePlan) -> Iterator[Problem]:
    mounts = [_Use(user="", who=one.path, id=one.device, format=None) for one in storage.mounts]
    users: dict[str, list[str]] = {}
    for use in (*_block_uses(storage), *mounts):
        users.setdefault(use.id, []).append(use.who)
    for name, who in users.items():
        if len(who) > 1:
            message = f"{own_name(storage, name)} is used more than once: by {' and '.join(who)}."
            yield Problem(field=field_of(storage, name), message=message, hint="Give each a device of its own.")


def _used_rightly(storage: StoragePlan) -> Iterator[Problem]:
    for use in _block_uses(storage):
        block = storage.block(use.id)
        if block.format is not use.format:
            message = f"{own_name(storage, use.id)} is part of {use.who}, and its format is {block.format}."
            yield Problem(field=field_of(storage, use.id), message=message, hint=_ANEW)
    for volume in storage.volumes:
        if volume.kind is VolumeKind.POOL and volume.format is not Format.NONE:
            message = f"The thin pool {volume.name} holds volumes and can't be {volume.format} itself."
            yield Problem(field=field_of(storage, volume.id), message=message, hint=_ANEW)


def _unused(storage: StoragePlan) -> Iterator[Problem]:
    """What is made to be part of something, and nothing is made of it."""
    users = {Format.RAID: "array", Format.LVMPV: "volume group", Format.LUKS: "encrypted device"}
    used = {use.id for use in _block_uses(storage)}
    for block in storage.blocks():
        what = users.get(block.format)
        if what and block.id not in used and not block.keep:
            message = f"{own_name(storage, block.id)} has the format {block.format}, and no {what} of the plan uses it."
            yield Problem(field=field_of(storage, block.id), message=message, hint="Use it, or leave it out.")


def _kept(storage: StoragePlan) -> Iterator[Problem]:
    """Only what is there can stay, and what stays must lie on what stays."""
    for block in storage.blocks():
        if block.keep and not block.existing:
            message = f"What is in {own_name(storage, block.id)} is to stay, but it is made new."
            yield Problem(field=field_of(storage, block.id), message=message, hint=_ANEW)
    existing = [block.id for block in storage.blocks() if block.existing]
    existing += [group.id for group in storage.groups if group.existing]
    existing += [volume.id for volume in storage.btrfs if volume.existing]
    for name in existing:
        yield from _on_new(storage, name)


def _on_new(storage: StoragePlan, id: str) -> Iterator[Problem]:  # noqa: A002 (the field's name)
    """An existing group may get new members; nothing else that exists can stand on what is made anew."""
    growing = any(group.id == id for group in storage.groups)
    members = [_block(storage, one) for one in storage.below(id)]
    new = [block for block in members if block and not block.keep]
    if new and not growing:
        message = f"{own_name(storage, id)} is to stay, but {own_name(storage, new[0].id)} below it is made anew."
        yield Problem(field=field_of(storage, id), message=message, hint="Keep both, or make both anew.")


def _block(storage: StoragePlan, id: str) -> BlockPlan | None:  # noqa: A002 (the field's name)
    return next((block for block in storage.blocks() if block.id == id), None)
