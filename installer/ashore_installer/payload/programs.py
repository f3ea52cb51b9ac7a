"""Which programs an image has for what lies on its disks, found by where distributions put them."""

from __future__ import annotations

from typing import Any

from ashore_installer.payload.tree import Tree
from ashore_installer.payload_info import PROGRAMS

_BIN = ("usr/bin", "usr/sbin", "usr/lib/systemd", "usr/lib/systemd/system-generators")
_LIBRARIES = ("usr/lib64", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu")
_NAMES = {
    "thin": ("thin_check",),
    "xfs": ("xfs_repair", "fsck.xfs"),
    "ext4": ("e2fsck", "fsck.ext4"),
    "vfat": ("fsck.vfat", "fsck.fat"),
}
"""Files that stand for a word; for most it is the program's own name."""
_TSS2 = ("libtss2-esys.so.", "libtss2-mu.so.", "libtss2-tcti-device.so.")
"""What systemd loads to speak to a TPM (systemd, src/shared/tpm2-util.c)."""


def programs(tree: Tree[Any, Any], cryptenroll: str) -> tuple[str, ...]:
    """The words of `PROGRAMS` that hold for the merged tree of an image, in their order.

    `cryptenroll` is the content of the image's systemd-cryptenroll, where the names of its options can be seen.
    """
    special = {"tss2": _has_tss2(tree), "unlock-tpm2": "unlock-tpm2-device" in cryptenroll}
    return tuple(word for word in PROGRAMS if special.get(word, word not in special and _has(tree, word)))


def _has(tree: Tree[Any, Any], word: str) -> bool:
    names = _NAMES.get(word, (word,))
    return any(tree.find(f"{directory}/{name}") is not None for directory in _BIN for name in names)


def _has_tss2(tree: Tree[Any, Any]) -> bool:
    found = [tree.find_dir(directory) for directory in _LIBRARIES]
    names = [name for directory in found if directory for name in directory.files]
    return all(any(name.startswith(library) for name in names) for library in _TSS2)
