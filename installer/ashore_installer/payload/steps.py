"""The steps of an installation that bring the image onto the disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.payload.aleph import write_aleph
from ashore_installer.payload.labels import label_tree, relabel_etc, trees
from ashore_installer.payload.layout import LayoutImage, open_image, verify_blobs
from ashore_installer.payload.ostree import Policy, Sysroot
from ashore_installer.payload.prove import Deployed, prove
from ashore_installer.payload.refs import parse_image_name, split_oci
from ashore_installer.payload.store import ImageImport, disk_errors
from ashore_installer.plan import ImagePayload


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPayload:
    """Before the first write: the image is there, is the one of the plan, and no blob of it is damaged."""

    payload: ImagePayload
    id: ClassVar[str] = "verify-payload"
    title: ClassVar[str] = "Check the image"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        with disk_errors():
            verify_blobs(source_image(self.payload, context), context.progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitSysroot:
    """Make /ostree with its repository and the stateroot."""

    payload: ImagePayload
    id: ClassVar[str] = "init-sysroot"
    title: ClassVar[str] = "Prepare the system root"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with disk_errors():
            Sysroot.create(context.target, self.payload.stateroot)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportImage:
    """Import the layers and commit the image that they make."""

    payload: ImagePayload
    id: ClassVar[str] = "import-image"
    title: ClassVar[str] = "Install the image"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        importing = ImageImport(
            sysroot=Sysroot(context.target),
            image=source_image(self.payload, context),
            info=context.image,
            target=parse_image_name(self.payload.target),
            on_progress=context.progress,
        )
        context.commit = importing.run()
        context.note(f"The image is commit {context.commit}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployImage:
    """Deploy the commit: its root, its boot entry with the kernel arguments, and its origin."""

    payload: ImagePayload
    id: ClassVar[str] = "deploy-image"
    title: ClassVar[str] = "Deploy the image"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        target = parse_image_name(self.payload.target)
        kargs = deployment_kargs(context.plan, context.machine, context.image, context.uuids)
        origin = target.origin(signed=self.payload.signed)
        with disk_errors():
            sysroot = Sysroot(context.target)
            context.deployment = sysroot.deploy(self.payload.stateroot, context.commit, origin, kargs)
            write_aleph(context.target, self.payload, context.image)
            if context.image.selinux:
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
        if not context.image.selinux:
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
    name = parse_image_name(payload.source)
    directory, tag = split_oci(name.name)
    image = open_image(Path(directory), tag, context.image.architecture)
    if image.platform_digest != context.image.platform_digest:
        raise InstallerError(
            f"The image {name} has changed: it is {image.platform_digest} instead of {context.image.platform_digest}.",
            "Start again, so that the image is read again.",
        )
    return image
