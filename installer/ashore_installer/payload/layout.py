"""Reading one image of an OCI image layout, strictly.

Formats: OCI image specification 1.1, image-layout.md, image-index.md, manifest.md, config.md and descriptor.md.
Nothing in a layout is trusted before its digest is checked: digests come from the descriptor that names a blob.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.image import LayerInfo
from ashore_installer.machine import this_architecture
from ashore_installer.payload.fields import Fields, parse_json
from ashore_installer.units import MiB

OnProgress = Callable[[int, int], None]
"""Is told how many bytes of how many are done."""

JSON_LIMIT = 8 * MiB
"""More than any registry takes for a manifest (4 MiB)."""
LAYER_LIMIT = 1000
CHUNK = MiB

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_REF_NAME = "org.opencontainers.image.ref.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutImage:
    """One image of the layout at `root`; `manifest` and `config` are the checked JSON as it is stored.

    `digest` is of the manifest that the tag names: an index for images of several architectures.
    """

    root: Path
    digest: str
    platform_digest: str
    manifest: dict[str, Any]
    config_digest: str
    config: dict[str, Any]
    architecture: str
    labels: dict[str, str]
    created: str
    layers: tuple[LayerInfo, ...]

    @property
    def size(self) -> int:
        """Bytes of all layers as stored."""
        return sum(layer.size for layer in self.layers)


def open_image(root: Path, tag: str = "", architecture: str = "") -> LayoutImage:
    """The image called `tag` (or the only one) in the layout at `root`.

    Of an image for several architectures the one for `architecture` (default: this machine's) is taken. Manifest
    and configuration are checked against their digests, layers only by their size. Raises BadInput.
    """
    top = _entry(root, tag)
    chosen = _for_platform(root, top, architecture or this_architecture())
    manifest = _manifest(root, chosen)
    config_entry = manifest.child("config")
    config = parse_json(_read(root, config_entry), f"the configuration {config_entry.digest()}")
    return LayoutImage(
        root=root,
        digest=top.digest(),
        platform_digest=chosen.digest(),
        manifest=manifest.data,
        config_digest=config_entry.digest(),
        config=config.data,
        architecture=architecture_of(config),
        labels=labels_of(config),
        created=created_of(manifest, config),
        layers=_present(root, layers_of(manifest, config)),
    )


def blob_path(root: Path, digest: str) -> Path:
    """Where the blob with this (already checked) digest is kept."""
    algorithm, value = digest.split(":")
    return root / "blobs" / algorithm / value


def open_blob(root: Path, digest: str, size: int) -> FileIO:
    """The blob opened for reading; BadInput unless it is a regular file of `size` bytes."""
    path = blob_path(root, digest)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        raise BadInput(f"The image has no blob {digest}: {error.strerror}.", _AGAIN) from error
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        os.close(fd)
        raise BadInput(f"The blob {digest} has {status.st_size} bytes instead of {size}.", _AGAIN)
    return FileIO(fd)


_AGAIN = "The copy of the image is not whole: copy it again."


def chunks(blob: FileIO) -> Iterator[bytes]:
    """The bytes of an open blob in pieces of at most `CHUNK`."""
    while chunk := blob.read(CHUNK):
        yield chunk


def verify_blobs(image: LayoutImage, on_progress: OnProgress = lambda _done, _total: None) -> None:
    """Compare every layer with its digest. Raises InstallerError that names the first wrong one."""
    done = 0
    for layer in image.layers:
        digest = hashlib.sha256()
        with open_blob(image.root, layer.digest, layer.size) as blob:
            for chunk in chunks(blob):
                digest.update(chunk)
                done += len(chunk)
                on_progress(done, image.size)
        check_digest(layer.digest, digest.hexdigest())
    on_progress(image.size, image.size)


def check_digest(expected: str, found: str) -> None:
    """Raise InstallerError unless a blob's SHA-256 is what its digest says."""
    if expected != f"sha256:{found}":
        raise InstallerError(
            f"The blob {expected} of the image is damaged: its content has the digest sha256:{found}.",
            "Check the medium, or make it again from the image.",
        )


def _entry(root: Path, tag: str) -> Fields:
    index = parse_json(_read_file(root / "index.json"), f"The index of the image layout {root}")
    entries = index.children("manifests")
    if not tag and len(entries) == 1:
        return entries[0]
    found = [entry for entry in entries if entry.text_map("annotations").get(_REF_NAME, "") == tag]
    if len(found) == 1:
        return found[0]
    names = sorted({entry.text_map("annotations").get(_REF_NAME, "") for entry in entries} - {""})
    known = f"It has: {', '.join(names)}." if names else "It names none: leave the tag out."
    raise BadInput(f"The image layout {root} has {len(found)} images called {tag!r}.", known)


def _for_platform(root: Path, entry: Fields, architecture: str) -> Fields:
    if entry.text("mediaType", "") not in _INDEXES:
        return entry
    return for_platform(parse_json(_read(root, entry), f"the index {entry.digest()}"), entry.digest(), architecture)


def is_index(manifest: Fields) -> bool:
    """Whether this names images for several architectures (image-index.md; its media type may be left out)."""
    return manifest.text("mediaType", _INDEXES[0] if "manifests" in manifest.data else "") in _INDEXES


def for_platform(index: Fields, digest: str, architecture: str) -> Fields:
    """The entry of an index for Linux on this architecture. Raises BadInput that names the image's `digest`."""
    manifests = [child for child in index.children("manifests") if child.text("mediaType", "") in _MANIFESTS]
    for child in manifests:
        wanted = child.child("platform") if "platform" in child.data else child
        if (wanted.text("os", ""), wanted.text("architecture", "")) == ("linux", architecture):
            return child
    raise BadInput(
        f"The image {digest} is not made for {architecture}.",
        "Take an image for this architecture, or name another one with the option for the architecture.",
    )


def _manifest(root: Path, entry: Fields) -> Fields:
    kind = entry.text("mediaType", "")
    if kind not in _MANIFESTS:
        raise BadInput(f"{entry.digest()} is no image but {kind!r}.", "Name a container image.")
    manifest = parse_json(_read(root, entry), f"the manifest {entry.digest()}")
    if manifest.data.get("schemaVersion") != 2:
        raise BadInput(f"The manifest {entry.digest()} has an unknown version.", "Convert the image with skopeo.")
    return manifest


def layers_of(manifest: Fields, config: Fields) -> tuple[LayerInfo, ...]:
    """The layers of an image, from its manifest and configuration."""
    entries = manifest.children("layers")
    diff_ids = config.child("rootfs").texts("diff_ids")
    if len(entries) != len(diff_ids) or not 0 < len(entries) <= LAYER_LIMIT:
        raise BadInput(
            f"The image has {len(entries)} layers, its configuration {len(diff_ids)}.",
            "Make the image again with a current builder.",
        )
    return tuple(map(_layer, entries, diff_ids))


def _present(root: Path, layers: tuple[LayerInfo, ...]) -> tuple[LayerInfo, ...]:
    for layer in layers:
        open_blob(root, layer.digest, layer.size).close()
    return layers


def _layer(entry: Fields, diff_id: str) -> LayerInfo:
    return LayerInfo(
        digest=entry.digest(),
        size=entry.size("size"),
        media_type=entry.text("mediaType"),
        diff_id=Fields({"digest": diff_id}, "The list of diff_ids").digest(),
    )


def architecture_of(config: Fields) -> str:
    """An image's architecture in OCI words. Raises BadInput if it is not for Linux."""
    system = config.text("os", "")
    if system != "linux":
        raise BadInput(f"The image is made for the operating system {system!r}.", "Only Linux images can be installed.")
    return config.text("architecture")


def labels_of(config: Fields) -> dict[str, str]:
    return config.child("config").text_map("Labels") if config.data.get("config") else {}


def created_of(manifest: Fields, config: Fields) -> str:
    """When the image was made, RFC 3339 (ostree-ext, container/store.rs: the annotation wins), or empty."""
    annotation = manifest.text_map("annotations").get("org.opencontainers.image.created", "")
    return annotation or config.text("created", "")


def _read(root: Path, entry: Fields) -> bytes:
    """A JSON blob, checked against its descriptor."""
    size, digest = entry.size("size"), entry.digest()
    if size > JSON_LIMIT:
        raise BadInput(f"The blob {digest} is too large for a description: {size} bytes.", _AGAIN)
    with open_blob(root, digest, size) as blob:
        content = blob.readall()
    check_digest(digest, hashlib.sha256(content).hexdigest())
    return content


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(JSON_LIMIT + 1)
    except OSError as error:
        raise BadInput(
            f"There is no OCI image layout at {path.parent}: {error.strerror}.",
            "Name a directory that `skopeo copy … oci:DIRECTORY:TAG` wrote.",
        ) from error
    if len(content) > JSON_LIMIT:
        raise BadInput(f"{path} is too large.", "Name a directory that `skopeo copy … oci:DIRECTORY:TAG` wrote.")
    return content
