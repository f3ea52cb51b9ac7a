"""The distribution's own GRUB, from its packages: as Fedora and its relatives lay it out.

The kernel's package calls kernel-install(8), whose plugins put the kernel into /boot, make the initramfs, and write a
boot loader specification entry with the arguments that /etc/kernel/cmdline has. GRUB's `blscfg` reads the entries; its
/boot/grub2/grub.cfg is made by grub2-mkconfig, which takes its settings from /etc/default/grub. On a BIOS machine
grub2-install puts GRUB before the first partition; for UEFI the packages shim and grub2-efi have signed programs in
EFI/<vendor> of the ESP, which read the grub.cfg beside them, and that leads to the one in /boot.

Sources: grub2.spec and 20-grub.install of Fedora's grub2; Anaconda, modules/storage/bootloader/grub2.py and efi.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ashore_installer.boot.choose import Loader
from ashore_installer.boot.efi import BOOT, GRUB, SHIM, EfiPrograms, find_programs, install_programs
from ashore_installer.boot.esp import esp_of
from ashore_installer.boot.firmware import entry_label
from ashore_installer.boot.install import boot_prefix, boot_uuid, stack_modules, tell_firmware
from ashore_installer.boot.kargs import name_of, package_kargs
from ashore_installer.boot.menu import TIMEOUT, serial_command
from ashore_installer.boot.shared import may_take_fallback
from ashore_installer.chroot import Chroot, enter
from ashore_installer.configure.files import read, write
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware

DEFAULTS = "/etc/default/grub"
CMDLINE = "/etc/kernel/cmdline"
"""The arguments that kernel-install's plugins write into every boot entry (kernel-install(8))."""
KERNEL_DEFAULTS = "/etc/sysconfig/kernel"
CONFIG = "/boot/grub2/grub.cfg"
ENTRIES = "/boot/loader/entries"
MODULES = "/usr/lib/modules"

_GIVEN = ("root", "ro", "rw")
"""What grub2-mkconfig says by itself."""


def write_settings(context: Context) -> None:
    """Write what kernel-install and grub2-mkconfig read. Raises InstallerError when a UUID is missing.

    /etc/kernel/cmdline is written last: when it is the older of the two, 20-grub.install takes it for outdated.
    """
    kargs = package_kargs(context.plan, context.machine, context.uuids, context.own_uuids)
    write(context.root(), DEFAULTS, default_grub(kargs, context.machine.consoles, context.plan.boot.timeout))
    write(context.root(), KERNEL_DEFAULTS, "UPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel-core\n")
    write(context.root(), CMDLINE, " ".join(kargs) + "\n")


def default_grub(kargs: Sequence[str], consoles: tuple[str, ...], timeout: int | None) -> str:
    """/etc/default/grub, which is read by a shell; `kargs` are safe for GRUB and so have none of its characters."""
    words = " ".join(karg for karg in kargs if name_of(karg) not in _GIVEN).replace('"', '\\"')
    return "".join(f"{line}\n" for line in _settings(words, serial_command(consoles), timeout))


def _settings(words: str, serial: str, timeout: int | None) -> Iterator[str]:
    yield f"GRUB_TIMEOUT={TIMEOUT if timeout is None else timeout}"
    yield 'GRUB_DISTRIBUTOR="$(. /etc/os-release && echo "$NAME")"'
    yield "GRUB_DEFAULT=saved"
    yield "GRUB_DISABLE_SUBMENU=true"
    yield from (
        ('GRUB_TERMINAL="serial console"', f'GRUB_SERIAL_COMMAND="{serial}"')
        if serial
        else ('GRUB_TERMINAL_OUTPUT="console"',)
    )
    yield f'GRUB_CMDLINE_LINUX="{words}"'
    yield 'GRUB_DISABLE_RECOVERY="true"'
    yield "GRUB_ENABLE_BLSCFG=true"


def install_grub2(context: Context, loader: Loader, disks: Sequence[str]) -> None:
    """Make the disks with these device nodes start the new system by its own GRUB. Raises InstallerError."""
    _require_programs(context.root(), loader)
    write_settings(context)
    programs = _on_esp(context) if loader.firmware is Firmware.UEFI else None
    with enter(context) as chroot:
        _complete_entries(context, chroot)
        if programs is None:
            modules = " ".join(stack_modules(context.plan.storage))
            for disk in disks:
                words = ("--target=i386-pc", "--boot-directory=/boot", "--no-floppy", f"--modules={modules}")
                chroot.run(("grub2-install", *words, disk))
        chroot.run(("grub2-mkconfig", "-o", CONFIG))
    # grub2-mkconfig may have written into it, and it must not be older than what that has read.
    write(context.root(), CMDLINE, read(context.root(), CMDLINE))
    if programs:
        fallback = esp_of(context) / BOOT
        tell_firmware(context, programs, fallback=_is_ours(fallback, programs.shim))


def kernels(root: Path) -> tuple[str, ...]:
    """Versions of the kernels of the system at `root`."""
    return tuple(sorted(path.parent.name for path in (root / MODULES.lstrip("/")).glob("*/vmlinuz")))


def _complete_entries(context: Context, chroot: Chroot) -> None:
    """Do for kernels without a boot entry or an initramfs what their packages' scriptlets should have done."""
    boot = context.root() / "boot"
    for version in kernels(context.root()):
        entry = next((context.root() / ENTRIES.lstrip("/")).glob(f"*-{version}.conf"), None)
        if entry is None or not (boot / f"initramfs-{version}.img").is_file():
            context.note(f"The kernel {version} gets its boot entry and its initramfs.")
            chroot.run(("kernel-install", "add", version, f"{MODULES}/{version}/vmlinuz"))


def _on_esp(context: Context) -> EfiPrograms:
    """The signed programs, once they and what leads from them to /boot are on the ESP."""
    esp, programs = esp_of(context), find_programs(context.root(), "the installed packages")
    stub = efi_stub(boot_uuid(context), boot_prefix(context.plan.storage))
    own = esp / programs.directory
    if not ((own / SHIM).is_file() and (own / GRUB).is_file()):
        # Since Fedora 43 they are packaged below /usr/lib/efi, and somebody has to bring them here.
        fallback = may_take_fallback(esp, programs.shim, programs.directory)
        install_programs(programs, esp, entry_label(context.payload), stub, fallback=fallback)
    (own / "grub.cfg").write_text(stub)
    if not (esp / BOOT).is_file():
        (esp / BOOT).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own / SHIM, esp / BOOT)
        shutil.copyfile(own / GRUB, (esp / BOOT).with_name(GRUB))
    return programs


def efi_stub(uuid: str, prefix: str) -> str:
    """EFI/<vendor>/grub.cfg on the ESP: go on in /boot, which is `prefix` on the file system with this UUID."""
    search = f"search --no-floppy --fs-uuid --set=root {uuid}\n"
    return f"{search}set prefix=($root){prefix}/grub2\nexport prefix\nconfigfile $prefix/grub.cfg\n"


def _is_ours(fallback: Path, shim: Path) -> bool:
    return fallback.is_file() and fallback.read_bytes() == shim.read_bytes()


def _require_programs(root: Path, loader: Loader) -> None:
    wanted = ("grub2-mkconfig", *(("grub2-install",) if loader.firmware is Firmware.BIOS else ()))
    for name in wanted:
        if not any((root / place / name).exists() for place in ("usr/sbin", "usr/bin")):
            message = f"The installed packages have no {name}."
            raise InstallerError(message, "Add the packages of GRUB for this machine's firmware.")
