"""`ashore iso inspect` and `--check`: what is on an ISO file, and is it whole? Without mounting it, without root."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.mediacheck import INFO, content_digest, is_the_manifest
from ashore_installer.medium import MANIFEST, MediumFile, MediumManifest
from ashore_installer.run import CommandFailed, Runner
from ashore_installer.units import MiB
from ashore_isogen.bootfacts import SECTOR, BootFacts, read_boot_facts
from ashore_isogen.report import Report

_TEXT_LIMIT = 16 * MiB
_LBA = re.compile(r"File data lba:\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A file's bytes in an ISO file: from `start`, `size` bytes."""

    start: int
    size: int


Extents = dict[str, tuple[Extent, ...]]
"""Paths relative to the medium's root, and where their content lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A medium as an ISO file. `manifest_digest` is SHA-256 in hexadecimal, of the manifest as it stands there."""

    manifest: MediumManifest
    manifest_digest: str
    boot: BootFacts


def inspect_iso(path: Path, run: Runner) -> Inspection:
    """What the ISO file carries and how it starts. Raises BadInput if it is no Ashore medium."""
    with _opened(path) as stream:
        boot = read_boot_facts(stream, path.stat().st_size)
        text = _text(stream, extents(path, run), str(MANIFEST))
    manifest = codec.from_json(text.decode(errors="replace"), MediumManifest, "The medium's manifest")
    return Inspection(manifest=manifest, manifest_digest=hashlib.sha256(text).hexdigest(), boot=boot)


def check_iso(path: Path, run: Runner, report: Report) -> tuple[str, ...]:
    """Paths in the ISO file that are missing or have other content than when the medium was made, in their order.

    Compares every file and the EFI system partition with the manifest, and that with its digest. Raises BadInput if
    this is no Ashore medium.
    """
    found = inspect_iso(path, run)
    places = extents(path, run)
    expected = list(found.manifest.files)
    if found.manifest.esp:
        expected.append(found.manifest.esp)
        places[found.manifest.esp.path] = (Extent(start=found.boot.esp_start, size=found.boot.esp_size),)
    with _opened(path) as stream:
        info = _text(stream, places, INFO).decode(errors="replace")
        wrong = [] if is_the_manifest(_text(stream, places, str(MANIFEST)), info) else [str(MANIFEST)]
        return (*wrong, *_wrong_files(stream, expected, places, report))


def extents(path: Path, run: Runner) -> Extents:
    """Where the files of an ISO image lie, from xorriso. Raises BadInput if it can't read the image."""
    try:
        text = run.run(_report_lba_argv(path))
    except CommandFailed as error:
        if error.returncode == 127:
            raise
        raise BadInput(f"{path} can't be read as an ISO image.", "Check that the file is whole.") from error
    return parse_extents(text)


def _report_lba_argv(path: Path) -> list[str]:
    image = f"stdio:{path.absolute()}"
    return [
        "xorriso",
        "-no_rc",
        "-abort_on",
        "FAILURE",
        "-indev",
        image,
        "-find",
        "/",
        "-type",
        "f",
        "-exec",
        "report_lba",
        "--",
    ]


def parse_extents(text: str) -> Extents:
    """xorriso's `report_lba`: number of the extent, its first sector, its sectors, the file's bytes, the path."""
    places: Extents = {}
    left: dict[str, int] = {}
    for match in filter(None, map(_LBA.fullmatch, text.splitlines())):
        path = shlex.split(match[5])[0].removeprefix("/")
        remaining = left.get(path, int(match[4]))
        extent = Extent(start=int(match[2]) * SECTOR, size=min(int(match[3]) * SECTOR, remaining))
        places[path] = (*places.get(path, ()), extent)
        left[path] = remaining - extent.size
    return places


def _wrong_files(stream: BinaryIO, expected: list[MediumFile], places: Extents, report: Report) -> Iterator[str]:
    done, total = 0, sum(file.size for file in expected)
    for file in expected:

        def advance(read: int, before: int = done) -> None:
            report.progress(before + read, total)

        if not _is_whole(stream, file, places.get(file.path, ()), advance):
            yield file.path
        done += file.size
    report.progress(total, total)


def _is_whole(stream: BinaryIO, file: MediumFile, extents: tuple[Extent, ...], advance: Callable[[int], None]) -> bool:
    if sum(extent.size for extent in extents) != file.size:
        return False
    try:
        return content_digest(file.path, _Content(stream, extents), advance) == file.sha256
    except OSError:
        return False


class _Content:
    """The content of a file of an ISO file, to be read once. It ends early where the ISO file is cut off."""

    def __init__(self, stream: BinaryIO, extents: tuple[Extent, ...]) -> None:
        self._stream = stream
        self._left = list(extents)

    def read(self, size: int, /) -> bytes:
        while self._left and self._left[0].size == 0:
            del self._left[0]
        if not self._left:
            return b""
        extent = self._left[0]
        self._stream.seek(extent.start)
        chunk = self._stream.read(min(size, extent.size))
        self._left[0] = Extent(start=extent.start + len(chunk), size=extent.size - len(chunk))
        return chunk


def _text(stream: BinaryIO, places: Extents, path: str) -> bytes:
    """A small file of the ISO file as bytes."""
    content = places.get(path, ())
    if not content or sum(extent.size for extent in content) > _TEXT_LIMIT:
        raise BadInput(
            f"The ISO image has no /{path}: it is no Ashore medium.", "Name one that `ashore iso build` made."
        )
    reader = _Content(stream, content)
    return b"".join(iter(lambda: reader.read(MiB), b""))


def _opened(path: Path) -> BinaryIO:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Name an .iso file.")
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.", "Check its permissions.") from error
