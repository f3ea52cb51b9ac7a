"""The md arrays of a machine: those that run, from sysfs, and those that don't, from their members' superblocks.

An array that does not run is started read-only while its content is looked at. That leaves its data and its superblocks
as they are (md(4), START_RO), but the kernel writes to write-intent bitmaps even then (Linux, md-bitmap.c, the end of
md_bitmap_load), and gives up an array whose members refuse it. So what is started are snapshots of the members (Linux,
Documentation/admin-guide/device-mapper/snapshot.rst), which are thrown away with all that was written to them; the
members themselves are only ever read. An array that lacks too many members stays as it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ashore_installer.machine import ArrayInfo
from ashore_installer.storage.assembly import no_assembly
from ashore_installer.storage.probe_tools import Seeing, ask, succeeds
from ashore_installer.storage.records import BlockRecord, MountRecord, mounted
from ashore_installer.units import MiB

log = logging.getLogger(__name__)

MEMBER = "linux_raid_member"
_OURS = "ashore-"
_STOPPED = ("inactive", "clear")
"""States in which an array gives no data (Linux, Documentation/admin-guide/md.rst, array_state)."""
_WRITES = 32 * MiB
"""Room for what md writes while it only reads, its bitmap. A full snapshot gives errors; its origin does not."""
_CHUNK = 8
"""Sectors of 512 bytes that a snapshot copies at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """What the members of an array say of it. `name` is what mdadm would call it, `members` are nodes."""

    uuid: str
    name: str
    label: str
    level: str
    metadata: str
    wanted: int
    members: tuple[str, ...]


def parse_examined(text: str) -> tuple[Superblock, ...]:
    """The arrays in what `mdadm --examine --scan --verbose` says; containers of firmware RAID are left out."""
    lines = re.sub(r"\n[ \t]+", " ", text).splitlines()
    found = (_superblock(line) for line in lines if line.startswith("ARRAY "))
    return tuple(one for one in found if one)


def _superblock(line: str) -> Superblock | None:
    words = line.split()[1:]
    facts = dict(word.split("=", 1) for word in words if "=" in word)
    # 0.90 is not always named; firmware formats are named by words.
    metadata = facts.get("metadata", "0.90")
    if not metadata[:1].isdigit() or "level" not in facts or "UUID" not in facts:
        return None
    path = words[0] if words[0].startswith("/") else ""
    return Superblock(
        uuid=dashed(facts["UUID"]),
        name=path.rpartition("/")[2],
        label=_label(facts.get("name", "")),
        level=facts["level"],
        metadata="1.2" if metadata == "1" else metadata,
        wanted=int(facts.get("num-devices", "0")),
        members=tuple(sorted(facts.get("devices", "").split(","))) if facts.get("devices") else (),
    )


def dashed(uuid: str) -> str:
    """md's `0a1b2c3d:…` as blkid and `PartitionInfo.uuid` write it: `0a1b2c3d-4e5f-…`."""
    digits = re.sub("[^0-9a-f]", "", uuid.lower())
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _label(name: str) -> str:
    """The array's name without its host's, which stands before a colon (mdadm(8), --name)."""
    return name.rpartition(":")[2]


def examined(seeing: Seeing, records: Sequence[BlockRecord]) -> tuple[Superblock, ...]:
    """The arrays that any member is there of."""
    if not any(one.format == MEMBER for one in records):
        return ()
    return parse_examined(ask(seeing.run, "mdadm", "--examine", "--scan", "--verbose"))


@contextmanager
def started(seeing: Seeing, records: Sequence[BlockRecord], blocks: Sequence[Superblock]) -> Iterator[dict[str, str]]:
    """Run the arrays that don't, read-only, within the block. Gives their names by those of their nodes (`md127`)."""
    running = {_uuid(one, records) for one in records if one.md}
    with ExitStack() as stack:
        asleep = [one for one in blocks if one.uuid not in running]
        if asleep:
            stack.enter_context(no_assembly(seeing.run))
        begun = [_start(seeing, f"/dev/md/{_OURS}{number}", block, stack) for number, block in enumerate(asleep)]
        yield _names(seeing.settled(), blocks) if any(begun) else {}


def _start(seeing: Seeing, node: str, block: Superblock, stack: ExitStack) -> bool:
    """Whether the array runs now; `stack` ends it, and the snapshots below it."""
    name = node.rpartition("/")[2]
    copies = [_snapshot(seeing, f"{name}-{at}", member, stack) for at, member in enumerate(block.members)]
    runs = succeeds(seeing.run, "mdadm", "--assemble", "--readonly", "--run", node, *filter(None, copies))
    if runs:
        stack.callback(ask, seeing.run, "mdadm", "--stop", node)
    return runs


