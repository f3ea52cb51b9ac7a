"""What a block of a plan holds, as blivet's formats.

What file systems may use is held back to what kernels and boot loaders of older images can read: the image's own
kernel and GRUB must cope with what the newer programs of the live system make.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import BlockPlan, BtrfsPlan, EncryptionPlan, Format, StoragePlan

_XFS_FEATURES = Path("/usr/share/xfsprogs/mkfs/lts_5.15.conf")
"""xfsprogs' own list of what Linux 5.15 and GRUB 2.06 can read; without it xfsprogs is that old itself."""
_EXT4_FEATURES = "^metadata_csum_seed,^orphan_file,verity"
"""GRUB before 2.12 can't read the first, Linux before 5.15 not write the second; bootc sets the third (composefs)."""
_BTRFS_FEATURES = "^block-group-tree"
"""Linux before 6.1 can't mount it."""
_NAMES = {Format.RAID: "mdmember", Format.NONE: None}
"""blivet's names of formats where they are not ours."""


def new_format(plan: StoragePlan, block: BlockPlan, sector: int) -> Any:
    """The format to be made on `block`; `sector` is the logical sector size of its device in bytes."""
    from blivet.formats import get_format

    if block.format is Format.LUKS:
        return _luks(next(one for one in plan.encrypted if one.device == block.id))
    if block.format is Format.BTRFS:
        return get_format("btrfs")  # made with its volume
    options = f"{_features(block.format, sector)} {block.mkfs}".strip()
    arguments: dict[str, Any] = {"create_options": options} if options else {}
    if block.label:
        arguments["label"] = block.label
    return get_format(_NAMES.get(block.format, block.format.value), **arguments)


def _features(kind: Format, sector: int) -> str:
    match kind:
        case Format.XFS:
            return f"-c options={_XFS_FEATURES}" if _XFS_FEATURES.exists() else ""
        case Format.EXT4:
            return f"-O {_EXT4_FEATURES}"
        case Format.EFI:
            # The firmware tells FAT32 by its number of clusters: on 4 KiB sectors each must be as small as it can be.
            return "-F 32" if sector == 512 else "-F 32 -s 1"
        case _:
            return ""


def btrfs_options(volume: BtrfsPlan) -> str:
    """Options of mkfs.btrfs: the profiles too, as blivet knows fewer of them than mkfs does."""
    words = [f"-O {_BTRFS_FEATURES}"]
    words += [f"-d {volume.data}"] if volume.data else []
    words += [f"-m {volume.metadata}"] if volume.metadata else []
    return " ".join((*words, volume.mkfs)).strip()


def _luks(opened: EncryptionPlan) -> Any:
    from blivet.formats import get_format
    from blivet.formats.luks import LUKS2PBKDFArgs

    wanted = opened.encryption
    if wanted.passphrase is None:
        raise InstallerError(f"There is no passphrase for {opened.device}.", "Give one.")
    arguments: dict[str, Any] = {"luks_version": wanted.luks, "passphrase": wanted.passphrase.reveal()}
    if wanted.cipher:
        arguments["cipher"] = wanted.cipher
    if wanted.pbkdf or wanted.pbkdf_memory or wanted.pbkdf_time or wanted.pbkdf_iterations:
        arguments["pbkdf_args"] = LUKS2PBKDFArgs(
            type=wanted.pbkdf or None,
            max_memory_kb=wanted.pbkdf_memory,
            iterations=wanted.pbkdf_iterations,
            time_ms=wanted.pbkdf_time,
        )
    return get_format("luks", **arguments)


def name_opened(plan: StoragePlan, devices: Mapping[str, Any]) -> None:
    """Give LUKS devices that were just made the names of the plan, under which blivet then opens them.

    blivet itself forgets a name that is given before and takes `luks-UUID`.
    """
    for one in plan.encrypted:
        luks = devices[one.device].format
        if one.name and not one.existing and luks.type == "luks" and luks.exists:
            luks.map_name = one.name
