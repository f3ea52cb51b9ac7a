"""Signed EFI programs: where an image or the runtime keeps them, and where firmware looks for them.

The chain is firmware -> shim -> GRUB -> kernel, each signed for the one before. Firmware starts shim by a boot entry
(EFI/<vendor>/shimx64.efi) or, without one, from the fallback path (EFI/BOOT/BOOTX64.EFI), where shim starts fbx64.efi,
which makes boot entries from the BOOTX64.CSV files it finds (rhboot/shim, README.fallback).
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import InstallerError

SHIM, GRUB, FALLBACK, MOK = "shimx64.efi", "grubx64.efi", "fbx64.efi", "mmx64.efi"
CSV = "BOOTX64.CSV"
BOOT = Path("EFI/BOOT/BOOTX64.EFI")

# Fedora since 43, bootupd's payload, Fedora before, a plain /boot, and Debian's and Ubuntu's packages.
_PLACES = (
    "usr/lib/efi/*/*/EFI/*/{name}",
    "usr/lib/bootupd/updates/EFI/*/{name}",
    "usr/lib/ostree-boot/efi/EFI/*/{name}",
    "boot/efi/EFI/*/{name}",
    "usr/lib/shim/{name}.signed",
    "usr/lib/grub/x86_64-efi-signed/{name}.signed",
)
_NO_VENDORS = ("BOOT", "LINUX")
"""Directories of all systems: the fallback path, and unified kernel images, which GRUB's `blsuki` looks for."""
_PREFIX = re.compile(rb"/EFI/([A-Za-z0-9][A-Za-z0-9._-]*)\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class EfiPrograms:
    """`vendor` is the directory in which this GRUB looks for its configuration; it is built into the program."""

    vendor: str
    shim: Path
    grub: Path
    fallback: Path | None = None
    mok: Path | None = None

    @property
    def directory(self) -> Path:
        """The vendor's directory, from the root of the ESP."""
        return Path("EFI") / self.vendor

    @property
    def loader(self) -> str:
        """What a firmware boot entry starts, in the firmware's spelling."""
        return f"\\EFI\\{self.vendor}\\{SHIM}"


def find_programs(root: Path, whose: str) -> EfiPrograms:
    """The signed programs in a system's tree. Raises InstallerError that names what `whose` (people's word) lacks."""
    shim, grub = _find(root, SHIM), _find(root, GRUB)
    if shim is None or grub is None:
        lacking = SHIM if shim is None else GRUB
        raise InstallerError(f"There is no signed {lacking} in {whose}.", "Take an image with bootupd.")
    vendor = grub_vendor(grub.read_bytes()) or _directory_vendor(grub)
    if not vendor:
        raise InstallerError(f"The GRUB in {whose} does not say where its configuration is.", "Report this image.")
    return EfiPrograms(vendor=vendor, shim=shim, grub=grub, fallback=_find(root, FALLBACK), mok=_find(root, MOK))


def grub_vendor(program: bytes) -> str:
    """The vendor directory in GRUB's built-in prefix (`/EFI/debian`), or empty."""
    names = [match.decode() for match in _PREFIX.findall(program)]
    return next((name for name in names if name.upper() not in _NO_VENDORS), "")


def install_programs(programs: EfiPrograms, esp: Path, label: str, stub: str, *, fallback: bool) -> None:
    """Put the programs, their configuration and what makes a boot entry `label` onto a mounted ESP.

    Without `fallback` the path that firmware starts by itself (EFI/BOOT) is left to whoever has it.
    """
    vendor = esp / programs.directory
    vendor.mkdir(parents=True, exist_ok=True)
    _copy(programs.shim, vendor / SHIM)
    _copy(programs.grub, vendor / GRUB)
    (vendor / "grub.cfg").write_text(stub)
    (vendor / CSV).write_bytes(boot_csv(label))
    if programs.mok:
        _copy(programs.mok, vendor / MOK)
    if fallback:
        _install_fallback(programs, esp)


def _install_fallback(programs: EfiPrograms, esp: Path) -> None:
    boot = esp / BOOT.parent
    boot.mkdir(parents=True, exist_ok=True)
    _copy(programs.shim, esp / BOOT)
    if programs.mok:
        _copy(programs.mok, boot / MOK)
    if programs.fallback:
        _copy(programs.fallback, boot / FALLBACK)
    else:
        # Without a fallback program shim starts the GRUB beside itself, whose configuration is still the vendor's.
        _copy(programs.grub, boot / GRUB)


def _copy(source: Path, target: Path) -> None:
    """Packages may have put the very file there already."""
    if not (target.exists() and target.samefile(source)):
        shutil.copyfile(source, target)


def boot_csv(label: str) -> bytes:
    """BOOTX64.CSV for shim's fallback: program, name, optional data, comment; UTF-16 with a byte order mark."""
    name = re.sub(r"[^\w .+/-]", "", label).strip() or "Linux"
    return f"{SHIM},{name},,This is the boot entry for {name}\n".encode("utf-16")


def _find(root: Path, name: str) -> Path | None:
    """The file with the highest version in its path; `vendor` directories come before the common `BOOT`."""
    for place in _PLACES:
        found = [path for path in root.glob(place.format(name=name)) if path.is_file() and not path.is_symlink()]
        if found:
            return max(found, key=lambda path: (path.parent.name != "BOOT", _version(path), path))
    return None


def _version(path: Path) -> tuple[tuple[int, ...], ...]:
    """The numbers in each part of a path, so that `16.1-5` is higher than `9.2-1`."""
    return tuple(tuple(int(number) for number in re.findall(r"\d+", part)) for part in path.parts)


def _directory_vendor(grub: Path) -> str:
    name = grub.parent.name
    return name if grub.parent.parent.name == "EFI" and name != "BOOT" else ""
