"""The btrfs volumes of a machine, from `btrfs filesystem show` and `btrfs subvolume list` (btrfs-progs)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ashore_installer.machine import BtrfsInfo
from ashore_installer.storage.probe_tools import Seeing, ask
from ashore_installer.storage.records import BlockRecord

FORMAT = "btrfs"
_SHOWN = re.compile(r"Label: (?:none|'(?P<label>.*)')\s+uuid: (?P<uuid>\S+)")
_TOTAL = re.compile(r"Total devices (\d+) FS bytes used (\d+)")
_MEMBER = re.compile(r"devid\s+\d+ size \d+ used \d+ path (/\S+)(?! MISSING)")
_LISTED = re.compile(r"ID (?P<id>\d+) .*parent_uuid (?P<parent>\S+)\s+uuid \S+ path (?P<path>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subvolume:
    """A subvolume; `snapshot` when it was made from another one."""

    id: int
    path: str
    snapshot: bool


def parse_shown(text: str) -> tuple[BtrfsInfo, ...]:
    """The volumes in what `btrfs filesystem show --raw` says; members are nodes."""
    found = []
    for part in re.split(r"(?m)^(?=Label: )", text):
        head, total = _SHOWN.search(part), _TOTAL.search(part)
        if head and total:
            found.append(
                BtrfsInfo(
                    uuid=head["uuid"],
                    label=head["label"] or "",
                    members=tuple(_MEMBER.findall(part)),
                    wanted=int(total[1]),
                    used=int(total[2]),
                )
            )
    return tuple(found)


def parse_subvolumes(text: str) -> tuple[Subvolume, ...]:
    """The subvolumes in what `btrfs subvolume list -q -u` says of a volume's top, in the order of their paths."""
    found = (
        Subvolume(id=int(one["id"]), path=one["path"], snapshot=one["parent"] != "-")
        for one in map(_LISTED.fullmatch, text.splitlines())
        if one
    )
    return tuple(sorted(found, key=lambda one: one.path))


def shown(seeing: Seeing, records: Sequence[BlockRecord]) -> tuple[BtrfsInfo, ...]:
    """The volumes, with nodes as members, if anything has this format."""
    if not any(one.format == FORMAT for one in records):
        return ()
    return parse_shown(ask(seeing.run, "btrfs", "filesystem", "show", "--raw"))
