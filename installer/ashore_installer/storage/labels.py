"""Which labels a file system takes."""

from __future__ import annotations

from ashore_installer.storage_plan import Format

LONGEST = {
    Format.XFS: 12,
    Format.EXT4: 16,
    Format.EXT3: 16,
    Format.EXT2: 16,
    Format.BTRFS: 255,
    Format.VFAT: 11,
    Format.EFI: 11,
    Format.SWAP: 15,
    Format.LUKS: 47,
}
"""The longest label in bytes (xfs_admin(8), tune2fs(8), mkfs.btrfs(8), mkfs.fat(8), mkswap(8), LUKS2's header)."""

_NOT_IN_FAT = frozenset('*?.,;:/\\|+=<>[]"')
"""What a FAT directory entry can't hold (fatgen103, section 6.1)."""


def label_problem(label: str, format: Format) -> str:  # noqa: A002 (the field's name)
    """Why a file system of this format can't have the label, as the end of a sentence, or empty."""
    longest = LONGEST.get(format, 0)
    if len(label.encode()) > longest:
        return f"is too long: {format} takes {longest} bytes"
    if not label.isprintable():
        return "can't be printed"
    if format is Format.XFS and " " in label:
        return "has a space: xfs takes none"
    if format in (Format.EFI, Format.VFAT) and (set(label) & _NOT_IN_FAT or not label.isascii()):
        return "has characters that FAT does not take"
    return ""
