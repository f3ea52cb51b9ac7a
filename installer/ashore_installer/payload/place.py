"""Where an entry of a layer goes in an ostree commit, and what an image may not have.

The rules are those of bootc (ostree-ext, tar/write.rs) for images whose root is composefs: /etc becomes /usr/etc, API
file systems and /tmp stay as empty directories, everything else keeps its place. What libostree can't store (devices,
names that aren't UTF-8) is refused here, by name.
"""

from __future__ import annotations

from ashore_installer.errors import InstallerError
from ashore_installer.payload.tar import Kind, TarEntry

KEPT_EMPTY = frozenset({"run", "tmp", "proc", "sys", "dev"})
LABEL = b"security.selinux"
"""The SELinux label; labels in a layer are the builder's, ours come from the image's policy."""
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"

DEPTH_LIMIT = 128
"""Directories that may be nested; trees are walked recursively."""

_UNSTORABLE = (Kind.CHARACTER, Kind.BLOCK, Kind.FIFO)
_ID_LIMIT = (1 << 32) - 1


class Refused(InstallerError):
    """An entry of a layer that can't be part of an installed system."""

    def __init__(self, path: str, why: str, hint: str = "Remove it where the image is made.") -> None:
        printable = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
        super().__init__(f"The image has {'/' + printable.lstrip('/')!r}, {why}.", hint)


def placed(entry: TarEntry) -> TarEntry | None:
    """The entry with its place in the commit as `path` (relative, no dots), or None if it is left out.

    Raises Refused.
    """
    path = place(entry.path)
    if path is None:
        return None
    if entry.kind in _UNSTORABLE:
        raise Refused(entry.path, f"a {entry.kind.value}, which ostree can't store")
    if entry.uid >= _ID_LIMIT or entry.gid >= _ID_LIMIT:
        raise Refused(entry.path, f"which belongs to the impossible user or group {entry.uid}:{entry.gid}")
    return TarEntry(
        path=path,
        kind=entry.kind,
        mode=entry.mode,
        uid=entry.uid,
        gid=entry.gid,
        size=entry.size,
        target=_target(entry),
        xattrs=tuple(pair for pair in entry.xattrs if pair[0] != LABEL) if entry.xattrs else (),
        mtime=entry.mtime,
    )


def place(path: str) -> str | None:
    """The place of a path of a layer in the commit, `""` for the root, None if it is left out. Raises Refused."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    _check(path, parts)
    if not parts:
        return ""
    if parts[0] in KEPT_EMPTY and len(parts) > 1:
        return None
    if parts[0] in ("etc", WHITEOUT + "etc"):
        parts.insert(0, "usr")
    return "/".join(parts)


def _check(path: str, parts: list[str]) -> None:
    if ".." in parts:
        raise Refused(path, "a path that leads out of the image")
    if "\0" in path or len(path) > 4096:
        raise Refused(path[:100], "a path that no Linux system can have")
    if len(parts) > DEPTH_LIMIT:
        raise Refused(path[:100], f"too deep below {DEPTH_LIMIT} directories")
    if not path.isascii():
        _check_utf8(path, path)
    if len(path) > 255 and any(len(part.encode(errors="surrogateescape")) > 255 for part in parts):
        raise Refused(path, "a name of more than 255 bytes")


def _check_utf8(path: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(path, "a name that isn't UTF-8, which ostree can't store") from None


def _target(entry: TarEntry) -> str:
    if entry.kind is Kind.HARDLINK:
        target = place(entry.target)
        if not target:
            raise Refused(entry.path, f"a hard link to {entry.target!r}, which is not installed")
        return target
    if entry.kind is Kind.SYMLINK:
        if not 0 < len(entry.target) < 4096 or "\0" in entry.target:
            raise Refused(entry.path, "a symbolic link that leads nowhere")
        _check_utf8(entry.path, entry.target)
    return entry.target
