"""A tar stream as typed entries, read once from its beginning to its end.

Formats: POSIX.1-2017 ustar and pax (pax.html), GNU long names and base-256 numbers (GNU tar manual, "Basic Tar
Format"). Extended attributes are pax records `SCHILY.xattr.NAME`, as every container builder writes them. Python's
tarfile keeps all members in memory, takes several times as long for a header and accepts more than an image may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ashore_installer.errors import InstallerError
from ashore_installer.units import MiB

BLOCK = 512
HEADER_LIMIT = MiB
"""The most bytes a pax header or long name may have; extended attributes of a file are smaller on every Linux."""

Xattrs = tuple[tuple[bytes, bytes], ...]
"""Names and values, sorted by name."""


class Kind(Enum):
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"
    CHARACTER = "character device"
    BLOCK = "block device"
    FIFO = "named pipe"


_KINDS = {
    b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"1": Kind.HARDLINK, b"2": Kind.SYMLINK,
    b"3": Kind.CHARACTER, b"4": Kind.BLOCK, b"5": Kind.DIRECTORY, b"6": Kind.FIFO,
}  # fmt: skip
_XATTR = "SCHILY.xattr."


@dataclass(slots=True, kw_only=True)
class TarEntry:
    """A header of a tar stream. Bytes of names that aren't UTF-8 are surrogates (PEP 383).

    `mode` has the twelve permission bits only; `size` is of the content that follows, `target` of both kinds of links.
    Not frozen: hundreds of thousands are made in an inner loop, and freezing triples the time of that.
    """

    path: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    size: int
    target: str = ""
    xattrs: Xattrs = ()
    mtime: int = 0


class BadTar(InstallerError):
    """The tar stream of a layer is damaged, or hostile."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A layer of the image is no usable tar archive: {why}.", "Make the image again.")


