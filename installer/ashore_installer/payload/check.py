"""Checks of a payload that need nothing but the plan and the facts of the image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.plan import ImagePayload, InstallPlan, Problem
from ashore_installer.storage_plan import BlockPlan, StoragePlan

_STATEROOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""It is the name of a directory and a part of a kernel argument."""


def check_payload(payload: ImagePayload, machine: MachineInfo, image: ImageInfo) -> tuple[Problem, ...]:
    """Why this image can't be installed on this machine as the plan says; empty when it can."""
    return (*problems(image, machine.architecture), *_names(payload))


def check_sysroot(plan: InstallPlan, machine: MachineInfo) -> Iterator[Problem]:
    """Systems that stay in the root file system must keep /boot too: there alone is how they are started.

    libostree takes a deployment that has no boot entry for rubbish, and removes it (ostree-sysroot-cleanup.c).
    """
    if not isinstance(plan.payload, ImagePayload):
        return
    root, boot = _block(plan.storage, "/"), _block(plan.storage, "/boot")
    if root is None or not root.keep or root.existing is None or boot is None or boot.keep:
        return
    for system in machine.systems:
        others = sorted(set(system.stateroots) - {plan.image.stateroot})
        if system.root.partition(":")[0] == root.existing.name and others:
            message = f"The root file system keeps the system in the stateroot {others[0]}, and /boot is formatted."
            yield Problem(field="storage.mounts", message=message, hint="Keep /boot too, or format both.")


def _block(storage: StoragePlan, path: str) -> BlockPlan | None:
    mount = storage.mount(path)
    return storage.block_of(mount.device) if mount else None


def _names(payload: ImagePayload) -> Iterator[Problem]:
    for field, text in (("payload.source", payload.source), ("payload.target", payload.target)):
        try:
            parse_image_name(text)
        except BadInput as error:
            yield Problem(field=field, message=error.message, hint=error.hint)
    if not _STATEROOT.fullmatch(payload.stateroot):
        yield Problem(
            field="payload.stateroot",
            message=f"{payload.stateroot!r} can't be the name of a stateroot.",
            hint="Use letters, digits, dots, dashes and underscores, as in `default`.",
        )
