"""The image to embed: an OCI layout with all blobs of it, and its digest.

An image of an `oci:` name is used where it lies. Everything else is fetched by skopeo into a layout of ours, by the
digest that its name had when it was looked up, so that a tag that moves meanwhile can't mix two images.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.medium import PAYLOAD_TAG
from ashore_installer.payload.bootable import BOOTABLE_LABELS
from ashore_installer.payload.fields import Fields, parse_json
from ashore_installer.payload.layout import LayoutImage, blob_path, for_platform, is_index, labels_of, open_image
from ashore_installer.payload.refs import ImageName
from ashore_installer.payload.remote import pinned
from ashore_installer.units import human
from ashore_isogen.imgref import DOCKER_ARCHIVE, OCI, OCI_ARCHIVE, REGISTRY, STORAGE, path_and_tag
from ashore_isogen.output import check_space
from ashore_isogen.report import Report
from ashore_isogen.skopeo import Skopeo
from ashore_isogen.watch import tree_size, watched

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
_REF_NAME = "org.opencontainers.image.ref.name"
_ARCHIVES = (OCI_ARCHIVE, DOCKER_ARCHIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An image in an OCI layout under `tag`. `digest` is what the image is known by where it came from."""

    image: LayoutImage
    tag: str
    digest: str


def open_source(name: ImageName, skopeo: Skopeo, report: Report) -> Source:
    """The image called `name`, fetched if it has to be. Raises BadInput if there is none that can be booted."""
    if name.transport == OCI:
        path, tag = path_and_tag(name)
        image = _whole(path, tag, skopeo.architecture)
        refuse_unbootable(image.architecture, image.labels, skopeo.architecture)
        return Source(image=image, tag=tag, digest=image.digest)
    if name.transport in _ARCHIVES:
        return _unpacked(name, skopeo, report)
    return _fetched(name, skopeo, report)


def _whole(layout: Path, tag: str, architecture: str) -> LayoutImage:
    """The image of a layout. A damaged one can't be used, as one that is not there."""
    try:
        return open_image(layout, tag, architecture)
    except InstallerError as error:
        raise BadInput(error.message, error.hint) from error


def refuse_unbootable(found: str, labels: dict[str, str], wanted: str) -> None:
    """Raise BadInput for what can be told from an image's configuration alone, before anything large is read."""
    if found != wanted:
        raise BadInput(
            f"The image is made for {found}, the medium for {wanted}.", f"Name an image that is made for {wanted}."
        )
    if not any(label in labels for label in BOOTABLE_LABELS):
        raise BadInput(
            f"The image has no label that says it can boot ({' or '.join(BOOTABLE_LABELS)}).",
            "Add `LABEL containers.bootc 1` to an image that has a kernel, or name another image.",
        )


def _unpacked(name: ImageName, skopeo: Skopeo, report: Report) -> Source:
    """The image of an archive. It is copied first: each look into an archive costs as much as the copy."""
    path = path_and_tag(name)[0]
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Check the name of the archive.")
    report.note(f"Unpacking {name}")
    keep = name.transport == OCI_ARCHIVE
    if not keep:
        report.note("The image is converted to the OCI format and gets a new digest.")
    layout = _copy(name, skopeo, report, total=path.stat().st_size, keep_digests=keep)
    image = open_image(layout, PAYLOAD_TAG, skopeo.architecture)
    refuse_unbootable(image.architecture, image.labels, skopeo.architecture)
    return Source(image=image, tag=PAYLOAD_TAG, digest=image.digest)


def _fetched(name: ImageName, skopeo: Skopeo, report: Report) -> Source:
    content = skopeo.manifest(name)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    fixed = pinned(name, digest)
    config = parse_json(skopeo.config(fixed).encode(), "The image's configuration")
    refuse_unbootable(config.text("architecture", ""), labels_of(config), skopeo.architecture)
    top = parse_json(content, f"the manifest {digest}")
    manifest = _platform_manifest(top, fixed, digest, skopeo)
    keep = name.transport != STORAGE and _media_type(manifest) == OCI_MANIFEST
    if not keep:
        report.note(f"The image is converted to the OCI format; its digest {digest} is kept for the record.")
    total = _layer_bytes(manifest)
    check_space(skopeo.scratch, total)
    report.note(f"Fetching {name} ({human(total)})")
    layout = _copy(fixed, skopeo, report, total=total, keep_digests=keep)
    if keep and manifest is not top:
        _put_index(layout, content, _media_type(top))
    return Source(image=open_image(layout, PAYLOAD_TAG, skopeo.architecture), tag=PAYLOAD_TAG, digest=digest)


def _copy(name: ImageName, skopeo: Skopeo, report: Report, *, total: int, keep_digests: bool) -> Path:
    layout = skopeo.scratch / "layout"
    with watched(lambda: tree_size(layout), total, report):
        skopeo.copy(name, layout, PAYLOAD_TAG, keep_digests=keep_digests)
    return layout


def _platform_manifest(top: Fields, name: ImageName, digest: str, skopeo: Skopeo) -> Fields:
    """The manifest for our architecture, or `top` itself if it is none for several or the other can't be seen."""
    if not is_index(top) or name.transport != REGISTRY:
        return top
    chosen = for_platform(top, digest, skopeo.architecture).digest()
    return parse_json(skopeo.manifest(pinned(name, chosen)), f"the manifest {chosen}")


def _media_type(manifest: Fields) -> str:
    """OCI manifests may leave their media type out (manifest.md); Docker's always have it."""
    default = OCI_INDEX if "manifests" in manifest.data else OCI_MANIFEST
    return manifest.text("mediaType", default)


def _layer_bytes(manifest: Fields) -> int:
    return sum(layer.size("size") for layer in manifest.children("layers")) if "layers" in manifest.data else 0


def _put_index(layout: Path, content: bytes, media_type: str) -> None:
    """Let the tag name the index for several architectures again, of which the layout holds one.

    So the embedded image has the digest it is known by.
    """
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    blob_path(layout, digest).write_bytes(content)
    (layout / "index.json").write_bytes(index_json(media_type, digest, len(content)))


def index_json(media_type: str, digest: str, size: int) -> bytes:
    """The index.json of a layout with one image, under the tag that media use (OCI image-layout.md)."""
    entry = {
        "mediaType": media_type,
        "digest": digest,
        "size": size,
        "annotations": {_REF_NAME: PAYLOAD_TAG},
    }
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}
    return json.dumps(index, sort_keys=True, separators=(",", ":")).encode()
