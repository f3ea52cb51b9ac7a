"""Whether a scanned image can boot on a machine: pure."""

from __future__ import annotations

from ashore_installer.image import ImageInfo
from ashore_installer.plan import Problem

BOOTABLE_LABELS = ("containers.bootc", "ostree.bootable")
"""Either one marks an image that can boot (ostree-ext, container/store.rs)."""


def problems(image: ImageInfo, architecture: str) -> tuple[Problem, ...]:
    """Why an image can't boot on a machine of this architecture (OCI's word); empty when it can."""
    found = []
    if image.architecture != architecture:
        found.append(_problem(f"The image is made for {image.architecture}, not for {architecture}.", _OTHER))
    if not any(label in image.labels for label in BOOTABLE_LABELS):
        found.append(_problem("The image has no label that says it can boot.", "Add the label containers.bootc=1."))
    return (*found, *(_content_problems(image) if image.scanned else ()))


def _content_problems(image: ImageInfo) -> list[Problem]:
    found = []
    if image.uki:
        found.append(_problem(f"The image boots a unified kernel image ({image.uki}).", _NO_UKI))
    elif not image.kernel and not image.kernels:
        found.append(_problem("The image has no kernel (/usr/lib/modules/VERSION/vmlinuz).", _NO_KERNEL))
    elif len(image.kernels) > 1:
        found.append(_problem(f"The image has several kernels: {', '.join(image.kernels)}.", "Leave only one in it."))
    elif not image.initramfs_size:
        found.append(_problem(f"The image has no /usr/lib/modules/{image.kernel}/initramfs.img.", _NO_INITRAMFS))
    if image.missing:
        found.append(_problem(f"The image has no {' and no '.join(image.missing)}.", _MISSING))
    if not (image.os_release.get("PRETTY_NAME") or image.os_release.get("ID")):
        found.append(_problem("The image has no /usr/lib/os-release with PRETTY_NAME or ID.", _NO_NAME))
    if image.verity:
        found.append(_problem("The image demands fs-verity of its root file system.", "Set composefs.enabled to yes."))
    return found


_OTHER = "Take the image for the other architecture, or another machine."
_NO_KERNEL = "Take a bootable container image, or install a kernel where this one is made."
_NO_INITRAMFS = "Make one where the image is made, with dracut and its ostree module."
_MISSING = "Make the directory /sysroot and the link /ostree -> sysroot/ostree where the image is made."
_NO_NAME = "Add one where the image is made: the boot menu takes the system's name from it."
_NO_UKI = "Take an image with a separate kernel; its own `bootc install` can install this one."


def _problem(message: str, hint: str) -> Problem:
    return Problem(field="payload.source", message=message, hint=hint)
