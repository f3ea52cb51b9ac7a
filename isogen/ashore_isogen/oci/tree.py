"""The entries of a directory tree and of another tar stream, read lazily so that no content is held in memory."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ashore_isogen.oci.entry import Entry, Kind, Xattrs

_KINDS = {
    stat.S_IFREG: Kind.REGULAR,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHARACTER,
    stat.S_IFBLK: Kind.BLOCK,
    stat.S_IFIFO: Kind.FIFO,
}
_XATTR = "SCHILY.xattr."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """All below `root`, sorted by name, parents first. Iterating twice gives the same entries.

    `mtime` replaces all times when given; `owner` (uid, gid) all owners, for trees of an ordinary user's checkout.
    """

    root: Path
    mtime: int | None = None
    owner: tuple[int, int] | None = None

    def __iter__(self) -> Iterator[Entry]:
        names: dict[tuple[int, int], bytes] = {}
        for path, status in _walk(self.root, b""):
            file = Path(os.fsdecode(os.fsencode(self.root) + b"/" + path))
            kind = _KINDS.get(stat.S_IFMT(status.st_mode))
            if kind is None:  # A socket: there is no tar entry for it, and nobody can use it.
                continue
            first = names.setdefault((status.st_dev, status.st_ino), path)
            yield self._entry(path, file, status, kind if first == path or kind is Kind.DIRECTORY else None, first)

    def _entry(self, path: bytes, file: Path, status: os.stat_result, kind: Kind | None, first: bytes) -> Entry:
        uid, gid = self.owner or (status.st_uid, status.st_gid)
        content_size = status.st_size if kind is Kind.REGULAR else 0
        link = first if kind is None else os.fsencode(file.readlink()) if kind is Kind.SYMLINK else b""
        device = (os.major(status.st_rdev), os.minor(status.st_rdev)) if status.st_rdev else (0, 0)
        return Entry(
            path=path, kind=kind or Kind.HARDLINK, mode=stat.S_IMODE(status.st_mode), uid=uid, gid=gid,
            mtime=int(status.st_mtime) if self.mtime is None else self.mtime,
            xattrs=_xattrs(file) if kind else (), content=file if content_size else b"", size=content_size,
            link=link, device=device,
        )  # fmt: skip


def _walk(root: Path, below: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    folder = os.fsencode(root) + b"/" + below
    with os.scandir(folder) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        path = below + b"/" + name if below else name
        status = os.lstat(folder + b"/" + name)
        yield path, status
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(root, path)


def _xattrs(file: Path) -> Xattrs:
    names = sorted(os.listxattr(file, follow_symlinks=False))
    return tuple((name, os.getxattr(file, name, follow_symlinks=False)) for name in names)


def tar_entries(stream: IO[bytes]) -> Iterator[Entry]:
    """The entries of an uncompressed tar stream, without the `./` that tar puts in front.

    Read an entry's content before the next entry is asked for. Raises tarfile.TarError for what is not tar.
    """
    with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            path = os.fsencode(member.name.removeprefix("./"))
            if path not in (b"", b"."):
                yield _from_member(archive, member, path)


def _from_member(archive: tarfile.TarFile, member: tarfile.TarInfo, path: bytes) -> Entry:
    kind = Kind(b"0") if member.isreg() else Kind(member.type)
    content = archive.extractfile(member) if kind is Kind.REGULAR else None
    xattrs = (
        (key.removeprefix(_XATTR), value.encode("utf-8", "surrogateescape"))
        for key, value in sorted(member.pax_headers.items())
        if key.startswith(_XATTR)
    )
    return Entry(
        path=path, kind=kind, mode=stat.S_IMODE(member.mode), uid=member.uid, gid=member.gid, mtime=int(member.mtime),
        xattrs=tuple(xattrs), content=content or b"", size=member.size if content else 0,
        link=os.fsencode(member.linkname.removeprefix("./") if kind is Kind.HARDLINK else member.linkname),
        device=(member.devmajor, member.devminor),
    )  # fmt: skip
