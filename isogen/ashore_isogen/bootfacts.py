"""How an ISO file can be started, read from its boot structures; pure, from bytes.

Formats: ECMA-119 (volume descriptors, from sector 16 on), El Torito 1.0 (boot record and catalog), MBR, and the UEFI
specification, chapter 5 (GPT) and 13.3.2.1 (platform 0xEF in El Torito).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ashore_installer.errors import BadInput
from ashore_isogen.iso import ESP_TYPE

SECTOR = 2048
_BLOCK = 512
_PVD = 16 * SECTOR
_EL_TORITO = b"EL TORITO SPECIFICATION"
_BIOS, _EFI = 0x00, 0xEF
_BOOTABLE = 0x88
_LAST_HEADER = 0x91
_CATALOG_LIMIT = 64
"""Entries that are read of a boot catalog; real ones have two."""
_FARTHEST = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BootFacts:
    """`size` in bytes. A CD is started by El Torito, a disk by MBR code (BIOS) or an EFI system partition (UEFI)."""

    volume_id: str
    size: int
    bios_cd: bool
    bios_disk: bool
    uefi_cd: bool
    uefi_disk: bool
    esp_start: int = 0
    """Where the EFI system partition begins, in bytes, 0 if there is none; and how long it is."""
    esp_size: int = 0


def read_boot_facts(stream: BinaryIO, size: int) -> BootFacts:
    """The boot structures of an ISO file of `size` bytes. Raises BadInput if it is none."""
    descriptor = _at(stream, _PVD, SECTOR)
    if descriptor[:6] != b"\x01CD001" or len(descriptor) < SECTOR:
        raise BadInput("This is no ISO image.", "Name a file that `ashore iso build` made.")
    platforms = set(_el_torito_platforms(stream))
    start, length = _esp(stream)
    return BootFacts(
        volume_id=descriptor[40:72].decode("ascii", errors="replace").rstrip(),
        size=size,
        bios_cd=_BIOS in platforms,
        bios_disk=_has_boot_code(_at(stream, 0, _BLOCK)),
        uefi_cd=_EFI in platforms,
        uefi_disk=length > 0,
        esp_start=start,
        esp_size=length,
    )


def _el_torito_platforms(stream: BinaryIO) -> Iterator[int]:
    """Platforms of the bootable entries in the boot catalog: first the default entry, then sections."""
    record = _at(stream, _PVD + SECTOR, SECTOR)
    if record[:6] != b"\x00CD001" or not record[7:39].startswith(_EL_TORITO):
        return
    (sector,) = struct.unpack_from("<I", record, 71)
    catalog = _at(stream, sector * SECTOR, 32 * _CATALOG_LIMIT)
    entries = [catalog[offset : offset + 32] for offset in range(0, len(catalog) - 31, 32)]
    if len(entries) < 2 or entries[0][0] != 1 or entries[0][30:32] != b"\x55\xaa":
        return
    if entries[1][0] == _BOOTABLE:
        yield entries[0][1]
    platform = -1
    for entry in entries[2:]:
        if entry[0] in (_LAST_HEADER - 1, _LAST_HEADER):
            platform = entry[1]
        elif entry[0] == _BOOTABLE and platform >= 0:
            yield platform
        else:
            return


def _has_boot_code(mbr: bytes) -> bool:
    return mbr[510:512] == b"\x55\xaa" and any(mbr[:440])


def _esp(stream: BinaryIO) -> tuple[int, int]:
    """Start and size in bytes of the first EFI system partition of the GPT, or zeros."""
    header = _at(stream, _BLOCK, _BLOCK)
    if header[:8] != b"EFI PART":
        return 0, 0
    first, count, entry_size = struct.unpack_from("<QII", header, 72)
    if entry_size < 128 or count > 1024 or entry_size > 4096:
        return 0, 0
    table = _at(stream, first * _BLOCK, count * entry_size)
    for offset in range(0, len(table) - 47, entry_size):
        if table[offset : offset + 16] == uuid.UUID(ESP_TYPE).bytes_le:
            start, last = struct.unpack_from("<QQ", table, offset + 32)
            return start * _BLOCK, (last - start + 1) * _BLOCK
    return 0, 0


def _at(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Bytes of the stream, none behind the end of what any file can have."""
    if offset > _FARTHEST:
        return b""
    stream.seek(offset)
    return stream.read(size)
