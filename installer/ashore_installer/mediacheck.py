"""The media check: is every byte of a medium what it was when the medium was made?

The manifest has size and SHA-256 of every file but two: itself, whose SHA-256 is in /.disk/info, and /.disk/info. It
finds bad sticks and broken downloads. It is no signature: who can change a medium can change its manifest too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from ashore_installer.medium import MANIFEST, MediumFile, MediumManifest
from ashore_installer.units import MiB

KARG = "ashore.mediacheck"
"""Kernel argument by which the boot menu asks the live system for a media check."""
INFO = ".disk/info"
"""A line for people, then `manifest sha256:HEX`. Boot loaders look for this file to find a medium."""
BOOT_IMAGE = "boot/grub/eltorito.img"
"""The BIOS boot image. Where it lies is written into it when the ISO is made, so those bytes count as zeros: the boot
information table (mkisofs(8), "EL TORITO BOOT INFORMATION TABLE") and GRUB's address of its second sector."""
_ADDRESSES = ((8, 64), (2548, 2556))
_CHUNK = MiB

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many are checked."""


class Readable(Protocol):
    """What gives the bytes of a file, one piece after the other, and an empty piece at its end."""

    def read(self, size: int, /) -> bytes: ...


def check_tree(
    root: Path, manifest: MediumManifest, progress: Progress = lambda _done, _total: None
) -> tuple[str, ...]:
    """Paths of the medium mounted at `root` that are missing, can't be read or have other content, in their order."""
    total = sum(file.size for file in manifest.files)
    wrong = [] if _manifest_is_whole(root) else [str(MANIFEST)]
    done = 0
    for file in manifest.files:

        def advance(read: int, before: int = done) -> None:
            progress(min(before + read, total), total)

        if not _is_whole(root / file.path, file, advance):
            wrong.append(file.path)
        done += file.size
    progress(total, total)
    return tuple(wrong)


def content_digest(path: str, stream: Readable, advance: Callable[[int], None] = lambda _read: None) -> str:
    """SHA-256 in hexadecimal of a file's content, as manifests have it for the file at `path` of a medium.

    `advance` is told the number of bytes read so far.
    """
    digest, read = hashlib.sha256(), 0
    for chunk in _chunks(stream):
        digest.update(_without_addresses(chunk) if path == BOOT_IMAGE and read == 0 else chunk)
        read += len(chunk)
        advance(read)
    return digest.hexdigest()


def info_text(line: str, manifest: bytes) -> str:
    """The content of /.disk/info for a medium with this manifest."""
    return f"{line}\nmanifest sha256:{hashlib.sha256(manifest).hexdigest()}\n"


def is_the_manifest(manifest: bytes, info: str) -> bool:
    """Whether /.disk/info names this manifest."""
    found = re.search(r"^manifest sha256:([0-9a-f]{64})$", info, re.MULTILINE)
    return found is not None and found[1] == hashlib.sha256(manifest).hexdigest()


def _manifest_is_whole(root: Path) -> bool:
    try:
        info = (root / INFO).read_text(encoding="utf-8", errors="replace")
        return is_the_manifest((root / MANIFEST).read_bytes(), info)
    except OSError:
        return False


def _is_whole(path: Path, expected: MediumFile, advance: Callable[[int], None]) -> bool:
    """An unreadable file is a wrong one: that is how a bad medium shows itself."""
    try:
        if path.stat().st_size != expected.size:
            return False
        with path.open("rb", buffering=0) as stream:
            return content_digest(expected.path, stream, advance) == expected.sha256
    except OSError:
        return False


def _chunks(stream: Readable) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _without_addresses(chunk: bytes) -> bytes:
    blank = bytearray(chunk)
    for start, end in _ADDRESSES:
        blank[start:end] = bytes(len(blank[start:end]))
    return bytes(blank)
