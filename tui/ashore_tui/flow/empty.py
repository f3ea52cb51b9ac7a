"""A machine and an image of which nothing is known, for the engine's checks of single values."""

from __future__ import annotations

from ashore_installer.image import ImageInfo
from ashore_installer.machine import Firmware, MachineInfo

NO_MACHINE = MachineInfo(architecture="", firmware=Firmware.UEFI, memory=0)
NO_IMAGE = ImageInfo(
    scanned=False,
    manifest_digest="",
    platform_digest="",
    config_digest="",
    architecture="",
    labels={},
    created="",
    layers=(),
    unpacked_size=0,
    files=0,
    kernel="",
    kernel_size=0,
    initramfs_size=0,
    os_release={},
)
