"""Putting a boot loader on the disk. The file systems of the target are mounted, its boot entries are written."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from ashore_installer.boot.bootupd import install_bootupd
from ashore_installer.boot.choose import Loader, Origin
from ashore_installer.boot.efi import EfiPrograms, find_programs, install_programs
from ashore_installer.boot.esp import esp_members, esp_of
from ashore_installer.boot.firmware import entry_label, make_entries
from ashore_installer.boot.menu import MENU_FILE, bios_cfg, efi_stub, script_cfg, script_menu
from ashore_installer.boot.shared import may_take_fallback
from ashore_installer.boot.stack import below
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware
from ashore_installer.run import CommandFailed
from ashore_installer.storage_plan import MountPlan, StoragePlan

BIOS_MODULES = Path("usr/lib/grub/i386-pc")
NEEDED_MODULE = "blsuki.mod"
"""GRUB's reader of boot loader specification entries, since GRUB 2.14."""
BIOS_PRELOADED = ("part_gpt", "part_msdos")
"""What core.img needs to find /boot. grub-install adds the file system's module, and these only if the device of /boot
is a partition for the running kernel too, which that on a loop device need not be."""


def require_loader(loader: Loader, runtime: Path) -> None:
    """Refuse early, before the first write, when the runtime at `runtime` lacks what `loader` needs.

    What an image brings can only be looked at when it is deployed. Raises InstallerError.
    """
    if loader.origin is not Origin.RUNTIME:
        return
    if loader.firmware is Firmware.UEFI:
        find_programs(runtime, "the live system")
    elif not (runtime / BIOS_MODULES / NEEDED_MODULE).is_file() or shutil.which("grub-install") is None:
        raise InstallerError("The live system has no GRUB for BIOS.", "Build the medium again with grub-pc-bin ≥ 2.14.")


def install_loader(context: Context, loader: Loader, disks: Sequence[str], runtime: Path) -> None:
    """Install the `loader` of image mode on the disks with these device nodes, of which the first boots first.

    Raises InstallerError.
    """
    if loader.origin is Origin.BOOTUPD:
        install_bootupd(context, loader, disks)
    elif loader.firmware is Firmware.UEFI:
        _install_efi(context, loader_programs(context, loader, runtime))
    else:
        _install_bios(context, disks)


def loader_programs(context: Context, loader: Loader, runtime: Path) -> EfiPrograms:
    """The EFI programs of the image, when it is deployed, or of the runtime. Raises InstallerError."""
    if loader.origin is Origin.IMAGE:
        return find_programs(context.root(), "the image")
    return find_programs(runtime, "the live system")


def boot_prefix(storage: StoragePlan) -> str:
    """What stands before the name of a file in /boot, as GRUB sees it: nothing on a file system of its own."""
    return boot_top(storage) + ("" if storage.mount("/boot") else "/boot")


def boot_uuid(context: Context) -> str:
    """UUID of the file system that has /boot."""
    return context.uuid(_boot_mount(context.plan.storage).device)


def boot_top(storage: StoragePlan) -> str:
    """What stands before the path of everything in /boot, as GRUB sees it: the subvolume, or nothing."""
    device = _boot_mount(storage).device
    return next((f"/{one.path}" for one in storage.subvolumes if one.id == device), "")


def _boot_mount(storage: StoragePlan) -> MountPlan:
    mount = storage.mount("/boot") or storage.mount("/")
    if mount is None:
        raise InstallerError("The plan has no root file system.", "Add one, or use the automatic layout.")
    return mount


def stack_modules(storage: StoragePlan) -> tuple[str, ...]:
    """GRUB's modules for what /boot lies on, for core.img.

    grub-install finds those for arrays and volumes too, but only while nothing is amiss.
    """
    lower = set(below(storage, _boot_mount(storage).device))
    arrays = any(array.id in lower for array in storage.arrays)
    volumes = any(volume.id in lower for volume in storage.volumes)
    return (*BIOS_PRELOADED, *(("mdraid1x",) if arrays else ()), *(("lvm",) if volumes else ()))


def _install_bios(context: Context, disks: Sequence[str]) -> None:
    boot, top = context.target / "boot", boot_top(context.plan.storage)
    modules = " ".join(stack_modules(context.plan.storage))
    install = ("grub-install", "--target=i386-pc", f"--boot-directory={boot}", f"--modules={modules}")
    for disk in disks:
        context.run.run((*install, disk))
    timeout = context.plan.boot.timeout
    (boot / "grub" / "grub.cfg").write_text(bios_cfg(boot_uuid(context), context.machine.consoles, top, timeout))
    if top:
        (boot / "grub" / MENU_FILE).write_text(script_menu(timeout))


def _install_efi(context: Context, programs: EfiPrograms) -> None:
    uuid, label, top = boot_uuid(context), entry_label(context.payload), boot_top(context.plan.storage)
    grub, esp = context.target / "boot" / "grub", esp_of(context)
    grub.mkdir(parents=True, exist_ok=True)
    (grub / "grub.cfg").write_text(script_cfg(uuid, top))
    (grub / MENU_FILE).write_text(script_menu(context.plan.boot.timeout))
    fallback = may_take_fallback(esp, programs.shim, programs.directory)
    install_programs(programs, esp, label, efi_stub(uuid, top), fallback=fallback)
    tell_firmware(context, programs, fallback=fallback)


def tell_firmware(context: Context, programs: EfiPrograms, *, fallback: bool) -> None:
    """Make boot entries. When the firmware takes none, the fallback path boots and makes the entry itself."""
    label, leave_order = entry_label(context.payload), context.plan.boot.leave_order
    try:
        make_entries(context.run, esp_members(context), programs.loader, label, leave_order=leave_order)
    except CommandFailed as error:
        way = (
            "the machine will start from the disk's fallback path (EFI/BOOT/BOOTX64.EFI)."
            if fallback
            else f"choose the file {programs.loader} in the firmware's own menu to start the new system."
        )
        reason = error.stderr.strip() or error.message
        context.warn(f"The firmware did not take a boot entry; {way} {reason}")
