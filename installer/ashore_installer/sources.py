"""Where an image to install comes from: the medium, an OCI layout, or elsewhere. Gives the facts plans are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.machine import this_architecture
from ashore_installer.medium import MANIFEST, MOUNT_POINT, payload_source, read_manifest
from ashore_installer.payload.refs import parse_image_name, split_oci
from ashore_installer.payload.remote import describe
from ashore_installer.payload.scan import scan_image
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.run import Commands, Runner

Progress = Callable[[int, int], None]


def resolve(
    draft: Draft, medium: Path = MOUNT_POINT, progress: Progress = lambda _done, _total: None,
    run: Runner | None = None,
) -> tuple[Draft, ImageInfo]:  # fmt: skip
    """The draft with its payload's source and target filled in, and what that image is.

    An empty source means the image embedded in the medium mounted at `medium`. What is in a registry or an archive is
    described by its manifest only. Raises BadInput when there is none, or when the image can't be read.
    """
    request, image = _resolve(draft.payload, medium, progress, run or Commands())
    return replace(draft, payload=request), image


def _resolve(
    request: PayloadRequest, medium: Path, progress: Progress, run: Runner
) -> tuple[PayloadRequest, ImageInfo]:
    if not request.source or request.source == payload_source(medium):
        return _embedded(request, medium)
    name = parse_image_name(request.source)
    named = replace(request, target=request.target or request.source)
    if name.transport != "oci":
        return named, describe(run, name, this_architecture())
    directory, tag = split_oci(name.name)
    return named, scan_image(Path(directory), tag, progress)


def _embedded(request: PayloadRequest, medium: Path) -> tuple[PayloadRequest, ImageInfo]:
    if not (medium / MANIFEST).is_file():
        raise BadInput(
            "No image was named, and this system was not booted from an Ashore medium.",
            "Name one, as --image oci:/path/to/layout:tag.",
        )
    manifest = read_manifest(medium)
    target = request.target or manifest.target
    return replace(request, source=payload_source(medium), target=target), manifest.image
