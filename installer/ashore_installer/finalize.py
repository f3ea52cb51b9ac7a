"""From what a person asked for to a plan that says everything: pure functions of draft, machine and image."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.errors import BadInput
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import with_cards
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.plan import BootPlan, Draft, ImagePayload, InstallPlan, Payload
from ashore_installer.storage.boot_disks import boot_disks
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.reinstall import stateroot_of
from ashore_installer.storage_plan import StoragePlan

DEFAULT_STATEROOT = "default"
"""bootc's and Anaconda's name too (bootc, install.rs)."""


def finalize(draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:
    """The plan of `draft` for one machine and one image or set of packages, which must be resolved (see `sources`).

    Raises BadInput (PlanError with every problem of the storage) when something is missing or does not fit.
    """
    if draft.storage is None:
        raise BadInput(
            "Nothing says which disks may be used.",
            "Add `autopart` and `clearpart --all`, or `part` lines, to the kickstart.",
        )
    storage = plan_storage(draft.storage, machine, image, boot_disk=draft.boot_disk)
    return InstallPlan(
        payload=_payload(draft, machine, image),
        storage=storage,
        boot=_boot(draft, machine, storage),
        system=replace(draft.system, network=with_cards(draft.system.network, machine.links)),
        scripts=draft.scripts,
        finish=draft.finish,
        eject=draft.eject,
    )


def _payload(draft: Draft, machine: MachineInfo, facts: Facts) -> Payload:
    if draft.packages is None and isinstance(facts, ImageInfo) and draft.storage is not None:
        return _image(draft, facts, stateroot_of(draft.storage, machine))
    if draft.packages is not None and isinstance(facts, PackagesInfo):
        return draft.packages
    raise TypeError("what was looked at is not what the draft asks for")


def _image(draft: Draft, image: ImageInfo, replaced: str) -> ImagePayload:
    """`replaced` is the stateroot of a system that is replaced, or empty."""
    request = draft.payload
    if not request.source or not request.target:
        raise BadInput("Nothing says which image to install.", "Name one, as --image oci:/path/to/layout:tag.")
    return ImagePayload(
        source=request.source,
        target=request.target,
        signed=request.signed or image.install.enforce_container_sigpolicy,
        stateroot=request.stateroot or replaced or image.install.stateroot or DEFAULT_STATEROOT,
    )


def _boot(draft: Draft, machine: MachineInfo, storage: StoragePlan) -> BootPlan:
    asked = machine.disk(draft.boot_disk).id if draft.boot_disk else ""
    disks = boot_disks(storage, machine, asked)
    if not disks:
        raise BadInput("The plan has no root file system.", "Add `part / --size=8192 --grow`, or use `autopart`.")
    return BootPlan(
        disks=disks, kargs=draft.kargs, leave_order=draft.leave_boot_order, timeout=draft.boot_timeout
    )  # fmt: skip
