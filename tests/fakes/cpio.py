"""cpio archives of the kind that initramfs are made of ("newc")."""

from __future__ import annotations

from collections.abc import Mapping


def cpio(files: Mapping[str, bytes]) -> bytes:
    """An archive of regular files, with its trailer, padded to 512 bytes as cpio(1) does it."""
    content = b"".join(_entry(name, data) for name, data in files.items()) + _entry("TRAILER!!!", b"")
    return content + b"\0" * (-len(content) % 512)


def _entry(name: str, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    fields = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
