"""What an initramfs can do, from the names of the files in it.

Format: cpio "newc" archives one after the other (kernel, Documentation/driver-api/early-userspace/buffer-format.rst).
The first may be plain, with the processor's microcode, and the last is compressed by gzip, zstd, xz, lzma or bzip2.
It is read in pieces: what is kept is names of modules and programs.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from ashore_installer.payload.stream import ZSTD_WINDOW, Pieces
from ashore_installer.payload_info import INITRAMFS_WORDS
from ashore_installer.units import MiB

_HEADER = 110
_MAGIC = (b"070701", b"070702")
_TRAILER = b"TRAILER!!!"
_NAME_LIMIT = 4096
_MODULE = re.compile(r".*/([^/]+)\.ko(?:\.(?:xz|zst|gz))?")
_BUILT_IN = re.compile(r"(?:usr/)?lib/modules/[^/]+/modules\.builtin")
_TSS2 = re.compile(r"libtss2-(?:esys|mu|tcti-device)\.so\.\d+")
_CHUNK = MiB
_LIMIT = 16 * MiB
"""No file that is read for its text is larger."""


class _Unreadable(Exception):
    """The initramfs is compressed in a way that is not read here, or broken."""


@dataclass(slots=True)
class Content:
    """What was found: names of kernel modules with `_` for `-`, built-in ones included, and of programs."""

    modules: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)

    def has(self, *modules: str) -> bool:
        return any(module in self.modules for module in modules)


def look_into(pieces: Pieces) -> Content | None:
    """What is in an initramfs, given in pieces that are read to their end; None if it can't be read here."""
    found = Content()
    try:
        for name, text in _archives(_Reader(pieces)):
            _note(found, name, text)
    except (_Unreadable, zlib.error, lzma.LZMAError, OSError, EOFError):
        return None
    finally:
        for _ in pieces:
            pass
    return found


def abilities(found: Content | None, built_in: str = "") -> tuple[str, ...]:
    """What an initramfs can do, in words of `INITRAMFS_WORDS` and in their order.

    `built_in` is the kernel's modules.builtin; the initramfs's own is known already. Nothing is said of one that can't
    be read (lz4, or no cpio archive at all): its maker knows.
    """
    if found is None:
        return ()
    whole = Content(modules=found.modules.union(_built_in(built_in)), programs=found.programs)
    return tuple(word for word in INITRAMFS_WORDS if _CAN[word](whole))


def _note(found: Content, name: str, text: Callable[[], bytes]) -> None:
    module = _MODULE.fullmatch(name)
    if module:
        found.modules.add(module[1].replace("-", "_"))
    elif _BUILT_IN.fullmatch(name):
        found.modules.update(_built_in(text().decode(errors="replace")))
    else:
        found.programs.add(name.rpartition("/")[2])


def _built_in(text: str) -> Iterator[str]:
    """Lines are paths: `kernel/fs/ext4/ext4.ko`."""
    return (match[1].replace("-", "_") for line in text.splitlines() if (match := _MODULE.fullmatch(line)))


def _can_crypt(found: Content) -> bool:
    programs = ({"systemd-cryptsetup", "systemd-cryptsetup-generator"}, {"cryptsetup", "cryptroot-ask"})
    return found.has("dm_crypt") and any(wanted <= found.programs for wanted in programs)


def _can_tpm2(found: Content) -> bool:
    libraries = {match[0].partition(".")[0] for name in found.programs if (match := _TSS2.fullmatch(name))}
    drivers = found.has("tpm_tis", "tpm_crb")
    return _can_crypt(found) and drivers and "systemd-cryptsetup" in found.programs and len(libraries) == 3


def _can_lvm(found: Content) -> bool:
    return found.has("dm_mod") and "lvm" in found.programs


def _can_thin(found: Content) -> bool:
    return _can_lvm(found) and found.has("dm_thin_pool") and "thin_check" in found.programs


def _can_raid(found: Content) -> bool:
    return found.has("raid1") and "mdadm" in found.programs


