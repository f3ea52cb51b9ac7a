"""The image's own bootupd: as bootc calls it (lib/src/bootloader.rs), and on the disks that it does not see to.

It runs in the deployment, with /boot and the physical root at /sysroot, takes one disk, and refuses a second call on
the same system. What it does on a disk for BIOS is one call of the image's GRUB, which is repeated for the others; on
UEFI the ESP is one file system for all disks. The entry that it makes in the firmware is for one disk, and always the
first to be tried: where that is not what is wanted, the entries are ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.boot.choose import Loader
from ashore_installer.boot.efi import SHIM
from ashore_installer.boot.esp import esp_members, esp_of
from ashore_installer.boot.firmware import entry_label, make_entries
from ashore_installer.chroot import Chroot, enter
from ashore_installer.context import Context
from ashore_installer.machine import Firmware
from ashore_installer.run import CommandFailed

STATE = "boot/bootupd-state.json"
"""What bootupd remembers of itself; that of a system that was in this /boot before would stop it."""
CUSTOM = "boot/grub2/custom.cfg"
"""What bootupd's own menu reads after it has set its time (bootupd, src/grub2/configs.d/41_custom.cfg)."""
_INSTALL = ("bootupctl", "backend", "install", "--auto", "--write-uuid")
_MODULES = "mdraid1x part_gpt"
"""What bootupd gives to grub2-install (bootupd, src/bios.rs)."""


def install_bootupd(context: Context, loader: Loader, disks: Sequence[str]) -> None:
    """Install by the image's bootupd on the disks with these device nodes. Raises CommandFailed."""
    where = ("--device", disks[0], "/")
    (context.target / STATE).unlink(missing_ok=True)
    with enter(context) as chroot:
        if loader.firmware is Firmware.BIOS:
            chroot.run((*_INSTALL, *where))
            _other_disks(chroot, disks[1:])
        elif context.plan.boot.leave_order or len(esp_members(context)) > 1:
            chroot.run((*_INSTALL, *where))
            _own_entries(context)
        else:
            _with_entry(context, chroot, where)
    _set_timeout(context)


def _set_timeout(context: Context) -> None:
    """Let the menu wait as long as the plan says."""
    timeout = context.plan.boot.timeout
    if timeout is not None:
        custom = context.target / CUSTOM
        before = custom.read_text() if custom.exists() else ""
        custom.parent.mkdir(parents=True, exist_ok=True)
        custom.write_text(f"{before}set timeout={timeout}\n")


def _with_entry(context: Context, chroot: Chroot, where: Sequence[str]) -> None:
    try:
        chroot.run((*_INSTALL, "--update-firmware", *where))
    except CommandFailed as error:
        context.warn(f"bootupd could not make a boot entry in the firmware. {error.stderr.strip()}")
        chroot.run((*_INSTALL, *where))


def _own_entries(context: Context) -> None:
    """For the program that bootupd has put onto the ESP."""
    found = sorted(esp_of(context).glob(f"EFI/*/{SHIM}"), key=lambda path: path.stat().st_mtime)
    shims = [path for path in found if path.parent.name.upper() != "BOOT"]
    if not shims:
        context.warn("bootupd put no shim onto the ESP; the machine will start from the disk's fallback path.")
        return
    loader = f"\\EFI\\{shims[-1].parent.name}\\{SHIM}"
    label, leave_order = entry_label(context.payload), context.plan.boot.leave_order
    try:
        make_entries(context.run, esp_members(context), loader, label, leave_order=leave_order)
    except CommandFailed as error:
        context.warn(f"The firmware did not take a boot entry. {error.stderr.strip() or error.message}")


def _other_disks(chroot: Chroot, disks: Sequence[str]) -> None:
    for disk in disks:
        grub = ("grub2-install", "--target", "i386-pc", "--boot-directory", "/boot", "--modules", _MODULES)
        chroot.run((*grub, disk))
