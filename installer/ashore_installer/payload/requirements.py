"""Packages that a machine and its disks need beside those that were asked for. Names are Fedora's and its relatives'.

Anaconda adds the same: the boot loader's (modules/storage/bootloader), and what blivet says that devices and file
systems need to be opened and checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ashore_installer.errors import BadInput
from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.plan import Draft
from ashore_installer.storage.layout import layout
from ashore_installer.storage_plan import Format, StoragePlan

KERNEL = "kernel"
_EFI = {"amd64": ("grub2-efi-x64", "shim-x64"), "arm64": ("grub2-efi-aa64", "shim-aa64")}
_TOOLS = {
    Format.XFS: "xfsprogs",
    Format.BTRFS: "btrfs-progs",
    Format.EXT2: "e2fsprogs",
    Format.EXT3: "e2fsprogs",
    Format.EXT4: "e2fsprogs",
    Format.EFI: "dosfstools",
    Format.VFAT: "dosfstools",
}


def with_required(payload: PackagePayload, draft: Draft, machine: MachineInfo) -> PackagePayload:
    """`payload` with what is needed on `machine`, and for the disks and the language of `draft`.

    Packages come at the end of its packages. What is there already, or excluded by its name, is not added; a kernel by
    another name is one.
    """
    present = {*payload.packages, *payload.excludes}
    more = [name for name in dict.fromkeys(_required(payload, draft, machine)) if name not in present]
    return replace(payload, packages=(*payload.packages, *more), locale=draft.system.locale)


def _required(payload: PackagePayload, draft: Draft, machine: MachineInfo) -> Iterator[str]:
    if not any(name.startswith(KERNEL) for name in payload.packages):
        yield KERNEL
    yield "grub2-tools"
    if machine.firmware is Firmware.UEFI:
        yield from (*_EFI.get(machine.architecture, ()), "efibootmgr")
    else:
        yield "grub2-pc"
    storage = _planned(draft, machine)
    if storage:
        yield from storage_packages(storage)


def langpacks(locale: str) -> tuple[str, ...]:
    """What Fedora and its relatives may call the packages for a locale (`pt_BR.UTF-8`), the best one first."""
    country = locale.partition(".")[0].partition("@")[0]
    names = (country, country.partition("_")[0])
    return tuple(f"langpacks-{name}" for name in dict.fromkeys(names) if name not in ("", "C", "POSIX"))


def everywhere(architecture: str) -> tuple[str, ...]:
    """What any machine of an architecture and any plan for its disks can need: for media. Not all of it may be had."""
    return (
        *(KERNEL, "dracut", "grub2-tools", "grub2-pc", *_EFI.get(architecture, ()), "efibootmgr"),
        *("cryptsetup", "tpm2-tss", "lvm2", "mdadm", *sorted(set(_TOOLS.values())), "zram-generator"),
    )


def storage_packages(storage: StoragePlan) -> Iterator[str]:
    """What opens and checks the disks of a plan."""
    if storage.encrypted:
        yield "cryptsetup"
    if any(one.encryption.tpm2 for one in storage.encrypted):
        yield "tpm2-tss"
    if storage.volumes:
        yield "lvm2"
    if storage.arrays:
        yield "mdadm"
    formats = {one.format for one in storage.blocks()}
    yield from sorted({_TOOLS[one] for one in formats if one in _TOOLS})
    if storage.zram:
        yield "zram-generator"


def _planned(draft: Draft, machine: MachineInfo) -> StoragePlan | None:
    """The layout as far as it is known without the packages' sizes; what is wrong with it is said elsewhere."""
    if draft.storage is None:
        return None
    unknown = PackagesInfo(
        architecture=machine.architecture, unpacked_size=0, files=0, kernel="", kernel_size=0, initramfs_size=0,
        os_release={}, packages=(),
    )  # fmt: skip
    try:
        return layout(draft.storage, machine, unknown, boot_disk=draft.boot_disk)
    except BadInput:
        return None
