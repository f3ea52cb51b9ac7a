"""Entries as a pax tar stream that depends on nothing but the entries.

Written by hand because tarfile decodes names and extended attributes and marks a stream with binary ones by
hdrcharset; podman, buildah and docker write the raw bytes, and so do we (POSIX.1-2024, pax, "pax Interchange Format").
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from ashore_installer.errors import InstallerError
from ashore_isogen.oci.entry import Entry, Kind, Readable

BLOCK = 512
CHUNK = 1 << 20
_NAME, _LINK = 100, 100
_XATTR = b"SCHILY.xattr."


class Sink(Protocol):
    """Where the stream goes."""

    def write(self, data: bytes, /) -> object: ...


def write_tar(entries: Iterable[Entry], sink: Sink, progress: Callable[[int], None] | None = None) -> None:
    """Write `entries` in their order, and the end of the archive, to `sink`.

    `progress` gets the number of content bytes after each piece. Raises InstallerError when a file is not as long as
    its entry says.
    """
    for entry in entries:
        sink.write(_headers(entry))
        if entry.kind is Kind.REGULAR:
            _copy(entry, sink, progress)
    sink.write(bytes(2 * BLOCK))


def tar_bytes(entries: Iterable[Entry]) -> bytes:
    """The whole stream, for small layers."""
    sink = io.BytesIO()
    write_tar(entries, sink)
    return sink.getvalue()


def _copy(entry: Entry, sink: Sink, progress: Callable[[int], None] | None) -> None:
    left = entry.size
    with _open(entry.content) as source:
        while left and (piece := source.read(min(CHUNK, left))):
            sink.write(piece)
            left -= len(piece)
            if progress:
                progress(len(piece))
    if left:
        name = entry.path.decode(errors="replace")
        raise InstallerError(f"{name} became shorter while its layer was written.", "Make the layer again.")
    sink.write(bytes(-entry.size % BLOCK))


@contextmanager
def _open(content: bytes | Path | Readable) -> Iterator[Readable]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    with content.open("rb") if isinstance(content, Path) else nullcontext(content) as source:
        yield source


def _headers(entry: Entry) -> bytes:
    path = entry.path + b"/" if entry.kind is Kind.DIRECTORY and not entry.path.endswith(b"/") else entry.path
    records = _records(entry, path)
    header = _ustar(entry, path, entry.kind.value, entry.size)
    if not records:
        return header
    carrier = Entry(path=b"", mode=0o644)
    padded = records + bytes(-len(records) % BLOCK)
    return _ustar(carrier, b"PaxHeaders/" + _plain(path)[-80:], b"x", len(records)) + padded + header


def _records(entry: Entry, path: bytes) -> bytes:
    """The pax records for what a ustar header can't hold."""
    found = [(_XATTR + name.encode(), value) for name, value in sorted(entry.xattrs)]
    if len(path) > _NAME or not path.isascii():
        found.append((b"path", path))
    if len(entry.link) > _LINK or not entry.link.isascii():
        found.append((b"linkpath", entry.link))
    for keyword, number, octets in ((b"uid", entry.uid, 7), (b"gid", entry.gid, 7), (b"size", entry.size, 11)):
        if number >= 8**octets:
            found.append((keyword, b"%d" % number))
    if not 0 <= entry.mtime < 8**11:
        found.append((b"mtime", b"%d" % entry.mtime))
    return b"".join(_record(keyword, value) for keyword, value in found)


def _record(keyword: bytes, value: bytes) -> bytes:
    """One record; the length at its start counts itself."""
    rest = len(keyword) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) != len(str(rest)):
        length += 1
    return b"%d %s=%s\n" % (length, keyword, value)


def _ustar(entry: Entry, path: bytes, flag: bytes, size: int) -> bytes:
    fields = (
        _plain(path)[:_NAME].ljust(_NAME, b"\0"),
        _octal(entry.mode, 7), _octal(entry.uid, 7), _octal(entry.gid, 7), _octal(size, 11), _octal(entry.mtime, 11),
        b" " * 8, flag, _plain(entry.link)[:_LINK].ljust(_LINK, b"\0"), b"ustar\x0000", bytes(64),
        _octal(entry.device[0], 7), _octal(entry.device[1], 7), bytes(167),
    )  # fmt: skip
    header = b"".join(fields)
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def _plain(text: bytes) -> bytes:
    """What readers without pax see: other bytes would have no stated encoding there."""
    return bytes(byte if byte < 128 else ord("_") for byte in text)


def _octal(number: int, digits: int) -> bytes:
    """A header's number; 0 when it does not fit, because the pax record then has it."""
    return b"%0*o\0" % (digits, number if 0 <= number < 8**digits else 0)
