"""The steps of an installation that bring the image onto the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.payload import remote
from ashore_installer.payload.aleph import write_aleph
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.labels import label_tree, relabel_etc, trees
from ashore_installer.payload.layout import LayoutImage, open_image, verify_blobs
from ashore_installer.payload.ostree import Policy, Sysroot
from ashore_installer.payload.prove import Deployed, prove
from ashore_installer.payload.refs import parse_image_name, split_oci
from ashore_installer.payload.scan import scan_image
from ashore_installer.payload.store import ImageImport, disk_errors
from ashore_installer.plan import ImagePayload

FETCHED = ".ashore-image"
"""Directory on the target, where an image waits that had to be fetched; it is gone after the import."""


def is_fetched(payload: ImagePayload) -> bool:
    """Whether the image is fetched onto the target first; only an OCI layout is read where it lies."""
    return parse_image_name(payload.source).transport != "oci"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPayload:
    """Before the first write: the image is there, is the one of the plan, and no blob of it is damaged.

    Of an image elsewhere, the manifest is all that can be compared.
    """

    payload: ImagePayload
    id: ClassVar[str] = "verify-payload"
    title: ClassVar[str] = "Check the image"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        if not is_fetched(self.payload):
            with disk_errors():
                verify_blobs(source_image(self.payload, context), context.progress)
            return
        name = remote.pinned(parse_image_name(self.payload.source), context.image.manifest_digest)
        found = remote.describe(context.run, name, context.image.architecture)
        _require_same(str(name), found.platform_digest, context.image.platform_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchImage:
    """Fetch an image onto the target disk, by the digest of the plan, and look into it; for sources elsewhere."""

    payload: ImagePayload
    id: ClassVar[str] = "fetch-image"
    title: ClassVar[str] = "Fetch the image"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        directory = context.target / FETCHED
        name, known = parse_image_name(self.payload.source), context.image
        with disk_errors():
            remote.fetch(context.run, name, known, directory, context.progress)
            found = scan_image(directory, remote.TAG, architecture=known.architecture)
            wrong = problems(found, context.machine.architecture)
            if wrong:
                raise InstallerError(" ".join(problem.message for problem in wrong), wrong[0].hint)
            remote.require_room(context.target, found.unpacked_size)
        # A registry's image is known by the digest that it has there, even if its manifest had to be converted.
        digest = known.manifest_digest if name.transport == "docker" else found.manifest_digest
        context.payload = replace(found, manifest_digest=digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitSysroot:
    """Make /ostree with its repository and the stateroot."""

    payload: ImagePayload
    id: ClassVar[str] = "init-sysroot"
    title: ClassVar[str] = "Prepare the system root"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with disk_errors():
            Sysroot.create(context.target, self.payload.stateroot).close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportImage:
    """Import the layers and commit the image that they make."""

    payload: ImagePayload
    id: ClassVar[str] = "import-image"
    title: ClassVar[str] = "Install the image"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with Sysroot(context.target) as sysroot:
            importing = ImageImport(
                sysroot=sysroot,
                image=source_image(self.payload, context),
                info=context.image,
                target=parse_image_name(self.payload.target),
                on_progress=context.progress,
            )
            context.commit = importing.run()
        context.note(f"The image is commit {context.commit}.")
        if is_fetched(self.payload):
            shutil.rmtree(context.target / FETCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployImage:
    """Deploy the commit: its root, its boot entry with the kernel arguments, and its origin."""

    payload: ImagePayload
    id: ClassVar[str] = "deploy-image"
    title: ClassVar[str] = "Deploy the image"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        target = parse_image_name(self.payload.target)
        kargs = deployment_kargs(context.plan, context.machine, context.image, context.uuids, context.own_uuids)
        origin = target.origin(signed=self.payload.signed)
        with disk_errors(), Sysroot(context.target) as sysroot:
            context.deployment = sysroot.deploy(self.payload.stateroot, context.commit, origin, kargs)
            write_aleph(context.target, self.payload, context.image)
            if context.payload.selinux:
                relabel_etc(context.deployment, Policy(context.deployment).label)
        context.note(f"The kernel arguments are: {' '.join(kargs)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTarget:
    """Give SELinux labels to all that the installation wrote outside of the image; nothing without a policy."""

    payload: ImagePayload
    id: ClassVar[str] = "label-target"
    title: ClassVar[str] = "Label the system for SELinux"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        if not context.payload.selinux:
            return
        policy = Policy(context.root())
        with disk_errors():
            count = sum(label_tree(tree, policy.label) for tree in trees(context.target, context.root()))
        context.note(f"{count} files got a label.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveDeployment:
    """Look at everything that the image's own tools will look at."""

    payload: ImagePayload
    id: ClassVar[str] = "prove-deployment"
    title: ClassVar[str] = "Check the deployment"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        prove(
            Deployed(
                target=context.target,
                deployment=context.root(),
                commit=context.commit,
                image=context.image,
                payload=self.payload,
            )
        )


def source_image(payload: ImagePayload, context: Context) -> LayoutImage:
    """The image to install in its layout. Raises InstallerError if it is not the one that the plan was made for."""
    directory, tag = context.target / FETCHED, remote.TAG
    if not is_fetched(payload):
        path, tag = split_oci(parse_image_name(payload.source).name)
        directory = Path(path)
    image = open_image(directory, tag, context.image.architecture)
    _require_same(payload.source, image.platform_digest, context.image.platform_digest)
    return image


def _require_same(name: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise InstallerError(
            f"The image {name} has changed: it is {found} instead of {wanted}.",
            "Start again, so that the image is read again.",
        )
