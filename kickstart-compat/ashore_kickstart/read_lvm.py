"""`volgroup` and `logvol`: LVM."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.plan import Draft
from ashore_installer.storage_plan import Format, VolumeKind
from ashore_installer.storage_request import GroupRequest, VolumeRequest
from ashore_installer.units import GiB, KiB
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_block import NO_MOUNT, Place, block, mebibytes, number, place, request_of, sizes

_LARGEST_EXTENT = 16 * GiB
_FILE_SYSTEM_OPTIONS = ("--fstype", "--label", "--fsoptions", "--mkfsoptions", "--fsprofile", "--encrypted")


def volgroup(draft: Draft, command: Command) -> Draft:
    storage = request_of(draft.storage)
    made = _group(command)
    lines = {**draft.lines, "storage.groups": command.line}
    return replace(draft, storage=replace(storage, groups=(*storage.groups, made)), lines=lines)


def _group(command: Command) -> GroupRequest:
    keep = command.has("--useexisting") or command.has("--noformat")
    reserved, percent = mebibytes(command, "--reserved-space"), command.number("--reserved-percent") or 0
    if reserved and percent:
        raise Refused(command.line, "the group keeps two different amounts free.", "Keep one of the two.")
    if keep and (reserved or percent or command.has("--pesize")):
        raise Refused(command.line, "a group that is there keeps its extents and its free space.", "Remove the option.")
    return GroupRequest(
        name=command.arguments[0],
        members=command.arguments[1:],
        extent=_extent(command),
        reserved=reserved,
        reserved_percent=percent,
        keep=keep,
        line=command.line,
    )


def _extent(command: Command) -> int:
    """LVM takes powers of two (vgcreate(8)), and blivet those up to 16 GiB; 0 is kickstart's word for LVM's choice."""
    size = (command.number("--pesize") or 0) * KiB
    if size < 0 or size & (size - 1) or size > _LARGEST_EXTENT:
        raise Refused(command.line, "--pesize has to be a power of two in KiB.", "Write it as --pesize=4096.")
    return size


def logvol(draft: Draft, command: Command) -> Draft:
    storage = request_of(draft.storage)
    made = _pool(command) if command.has("--thinpool") else _volume(command)
    lines = {**draft.lines, "storage.volumes": command.line}
    return replace(draft, storage=replace(storage, volumes=(*storage.volumes, made)), lines=lines)


def _pool(command: Command) -> VolumeRequest:
    name = _called(command)
    given = [option for option in _FILE_SYSTEM_OPTIONS if command.has(option)]
    given += [word for word in command.arguments if word not in NO_MOUNT]
    if given:
        message = f"the thin pool {name} holds no file system for {given[0]}."
        raise Refused(command.line, message, "Write `logvol none --thinpool`, and volumes with --thin.")
    at = Place(what=f"the thin pool {name}", mount="", member="", formats={"": Format.NONE}, fixed=True)
    existing = _existing(command, name)
    percent = _percent(command, bool(existing))
    return VolumeRequest(
        **block(command, at, existing=existing),
        **sizes(command, at, existing=bool(existing), other=bool(percent)),
        name=command.text("--name"),
        group=command.text("--vgname"),
        kind=VolumeKind.POOL,
        percent=percent,
        metadata=number(command, "--metadatasize", KiB * KiB),
        chunk=number(command, "--chunksize", KiB),
    )


def _volume(command: Command) -> VolumeRequest:
    at = place(command, "logical volume", ("swap",), ("btrfs.",))
    thin = command.has("--thin")
    if command.has("--poolname") and not thin:
        raise Refused(command.line, f"{at.what} names a pool, but is not thin.", "Add --thin, or remove --poolname.")
    existing = _existing(command, _called(command))
    percent = _percent(command, bool(existing))
    return VolumeRequest(
        **block(command, at, existing=existing),
        **sizes(command, at, existing=bool(existing), other=bool(percent)),
        name=command.text("--name"),
        group=command.text("--vgname"),
        member=at.member,
        kind=VolumeKind.THIN if thin else VolumeKind.LINEAR,
        pool=command.text("--poolname"),
        percent=percent,
    )


def _called(command: Command) -> str:
    return f"{command.text('--vgname')}/{command.text('--name')}"


def _existing(command: Command, name: str) -> str:
    return name if command.has("--useexisting") or command.has("--noformat") else ""


def _percent(command: Command, existing: bool) -> int:
    percent = command.number("--percent") or 0
    if percent and existing:
        raise Refused(command.line, "a logical volume that is there has its size.", "Remove --percent.")
    return percent


READERS = {"volgroup": volgroup, "logvol": logvol}