class TarReader:
    """Iterates over the entries of a tar stream given in pieces.

    `content()` or `read()` give the content of the entry that was yielded last; what isn't read is skipped.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[TarEntry]:
        common: dict[str, bytes] = {}
        while (entry := self._next(common)) is not None:
            self._left = entry.size
            self._padding = -entry.size % BLOCK
            yield entry
            self._skip_content()
        self._finish()

    def content(self) -> Iterator[bytes]:
        """What is left of the current entry's content, in pieces of at most 1 MiB."""
        while self._left:
            if self._at == len(self._piece):
                self._load()
            piece = self._piece[self._at : self._at + self._left]
            self._at += len(piece)
            self._left -= len(piece)
            yield piece

    def read(self, limit: int) -> bytes:
        """The current entry's content at once. Raises BadTar if it is larger than `limit` bytes."""
        if self._left > limit:
            raise BadTar(f"a file that must be small has {self._left} bytes")
        content = self._exactly(self._left)
        self._left = 0
        return content

    def _next(self, common: dict[str, bytes]) -> TarEntry | None:
        """The next entry with what pax headers and long names before it say, None at the end."""
        records: dict[str, bytes] = {}
        while (header := self._header()) is not None:
            flag = header[156:157]
            if flag in (b"x", b"g"):
                found = pax_records(self._extension(header))
                (records if flag == b"x" else common).update(found)
            elif flag in (b"L", b"K"):
                records["path" if flag == b"L" else "linkpath"] = self._extension(header).rstrip(b"\0")
            else:
                return _entry(header, {**common, **records} if common else records)
        if records:
            raise BadTar("it ends after a header")
        return None

    def _header(self) -> bytes | None:
        header = self._exactly(BLOCK)
        if not any(header):
            return None
        if sum(header) - sum(header[148:156]) + 8 * 0x20 != _number(header[148:156]):
            raise BadTar("the checksum of a header is wrong")
        return header

    def _extension(self, header: bytes) -> bytes:
        size = _number(header[124:136])
        if size > HEADER_LIMIT:
            raise BadTar(f"a header has {size} bytes")
        content = self._exactly(size)
        self._exactly(-size % BLOCK)
        return content

    def _skip_content(self) -> None:
        for _ in self.content():
            pass
        self._exactly(self._padding)

    def _finish(self) -> None:
        """Read what follows the end, so that the digests of the whole stream are computed."""
        self._piece, self._at = b"", 0
        for _ in self._pieces:
            pass

    def _exactly(self, count: int) -> bytes:
        end = self._at + count
        if end <= len(self._piece):
            found = self._piece[self._at : end]
            self._at = end
            return found
        parts = []
        while count:
            if self._at == len(self._piece):
                self._load()
            part = self._piece[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _load(self) -> None:
        for piece in self._pieces:
            if piece:
                self._piece, self._at = piece, 0
                return
        raise BadTar("it ends too early")


def pax_records(content: bytes) -> dict[str, bytes]:
    """The records of a pax extended header: `LENGTH KEYWORD=VALUE\\n` each, values may be any bytes."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        space = content.find(b" ", at, at + 8)
        digits = content[at:space] if space > 0 else b""
        end = at + int(digits) if digits.isdigit() else 0
        keyword, equals, value = content[space + 1 : end].partition(b"=")
        if not at < end <= len(content) or not equals or not value.endswith(b"\n"):
            raise BadTar("a pax header is malformed")
        records[keyword.decode(errors="surrogateescape")] = value[:-1]
        at = end
    return records


def _entry(header: bytes, records: dict[str, bytes]) -> TarEntry:
    kind = _KINDS.get(header[156:157])
    path = records.get("path") or _path(header)
    if kind is None or any(keyword.startswith("GNU.sparse") for keyword in records):
        raise BadTar(f"{_text(path)!r} has a type that container images don't have ({_text(header[156:157])!r})")
    if kind is Kind.FILE and path.endswith(b"/"):
        kind = Kind.DIRECTORY  # as archives from before POSIX mark directories
    size = _decimal(records, "size", header[124:136])
    return TarEntry(
        path=_text(path),
        kind=kind,
        mode=_number(header[100:108]) & 0o7777,
        uid=_decimal(records, "uid", header[108:116]),
        gid=_decimal(records, "gid", header[116:124]),
        # Go's archive/tar, which writes most layers, has content after regular files only, whatever a header says.
        size=size if kind is Kind.FILE else 0,
        target=_text(records.get("linkpath") or _until_nul(header[157:257])),
        xattrs=_xattrs(records) if records else (),
        mtime=_mtime(records, header),
    )


def _path(header: bytes) -> bytes:
    name = _until_nul(header[:100])
    if header[257:263] == b"ustar\0" and header[345]:
        return _until_nul(header[345:500]) + b"/" + name
    return name


def _xattrs(records: dict[str, bytes]) -> Xattrs:
    found = [
        (keyword[len(_XATTR) :].encode(errors="surrogateescape"), value)
        for keyword, value in records.items()
        if keyword.startswith(_XATTR)
    ]
    return tuple(sorted(found))


def _mtime(records: dict[str, bytes], header: bytes) -> int:
    """Whole seconds; pax has fractions, GNU's negative numbers begin with 0xff."""
    text = records.get("mtime", b"").partition(b".")[0].lstrip(b"-")
    if text.isdigit() and len(text) < 18:
        return int(text)
    return 0 if header[136] == 0xFF else _number(header[136:148])


def _decimal(records: dict[str, bytes], keyword: str, field: bytes) -> int:
    value = records.get(keyword)
    if value is None:
        return _number(field)
    if not value.isdigit() or len(value) > 18:
        raise BadTar(f"a pax header has the {keyword} {_text(value)[:40]!r}")
    return int(value)


def _number(field: bytes) -> int:
    """An octal number, or GNU's base-256 when the first bit is set."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    try:
        value = int(text or b"0", 8)
    except ValueError:
        value = -1
    if value < 0:
        raise BadTar(f"a header has {_text(field)!r} where a number belongs")
    return value


def _until_nul(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")