_CAN: dict[str, Callable[[Content], bool]] = {
    "crypt": _can_crypt,
    "tpm2": _can_tpm2,
    "lvm": _can_lvm,
    "thin": _can_thin,
    "raid": _can_raid,
    "btrfs": lambda found: found.has("btrfs"),
    "xfs": lambda found: found.has("xfs"),
    "ext4": lambda found: found.has("ext4"),
    "vfat": lambda found: found.has("vfat"),
    "virtio": lambda found: found.has("virtio_pci") and found.has("virtio_blk", "virtio_scsi"),
    "ahci": lambda found: found.has("ahci"),
    "nvme": lambda found: found.has("nvme"),
    "scsi": lambda found: found.has("sd_mod"),
    "usb": lambda found: found.has("usb_storage", "uas"),
}


class _Reader:
    """A stream in pieces, read by number of bytes; enough of a file for Python's decompressing files."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, count: int = _CHUNK) -> bytes:
        """`count` bytes, fewer at the end only."""
        parts, missing = [self._left[:count]], count - len(self._left)
        self._left = self._left[count:]
        while missing > 0 and (piece := next(self._pieces, b"")):
            parts.append(piece[:missing])
            self._left = piece[missing:]
            missing -= len(piece)
        return b"".join(parts)

    def peek(self, count: int) -> bytes:
        """The next bytes, which are read again."""
        found = self.read(count)
        self._left = found + self._left
        return found

    def skip(self, count: int) -> None:
        while count > 0 and (part := self.read(min(count, _CHUNK))):
            count -= len(part)


def _archives(reader: _Reader) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name, and a way to read the content, of each file of all archives in a stream, also in the compressed one."""
    while head := _next_archive(reader):
        if head.startswith(_MAGIC):
            yield from _files(reader)
            continue
        plain = _decompressed(reader, head)
        while head := _next_archive(plain):
            if not head.startswith(_MAGIC):
                raise _Unreadable
            yield from _files(plain)
        return


def _next_archive(reader: _Reader) -> bytes:
    """The first bytes of what comes after the zeros that archives are padded with; empty at the end."""
    while (head := reader.peek(6)) and not head.strip(b"\0"):
        reader.skip(4)
    while head.startswith(b"\0"):
        reader.skip(1)
        head = reader.peek(6)
    return head


def _files(reader: _Reader) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The entries of one archive. Header fields are eight hexadecimal digits; names and contents fill four bytes."""
    while True:
        header = reader.read(_HEADER)
        if len(header) < _HEADER or not header.startswith(_MAGIC):
            raise _Unreadable
        size, length = _field(header, 6), _field(header, 11)
        if not 0 < length <= _NAME_LIMIT:
            raise _Unreadable
        name = reader.read(length + -(_HEADER + length) % 4)[: length - 1]
        if name == _TRAILER:
            return
        content = _Content(reader, size)
        yield name.decode(errors="surrogateescape").removeprefix("./").lstrip("/"), content.read
        content.skip()


class _Content:
    """The content of one file: read when asked for, skipped otherwise."""

    def __init__(self, reader: _Reader, size: int) -> None:
        self._reader = reader
        self._left = size
        self._padding = -size % 4

    def read(self) -> bytes:
        count = min(self._left, _LIMIT)
        self._left -= count
        return self._reader.read(count)

    def skip(self) -> None:
        self._reader.skip(self._left + self._padding)


def _field(header: bytes, number: int) -> int:
    try:
        return int(header[6 + 8 * number : 14 + 8 * number], 16)
    except ValueError:
        raise _Unreadable from None


def _decompressed(reader: _Reader, head: bytes) -> _Reader:
    """What follows in the stream, decompressed in pieces of a bounded size."""
    source = cast("IO[bytes]", reader)
    if head.startswith(b"\x1f\x8b"):
        return _Reader(_pieces(gzip.GzipFile(fileobj=source)))
    if head.startswith((b"\xfd7zXZ", b"\x5d\0\0")):
        return _Reader(_pieces(lzma.LZMAFile(source)))
    if head.startswith(b"BZh"):
        return _Reader(_pieces(bz2.BZ2File(source)))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _Reader(_zstd(source))
    raise _Unreadable


def _pieces(file: IO[bytes] | gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File) -> Pieces:
    while piece := file.read(_CHUNK):
        yield piece


def _zstd(source: IO[bytes]) -> Pieces:
    import zstandard

    context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    try:
        with context.stream_reader(source, read_size=_CHUNK) as file:
            while piece := file.read(_CHUNK):
                yield piece
    except zstandard.ZstdError as error:
        raise _Unreadable from error
