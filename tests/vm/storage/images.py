"""Facts of images, as the scanner finds them: no scenario installs one, but what it can do decides what is planned."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.image import ImageInfo
from ashore_installer.payload_info import INITRAMFS_WORDS, PROGRAMS
from tests.fakes.values import an_image

ABLE = replace(an_image(), initramfs=INITRAMFS_WORDS, programs=PROGRAMS)
"""Opens everything, with the right programs for it."""
PLAIN = replace(
    an_image(),
    initramfs=tuple(word for word in INITRAMFS_WORDS if word not in ("crypt", "tpm2", "lvm", "thin", "raid", "btrfs")),
    programs=("xfs", "ext4", "vfat"),
)
"""Opens file systems on partitions only."""
IMAGES: dict[str, ImageInfo] = {"able": ABLE, "plain": PLAIN}
