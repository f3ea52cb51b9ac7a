"""What is on the disks after blivet is done, compared with the plan: blocks, by what blkid finds on them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ashore_installer.run import CommandFailed, Runner
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage_plan import BlockPlan, Format, PartitionPlan, StoragePlan

_SECTOR = 512
"""blkid counts in this unit, whatever a disk's own sectors are."""
_NOTHING = 2
"""blkid's exit status when it finds nothing."""
_TYPES = {
    Format.EFI: "vfat",
    Format.BIOSBOOT: "",
    Format.LUKS: "crypto_LUKS",
    Format.LVMPV: "LVM2_member",
    Format.RAID: "linux_raid_member",
    Format.NONE: "",
}
"""blkid's names of formats where they are not ours."""
_PARTITION_TYPES = {Format.EFI: (ESP, "0xef"), Format.BIOSBOOT: (BIOS_BOOT,)}
_LABELLED = frozenset({Format.XFS, Format.EXT2, Format.EXT3, Format.EXT4, Format.VFAT, Format.EFI, Format.SWAP})
"""Formats that get their label with their block; btrfs gets it with its volume."""


def read_back(run: Runner, node: str) -> dict[str, str]:
    """What blkid finds on a block device itself, not in its cache: `TYPE`, `UUID`, `PART_ENTRY_OFFSET`, …"""
    try:
        return parse_blkid(run.run(["blkid", "--probe", "--output", "export", node]))
    except CommandFailed as error:
        if error.returncode == _NOTHING:
            return {}
        raise


def parse_blkid(text: str) -> dict[str, str]:
    """The facts in blkid's `export` output, which puts a backslash before what a shell would take for more."""
    words = [shlex.split(line) for line in text.splitlines() if "=" in line]
    pairs = ("".join(word).partition("=") for word in words)
    return {name: value for name, _, value in pairs}


def has_uuid(block: BlockPlan) -> bool:
    """Whether what a block holds has a UUID."""
    return block.format not in (Format.BIOSBOOT, Format.NONE)


def difference(plan: StoragePlan, block: BlockPlan, facts: Mapping[str, str]) -> str:
    """How a block is not what was planned, as a sentence, or empty."""
    place = _place(block, facts) if isinstance(block, PartitionPlan) else ""
    return place or _content(block, facts) or (_type(plan, block, facts) if isinstance(block, PartitionPlan) else "")


def _place(plan: PartitionPlan, facts: Mapping[str, str]) -> str:
    place = tuple(int(facts.get(f"PART_ENTRY_{name}", -1)) * _SECTOR for name in ("OFFSET", "SIZE"))
    if place != (plan.start, plan.size):
        return f"{plan.id} lies at {place[0]} with {place[1]} bytes, and not at {plan.start} with {plan.size}."
    return ""


def _content(block: BlockPlan, facts: Mapping[str, str]) -> str:
    found = facts.get("TYPE", "")
    if block.keep and block.existing:
        # What stays is what it was, by its own UUID.
        if block.existing.content and facts.get("UUID", "") != block.existing.content:
            return f"{block.id} should stay, but holds something else than before: {found or 'nothing'}."
        return ""
    if found != _TYPES.get(block.format, block.format.value):
        return f"{block.id} holds {found or 'nothing'}, and not {block.format}."
    # The options for mkfs may hold a label (`-L …`), of which the plan knows nothing.
    labelled = block.format in _LABELLED and (block.label or not block.mkfs)
    if labelled and facts.get("LABEL", "") != block.label:
        return f"{block.id} has the label {facts.get('LABEL', '')!r}, and not {block.label!r}."
    if has_uuid(block) and not facts.get("UUID"):
        return f"{block.id} has no UUID."
    return ""


def _type(plan: StoragePlan, block: PartitionPlan, facts: Mapping[str, str]) -> str:
    if block.existing:
        return ""
    mirrored = any(block.id in array.members and array.format is Format.EFI for array in plan.arrays)
    types = _PARTITION_TYPES[Format.EFI] if mirrored else _PARTITION_TYPES.get(block.format)
    if types and facts.get("PART_ENTRY_TYPE", "").lower() not in types:
        return f"{block.id} has the partition type {facts.get('PART_ENTRY_TYPE', '')}, and not {types[0]}."
    return ""
