"""Where what is installed comes from, and what it is: the facts that plans are made of.

An image is on the medium, in an OCI layout, or elsewhere; packages are in repositories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ashore_installer.errors import BadInput
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo, this_architecture
from ashore_installer.medium import MANIFEST, MOUNT_POINT, payload_source, read_manifest, with_medium
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload.package_process import PackageProcess, Report
from ashore_installer.payload.refs import parse_image_name, split_oci
from ashore_installer.payload.remote import describe
from ashore_installer.payload.requirements import with_required
from ashore_installer.payload.scan import scan_image
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.run import Commands, Runner

Progress = Callable[[int, int], None]


class Resolver(Protocol):
    """What finds out which packages there will be: see `payload.package_process.Packages`."""

    def resolve(self, payload: PackagePayload, architecture: str, report: Report = ...) -> PackagesInfo: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """Who asks hears only how far it is: warnings are in the facts."""

    tell: Progress

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:  # noqa: ARG002 (the Protocol's)
        self.tell(done, total)

    def note(self, text: str) -> None: ...
    def warn(self, message: str) -> None: ...
    def heed_cancel(self) -> None: ...


def resolve(
    draft: Draft, medium: Path = MOUNT_POINT, progress: Progress = lambda _done, _total: None,
    run: Runner | None = None, *, machine: MachineInfo | None = None, packages: Resolver | None = None,
) -> tuple[Draft, Facts]:  # fmt: skip
    """The draft with its payload whole, and what that is: an image, or packages.

    An image's source and target are filled in; an empty source means the image embedded in the medium mounted at
    `medium`. What is in a registry or an archive is described by its manifest only. Packages are resolved, with those
    that `machine` and the disks of the draft need; without a machine only those that were named. Raises BadInput when
    there is no image, or when it can't be read; PackagesFailed.
    """
    if draft.packages is not None:
        process = packages or PackageProcess(medium=medium)
        payload, info = resolve_packages(draft, with_medium(draft.packages, medium), process, progress, machine)
        return replace(draft, packages=payload), info
    return resolve_image(draft, medium, progress, run)


def resolve_packages(
    draft: Draft, payload: PackagePayload, packages: Resolver, progress: Progress, machine: MachineInfo | None
) -> tuple[PackagePayload, PackagesInfo]:
    """The payload with what is needed beside it, and what that gives. Raises BadInput or PackagesFailed."""
    if not payload.repositories:
        raise BadInput("Nothing says where packages come from.", "Add `url` or `repo` to the kickstart.")
    wanted = with_required(payload, draft, machine) if machine else payload
    architecture = machine.architecture if machine else this_architecture()
    return wanted, packages.resolve(wanted, architecture, _Report(tell=progress))


def resolve_image(
    draft: Draft, medium: Path = MOUNT_POINT, progress: Progress = lambda _done, _total: None,
    run: Runner | None = None,
) -> tuple[Draft, ImageInfo]:  # fmt: skip
    """The same for a draft of image mode. Raises BadInput."""
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
    if manifest.image is None:
        raise BadInput("There is no image on the medium, only packages.", "Name one, as --image docker://NAME.")
    target = request.target or manifest.target
    return replace(request, source=payload_source(medium), target=target), manifest.image
