"""Compressed swap in memory, by zram-generator: zram-generator.conf(5), and whether the image can do it."""

from __future__ import annotations

from collections.abc import Iterable

from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage_plan import ZramPlan

PATH = "/etc/systemd/zram-generator.conf"
GENERATOR = "zram-generator"
_PRIORITY = 100
"""Above all swap on disks, which count down from -2."""


def zram_conf(zram: ZramPlan) -> str:
    """The text of the file; it replaces what the image has in /usr/lib/systemd."""
    lines = (
        "# Written by Ashore.",
        "[zram0]",
        f"zram-size = {zram.size}",
        f"compression-algorithm = {zram.algorithm}",
        f"swap-priority = {_PRIORITY}",
    )
    return "".join(f"{line}\n" for line in lines)


def check_zram(zram: ZramPlan | None, image: PayloadInfo) -> Iterable[Problem]:
    """Why there would be no compressed swap."""
    if zram is None:
        return
    if image.scanned and GENERATOR not in image.programs:
        message = "The system has no zram-generator, which makes swap in compressed memory."
        yield Problem(field="storage.zram", message=message, hint="Leave zram out, or take an image that has it.")
    for word in (zram.size, zram.algorithm):
        if not word.isprintable() or not word.strip():
            message = f"{word!r} can't be written into zram-generator.conf."
            yield Problem(field="storage.zram", message=message, hint="Write the size as `min(ram / 2, 4096)`.")
