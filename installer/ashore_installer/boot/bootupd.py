"""The image's own bootupd: as bootc calls it (lib/src/bootloader.rs), and on the disks that it does not see to.

It runs in the deployment, with /boot and the physical root at /sysroot, takes one disk, and refuses a second call on
the same system. What it does on a disk for BIOS is one call of the image's GRUB, which is repeated for the others; on
UEFI the ESP is one file system for all disks, and only the firmware's entries are missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.boot.choose import Loader
from ashore_installer.chroot import Chroot, enter
from ashore_installer.context import Context
from ashore_installer.machine import Firmware
from ashore_installer.run import CommandFailed

STATE = "boot/bootupd-state.json"
"""What bootupd remembers of itself; that of a system that was in this /boot before would stop it."""
_MODULES = "mdraid1x part_gpt"
"""What bootupd gives to grub2-install (bootupd, src/bios.rs)."""


def install_bootupd(context: Context, loader: Loader, disks: Sequence[str]) -> None:
    """Install by the image's bootupd on the disks with these device nodes. Raises CommandFailed."""
    install = ("bootupctl", "backend", "install", "--auto", "--write-uuid")
    where = ("--device", disks[0], "/")
    (context.target / STATE).unlink(missing_ok=True)
    with enter(context) as chroot:
        if loader.firmware is Firmware.BIOS:
            chroot.run((*install, *where))
            _other_disks(chroot, disks[1:])
            return
        try:
            chroot.run((*install, "--update-firmware", *where))
        except CommandFailed as error:
            context.warn(f"bootupd could not make a boot entry in the firmware. {error.stderr.strip()}")
            chroot.run((*install, *where))


def _other_disks(chroot: Chroot, disks: Sequence[str]) -> None:
    for disk in disks:
        grub = ("grub2-install", "--target", "i386-pc", "--boot-directory", "/boot", "--modules", _MODULES)
        chroot.run((*grub, disk))
