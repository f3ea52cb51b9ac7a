"""What uses the disks although it goes: stopped before blivet's first action, as blivet does not see all of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from ashore_installer.context import Context
from ashore_installer.machine import ArrayInfo, DiskInfo
from ashore_installer.run import CommandFailed
from ashore_installer.storage_plan import StoragePlan

log = logging.getLogger(__name__)

_STACKS = frozenset({"LVM2_member", "linux_raid_member", "crypto_LUKS", "btrfs"})
"""blkid's names of formats that other things lie on: blivet takes them apart from the top."""


def stop_what_goes(
    context: Context, plan: StoragePlan, disks: Mapping[str, DiskInfo], arrays: Iterable[ArrayInfo]
) -> None:
    """Stop arrays of whole disks that get a new partition table, and erase what blivet does not know on such disks.

    To blivet such an array is a disk of its own, which the plan does not name. Everything else that goes is stopped by
    blivet itself, from the top of its stack.
    """
    cleared = [disks[one.id] for one in plan.disks if one.table]
    for array in arrays:
        if array.active and {disk.name for disk in cleared}.intersection(array.members):
            context.note(f"Stop the RAID array {array.name}")
            _stop(context, array.name)
    for disk in cleared:
        if disk.format and disk.table is None and disk.format not in _STACKS:
            context.note(f"Erase the signatures of {disk.describe()}")
            context.run.run(["wipefs", "--all", "--force", f"/dev/{disk.name}"])


def _stop(context: Context, name: str) -> None:
    try:
        context.run.run(["mdadm", "--stop", f"/dev/{name}"])
    except CommandFailed as error:
        # It may not be running any more; if it is, blivet says so when it can't write to the disk.
        log.warning("%s", error)
