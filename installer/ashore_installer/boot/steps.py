"""The steps of an installation that have to do with booting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ashore_installer.boot.choose import choose_loader
from ashore_installer.boot.install import install_loader, require_loader
from ashore_installer.boot.prove import prove_boot
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
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
        loader = choose_loader(context.machine, context.image)
        require_loader(loader, self.runtime)
        context.note(f"Boot loader: {loader.describe}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallBootLoader:
    """Make the disk start the deployment; kernel arguments and entries are there since the image was deployed."""

    boot: BootPlan
    runtime: Path = RUNTIME
    id: ClassVar[str] = "install-boot-loader"
    title: ClassVar[str] = "Install the boot loader"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        loader = choose_loader(context.machine, context.image)
        install_loader(context, loader, _disk(context, self.boot), self.runtime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveBoot:
    """Look at everything that booting needs, on the disk."""

    boot: BootPlan
    id: ClassVar[str] = "prove-boot"
    title: ClassVar[str] = "Check that the system can boot"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        prove_boot(context, choose_loader(context.machine, context.image), _disk(context, self.boot))


def _disk(context: Context, boot: BootPlan) -> str:
    disk = boot.disks[0]
    try:
        return context.devices[disk]
    except KeyError:
        raise InstallerError(f"The disk {disk} has no device.", "See the log for what happened to it.") from None
