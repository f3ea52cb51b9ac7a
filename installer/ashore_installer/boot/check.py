"""Why a system would not boot, as far as it can be known before the first write."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ashore_installer.boot.choose import Loader, Origin, choose_loader
from ashore_installer.boot.install import boot_top
from ashore_installer.boot.kargs import OURS, is_safe, mount_options, name_of
from ashore_installer.boot.stack import stack_kargs
from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import InstallPlan, Problem
from ashore_installer.storage_plan import StoragePlan

CMDLINE_LIMIT = 2048 - 256
"""COMMAND_LINE_SIZE of x86 (arch/x86/include/asm/setup.h), less what GRUB, libostree and we add."""

_TITLE_HAZARDS = re.compile(r"[$;&|<>{}'\"\\`\x00-\x1f\x7f]")


def check_boot(plan: InstallPlan, machine: MachineInfo, image: PayloadInfo) -> tuple[Problem, ...]:
    """Why the result of `plan` would not boot on `machine`; empty when it would."""
    loader = choose_loader(machine, image)
    if loader.origin is Origin.PACKAGES:
        return (*_kargs(plan), *_root_options(plan), *_names(plan, machine), *_length(plan, image))
    return (
        *_kargs(plan),
        *_root_options(plan),
        *_names(plan, machine),
        *_image_kargs(image),
        *_length(plan, image),
        *_loader(loader, plan, machine, image),
    )


def _kargs(plan: InstallPlan) -> Iterable[Problem]:
    for karg in plan.boot.kargs:
        if not is_safe(karg):
            message = f"The kernel argument {karg!r} has characters that boot loaders take for their own."
            hint = "Leave out $ ; & | < > { } ' \\ and blanks that are not between double quotes."
            yield Problem(field="kargs", message=message, hint=hint)
        elif name_of(karg) in OURS:
            message = f"The kernel argument {karg!r} says where the system is, which the installer has to say."
            yield Problem(field="kargs", message=message, hint="Leave it out.")


def _root_options(plan: InstallPlan) -> Iterable[Problem]:
    """They become an argument of the kernel."""
    root = plan.storage.mount("/")
    options = mount_options(root, plan.storage) if root else ""
    if not is_safe(f"rootflags={options}"):
        message = f"The mount options of the root, {options!r}, have characters that boot loaders take for their own."
        yield Problem(field="storage.mounts", message=message, hint="Separate options by commas only.")


def _names(plan: InstallPlan, machine: MachineInfo) -> Iterable[Problem]:
    """Names of what the root lies on become arguments of the kernel too."""
    made = dict.fromkeys(_everything(plan.storage), "0")
    for karg in stack_kargs(plan.storage, machine.memory, made, made):
        if not is_safe(karg):
            message = f"A name in {karg!r}, which the kernel has to be told, has characters that boot loaders change."
            yield Problem(field="storage", message=message, hint="Use letters, digits, dots, dashes and underscores.")


def _everything(storage: StoragePlan) -> Iterable[str]:
    yield from (block.id for block in storage.blocks())
    yield from (volume.id for volume in storage.btrfs)
    yield from (subvolume.id for subvolume in storage.subvolumes)


def _image_kargs(image: PayloadInfo) -> Iterable[Problem]:
    for karg in (*image.install.kargs, *image.kargs):
        if not is_safe(karg) or name_of(karg) in OURS:
            message = f"The image asks for the kernel argument {karg!r}, which boot loaders would not hand on as it is."
            hint = "Change it in the image's /usr/lib/bootc/kargs.d or /usr/lib/bootc/install."
            yield Problem(field="payload.source", message=message, hint=hint)


def _length(plan: InstallPlan, image: PayloadInfo) -> Iterable[Problem]:
    size = sum(len(karg.encode()) + 1 for karg in (*image.install.kargs, *image.kargs, *plan.boot.kargs))
    if size > CMDLINE_LIMIT:
        message = f"The kernel arguments are {size} bytes long; the kernel takes {CMDLINE_LIMIT}."
        yield Problem(field="kargs", message=message, hint="Give fewer of them.")


def _loader(loader: Loader, plan: InstallPlan, machine: MachineInfo, image: PayloadInfo) -> Iterable[Problem]:
    if loader.origin is Origin.BOOTUPD:
        if boot_top(plan.storage):
            message = "The image's own boot loader can't find /boot in a btrfs subvolume."
            yield Problem(field="storage.mounts", message=message, hint="Give /boot a file system of its own.")
        return
    if machine.architecture != "amd64":
        message = f"The image brings no boot loader of its own, and there is none here for {machine.architecture}."
        yield Problem(field="payload.source", message=message, hint="Take an image with bootupd.")
    if loader.firmware is Firmware.UEFI and _TITLE_HAZARDS.search(image.name):
        message = f"The image's name, {image.name!r}, has characters that GRUB's boot menu takes for its own."
        yield Problem(field="payload.source", message=message, hint="Change PRETTY_NAME in the image's os-release.")
    if machine.secure_boot and loader.origin is Origin.RUNTIME and not _has_kernels_of(image, loader.vendor):
        message = (
            f"Secure Boot is on, and the image has no signed boot loader of its own: that of this medium starts only "
            f"kernels that {loader.vendor.capitalize()} signed, and not those of {image.name}."
        )
        hint = "Turn Secure Boot off in the firmware, or take an image with bootupd or a signed shim."
        yield Problem(field="payload.source", message=message, hint=hint)


def _has_kernels_of(image: PayloadInfo, vendor: str) -> bool:
    """Whether an image's kernel comes from a vendor, by os-release(5): what is like Debian has Debian's signed kernels.

    Ubuntu, and what is like it, says to be like Debian too but signs its own. `prove_boot` looks at the kernel itself.
    """
    family = {image.os_release.get("ID", ""), *image.os_release.get("ID_LIKE", "").split()}
    return vendor in family and "ubuntu" not in family
