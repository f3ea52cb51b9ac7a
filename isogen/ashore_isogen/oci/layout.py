"""Writes OCI image layouts (OCI image-spec 1.1: image-layout.md, manifest.md, config.md, image-index.md).

The same images give the same bytes: times come from the images, JSON is canonical, and nothing of this machine gets
in. Layers stream straight into their blobs, so that memory does not grow with them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

from ashore_isogen.oci.entry import Entry
from ashore_isogen.oci.tar import write_tar

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"


class Compression(Enum):
    """How a layer is stored; the value is the suffix of its media type."""

    NONE = ""
    GZIP = "+gzip"
    ZSTD = "+zstd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer to be written: entries in the order of the stream, or a finished tar stream as bytes.

    `made_by` and the image's creation time become the layer's line of history.
    """

    entries: Iterable[Entry] | bytes
    compression: Compression = Compression.GZIP
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLayer:
    """A layer whose blob is in a layout. `digest` and `size` (bytes) are of the blob, `diff_id` of the tar stream."""

    digest: str
    size: int
    media_type: str
    diff_id: str
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSpec:
    """An image of one platform. `architecture` is Go's name (amd64, arm64); `created` is in seconds since 1970."""

    layers: tuple[Layer | StoredLayer, ...]
    architecture: str = "amd64"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    created: int = 0
    env: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()


class LayoutWriter:
    """Fills one layout directory; what is there already stays. `finish` makes the images visible, last."""

    def __init__(self, directory: Path) -> None:
        self._blobs = directory / "blobs" / "sha256"
        self._directory = directory
        self._references: list[dict[str, Any]] = []
        self._written: dict[int, tuple[Layer, StoredLayer]] = {}
        self._blobs.mkdir(parents=True, exist_ok=True)

    def add_layer(self, layer: Layer, progress: Callable[[int], None] | None = None) -> StoredLayer:
        """Write a layer's blob. The same Layer object is written once. `progress` gets numbers of content bytes."""
        if known := self._written.get(id(layer)):
            return known[1]
        partial = self._blobs / f"partial-{len(self._written)}"
        try:
            stored = _store(layer, partial, progress)
            partial.rename(self._blob(stored.digest))
        finally:
            partial.unlink(missing_ok=True)
        self._written[id(layer)] = (layer, stored)  # The layer too: its id must not be given to another one.
        return stored

    def adopt_layer(self, stored: StoredLayer, blob: Path) -> StoredLayer:
        """Take over a finished blob from elsewhere, without a copy where the file system allows that."""
        target = self._blob(stored.digest)
        if not target.exists():
            try:
                target.hardlink_to(blob)
            except OSError:
                shutil.copyfile(blob, target)
        return stored

    def add_image(self, tag: str, *images: ImageSpec) -> str:
        """Write an image under `tag` and give its top-level digest; several platforms go under one image index."""
        manifests = [self._add_manifest(image) for image in images]
        if len(images) == 1:
            top = manifests[0]
        else:
            platforms = [{"architecture": image.architecture, "os": "linux"} for image in images]
            described = [{**entry, "platform": where} for entry, where in zip(manifests, platforms, strict=True)]
            top = self._add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": described}, INDEX)
        self._references.append({**top, "annotations": {REF_NAME: tag}})
        return str(top["digest"])

    def finish(self) -> None:
        """Write oci-layout and index.json with all images added."""
        (self._directory / "oci-layout").write_bytes(_canonical({"imageLayoutVersion": "1.0.0"}))
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self._references}
        partial = self._directory / ".index.json"
        partial.write_bytes(_canonical(index))
        partial.rename(self._directory / "index.json")

    def _add_manifest(self, image: ImageSpec) -> dict[str, Any]:
        layers = [self.add_layer(layer) if isinstance(layer, Layer) else layer for layer in image.layers]
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._add_json(_config(image, layers), CONFIG),
            "layers": [_descriptor(layer.media_type, layer.digest, layer.size) for layer in layers],
        }
        if image.annotations:
            manifest["annotations"] = dict(image.annotations)
        return self._add_json(manifest, MANIFEST)

    def _add_json(self, value: object, media_type: str) -> dict[str, Any]:
        data = _canonical(value)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._blob(digest).write_bytes(data)
        return _descriptor(media_type, digest, len(data))

    def _blob(self, digest: str) -> Path:
        return self._blobs / digest.removeprefix("sha256:")


def write_layout(directory: Path, images: Mapping[str, ImageSpec | tuple[ImageSpec, ...]]) -> dict[str, str]:
    """Write a layout with these images by tag (a tuple: one per platform); gives the top-level digest of each tag."""
    writer = LayoutWriter(directory)
    digests = {
        tag: writer.add_image(tag, *(spec if isinstance(spec, tuple) else (spec,))) for tag, spec in images.items()
    }
    writer.finish()
    return digests


def _store(layer: Layer, blob: Path, progress: Callable[[int], None] | None) -> StoredLayer:
    with blob.open("wb") as file:
        sink = _BlobSink(file, layer.compression)
        if isinstance(layer.entries, bytes):
            sink.write(layer.entries)
        else:
            write_tar(layer.entries, sink, progress)
        diff_id, digest, size = sink.close()
    media_type = LAYER + layer.compression.value
    return StoredLayer(digest=digest, size=size, media_type=media_type, diff_id=diff_id, made_by=layer.made_by)


class _BlobSink:
    """Compresses into a file and takes the digests of both sides on the way."""

    def __init__(self, file: BinaryIO, compression: Compression) -> None:
        self._file = file
        self._compressor = _compressor(compression)
        self._plain, self._stored, self._size = hashlib.sha256(), hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._plain.update(data)
        self._put(self._compressor.compress(data) if self._compressor else data)

    def close(self) -> tuple[str, str, int]:
        """End the blob and give diff_id, digest and size in bytes."""
        if self._compressor:
            self._put(self._compressor.flush())
        return f"sha256:{self._plain.hexdigest()}", f"sha256:{self._stored.hexdigest()}", self._size

    def _put(self, data: bytes) -> None:
        self._stored.update(data)
        self._size += len(data)
        self._file.write(data)


def _compressor(compression: Compression) -> Any:
    if compression is Compression.ZSTD:
        import zstandard  # Only whoever compresses needs the library.

        # One worker thread or many give the same bytes; no worker at all gives others.
        return zstandard.ZstdCompressor(level=3, threads=-1).compressobj()
    if compression is Compression.GZIP:
        return zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)  # A gzip header without name and time.
    return None


def _config(image: ImageSpec, layers: list[StoredLayer]) -> dict[str, Any]:
    created = datetime.fromtimestamp(image.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inner = {"Env": list(image.env), "Cmd": list(image.cmd), "Labels": dict(image.labels)}
    return {
        "created": created,
        "architecture": image.architecture,
        "os": "linux",
        "config": {key: value for key, value in inner.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        "history": [{"created": created, "created_by": layer.made_by} for layer in layers],
    }


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
