"""Whether what was installed can boot, as far as it can be seen without booting it."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ashore_installer.boot.choose import Loader, Origin
from ashore_installer.boot.efi import BOOT, GRUB, SHIM
from ashore_installer.boot.entries import BootEntry, read_entries
from ashore_installer.boot.esp import esp_members, esp_of
from ashore_installer.boot.install import boot_uuid
from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.boot.menu import ENTRIES, MENU_FILE
from ashore_installer.boot.signature import is_signed_by
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware

_SECTOR = 512
HINT = "This is a bug of the installer or of the image; the log has what was done."


class Unbootable(InstallerError):
    """The installed system would not boot."""


def prove_boot(context: Context, loader: Loader, disks: Sequence[str]) -> None:
    """Raise Unbootable with everything that is wrong; `disks` are the device nodes that the boot loader is on."""
    wrong = [*_entry_faults(context, loader), *_loader_faults(context, loader, disks)]
    if wrong:
        raise Unbootable("The installed system would not boot: " + " ".join(wrong), HINT)


def _entry_faults(context: Context, loader: Loader) -> Iterable[str]:
    entries = read_entries(context.target)
    if not entries:
        yield f"{ENTRIES} has no entry."
        return
    entry = entries[0]
    kargs = deployment_kargs(context.plan, context.machine, context.payload, context.uuids, context.own_uuids)
    if not _in_order(kargs, entry.options):
        yield f"Its kernel arguments are {' '.join(entry.options)}, and they should have {' '.join(kargs)}."
    if not any(option.startswith("ostree=") for option in entry.options):
        yield f"{entry.name} does not say which deployment boots (ostree=)."
    yield from _missing_kernel(context, entry)
    yield from _refused_kernel(context, entry, loader)


def _missing_kernel(context: Context, entry: BootEntry) -> Iterable[str]:
    """Kernel paths count from the root of the file system that has /boot, as GRUB sees them."""
    for path in (entry.linux, entry.initrd):
        file = _file(context, path)
        if not path or not file.is_file() or file.stat().st_size == 0:
            yield f"{entry.name} names the file {path or '(none)'}, which is not there."


def _refused_kernel(context: Context, entry: BootEntry, loader: Loader) -> Iterable[str]:
    """shim starts only what was signed for it; of other vendors' shims it is not known whom they trust besides."""
    kernel = _file(context, entry.linux)
    asked = context.machine.secure_boot and loader.origin is Origin.RUNTIME and kernel.is_file()
    if asked and not is_signed_by(kernel, loader.vendor):
        yield f"Secure Boot is on, and the kernel is not signed by {loader.vendor.capitalize()}."


def _file(context: Context, path: str) -> Path:
    separate = context.plan.storage.mount("/boot") is not None
    base = context.target / "boot" if separate else context.target
    return base / path.lstrip("/")


def _loader_faults(context: Context, loader: Loader, disks: Sequence[str]) -> Iterable[str]:
    if loader.firmware is Firmware.UEFI:
        yield from _efi_faults(context, loader)
        yield from firmware_faults(context)
    else:
        yield from _bios_faults(context, loader, disks)


def _efi_faults(context: Context, loader: Loader) -> Iterable[str]:
    """One directory of the ESP must be whole and lead here; those of other systems are not looked at for more."""
    esp = esp_of(context)
    yield from absent(esp, (BOOT,))
    vendors = [path.parent for path in sorted(esp.glob(f"EFI/*/{GRUB}")) if path.parent.name.upper() != "BOOT"]
    if not vendors:
        yield f"No directory of the ESP has {GRUB}."
    faults = [list(_vendor_faults(context, loader, vendor)) for vendor in vendors]
    if all(faults):
        yield from (fault for one in faults for fault in one)
    if loader.origin is not Origin.BOOTUPD:
        yield from absent(context.target / "boot/grub", (Path("grub.cfg"), Path(MENU_FILE)))


def _vendor_faults(context: Context, loader: Loader, vendor: Path) -> Iterable[str]:
    yield from absent(vendor, (Path(SHIM), Path("grub.cfg")))
    stub = vendor / "grub.cfg"
    if loader.origin is not Origin.BOOTUPD and stub.is_file() and boot_uuid(context) not in stub.read_text():
        yield f"{stub.relative_to(esp_of(context))} does not lead to /boot."


def firmware_faults(context: Context) -> Iterable[str]:
    """Firmware must see a FAT file system at the beginning of each partition that holds the ESP.

    Microsoft's FAT specification (fatgen103), section 3: the name of the kind is in the first sector, which ends with
    55 AA. Under RAID that is so with metadata 1.0 only.
    """
    for member in esp_members(context):
        sector = first_sector(member.node)
        if sector[-2:] != b"\x55\xaa" or b"FAT" not in sector[:96]:
            yield f"Firmware would see no EFI system partition on {member.node}."


def _bios_faults(context: Context, loader: Loader, disks: Sequence[str]) -> Iterable[str]:
    """GRUB's boot.img has its name in the first sector (grub-core/boot/i386/pc/boot.S), wherever it came from."""
    names = ("grub", "grub2") if loader.origin is Origin.BOOTUPD else ("grub",)
    if not any((context.target / "boot" / name / "grub.cfg").is_file() for name in names):
        yield f"/boot/{names[-1]}/grub.cfg is not there."
    for disk in disks:
        if b"GRUB" not in first_sector(disk):
            yield f"The first sector of {disk} is not GRUB's."


def first_sector(device: str) -> bytes:
    """As it is on the disk: what the cache has of an array's member is from before the array was written to."""
    direct = os.O_DIRECT if Path(device).is_block_device() else 0  # not every file system can do it
    file = os.open(device, os.O_RDONLY | os.O_CLOEXEC | direct)
    try:
        with mmap.mmap(-1, mmap.PAGESIZE) as page:  # aligned, as O_DIRECT wants it (open(2))
            os.preadv(file, [page], 0)
            return page[:_SECTOR]
    finally:
        os.close(file)


def absent(base: Path, names: Sequence[Path]) -> Iterable[str]:
    return (f"{name} is missing in {base.name}." for name in names if not (base / name).is_file())


def _in_order(wanted: Sequence[str], options: Sequence[str]) -> bool:
    """Whether all of `wanted` are in `options`, in their order."""
    left = iter(options)
    return all(karg in left for karg in wanted)