def _snapshot(seeing: Seeing, name: str, member: str, stack: ExitStack) -> str:
    """A device with a member's content, whose writes go to a file of ours; empty when there is none."""
    sectors = ask(seeing.run, "blockdev", "--getsz", member).strip()
    writes = seeing.place / name
    with writes.open("wb") as file:
        file.truncate(_WRITES)
    stack.callback(writes.unlink)
    loop = ask(seeing.run, "losetup", "--find", "--show", writes).strip()
    if not sectors or not loop:
        return ""
    stack.callback(ask, seeing.run, "losetup", "--detach", loop)
    table = f"0 {sectors} snapshot {member} {loop} N {_CHUNK}"
    if not succeeds(seeing.run, "dmsetup", "create", name, "--table", table):
        return ""
    stack.callback(ask, seeing.run, "dmsetup", "remove", "--retry", name)
    return f"/dev/mapper/{name}"


def _names(records: Sequence[BlockRecord], blocks: Sequence[Superblock]) -> dict[str, str]:
    """How the arrays that we have started are called while they don't run."""
    stopped = stopped_names(blocks)
    ours = [one for one in records if any(link.startswith(f"/dev/md/{_OURS}") for link in one.links)]
    return {one.name: stopped.get(_uuid(one, records), one.name) for one in ours}


def stopped_names(blocks: Sequence[Superblock]) -> dict[str, str]:
    """A name for each array by its UUID: that in its superblock, or mdadm's; the UUID where two have the same."""
    names = {block.uuid: block.label or block.name for block in blocks}
    taken = list(names.values())
    return {uuid: name if name and taken.count(name) == 1 else uuid for uuid, name in names.items()}


def arrays_from(
    records: Sequence[BlockRecord], mounts: Sequence[MountRecord], blocks: Sequence[Superblock],
    ours: Mapping[str, str],
) -> tuple[ArrayInfo, ...]:  # fmt: skip
    """The arrays that run, and those that only have members. `ours` are nodes of arrays that we have started."""
    known = {block.uuid: block for block in blocks}
    nodes = [one for one in records if one.md and not one.md.get("metadata_version", "").startswith("external")]
    found = {_uuid(one, records): _running(one, records, mounts, known, ours) for one in nodes}
    names = stopped_names(blocks)
    for block in blocks:
        if block.uuid not in found:
            found[block.uuid] = _waiting(block, names[block.uuid], records)
    return tuple(sorted(found.values(), key=lambda array: array.name))


def _running(
    one: BlockRecord, records: Sequence[BlockRecord], mounts: Sequence[MountRecord],
    known: Mapping[str, Superblock], ours: Mapping[str, str],
) -> ArrayInfo:  # fmt: skip
    uuid = _uuid(one, records)
    block = known.get(uuid)
    return ArrayInfo(
        name=ours.get(one.name, one.name),
        uuid=uuid,
        level=one.md.get("level") or (block.level if block else ""),
        size=one.size,
        label=_label(one.properties.get("MD_NAME", "")) or (block.label if block else ""),
        metadata=_metadata(one, block),
        members=_members(block, records) if block and one.name in ours else one.slaves,
        wanted=int(one.md.get("raid_disks") or 0) or (block.wanted if block else 0),
        active=one.name not in ours and one.md.get("array_state", "") not in _STOPPED,
        format=one.format,
        content_label=one.label,
        content=one.uuid,
        mounted=mounted(one, mounts),
    )


def _metadata(one: BlockRecord, block: Superblock | None) -> str:
    version = one.md.get("metadata_version", "")
    return version if version[:1].isdigit() else (block.metadata if block else "")


def _waiting(block: Superblock, name: str, records: Sequence[BlockRecord]) -> ArrayInfo:
    return ArrayInfo(
        name=name,
        uuid=block.uuid,
        level=block.level,
        label=block.label,
        metadata=block.metadata,
        members=_members(block, records),
        wanted=block.wanted,
        active=False,
    )


def _members(block: Superblock, records: Sequence[BlockRecord]) -> tuple[str, ...]:
    nodes = {node: one.name for one in records for node in one.nodes}
    return tuple(sorted(nodes[node] for node in block.members if node in nodes))


def _uuid(array: BlockRecord, records: Sequence[BlockRecord]) -> str:
    """An array's UUID: udev's, or the one its members have in common."""
    own = array.properties.get("MD_UUID", "")
    members = (one.uuid for one in records if one.name in array.slaves and one.format == MEMBER)
    return dashed(own) if own else next(members, "")
