"""The steps of an installation that have to do with booting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ashore_installer.boot.choose import Loader, Origin, choose_loader
from ashore_installer.boot.efi import find_programs
from ashore_installer.boot.grub2 import install_grub2
from ashore_installer.boot.install import install_loader, require_loader
from ashore_installer.boot.prove import prove_boot
from ashore_installer.boot.prove_packages import prove_package_boot
from ashore_installer.boot.shared import require_free_directory
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware
from ashore_installer.plan import BootPlan

RUNTIME = Path("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindBootLoader:
    """Before the first write: which boot loader it will be, and that it is there."""

    boot: BootPlan
    runtime: Path = RUNTIME
    id: ClassVar[str] = "find-boot-loader"
    title: ClassVar[str] = "Find the boot loader"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        loader = choose_loader(context.machine, context.payload)
        require_loader(loader, self.runtime)
        vendor = esp_vendor(loader, self.runtime)
        if vendor:
            require_free_directory(context, vendor)
        context.note(f"Boot loader: {loader.describe}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallBootLoader:
    """Make the disks start the system; kernel arguments and entries are there since it was put on them."""

    boot: BootPlan
    runtime: Path = RUNTIME
    id: ClassVar[str] = "install-boot-loader"
    title: ClassVar[str] = "Install the boot loader"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        loader = choose_loader(context.machine, context.payload)
        if loader.origin is Origin.PACKAGES:
            install_grub2(context, loader, _disks(context, self.boot))
        else:
            install_loader(context, loader, _disks(context, self.boot), self.runtime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveBoot:
    """Look at everything that booting needs, on the disk."""

    boot: BootPlan
    id: ClassVar[str] = "prove-boot"
    title: ClassVar[str] = "Check that the system can boot"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        prove = prove_package_boot if context.plain else prove_boot
        prove(context, choose_loader(context.machine, context.payload), _disks(context, self.boot))


def esp_vendor(loader: Loader, runtime: Path) -> str:
    """The directory of the ESP that the loader will be in, as far as it is known before the image is deployed."""
    if loader.firmware is not Firmware.UEFI or loader.origin is Origin.BOOTUPD:
        return ""
    return loader.vendor if loader.origin is not Origin.RUNTIME else find_programs(runtime, "the live system").vendor


def _disks(context: Context, boot: BootPlan) -> tuple[str, ...]:
    for disk in boot.disks:
        if disk not in context.devices:
            raise InstallerError(f"The disk {disk} has no device.", "See the log for what happened to it.")
    return tuple(context.devices[disk] for disk in boot.disks)
