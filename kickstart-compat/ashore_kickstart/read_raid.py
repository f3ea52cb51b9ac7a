"""`raid`: md arrays."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.plan import Draft
from ashore_installer.storage_plan import RaidLevel
from ashore_installer.storage_request import ArrayRequest
from ashore_installer.units import KiB
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_block import block, number, place, request_of

METADATA = ("1.2", "1.1", "1.0", "0.90")
"""Formats of the superblock (md(4))."""


def raid(draft: Draft, command: Command) -> Draft:
    storage = request_of(draft.storage)
    made = _existing(command) if command.has("--useexisting") or command.has("--noformat") else _new(command)
    lines = {**draft.lines, "storage.arrays": command.line}
    return replace(draft, storage=replace(storage, arrays=(*storage.arrays, made)), lines=lines)


def _existing(command: Command) -> ArrayRequest:
    for option in ("--spares", "--chunksize", "--metadata"):
        if command.has(option):
            raise Refused(command.line, f"{option} can't be changed in an array that is there.", "Remove it.")
    at = place(command, "array", ("swap",), ("pv.", "btrfs."))
    name = _name(command)
    level = _level(command) if command.has("--level") else None
    return ArrayRequest(**block(command, at, existing=name), name=name, member=at.member, level=level)


def _new(command: Command) -> ArrayRequest:
    at = place(command, "array", ("swap",), ("pv.", "btrfs."))
    level, members, spares = _level(command), command.arguments[1:], command.number("--spares") or 0
    chunk = number(command, "--chunksize", KiB)
    if spares < 0 or len(members) - spares < level.least_members:
        needs = f"{level} needs at least {level.least_members} members besides its spares."
        raise Refused(command.line, needs, "Name more members.")
    if spares and level is RaidLevel.RAID0:
        raise Refused(command.line, "RAID 0 has no use for spares.", "Remove --spares.")
    if chunk and level is RaidLevel.RAID1:
        raise Refused(command.line, "RAID 1 has no chunks.", "Remove --chunksize.")
    return ArrayRequest(
        **block(command, at),
        name=_name(command),
        member=at.member,
        level=level,
        members=members,
        spares=spares,
        chunk=chunk,
        metadata=_metadata(command),
    )


def _level(command: Command) -> RaidLevel:
    """`1`, `raid1` or `RAID1`, as pykickstart lets pass."""
    return RaidLevel("raid" + command.text("--level").lower().removeprefix("raid"))


def _metadata(command: Command) -> str:
    found = command.text("--metadata")
    if found and found not in METADATA:
        raise Refused(command.line, f"there is no metadata format {found!r}.", f"There are {', '.join(METADATA)}.")
    return found


def _name(command: Command) -> str:
    """What follows /dev/md/ or /dev/."""
    return command.text("--device").removeprefix("/dev/").removeprefix("md/")


READERS = {"raid": raid}
