"""Changes to what is in a custom layout: edit, delete, bring back, erase. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ashore_installer.machine import ArrayInfo, DiskInfo, MachineInfo
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.resolve import FoundPartition, FoundVolume, disks_below, find
from ashore_installer.storage.reuse import Use, reused
from ashore_installer.storage.view import Change
from ashore_installer.storage_plan import SWAP, Format
from ashore_installer.storage_request import (
    ArrayRequest,
    BlockRequest,
    BtrfsRequest,
    StorageRequest,
    SubvolumeRequest,
)
from ashore_tui.flow.partition_edits import words
from ashore_tui.flow.partition_lists import (
    Asked,
    Block,
    asked_for,
    dropped,
    is_member,
    joined,
    judged,
    put_back,
    replaced,
    tidied,
    without,
    without_group,
    without_volume,
)
from ashore_tui.flow.partition_rows import Row, Thing
from ashore_tui.flow.partitions import Edited, Refused, Site, Wish
from ashore_tui.text import _

LOCKED = "LUKS"
"""What a row holds that was encrypted before, and is not opened."""
_BLOCKS = (Thing.PARTITION, Thing.VOLUME, Thing.ARRAY)


# --- what can be done with a row -----------------------------------------------------------------------------


def can_edit(row: Row) -> bool:
    """Whether a size, a format or a mount point of it can be chosen."""
    return row.thing in (*_BLOCKS, Thing.SUBVOLUME) and row.change is not Change.REMOVED and row.kind != "thin pool"


def can_delete(row: Row) -> bool:
    return row.thing not in (Thing.DISK, Thing.FREE) and row.change is not Change.REMOVED


def can_restore(row: Row) -> bool:
    return row.change is Change.REMOVED


def can_erase(row: Row) -> bool:
    return row.thing is Thing.DISK and row.change is not Change.REMOVED


# --- edit ----------------------------------------------------------------------------------------------------


def wish_of(request: StorageRequest, row: Row) -> Wish:
    """What is asked of a thing now, for a form to begin with; an existing thing that nothing is asked of is kept."""
    asked = asked_for(request, row)
    if isinstance(asked, SubvolumeRequest):
        return Wish(mount=asked.mount, keep=asked.keep)
    if asked is None:
        return Wish(size=row.size, keep=True)
    swap = asked.format is Format.SWAP and bool(asked.existing)
    return Wish(
        mount=SWAP if swap or asked.mount == SWAP else asked.mount,
        format=asked.format,
        size=asked.size if not asked.existing or asked.resize else row.size,
        grow=asked.grow,
        label=asked.label,
        encryption=asked.encryption,
        keep=asked.keep,
    )


def edit(request: StorageRequest, site: Site, row: Row, wish: Wish) -> Edited:
    """The thing of this row as it is wished for now. What is kept and used for nothing is not asked for at all."""
    if not can_edit(row):
        return Refused(message=_("{name} can't be changed.").format(name=row.name))
    if row.thing is Thing.SUBVOLUME:
        return _edit_subvolume(request, site, row, wish)
    asked = asked_for(request, row)
    if not row.existing:
        return _edit_new(request, site, row, wish)
    if isinstance(asked, Block) and is_member(asked, request):
        return _member_refusal(row)
    unused = wish.keep and not wish.mount and not wish.format and not wish.encryption
    if unused and wish.size == _size_now(row) and not wish.grow:
        return judged(request, tidied(without(request, row), site), site, wish, *_words_for(row))
    if wish.keep and wish.mount and not wish.encryption and row.holds == LOCKED:
        message = _("{name} is encrypted.").format(name=row.name)
        return Refused(message=message, hint=_("Give its passphrase, and say which file system is in it."))
    added = _existing(row, asked, wish, site.machine)
    if added is None:
        return Refused(message=_("{name} can't be used.").format(name=row.name))
    rest = without(request, row)
    return judged(request, put_back(request, rest, added, row), site, wish, *_words_for(row))


def _edit_new(request: StorageRequest, site: Site, row: Row, wish: Wish) -> Edited:
    asked = asked_for(request, row)
    if asked is None or isinstance(asked, SubvolumeRequest):
        return Refused(message=_("{name} can't be changed.").format(name=row.name))
    fields = words(wish)
    if is_member(asked, request) or isinstance(asked, ArrayRequest):
        if wish.mount and is_member(asked, request):
            return _member_refusal(row)
        fields = {name: value for name, value in fields.items() if name not in _kept_fields(asked, request)}
    changed = replace(asked, **fields)
    return judged(request, replaced(request, row, changed), site, wish, *_words_for(row))


def _kept_fields(block: BlockRequest, request: StorageRequest) -> tuple[str, ...]:
    """A member's content is decided by what it is a member of, an array's size by its members."""
    member = ("mount", "format", "label") if is_member(block, request) else ()
    return (*member, *(("size", "grow") if isinstance(block, ArrayRequest) else ()))


def _existing(row: Row, asked: Asked, wish: Wish, machine: MachineInfo) -> StorageRequest | None:
    """The lists that ask for something existing; what a form does not show stays as it was asked for."""
    lists = reused(Use(device=row.existing, mount=wish.mount, keep=wish.keep), machine)
    if lists is None:
        return None
    fields = words(wish)
    if wish.keep and not fields["format"] and (wish.mount or wish.encryption):
        content = next((one.format for one in (*lists.partitions, *lists.arrays, *lists.volumes)), None)
        fields["format"] = asked.format if isinstance(asked, Block) and asked.keep else content
    sized = wish.grow or wish.size != _size_now(row)
    fields |= {"keep": wish.keep, "resize": sized, "size": wish.size if sized else 0}
    base: Any = {type(asked): asked}
    return replace(
        lists,
        partitions=tuple(replace(base.get(type(one), one), **fields) for one in lists.partitions),
        arrays=tuple(replace(base.get(type(one), one), **fields | {"resize": False}) for one in lists.arrays),
        volumes=tuple(replace(base.get(type(one), one), **fields) for one in lists.volumes),
    )


def _edit_subvolume(request: StorageRequest, site: Site, row: Row, wish: Wish) -> Edited:
    asked = request.subvolumes[row.ref.index] if row.ref else None
    word = f"{asked.volume}:{asked.path}" if asked else row.existing
    there = bool(row.existing) or word in request.remove
    if asked and (not there or (asked.keep == wish.keep and (wish.mount or not wish.keep))):
        return judged(request, replaced(request, row, replace(asked, mount=wish.mount)), site, wish)
    rest = without(request, replace(row, existing=word))
    if wish.keep and not wish.mount:
        return judged(request, tidied(rest, site), site, wish)
    volume, _colon, path = word.partition(":")
    named = any(one.name == volume for one in rest.btrfs)
    added = StorageRequest(
        remove=() if wish.keep else (word,),
        btrfs=() if named else (BtrfsRequest(name=volume, keep=True),),
        subvolumes=(SubvolumeRequest(volume=volume, path=path, mount=wish.mount, keep=wish.keep),),
    )
    return judged(request, joined(rest, added), site, wish)


# --- delete --------------------------------------------------------------------------------------------------


def delete(request: StorageRequest, site: Site, row: Row) -> Edited:
    """Without the thing: what is asked for is not made, and what is there goes, with all that is on it."""
    if not can_delete(row):
        return Refused(message=_("{name} can't be deleted.").format(name=row.name))
    asked = asked_for(request, row)
    if isinstance(asked, Block) and is_member(asked, request):
        return _member_refusal(row)
    if not row.existing:
        return judged(request, tidied(_undone(request, row), site), site, Wish())
    rest = without(request, row)
    if row.thing is Thing.BTRFS:
        rest = without_volume(rest, row.existing)
        gone = replace(rest, clear_partitions=(*rest.clear_partitions, *row.on))
    elif row.thing in (Thing.PARTITION, Thing.WHOLE):
        gone = replace(rest, clear_partitions=(*rest.clear_partitions, row.existing))
    else:
        rest = without_group(rest, row.existing) if row.thing is Thing.GROUP else rest
        gone = replace(rest, remove=tuple(dict.fromkeys((*rest.remove, row.existing))))
    return judged(request, tidied(gone, site), site, Wish())


def _undone(request: StorageRequest, row: Row) -> StorageRequest:
    """A new thing is not made, nor what is only there for it."""
    if row.ref is None:
        return request
    thing = getattr(request, row.ref.list)[row.ref.index]
    rest = dropped(request, row.ref.list, row.ref.index)
    if row.thing is Thing.GROUP:
        rest = without_group(rest, thing.name)
    if row.thing is Thing.BTRFS:
        rest = without_volume(rest, thing.name)
    if row.kind == "thin pool":
        kept = tuple(one for one in rest.volumes if (one.group, one.pool) != (thing.group, thing.name))
        rest = replace(rest, volumes=kept)
    return _without_members(rest, getattr(thing, "members", ()))


def _without_members(request: StorageRequest, members: Iterable[str]) -> StorageRequest:
    names = set(members)
    below = {name for one in request.arrays if one.member in names for name in one.members}
    rest = replace(
        request,
        partitions=tuple(one for one in request.partitions if one.name not in names or not one.name),
        arrays=tuple(one for one in request.arrays if one.member not in names or not one.member),
        volumes=tuple(one for one in request.volumes if one.member not in names or not one.member),
    )
    return _without_members(rest, below) if below else rest


# --- bring back, erase ---------------------------------------------------------------------------------------


def restore(request: StorageRequest, site: Site, row: Row) -> Edited:
    """What was to go stays after all. Refused where something new takes its room."""
    if row.thing is Thing.DISK:
        disk = site.machine.disk(row.inside)
        names = {disk.name, *_partition_names(disk)}
    else:
        names = {row.existing, row.name}
    rest = replace(
        request,
        clear_partitions=tuple(one for one in request.clear_partitions if one not in names),
        remove=tuple(one for one in request.remove if one not in names),
    )
    if rest == request:
        message = _("{name} goes with something else that is deleted.").format(name=row.name)
        return Refused(message=message, hint=_("Bring that back first."))
    return judged(request, rest, site, Wish())


def erase(request: StorageRequest, site: Site, row: Row) -> Edited:
    """The whole disk gets a new partition table; what was asked of the things on it is not asked any more."""
    disk = site.machine.disk(row.inside)
    names = {disk.name, *_partition_names(disk)}
    rest = replace(
        request,
        clear_partitions=(*(one for one in request.clear_partitions if one not in names), disk.name),
        partitions=tuple(one for one in request.partitions if not _is_on(one, disk, site.machine)),
        arrays=tuple(one for one in request.arrays if not _is_on(one, disk, site.machine)),
        volumes=tuple(one for one in request.volumes if not _is_on(one, disk, site.machine)),
    )
    return judged(request, tidied(rest, site), site, Wish())


def _is_on(block: BlockRequest, disk: DiskInfo, machine: MachineInfo) -> bool:
    """Whether this is something existing that lies on the disk, even in part."""
    found = find(block.existing, machine, "") if block.existing else None
    return isinstance(found, FoundPartition | FoundVolume | ArrayInfo) and disk in disks_below(found, machine)


def _partition_names(disk: DiskInfo) -> tuple[str, ...]:
    return tuple(partition_name(disk, one.number) for one in disk.partitions)


def _member_refusal(row: Row) -> Refused:
    message = _("{name} is a part of something else: {what}.").format(name=row.name, what=row.holds)
    return Refused(message=message, hint=_("Change or delete that."))


def _size_now(row: Row) -> int:
    return row.was or row.size


def _words_for(row: Row) -> tuple[str, ...]:
    """Names by which problems can be about a row; names that people give can be words of any sentence."""
    return (row.name,) if row.thing in (Thing.PARTITION, Thing.VOLUME) else ()
