"""How far file systems can be shrunk, by what their own programs say. None of them writes anything for that."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ashore_installer.run import Runner
from ashore_installer.storage.probe_tools import ask
from ashore_installer.units import MiB

EXT = ("ext2", "ext3", "ext4")
NTFS = "ntfs"
_MARGIN = 500 * MiB
"""What programs say is an estimate. blivet adds a tenth, but not more than this (blivet, formats/fs.py)."""
_BLOCK_SIZE = re.compile(r"^Block size:\s+(\d+)$", re.MULTILINE)
_EXT_LEAST = re.compile(r"Estimated minimum size of the filesystem: (\d+)")
_NTFS_LEAST = re.compile(r"You might resize at (\d+) bytes")
_BTRFS_LEAST = re.compile(r"^(\d+) bytes")


def with_margin(least: int, size: int) -> int:
    """The size to which a file system of `size` bytes can safely be shrunk, in whole MiB; 0 when nothing is gained."""
    if least <= 0:
        return 0
    safe = -(-(least + min(least // 10, _MARGIN)) // MiB) * MiB
    return safe if safe < size else 0


def unmounted_minimum(run: Runner, node: str, kind: str, size: int) -> int:
    """`PartitionInfo.minimum` of the file system on a device that is not mounted."""
    if kind in EXT:
        block = _BLOCK_SIZE.search(ask(run, "dumpe2fs", "-h", node))
        return with_margin(_first(_EXT_LEAST, ask(run, "resize2fs", "-P", node)) * int(block[1]), size) if block else 0
    if kind == NTFS:
        # It refuses what Windows has left dirty or hibernated: that can't be shrunk either.
        return with_margin(_first(_NTFS_LEAST, ask(run, "ntfsresize", "--info", "--no-progress-bar", node)), size)
    return 0


def btrfs_minimum(run: Runner, top: str, members: Sequence[str], size: int) -> int:
    """`PartitionInfo.minimum` of the only member of the btrfs volume that is mounted at `top`."""
    if len(members) != 1:
        return 0
    return with_margin(_first(_BTRFS_LEAST, ask(run, "btrfs", "inspect-internal", "min-dev-size", top)), size)


def _first(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0
