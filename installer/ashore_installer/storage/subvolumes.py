"""Subvolumes, made and removed by btrfs(8).

blivet sees those that are there only if it may mount every btrfs volume of the machine while it looks, and it makes
new ones in any order: one within another may come first, and then its place is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.storage_plan import BtrfsPlan, Kind, StoragePlan

TOP = "subvolid=5"
"""The top of a btrfs volume, whatever its default subvolume is (btrfs(5))."""


@contextmanager
def top_of(context: Context, node: str, options: str = TOP) -> Iterator[Path]:
    """A btrfs volume, mounted at its top meanwhile."""
    place = context.target.parent / "btrfs"
    place.mkdir(parents=True, exist_ok=True)
    context.run.run(["mount", "--options", options, node, place])
    try:
        yield place
    finally:
        context.run.run(["umount", place])


def remove_subvolumes(context: Context, plan: StoragePlan) -> None:
    """Those that the plan removes, the inner ones first; all that is in them goes too. Raises CommandFailed."""
    gone = [one for one in plan.remove if one.kind is Kind.SUBVOLUME]
    for uuid in dict.fromkeys(one.on for one in gone):
        with top_of(context, _node(context, plan, uuid)) as place:
            # What is booted or mounted by default can't be deleted (btrfs-subvolume(8)).
            context.run.run(["btrfs", "subvolume", "set-default", "5", place])
            for one in sorted((one for one in gone if one.on == uuid), key=lambda one: one.name, reverse=True):
                context.note(f"Delete the btrfs subvolume {one.name}")
                context.run.run(["btrfs", "subvolume", "delete", place / one.name])


def make_subvolumes(context: Context, plan: StoragePlan) -> None:
    """New ones, in the order of the plan but the outer ones first. Raises CommandFailed."""
    for volume in plan.btrfs:
        wanted = [one for one in plan.subvolumes if one.volume == volume.id and not one.existing]
        if not wanted:
            continue
        with top_of(context, context.devices[volume.members[0]]) as place:
            for one in sorted(wanted, key=lambda one: one.path.count("/")):
                context.note(f"Make the btrfs subvolume {one.path}")
                (place / one.path).parent.mkdir(parents=True, exist_ok=True)
                context.run.run(["btrfs", "subvolume", "create", place / one.path])


def _node(context: Context, plan: StoragePlan, uuid: str) -> str:
    """A member's node if the plan has the volume; else the one that udev names for it."""
    volumes: tuple[BtrfsPlan, ...] = tuple(one for one in plan.btrfs if one.existing and one.existing.uuid == uuid)
    if volumes:
        return context.devices[volumes[0].members[0]]
    return f"/dev/disk/by-uuid/{uuid}"
