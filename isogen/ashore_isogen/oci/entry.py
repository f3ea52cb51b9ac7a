"""What one entry of a layer is, and short ways to say it.

Paths and link targets are bytes without a leading slash, exactly as they will stand in the tar stream: nothing is
normalised or refused here, because tests of importers need layers that no sane builder would make.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

Xattrs = tuple[tuple[str, bytes], ...]
WHITEOUT = b".wh."
OPAQUE = b".wh..wh..opq"


class Kind(Enum):
    """The type flag of a tar entry (POSIX.1-2024, pax, "ustar Interchange Format")."""

    REGULAR = b"0"
    HARDLINK = b"1"
    SYMLINK = b"2"
    CHARACTER = b"3"
    BLOCK = b"4"
    DIRECTORY = b"5"
    FIFO = b"6"


class Readable(Protocol):
    """An open file that is read once, when the layer is written."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `mode` is the permission bits with setuid, setgid and sticky; `mtime` is in seconds since 1970.

    `size` is that of `content` in bytes and 0 for all but regular files; `link` is the target of a link; `device` is
    (major, minor).
    """

    path: bytes
    kind: Kind = Kind.REGULAR
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    xattrs: Xattrs = ()
    content: bytes | Path | Readable = b""
    size: int = 0
    link: bytes = b""
    device: tuple[int, int] = (0, 0)


def _bytes(path: str | bytes) -> bytes:
    return path if isinstance(path, bytes) else path.encode()


def regular(
    path: str | bytes, content: bytes = b"", *, mode: int = 0o644, uid: int = 0, gid: int = 0, mtime: int = 0,
    xattrs: Xattrs = (),
) -> Entry:  # fmt: skip
    return Entry(
        path=_bytes(path), mode=mode, uid=uid, gid=gid, mtime=mtime, xattrs=xattrs, content=content, size=len(content)
    )


def directory(
    path: str | bytes, *, mode: int = 0o755, uid: int = 0, gid: int = 0, mtime: int = 0, xattrs: Xattrs = ()
) -> Entry:
    return Entry(path=_bytes(path), kind=Kind.DIRECTORY, mode=mode, uid=uid, gid=gid, mtime=mtime, xattrs=xattrs)


def symlink(path: str | bytes, target: str | bytes, *, uid: int = 0, gid: int = 0, mtime: int = 0) -> Entry:
    return Entry(path=_bytes(path), kind=Kind.SYMLINK, mode=0o777, uid=uid, gid=gid, mtime=mtime, link=_bytes(target))


def hardlink(path: str | bytes, target: str | bytes, *, mode: int = 0o644, mtime: int = 0) -> Entry:
    """Another name of `target`, a path from the root of the same layer."""
    return Entry(path=_bytes(path), kind=Kind.HARDLINK, mode=mode, mtime=mtime, link=_bytes(target))


def character_device(path: str | bytes, major: int, minor: int, *, mode: int = 0o600) -> Entry:
    return Entry(path=_bytes(path), kind=Kind.CHARACTER, mode=mode, device=(major, minor))


def block_device(path: str | bytes, major: int, minor: int, *, mode: int = 0o600) -> Entry:
    return Entry(path=_bytes(path), kind=Kind.BLOCK, mode=mode, device=(major, minor))


def fifo(path: str | bytes, *, mode: int = 0o600) -> Entry:
    return Entry(path=_bytes(path), kind=Kind.FIFO, mode=mode)


def whiteout(path: str | bytes) -> Entry:
    """Removes `path` of the layers below (OCI image-spec, layer.md, "Whiteouts")."""
    head, _, name = _bytes(path).rpartition(b"/")
    return regular(_join(head, WHITEOUT + name), mode=0)


def opaque(path: str | bytes) -> Entry:
    """Hides all that the layers below have in the directory `path` (layer.md, "Opaque Whiteout")."""
    return regular(_join(_bytes(path), OPAQUE), mode=0)


def _join(head: bytes, name: bytes) -> bytes:
    return head + b"/" + name if head else name
