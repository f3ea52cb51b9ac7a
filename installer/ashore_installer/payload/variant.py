"""Serialised GVariants of ostree's object formats, by hand.

Formats: the GVariant specification (framing offsets at the end of a container, as small as its size allows) and
libostree's ostree-core.h. Through GObject introspection the same costs more than a hundred times as much.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

Xattrs = tuple[tuple[bytes, bytes], ...]
"""Names without a NUL at the end, and values, sorted by name."""

Child = tuple[bytes, bytes]
"""Checksums (32 bytes each) of a subdirectory's dirtree and dirmeta."""


def file_header(uid: int, gid: int, mode: int, xattrs: Xattrs = (), symlink: str = "") -> bytes:
    """`(uuuusa(ayay))`, with what stands before it in the bytes that are hashed; `mode` has its type bits."""
    attributes = _xattrs(xattrs)
    body = struct.pack(">IIII", uid, gid, mode, 0) + symlink.encode() + b"\0"
    end = len(body)
    header = body + attributes
    header += end.to_bytes(_offset_size(len(header), 1), "little")
    return struct.pack(">II", len(header), 0) + header


def dirmeta(uid: int, gid: int, mode: int, xattrs: Xattrs = ()) -> bytes:
    """`(uuua(ayay))`; `mode` has its type bits."""
    return struct.pack(">III", uid, gid, mode) + _xattrs(xattrs)


def dirtree(files: Mapping[str, bytes], dirs: Mapping[str, Child]) -> bytes:
    """`(a(say)a(sayay))`: names with checksums (32 bytes), sorted by the bytes of the names."""
    first = _array([_tuple((_string(name), files[name])) for name in sorted(files, key=str.encode)])
    second = _array([_tuple((_string(name), *dirs[name])) for name in sorted(dirs, key=str.encode)])
    body = first + second
    return body + len(first).to_bytes(_offset_size(len(body), 1), "little")


def parse_dirtree(content: bytes) -> tuple[dict[str, bytes], dict[str, Child]]:
    """The files and directories of a dirtree object. ValueError if it is none."""
    width = _width(len(content))
    end = int.from_bytes(content[-width:], "little")
    if not 0 <= end <= len(content) - width:
        raise ValueError("not a dirtree object")
    files = dict(map(_named, _elements(content[:end])))
    dirs = {name: (rest[:32], rest[32:64]) for name, rest in map(_named, _elements(content[end:-width]))}
    if any(len(checksum) != 32 for checksum in files.values()) or any(len(meta) != 32 for _, meta in dirs.values()):
        raise ValueError("a dirtree object has a checksum that is none")
    return files, dirs


def _xattrs(xattrs: Xattrs) -> bytes:
    return _array([_tuple((name + b"\0", value)) for name, value in xattrs]) if xattrs else b""


def parse_dirmeta(content: bytes) -> tuple[int, int, int, Xattrs]:
    """Owner, group, the twelve mode bits and the attributes in a dirmeta object. ValueError if it is none."""
    if len(content) < 12:
        raise ValueError("not a dirmeta object")
    uid, gid, mode = struct.unpack(">III", content[:12])
    return uid, gid, mode & 0o7777, parse_xattrs(content[12:])


def parse_xattrs(content: bytes) -> Xattrs:
    """The names and values in a serialised `a(ayay)`. ValueError if it is none."""
    pairs = []
    for element in _elements(content):
        width = _width(len(element))
        end = int.from_bytes(element[-width:], "little")
        if not 0 < end <= len(element) - width or element[end - 1 : end] != b"\0":
            raise ValueError("not a list of extended attributes")
        pairs.append((element[: end - 1], element[end:-width]))
    return tuple(pairs)


def _named(element: bytes) -> tuple[str, bytes]:
    """The name of a tree entry and the checksums after it, without the framing offsets."""
    width = _width(len(element))
    end = int.from_bytes(element[-width:], "little")
    if not 0 < end <= len(element) or element[end - 1 : end] != b"\0":
        raise ValueError("not an entry of a dirtree object")
    count = (len(element) - end) // 32
    return element[: end - 1].decode(), element[end : end + 32 * count]


def _string(text: str) -> bytes:
    return text.encode() + b"\0"


def _tuple(children: Sequence[bytes]) -> bytes:
    """A tuple of variable-sized children: the ends of all but the last one follow, the last of them first."""
    body = b"".join(children)
    ends, end = [], 0
    for child in children[:-1]:
        end += len(child)
        ends.append(end)
    width = _offset_size(len(body), len(ends))
    return body + b"".join(end.to_bytes(width, "little") for end in reversed(ends))


def _array(elements: Sequence[bytes]) -> bytes:
    """An array of variable-sized elements: the end of each follows, in their order."""
    if not elements:
        return b""
    body = b"".join(elements)
    width = _offset_size(len(body), len(elements))
    return body + b"".join(end.to_bytes(width, "little") for end in _ends(elements))


def _ends(elements: Iterable[bytes]) -> Iterable[int]:
    end = 0
    for element in elements:
        end += len(element)
        yield end


def _elements(content: bytes) -> list[bytes]:
    if not content:
        return []
    width = _width(len(content))
    first = int.from_bytes(content[-width:], "little")
    count, rest = divmod(len(content) - first, width)
    if first > len(content) or rest:
        raise ValueError("not an array of variable-sized values")
    found, start = [], 0
    for number in range(count):
        at = first + number * width
        end = int.from_bytes(content[at : at + width], "little")
        if not start <= end <= first:
            raise ValueError("an array's offsets are out of order")
        found.append(content[start:end])
        start = end
    return found


def _offset_size(body: int, count: int) -> int:
    """The width of `count` offsets after a body: the smallest that can hold the size of both."""
    if body + count <= 0xFF:
        return 1
    if body + 2 * count <= 0xFFFF:
        return 2
    return 4 if body + 4 * count <= 0xFFFFFFFF else 8


def _width(size: int) -> int:
    """The width of a container's offsets, from its size with them."""
    return 1 if size <= 0xFF else 2 if size <= 0xFFFF else 4 if size <= 0xFFFFFFFF else 8
