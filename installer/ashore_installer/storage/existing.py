"""Requests for what is on the machine already: kept, formatted anew, resized, or built upon."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import ArrayInfo, BtrfsInfo, GroupInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.content import Content, content_of
from ashore_installer.storage.lvm_sizes import usable
from ashore_installer.storage.members import purposes
from ashore_installer.storage.present import Present, format_of
from ashore_installer.storage.resolve import Found, FoundPartition, FoundVolume, find, thing_name
from ashore_installer.storage.stack import Stack
from ashore_installer.storage_plan import Format, GroupPlan
from ashore_installer.storage_request import BlockRequest, BtrfsRequest, GroupRequest, StorageRequest, VolumeRequest

_FAT = (Format.EFI, Format.VFAT)


def add_existing_partitions(stack: Stack, present: Present, request: StorageRequest, sizes: dict[str, int]) -> None:
    """Plan the partitions that are named as `existing`; `sizes` are those after resizing, by the kernel's names."""
    wanted = purposes(request)
    for number, one in enumerate(request.partitions):
        found = _found(stack, present, one, f"storage.partitions[{number}]") if one.existing else None
        if found is None:
            continue
        if not isinstance(found, FoundPartition):
            _wrong_kind(present, one, "partition")
            continue
        inside = format_of(found.part.format, found.part.type, one.mount)
        content = content_of_existing(present, one, inside, wanted.get(one.name))
        if content:
            member = present.partition(found, content, keep=one.keep, size=sizes.get(found.name, 0))
            stack.members |= {one.name: member} if one.name else {}


def add_existing_arrays(stack: Stack, present: Present, request: StorageRequest) -> None:
    """Plan the arrays that are named as `existing`."""
    wanted = purposes(request)
    for number, one in enumerate(request.arrays):
        found = _found(stack, present, one, f"storage.arrays[{number}]") if one.existing else None
        if found is None:
            continue
        if not isinstance(found, ArrayInfo):
            _wrong_kind(present, one, "RAID array")
            continue
        inside = format_of(found.format, mount=one.mount)
        content = content_of_existing(present, one, inside, wanted.get(one.member))
        member = present.array(found, content, keep=one.keep) if content else None
        stack.members |= {one.member: member} if one.member and member else {}


def kept_group(stack: Stack, present: Present, request: GroupRequest, field: str) -> tuple[GroupInfo, GroupPlan] | None:
    """An existing group that stays, with its new members if there are any."""
    present.field = field
    found = [one for one in stack.machine.groups if one.name == request.name]
    if len(found) != 1:
        what = f"There is no volume group {request.name} in this machine."
        what = what if not found else f"There are {len(found)} volume groups called {request.name}."
        stack.refuse(field, what, "Name one that is there once, or make a new one.")
        return None
    more = stack.found(request.members)
    plan = present.group(found[0], tuple(one.id for one in more))
    return (found[0], plan) if plan else None


def free_room(present: Present, group: GroupInfo, request: GroupRequest, removed: tuple[str, ...]) -> int:
    """Bytes that new volumes can take: what is free, new members, and volumes that are removed from it.

    Kickstarts may name the members that it has already, too.
    """
    own = [present.done[name] for name in group.members if name in present.done]
    new = [one for one in present.stack.found(request.members) if one not in own]
    more = (usable(one.size, group.extent, array=one.array, stripe=one.stripe) for one in new)
    gone = (one.size for one in group.volumes if f"{group.name}/{one.name}" in removed and not one.pool)
    return group.free // group.extent * group.extent + sum(more) + sum(gone)


def find_volume(stack: Stack, present: Present, request: VolumeRequest, field: str) -> FoundVolume | None:
    """The logical volume that a request names as existing; by its group and name if the word says less."""
    word = request.existing if "=" in request.existing else f"{request.group}/{request.name}"
    found = _found(stack, present, replace(request, existing=word), field)
    if found is not None and not isinstance(found, FoundVolume):
        _wrong_kind(present, request, "logical volume")
        return None
    return found


def kept_btrfs(stack: Stack, present: Present, request: BtrfsRequest, field: str) -> BtrfsInfo | None:
    """The existing btrfs volume that a request names by UUID, label or one of its devices."""
    present.field = field
    found = find(request.name, stack.machine, field)
    if isinstance(found, Problem):
        stack.problems.append(found)
        return None
    if not isinstance(found, BtrfsInfo):
        volume = next((one for one in stack.machine.btrfs if thing_name(found) in one.members), None)
        if volume is None:
            stack.refuse(field, f"{request.name} is no btrfs volume.", "Name one by its UUID, label or device.")
        return volume
    return found


def content_of_existing(
    present: Present, request: BlockRequest, inside: Format, purpose: Format | None
) -> Content | None:
    """What a request for something existing wants in it; None, with a problem said, if it can't be had."""
    if not request.keep:
        return content_of(request, present.stack.root, purpose)
    opened = request.encryption is not None and inside is Format.LUKS
    name, wanted = request.existing, purpose or request.format
    format = (wanted or Format.NONE) if opened else inside  # noqa: A001 (the field's name)
    if wanted and wanted is not format and not {wanted, format} <= set(_FAT):
        message = f"{name} holds {inside.value if inside is not Format.NONE else 'nothing known'}, and not {wanted}."
        present.stack.refuse(present.field, message, "Let it be formatted, or leave the file system out.")
        return None
    if request.mount and format is Format.NONE:
        message = f"{name} holds nothing that can be mounted at {request.mount}."
        hint = "Say which file system is in it." if opened else "Let it be formatted."
        present.stack.refuse(present.field, message, hint)
        return None
    content = content_of(replace(request, format=wanted or format), present.stack.root, None)
    # Swap space that is only kept or resized is not asked for.
    mount = content.mount if wanted or request.mount else ""
    return replace(content, mount=mount, encryption=content.encryption if opened else None, label="", mkfs="")


def _found(stack: Stack, present: Present, request: BlockRequest, field: str) -> Found | None:
    present.field = field
    found = find(request.existing, stack.machine, field)
    if isinstance(found, Problem):
        stack.problems.append(found)
        return None
    if isinstance(found, BtrfsInfo):
        return present.single(found)
    if thing_name(found) in present.done:
        message = f"{thing_name(found)} is used twice."
        stack.refuse(field, message, "Use it once, and leave alone what it is a part of.")
        return None
    return found


def _wrong_kind(present: Present, request: BlockRequest, kind: str) -> None:
    present.stack.refuse(present.field, f"{request.existing} is no {kind}.", f"Name a {kind}.")
