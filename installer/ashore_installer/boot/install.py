"""Putting a boot loader on the disk. The file systems of the target are mounted, its boot entries are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ashore_installer.boot.choose import Loader, Origin
from ashore_installer.boot.efi import EfiPrograms, find_programs, install_programs
from ashore_installer.boot.menu import MENU_FILE, bios_cfg, efi_cfg, efi_menu, efi_stub
from ashore_installer.chroot import enter
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware
from ashore_installer.run import CommandFailed
from ashore_installer.storage_plan import Format, StoragePlan

BIOS_MODULES = Path("usr/lib/grub/i386-pc")
NEEDED_MODULE = "blsuki.mod"
"""GRUB's reader of boot loader specification entries, since GRUB 2.14."""
BIOS_PRELOADED = "part_gpt part_msdos"
"""What core.img needs to find /boot. grub-install adds the file system's module, and these only if the device of /boot
is a partition for the running kernel too, which that on a loop device need not be."""
LABEL_LENGTH = 40
"""Characters of a boot entry's name in the firmware."""


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


def install_loader(context: Context, loader: Loader, disk: str, runtime: Path) -> None:
    """Install `loader` on the disk with the device node `disk`. Raises InstallerError."""
    if loader.origin is Origin.BOOTUPD:
        _install_bootupd(context, loader, disk)
    elif loader.firmware is Firmware.UEFI:
        tree, whose = (context.root(), "the image") if loader.origin is Origin.IMAGE else (runtime, "the live system")
        _install_efi(context, find_programs(tree, whose), disk)
    else:
        _install_bios(context, disk)


def boot_uuid(context: Context) -> str:
    """UUID of the file system that has /boot."""
    storage = context.plan.storage
    mount = storage.mount("/boot") or storage.mount("/")
    if mount is None:
        raise InstallerError("The plan has no root file system.", "Add one, or use the automatic layout.")
    return context.uuid(mount.device)


def esp_of(context: Context) -> Path:
    """Where the ESP is mounted while the system is installed."""
    return context.target / esp_mount(context.plan.storage).lstrip("/")


def esp_mount(storage: StoragePlan) -> str:
    """Where the ESP is mounted in the installed system."""
    for mount in storage.mounts:
        if storage.partition(mount.device).format is Format.EFI:
            return mount.path
    raise InstallerError("The plan has no EFI system partition.", "Add one, or use the automatic layout.")


def _install_bios(context: Context, disk: str) -> None:
    boot = context.target / "boot"
    install = ("grub-install", "--target=i386-pc", f"--boot-directory={boot}", f"--modules={BIOS_PRELOADED}")
    context.run.run((*install, disk))
    (boot / "grub" / "grub.cfg").write_text(bios_cfg(boot_uuid(context), context.machine.consoles))


def _install_efi(context: Context, programs: EfiPrograms, disk: str) -> None:
    uuid, label = boot_uuid(context), _label(context)
    grub = context.target / "boot" / "grub"
    grub.mkdir(parents=True, exist_ok=True)
    (grub / "grub.cfg").write_text(efi_cfg(uuid))
    (grub / MENU_FILE).write_text(efi_menu())
    install_programs(programs, esp_of(context), label, efi_stub(uuid))
    _make_boot_entry(context, programs, disk, label)


def _make_boot_entry(context: Context, programs: EfiPrograms, disk: str, label: str) -> None:
    """Tell the firmware. When it can't be told, the fallback path boots and makes the entry itself."""
    part = _partition_number(context)
    entry = ("--disk", disk, "--part", part, "--label", label, "--loader", programs.loader)
    try:
        context.run.run(("efibootmgr", "--create", *entry))
    except CommandFailed as error:
        context.warn(
            "The firmware did not take a boot entry; the machine will start from the disk's fallback path "
            f"(EFI/BOOT/BOOTX64.EFI). {error.stderr.strip() or error.message}"
        )


def _partition_number(context: Context) -> str:
    """From the kernel's name of the ESP: `/dev/vda1`, `/dev/nvme0n1p1`, `/dev/mapper/mpatha-part1`."""
    mount = context.plan.storage.mount(esp_mount(context.plan.storage))
    node = context.devices.get(mount.device, "") if mount else ""
    match = re.search(r"(\d+)$", node)
    if not match:
        raise InstallerError("The EFI system partition has no device.", "See the log for what happened to it.")
    return match[1]


def _label(context: Context) -> str:
    """What the firmware's menu calls the system: printable ASCII, as firmware shows little else."""
    name = context.image.os_release.get("NAME") or context.image.name
    return re.sub(r"[^ -~]", "", name).strip()[:LABEL_LENGTH] or "Linux"


def _install_bootupd(context: Context, loader: Loader, disk: str) -> None:
    """As bootc does it (lib/src/bootloader.rs): in the deployment, with /boot and the physical root at /sysroot."""
    install = ("bootupctl", "backend", "install", "--auto", "--write-uuid")
    where = ("--device", disk, "/")
    with enter(context) as chroot:
        if loader.firmware is Firmware.BIOS:
            chroot.run((*install, *where))
            return
        try:
            chroot.run((*install, "--update-firmware", *where))
        except CommandFailed as error:
            context.warn(f"bootupd could not make a boot entry in the firmware. {error.stderr.strip()}")
            chroot.run((*install, *where))
