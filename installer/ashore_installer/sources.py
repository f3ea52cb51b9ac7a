"""Where an image to install comes from: the medium, or a local OCI layout. Gives the facts that plans are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.medium import MANIFEST, MOUNT_POINT, payload_source, read_manifest
from ashore_installer.payload.scan import scan_image
from ashore_installer.plan import Draft, PayloadRequest

Progress = Callable[[int, int], None]


def resolve(
    draft: Draft, medium: Path = MOUNT_POINT, progress: Progress = lambda _done, _total: None
) -> tuple[Draft, ImageInfo]:
    """The draft with its payload's source and target filled in, and what that image is.

    An empty source means the image embedded in the medium mounted at `medium`. Raises BadInput when there is none, or
    when the image can't be read.
    """
    request, image = _resolve(draft.payload, medium, progress)
    return replace(draft, payload=request), image


def _resolve(request: PayloadRequest, medium: Path, progress: Progress) -> tuple[PayloadRequest, ImageInfo]:
    if not request.source or request.source == payload_source(medium):
        return _embedded(request, medium)
    directory, tag = _layout(request.source)
    image = scan_image(directory, tag, progress)
    return replace(request, target=request.target or request.source), image


def _embedded(request: PayloadRequest, medium: Path) -> tuple[PayloadRequest, ImageInfo]:
    if not (medium / MANIFEST).is_file():
        raise BadInput(
            "No image was named, and this system was not booted from an Ashore medium.",
            "Name one, as --image oci:/path/to/layout:tag.",
        )
    manifest = read_manifest(medium)
    target = request.target or manifest.target
    return replace(request, source=payload_source(medium), target=target), manifest.image


def _layout(source: str) -> tuple[Path, str]:
    """Directory and tag of `oci:DIR:TAG`, as skopeo splits it (containers-transports(5))."""
    transport, _, rest = source.partition(":")
    directory, _, tag = rest.partition(":")
    if transport != "oci" or not directory:
        raise BadInput(
            f"The image {source} can't be installed from here: only local OCI layouts can, as oci:/path:tag.",
            "Embed the image in a medium with `ashore iso build`, or copy it with `skopeo copy IMAGE oci:/path:tag`.",
        )
    return Path(directory), tag
