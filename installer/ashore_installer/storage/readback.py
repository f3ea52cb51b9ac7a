"""What is on the disks after blivet is done, compared with the plan."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ashore_installer.run import Runner
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage_plan import Format, PartitionPlan

_SECTOR = 512
"""blkid counts in this unit, whatever a disk's own sectors are."""
_TYPES = {
    Format.XFS: "xfs",
    Format.EXT4: "ext4",
    Format.BTRFS: "btrfs",
    Format.EFI: "vfat",
    Format.SWAP: "swap",
    Format.BIOSBOOT: "",
}
_PARTITION_TYPES = {Format.EFI: (ESP, "0xef"), Format.BIOSBOOT: (BIOS_BOOT,)}


def read_back(run: Runner, node: str) -> dict[str, str]:
    """What blkid finds on a partition's device itself, not in its cache: `TYPE`, `UUID`, `PART_ENTRY_OFFSET`, …"""
    return parse_blkid(run.run(["blkid", "--probe", "--output", "export", node]))


def parse_blkid(text: str) -> dict[str, str]:
    """The facts in blkid's `export` output, which puts a backslash before what a shell would take for more."""
    words = [shlex.split(line) for line in text.splitlines() if "=" in line]
    pairs = ("".join(word).partition("=") for word in words)
    return {name: value for name, _, value in pairs}


def difference(plan: PartitionPlan, facts: Mapping[str, str]) -> str:
    """How a partition is not what was planned, as a sentence, or empty."""
    place = tuple(int(facts.get(f"PART_ENTRY_{name}", -1)) * _SECTOR for name in ("OFFSET", "SIZE"))
    if place != (plan.start, plan.size):
        return f"{plan.id} lies at {place[0]} with {place[1]} bytes, and not at {plan.start} with {plan.size}."
    if facts.get("TYPE", "") != _TYPES[plan.format]:
        return f"{plan.id} holds {facts.get('TYPE') or 'nothing'}, and not {plan.format}."
    if facts.get("LABEL", "") != plan.label:
        return f"{plan.id} has the label {facts.get('LABEL', '')!r}, and not {plan.label!r}."
    if plan.format is not Format.BIOSBOOT and not facts.get("UUID"):
        return f"{plan.id} has no UUID."
    types = _PARTITION_TYPES.get(plan.format)
    if types and facts.get("PART_ENTRY_TYPE", "").lower() not in types:
        return f"{plan.id} has the partition type {facts.get('PART_ENTRY_TYPE', '')}, and not {types[0]}."
    return ""
