"""Whether a system made of packages can boot, as far as it can be seen without booting it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ashore_installer.boot.choose import Loader
from ashore_installer.boot.efi import BOOT, GRUB, SHIM
from ashore_installer.boot.entries import BootEntry, parse_entry
from ashore_installer.boot.esp import esp_of
from ashore_installer.boot.grub2 import CONFIG, ENTRIES, MODULES
from ashore_installer.boot.install import boot_prefix, boot_uuid
from ashore_installer.boot.kargs import package_kargs
from ashore_installer.boot.prove import HINT, Unbootable, absent, firmware_faults, first_sector
from ashore_installer.configure.files import read
from ashore_installer.context import Context
from ashore_installer.machine import Firmware
from ashore_installer.payload.initramfs import abilities, look_into
from ashore_installer.storage.check_mounts import early_needs
from ashore_installer.units import MiB

_RESCUE = "-rescue"


def prove_package_boot(context: Context, loader: Loader, disks: Sequence[str]) -> None:
    """Raise Unbootable with everything that is wrong; `disks` are the device nodes that the boot loader is on."""
    wrong = [*_entry_faults(context), *_loader_faults(context, loader, disks)]
    if wrong:
        raise Unbootable("The installed system would not boot: " + " ".join(wrong), HINT)


def _entries(context: Context) -> list[BootEntry]:
    """Those of the new system, which begin with its machine-id; a /boot that was kept may have others."""
    files = sorted((context.root() / ENTRIES.lstrip("/")).glob("*.conf"))
    entries = [parse_entry(file.name, file.read_text()) for file in files]
    machine_id = read(context.root(), "/etc/machine-id").strip()
    return [entry for entry in entries if machine_id and entry.name.startswith(machine_id)] or entries


def _entry_faults(context: Context) -> Iterator[str]:
    entries = _entries(context)
    if not entries:
        yield f"{ENTRIES} has no entry."
    for entry in entries:
        yield from _argument_faults(context, entry)
        for path in (entry.linux, entry.initrd):
            if not _has(context, path):
                yield f"{entry.name} names the file {path or '(none)'}, which is not there."
        if _RESCUE not in entry.name and _has(context, entry.initrd):
            yield from _initramfs_faults(context, entry)


def _argument_faults(context: Context, entry: BootEntry) -> Iterator[str]:
    """In any order: grub2-mkconfig has its own."""
    kargs = package_kargs(context.plan, context.machine, context.uuids, context.own_uuids)
    missing = [karg for karg in kargs if karg not in entry.options]
    roots = [option for option in entry.options if option.startswith("root=") and option not in kargs]
    if missing:
        yield f"{entry.name} lacks the kernel arguments {' '.join(missing)}."
    if roots:
        yield f"{entry.name} has another root, {roots[0]}."


def _has(context: Context, path: str) -> bool:
    file = _file(context, path)
    return file is not None and file.is_file() and file.stat().st_size > 0


def _file(context: Context, path: str) -> Path | None:
    """Where a path of an entry is: it counts from the root of the file system that has /boot, as GRUB sees it."""
    prefix = boot_prefix(context.plan.storage)
    if not path.startswith(f"{prefix}/"):
        return None
    return context.root() / "boot" / path.removeprefix(prefix).lstrip("/")


def _initramfs_faults(context: Context, entry: BootEntry) -> Iterator[str]:
    file = _file(context, entry.initrd)
    if file is None:
        return
    version = Path(entry.linux).name.partition("-")[2]
    built_in = context.root() / MODULES.lstrip("/") / version / "modules.builtin"
    found = look_into(_pieces(file))
    if found is None:
        context.warn(f"The initramfs of {version} can't be read here, so it is not known whether it finds the disks.")
        return
    can = abilities(found, built_in.read_text() if built_in.is_file() else "")
    for word, what in sorted(early_needs(context.plan.storage, context.machine).items()):
        if word not in can:
            yield f"The initramfs of {version} can't {what}, and the root file system needs that."


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(MiB):
            yield piece


def _loader_faults(context: Context, loader: Loader, disks: Sequence[str]) -> Iterable[str]:
    if not (context.root() / CONFIG.lstrip("/")).is_file():
        yield f"{CONFIG} is not there."
    if loader.firmware is Firmware.UEFI:
        yield from _efi_faults(context)
        yield from firmware_faults(context)
        return
    for disk in disks:
        if b"GRUB" not in first_sector(disk):
            yield f"The first sector of {disk} is not GRUB's."


def _efi_faults(context: Context) -> Iterator[str]:
    """One vendor's directory must be whole and lead here; those of other systems are not looked at for more."""
    esp = esp_of(context)
    yield from absent(esp, (BOOT,))
    vendors = [path.parent for path in sorted(esp.glob(f"EFI/*/{GRUB}")) if path.parent.name.upper() != "BOOT"]
    if not vendors:
        yield f"No directory of the ESP has {GRUB}."
    faults = [[*absent(vendor, (Path(SHIM), Path("grub.cfg"))), *_stub_faults(context, vendor)] for vendor in vendors]
    if all(faults):
        yield from (fault for one in faults for fault in one)


def _stub_faults(context: Context, vendor: Path) -> Iterator[str]:
    stub = vendor / "grub.cfg"
    if stub.is_file() and boot_uuid(context) not in stub.read_text():
        yield f"{stub.relative_to(esp_of(context))} does not lead to /boot."
