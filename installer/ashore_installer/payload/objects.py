"""Writes loose objects into a `bare` ostree repository.

Format: libostree, ostree-core.h and ostree-repo-commit.c (`commit_loose_regfile_object`): a file's object is the file
itself with its owner, mode, extended attributes and modification time 0; its name is the SHA-256 of a header and the
content. libostree's own writer does the same through several copies and, as Debian builds it, GLib's slow SHA-256: an
installation takes more than twice as long with it. `ostree fsck` of the result is part of the tests.
"""

# Tens of thousands of calls in an inner loop: Path objects would cost more than the system calls.
# ruff: noqa: PTH103, PTH104, PTH108, PTH115, PTH123, PTH211

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_installer.payload.layout import CHUNK
from ashore_installer.payload.variant import Xattrs, dirmeta, file_header, parse_dirmeta


@dataclass(frozen=True, slots=True)
class Owner:
    """Owner, twelve mode bits and extended attributes of a file or directory."""

    uid: int = 0
    gid: int = 0
    mode: int = 0o755
    xattrs: Xattrs = ()


_METADATA = Owner(mode=0o644)


class ObjectStore:
    """The loose objects of the bare repository at `repo`; checksums are 32 bytes.

    Only one process may write. Objects that are there already are not written again.
    """

    def __init__(self, repo: Path) -> None:
        self._objects = str(repo / "objects")
        self._partial = str(repo / "tmp" / f"ashore-{os.getpid()}")
        for number in range(256):
            os.makedirs(f"{self._objects}/{number:02x}", exist_ok=True)

    def path(self, checksum: bytes, kind: str) -> str:
        """Where the object is; `kind` is `file`, `dirtree`, `dirmeta` or `commit`."""
        name = checksum.hex()
        return f"{self._objects}/{name[:2]}/{name[2:]}.{kind}"

    def has(self, checksum: bytes, kind: str) -> bool:
        return os.path.lexists(self.path(checksum, kind))

    def regular(self, owner: Owner, size: int, content: Iterable[bytes]) -> bytes:
        """Store a regular file with a content of `size` bytes and give its checksum."""
        digest = hashlib.sha256(file_header(owner.uid, owner.gid, stat.S_IFREG | owner.mode, owner.xattrs))
        if size > CHUNK:
            return self._large(owner, content, digest)
        whole = b"".join(content)
        digest.update(whole)
        checksum = digest.digest()
        if not self.has(checksum, "file"):
            self._write(owner, (whole,))
            self._finish(checksum, "file")
        return checksum

    def symlink(self, owner: Owner, target: str) -> bytes:
        """Store a symbolic link; its mode is always 0777."""
        header = file_header(owner.uid, owner.gid, stat.S_IFLNK | 0o777, owner.xattrs, target)
        checksum = hashlib.sha256(header).digest()
        if not self.has(checksum, "file"):
            os.symlink(target, self._partial)
            os.lchown(self._partial, owner.uid, owner.gid)
            for name, value in owner.xattrs:
                _set(self._partial, name, value)
            self._finish(checksum, "file")
        return checksum

    def dirmeta(self, owner: Owner) -> bytes:
        return self.metadata("dirmeta", dirmeta(owner.uid, owner.gid, stat.S_IFDIR | owner.mode, owner.xattrs))

    def metadata(self, kind: str, content: bytes) -> bytes:
        """Store a metadata object and give its checksum."""
        checksum = hashlib.sha256(content).digest()
        if not self.has(checksum, kind):
            self._write(_METADATA, (content,))
            self._finish(checksum, kind)
        return checksum

    def detached(self, commit: bytes, content: bytes) -> None:
        """Store the detached metadata (`a{sv}`: signatures) of a commit; it is not named by its content."""
        self._write(_METADATA, (content,))
        self._finish(commit, "commitmeta")

    def read(self, checksum: bytes, kind: str) -> bytes:
        """A metadata object's content."""
        return Path(self.path(checksum, kind)).read_bytes()

    def with_xattrs(self, checksum: bytes, xattrs: Xattrs) -> bytes:
        """The checksum of the same file with these extended attributes instead of its own."""
        path = self.path(checksum, "file")
        status = os.lstat(path)
        owner = Owner(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), xattrs)
        if stat.S_ISLNK(status.st_mode):
            return self.symlink(owner, os.readlink(path))
        return self.regular(owner, status.st_size, _pieces(path))

    def read_dirmeta(self, checksum: bytes) -> Owner:
        return Owner(*parse_dirmeta(self.read(checksum, "dirmeta")))

    def mode(self, checksum: bytes) -> int:
        """The mode of a file's object, type bits included."""
        return os.lstat(self.path(checksum, "file")).st_mode

    def checksum(self, checksum: bytes) -> bytes:
        """The checksum that the file's object has now: its name, unless something changed or lost it."""
        path = self.path(checksum, "file")
        status = os.lstat(path)
        target = os.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
        digest = hashlib.sha256(
            file_header(status.st_uid, status.st_gid, status.st_mode, self.xattrs(checksum), target)
        )  # fmt: skip
        for piece in () if target else _pieces(path):
            digest.update(piece)
        return digest.digest()

    def is_empty_file(self, checksum: bytes) -> bool:
        status = os.lstat(self.path(checksum, "file"))
        return stat.S_ISREG(status.st_mode) and status.st_size == 0

    def xattrs(self, checksum: bytes) -> Xattrs:
        """The extended attributes of a file's object."""
        path = self.path(checksum, "file")
        names = sorted(map(os.fsencode, os.listxattr(path, follow_symlinks=False)))
        return tuple((name, os.getxattr(path, name, follow_symlinks=False)) for name in names)

    def _large(self, owner: Owner, content: Iterable[bytes], digest: hashlib._Hash) -> bytes:
        """Store a file that isn't held in memory: its name is known only when it is written."""

        def hashed() -> Iterator[bytes]:
            for piece in content:
                digest.update(piece)
                yield piece

        self._write(owner, hashed())
        self._finish(digest.digest(), "file")
        return digest.digest()

    def _write(self, owner: Owner, content: Iterable[bytes]) -> None:
        fd = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            for piece in content:
                _write_all(fd, piece)
            # Changing the owner takes set-id bits and capabilities away: it comes first.
            os.fchown(fd, owner.uid, owner.gid)
            for name, value in owner.xattrs:
                _set(fd, name, value)
            os.fchmod(fd, owner.mode)
            os.utime(fd, (0, 0))
        except BaseException:
            os.unlink(self._partial)
            raise
        finally:
            os.close(fd)

    def _finish(self, checksum: bytes, kind: str) -> None:
        """Give what was written its name."""
        os.rename(self._partial, self.path(checksum, kind))


def _set(file: int | str, name: bytes, value: bytes) -> None:
    """Set an extended attribute; what a file system can hold of them differs (ext4: 4 KiB for all of a file)."""
    try:
        os.setxattr(file, name, value, follow_symlinks=isinstance(file, int))
    except OSError as error:
        raise InstallerError(
            f"The root file system can't hold the extended attribute {name.decode(errors='replace')} of a file, "
            f"which has {len(value)} bytes: {error.strerror}.",
            "Use xfs or btrfs, which hold more, or leave the attribute out where the image is made.",
        ) from error


def _write_all(fd: int, piece: bytes) -> None:
    written = os.write(fd, piece)
    while written < len(piece):
        written += os.write(fd, piece[written:])


def _pieces(path: str) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(CHUNK):
            yield piece
