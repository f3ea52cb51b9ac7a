"""The facts of an image, kept by its digest: looking through all layers takes longer than writing the medium."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ashore_installer import codec, image, payload
from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.payload.scan import scan_image
from ashore_isogen.cache import Cache, contents, digest_of
from ashore_isogen.report import Report
from ashore_isogen.source import Source

KIND = "images"
_NAME = "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an image is. Unless `verified`, nobody has compared its layers with their digests in this run."""

    image: ImageInfo
    verified: bool


def image_facts(source: Source, architecture: str, cache: Cache | None, report: Report) -> Facts:
    """The facts of an image: kept ones, or from a pass over its layers. Raises BadInput when it can't be read."""
    key = _key(source.image.platform_digest)
    if cache and (known := _kept(cache, key)):
        return Facts(image=known, verified=False)
    report.note("Reading the image")
    found = scan_image(source.image.root, source.tag, report.progress, architecture)
    if cache:
        _keep(cache, key, found)
    return Facts(image=found, verified=True)


def _key(digest: str) -> str:
    """The digest of the image and of the code that reads images: other code may see other facts."""
    code = [*contents(Path(payload.__file__).parent), Path(image.__file__).read_bytes()]
    return digest_of([digest.encode(), *code])


def _kept(cache: Cache, key: str) -> ImageInfo | None:
    entry = cache.find(KIND, key)
    if entry is None:
        return None
    try:
        return codec.from_json((entry / _NAME).read_text(encoding="utf-8"), ImageInfo, "The kept facts")
    except (OSError, ValueError, BadInput):
        return None  # somebody touched it; the image itself knows better


def _keep(cache: Cache, key: str, found: ImageInfo) -> None:
    with suppress(OSError, InstallerError):  # a cache that can't be written only costs time
        cache.make(KIND, key, lambda directory: _write(directory / _NAME, found), lambda _: None)


def _write(path: Path, found: ImageInfo) -> None:
    path.write_text(codec.to_json(found), encoding="utf-8")
