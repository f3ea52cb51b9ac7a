"""Partitions that firmware or GRUB read by themselves, on disks whose table stays: which can be used once more."""

from __future__ import annotations

from collections.abc import Iterable

from ashore_installer.machine import PartitionInfo
from ashore_installer.storage.needs import MINIMUM
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage_plan import Format
from ashore_installer.units import MiB

_ESP_TYPES = (ESP, "0xef")
_ESP_FREE = 64 * MiB
"""Room that an ESP must have to take one more system's boot loader: shim, GRUB and their updates."""


def is_esp(one: PartitionInfo) -> bool:
    """Whether firmware reads this partition: by its type and by what is in it."""
    return one.type in _ESP_TYPES and one.format == "vfat"


def existing_esp(partitions: Iterable[PartitionInfo]) -> PartitionInfo | None:
    """The ESP with the most room among these, if it has enough for one more boot loader."""
    found = (one for one in partitions if is_esp(one) and _free(one) >= _ESP_FREE)
    return max(found, key=_free, default=None)


def existing_bios_boot(partitions: Iterable[PartitionInfo]) -> PartitionInfo | None:
    """The first BIOS boot partition, which is the one that GRUB takes (GRUB, grub-core/partmap/gpt.c)."""
    least = MINIMUM[Format.BIOSBOOT]
    return next((one for one in partitions if one.type == BIOS_BOOT and one.size >= least), None)


def _free(one: PartitionInfo) -> int:
    """What is free at most: how full it is, is only known where it could be shrunk."""
    return one.size - one.minimum
