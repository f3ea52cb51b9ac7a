"""Which boot loader a system gets: a pure choice, made before the first write.

1. The image's own bootupd: it updates what it installed, so the loader is the image's business for good.
2. On UEFI, signed EFI programs that the image carries: shim, GRUB and kernel are one vendor's, as Secure Boot needs.
3. The runtime's GRUB, which is Debian's.

In traditional mode it is always the distribution's own, from its packages: they update it.

On a BIOS machine an image without bootupd always gets the runtime's GRUB: its `grub-install` and its modules must be
of one version, and nothing there is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload_info import PayloadInfo

RUNTIME_VENDOR = "debian"
"""Who signed the runtime's shim, GRUB and kernel (its `ID` in os-release)."""


class Origin(StrEnum):
    """Whose boot loader it is."""

    BOOTUPD = "bootupd"
    IMAGE = "image"
    RUNTIME = "runtime"
    PACKAGES = "packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loader:
    """`vendor` signed its EFI programs; empty for bootupd, which knows by itself."""

    origin: Origin
    firmware: Firmware
    vendor: str = ""

    @property
    def describe(self) -> str:
        """What it is, for people."""
        whose = {
            Origin.BOOTUPD: "the image's bootupd",
            Origin.IMAGE: "GRUB from the image",
            Origin.RUNTIME: "GRUB from this medium",
            Origin.PACKAGES: "GRUB from the packages",
        }
        return f"{whose[self.origin]}, for {self.firmware.upper()}"


def choose_loader(machine: MachineInfo, image: PayloadInfo) -> Loader:
    """The boot loader for this image, or for these packages, on this machine."""
    if isinstance(image, PackagesInfo):
        return Loader(origin=Origin.PACKAGES, firmware=machine.firmware, vendor=image.grub_efi_vendor)
    if image.bootupd:
        return Loader(origin=Origin.BOOTUPD, firmware=machine.firmware)
    if machine.firmware is Firmware.UEFI and image.grub_efi_vendor:
        return Loader(origin=Origin.IMAGE, firmware=machine.firmware, vendor=image.grub_efi_vendor)
    return Loader(origin=Origin.RUNTIME, firmware=machine.firmware, vendor=RUNTIME_VENDOR)
