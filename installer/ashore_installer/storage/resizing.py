"""File systems made smaller before their device shrinks, and larger after it has grown, each by its own program.

blivet can't do btrfs, and what it calls a resize of the others is these same programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed
from ashore_installer.storage_plan import BlockPlan, Format, StoragePlan

_EXT = (Format.EXT2, Format.EXT3, Format.EXT4)
_SHRINK = (*_EXT, Format.NTFS, Format.BTRFS)
_GROW = (*_SHRINK, Format.XFS)
_SECTOR = 512
_REPAIRED = 1
"""e2fsck's exit status when it had something to correct, and did (e2fsck(8))."""


def check_resizable(plan: StoragePlan) -> None:
    """Whether all that is resized with its content can be. Raises InstallerError."""
    for block in _resized(plan):
        shrinks = _shrinks(block)
        if block.format not in (_SHRINK if shrinks else _GROW):
            name = block.existing.name if block.existing else block.id
            message = f"{name} holds {block.format}, which can't be made {'smaller' if shrinks else 'larger'}."
            raise InstallerError(message, "Leave its size as it is, or remove it.")


def shrink_contents(context: Context, plan: StoragePlan) -> None:
    """Before the devices shrink: every file system that stays gets the size of the plan. Raises CommandFailed."""
    for block in _resized(plan):
        if _shrinks(block):
            node = context.devices[block.id]
            context.note(f"Shrink the file system of {node} to {block.size} bytes")
            _set_size(context, block, node, block.size)


def grow_contents(context: Context, plan: StoragePlan) -> None:
    """After the devices have grown: every file system that stays takes all of its device. Raises CommandFailed."""
    for block in _resized(plan):
        if not _shrinks(block):
            node = context.devices[block.id]
            context.note(f"Grow the file system of {node} to {block.size} bytes")
            _set_size(context, block, node, None)


def _resized(plan: StoragePlan) -> Iterator[BlockPlan]:
    return (block for block in plan.blocks() if block.resized and block.keep)


def _shrinks(block: BlockPlan) -> bool:
    return block.existing is not None and block.size < block.existing.size


def _set_size(context: Context, block: BlockPlan, node: str, size: int | None) -> None:
    """`size` in bytes; None is all of the device."""
    if block.format in _EXT:
        _check_ext(context, node)
        context.run.run(["resize2fs", node, *([f"{size // _SECTOR}s"] if size else [])])
    elif block.format is Format.NTFS:
        # Twice: no question, and no refusal because of an unclean mark that a first look has cleared.
        context.run.run(["ntfsresize", "-f", "-f", "-P", *(["--size", str(size)] if size else []), node])
    elif block.format is Format.BTRFS:
        with _mounted(context, node) as place:
            context.run.run(["btrfs", "filesystem", "resize", f"{_devid(context, node)}:{size or 'max'}", place])
    else:
        with _mounted(context, node) as place:
            context.run.run(["xfs_growfs", place])


def _check_ext(context: Context, node: str) -> None:
    """resize2fs insists on it."""
    try:
        context.run.run(["e2fsck", "-f", "-p", node])
    except CommandFailed as error:
        if error.returncode != _REPAIRED:
            raise


def _devid(context: Context, node: str) -> str:
    """The number of a device in its btrfs volume: 1, unless it took the place of another."""
    text = context.run.run(["btrfs", "inspect-internal", "dump-super", node])
    found = [line.split()[1] for line in text.splitlines() if line.startswith("dev_item.devid")]
    return found[0] if found else "1"


@contextmanager
def _mounted(context: Context, node: str) -> Iterator[Path]:
    place = context.target.parent / "resize"
    place.mkdir(parents=True, exist_ok=True)
    context.run.run(["mount", node, place])
    try:
        yield place
    finally:
        context.run.run(["umount", place])
