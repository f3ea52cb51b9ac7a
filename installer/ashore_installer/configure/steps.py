"""The steps of an installation that make the deployed image, or the packages, the system that was asked for.

What they write has no SELinux label, as the running kernel need not know SELinux; a step of the payload labels
everything at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ashore_installer.boot.stack import early
from ashore_installer.chroot import enter, inside
from ashore_installer.configure.accounts import Accounts
from ashore_installer.configure.files import read, write
from ashore_installer.configure.fstab import fstab
from ashore_installer.configure.identity import set_identity
from ashore_installer.configure.network import set_network
from ashore_installer.configure.opened import write_opened
from ashore_installer.configure.records import save_logs, save_plan
from ashore_installer.configure.scripts import run_scripts
from ashore_installer.configure.zram import PATH as ZRAM_CONF
from ashore_installer.configure.zram import zram_conf
from ashore_installer.context import Context
from ashore_installer.network_plan import NetworkConnection
from ashore_installer.plan import Script, ScriptPhase, SystemPlan
from ashore_installer.storage_plan import StoragePlan

MOUNTS = Path("/mnt")
FSTAB = "/etc/fstab"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFstab:
    """Everything that the system opens, assembles and mounts beside the root: fstab and what comes before it."""

    storage: StoragePlan
    id: ClassVar[str] = "write-fstab"
    title: ClassVar[str] = "Write /etc/fstab"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        root, storage = context.root(), self.storage
        opened = early(storage, context.machine.memory)

        def real_path(path: str) -> str:
            return _real_path(root, path)

        text = fstab(read(root, FSTAB), storage, context.uuids, real_path, opened, plain=context.plain)
        write(root, FSTAB, text)
        write_opened(context, storage)
        if storage.zram:
            write(root, ZRAM_CONF, zram_conf(storage.zram))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIdentity:
    """Host name, language, keyboard, time zone."""

    system: SystemPlan
    id: ClassVar[str] = "set-identity"
    title: ClassVar[str] = "Set host name, language, keyboard and time zone"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        set_identity(context.root(), self.system, context.warn)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNetwork:
    """The settings of the network cards, for the program of the new system that uses them."""

    network: tuple[NetworkConnection, ...]
    id: ClassVar[str] = "set-network"
    title: ClassVar[str] = "Set up the network"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        units = set_network(context.root(), self.network, context.warn)
        if units:
            with enter(context) as chroot:
                chroot.run(("systemctl", "enable", *units))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccounts:
    """Root, users, groups, passwords and keys, by the image's own programs."""

    system: SystemPlan
    id: ClassVar[str] = "create-accounts"
    title: ClassVar[str] = "Set up accounts"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with enter(context) as chroot:
            Accounts(chroot=chroot, shells=context.payload.shells, warn=context.warn).apply(self.system)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScripts:
    """The scripts of the kickstart that come after the installation."""

    scripts: tuple[Script, ...]
    mounts: Path = MOUNTS
    id: ClassVar[str] = "run-scripts"
    title: ClassVar[str] = "Run %post scripts"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        scripts = tuple(script for script in self.scripts if script.phase is ScriptPhase.POST)
        if not scripts:
            return
        with enter(context, network=True) as chroot:
            run_scripts(context, chroot, scripts, self.mounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRecords:
    """Leave the plan and the log on the system; `kickstart` is the plan as a kickstart."""

    kickstart: str
    id: ClassVar[str] = "save-records"
    title: ClassVar[str] = "Keep the plan and the log on the system"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with enter(context) as chroot:
            save_plan(chroot.root, context.plan, self.kickstart)
            save_logs(chroot.root, context.log_file)


def _real_path(root: Path, path: str) -> str:
    return "/" + "/".join(inside(root, path).relative_to(root).parts)
