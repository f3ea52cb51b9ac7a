"""`part` and `partition`."""

from __future__ import annotations

import re
from dataclasses import replace

from ashore_installer.plan import Draft
from ashore_installer.storage_request import PartitionRequest
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_block import block, place, request_of, sizes
from ashore_kickstart.zram import PLACE, refuse_others, refuse_zram, zram

_WILDCARDS = re.compile(r"[*?\[\]|]")


def part(draft: Draft, command: Command) -> Draft:
    storage = request_of(draft.storage)
    if command.arguments[0] == PLACE:
        refuse_others(command)
        if storage.zram:
            raise Refused(command.line, "swap space in memory is asked for twice.", "Remove one of the lines.")
        lines = {**draft.lines, "storage.zram": command.line}
        return replace(draft, storage=replace(storage, zram=zram(command)), lines=lines)
    refuse_zram(command, "`part zram`")
    made = _partition(command)
    lines = {**draft.lines, "storage.partitions": command.line}
    return replace(draft, storage=replace(storage, partitions=(*storage.partitions, made)), lines=lines)


def exact(command: Command, word: str) -> str:
    """A word that has to name one device."""
    if _WILDCARDS.search(word):
        raise Refused(command.line, f"{word} names no single disk.", "Name it exactly, as vda or disk/by-id/NAME.")
    return word


def _partition(command: Command) -> PartitionRequest:
    at = place(command, "partition", ("swap", "biosboot"), ("pv.", "raid.", "btrfs."))
    existing = exact(command, command.text("--onpart").removeprefix("/dev/"))
    disk = exact(command, command.text("--ondisk"))
    if existing and (disk or command.has("--asprimary")):
        raise Refused(command.line, f"{at.what} is there already.", "Remove --ondisk and --asprimary.")
    if not existing and command.has("--noformat"):
        raise Refused(command.line, "a new partition holds nothing to keep.", "Name one that is there with --onpart.")
    return PartitionRequest(
        **block(command, at, existing=existing),
        **sizes(command, at, existing=bool(existing)),
        name=at.member,
        disk=disk,
        primary=command.has("--asprimary"),
    )


READERS = {"part": part, "partition": part}
