"""The lists of a request while it is edited, and what the planner says of the result. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashore_installer.errors import BadInput
from ashore_installer.machine import DiskInfo
from ashore_installer.storage.members import purposes
from ashore_installer.storage_request import (
    ArrayRequest,
    BlockRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_tui.flow.partition_rows import Row
from ashore_tui.flow.partitions import Edited, Refused, Site, Wish, drawn, picture, problems_of, refusal
from ashore_tui.text import _

Block = PartitionRequest | ArrayRequest | VolumeRequest
Asked = Block | SubvolumeRequest | None


# --- the planner's judgement ---------------------------------------------------------------------------------


def judged(before: StorageRequest, after: StorageRequest, site: Site, wish: Wish, *names: str) -> Edited:
    """`after`, if the planner can make it and nothing is newly wrong with what was wished for (`names`)."""
    if wish.mount and wish.mount in _mounted(before) and len(_mounts(after)) != len(_mounted(after)):
        message = _("There is something at {path} already.").format(path=wish.mount)
        return Refused(message=message, hint=_("Choose another mount point, or change the other one first."))
    try:
        drawn(after, site)
    except BadInput as error:
        known = {one.message for one in picture(before, site).problems}
        new = [one for one in problems_of(error) if one.message not in known]
        return Refused(message=new[0].message, hint=new[0].hint) if new else refusal(error)
    return _sound(before, after, site, tuple(name for name in (wish.mount, *names) if name))


def _sound(before: StorageRequest, after: StorageRequest, site: Site, names: tuple[str, ...]) -> Edited:
    known = {one.message for one in picture(before, site).problems}
    for problem in picture(after, site).problems:
        if problem.message not in known and any(_is_about(problem.message, name) for name in names):
            return Refused(message=problem.message, hint=problem.hint)
    return after


def _is_about(message: str, name: str) -> bool:
    return any(word.strip(".,:;“”'") == name for word in message.split())


def _mounted(request: StorageRequest) -> set[str]:
    return set(_mounts(request))


def _mounts(request: StorageRequest) -> list[str]:
    """Paths, each as often as it is asked for."""
    found = [one.mount for one in (*request.partitions, *request.arrays, *request.volumes)]
    found += [one.mount for one in request.btrfs] + [one.mount for one in request.subvolumes]
    return [path for path in found if path.startswith("/")]


# --- requests ------------------------------------------------------------------------------------------------


def asked_for(request: StorageRequest, row: Row) -> Asked:
    """What asks for the thing of a row."""
    if row.ref is None or row.ref.list not in ("partitions", "arrays", "volumes", "subvolumes"):
        return None
    found: Block | SubvolumeRequest = getattr(request, row.ref.list)[row.ref.index]
    return found


def is_member(block: BlockRequest, request: StorageRequest) -> bool:
    name = block.name if isinstance(block, PartitionRequest) else getattr(block, "member", "")
    return bool(name) and name in purposes(request)


def without(request: StorageRequest, row: Row) -> StorageRequest:
    """Without what asks for an existing thing; it stays as it is then."""
    rest = dropped(request, row.ref.list, row.ref.index) if row.ref else request
    return replace(rest, remove=tuple(one for one in rest.remove if one != row.existing))


def dropped(request: StorageRequest, name: str, index: int) -> StorageRequest:
    items = getattr(request, name)
    return _changed(request, **{name: (*items[:index], *items[index + 1 :])})


def replaced(request: StorageRequest, row: Row, new: object) -> StorageRequest:
    if row.ref is None:
        return request
    items = getattr(request, row.ref.list)
    return _changed(request, **{row.ref.list: (*items[: row.ref.index], new, *items[row.ref.index + 1 :])})


def without_group(request: StorageRequest, group: str) -> StorageRequest:
    return replace(
        request,
        groups=tuple(one for one in request.groups if one.name != group),
        volumes=tuple(one for one in request.volumes if one.group != group),
    )


def without_volume(request: StorageRequest, volume: str) -> StorageRequest:
    return replace(
        request,
        btrfs=tuple(one for one in request.btrfs if one.name != volume),
        subvolumes=tuple(one for one in request.subvolumes if one.volume != volume),
        remove=tuple(one for one in request.remove if not one.startswith(f"{volume}:")),
    )


def joined(request: StorageRequest, more: StorageRequest) -> StorageRequest:
    names = {one.name for one in request.groups}
    return replace(
        request,
        remove=(*request.remove, *more.remove),
        partitions=(*request.partitions, *more.partitions),
        arrays=(*request.arrays, *more.arrays),
        groups=(*request.groups, *(one for one in more.groups if one.name not in names)),
        volumes=(*request.volumes, *more.volumes),
        btrfs=(*request.btrfs, *more.btrfs),
        subvolumes=(*request.subvolumes, *more.subvolumes),
    )


def put_back(request: StorageRequest, rest: StorageRequest, added: StorageRequest, row: Row) -> StorageRequest:
    """What was asked for before keeps its place in the list."""
    block = asked_for(added, replace(row, ref=replace(row.ref, index=0))) if row.ref else None
    if block is None or row.ref is None:
        return joined(rest, added)
    return replaced(request, row, block)


def _changed(request: StorageRequest, **lists: Any) -> StorageRequest:
    return replace(request, **lists)


def tidied(request: StorageRequest, site: Site) -> StorageRequest:
    """The request without what nothing needs any more: new tables of blank disks, and kept things that stay alone."""
    used = {one.disk for one in request.partitions if not one.existing}
    blank = {one.name for one in site.machine.disks if _is_blank(one) and one.id not in used and one.name not in used}
    held = {one.group for one in request.volumes}
    full = {one.volume for one in request.subvolumes}
    return replace(
        request,
        clear_partitions=tuple(one for one in request.clear_partitions if one not in blank),
        groups=tuple(one for one in request.groups if not one.keep or one.members or one.name in held),
        btrfs=tuple(one for one in request.btrfs if not one.keep or one.mount or one.name in full),
    )


def _is_blank(disk: DiskInfo) -> bool:
    return disk.table is None and not disk.format
