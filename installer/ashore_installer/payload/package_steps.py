"""The steps of an installation that put packages onto the disk (traditional mode)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Protocol

from ashore_installer.boot.dracut import PATH as DRACUT_CONF
from ashore_installer.boot.dracut import dracut_conf
from ashore_installer.boot.grub2 import write_settings
from ashore_installer.chroot import api_file_systems, enter
from ashore_installer.configure.files import read, write
from ashore_installer.configure.identity import set_identity
from ashore_installer.configure.opened import write_opened
from ashore_installer.configure.records import PACKAGES_LOG
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.medium import MOUNT_POINT
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload import facts
from ashore_installer.payload.labels import Tree, label_tree
from ashore_installer.payload.ostree import Policy
from ashore_installer.payload.package_process import PackageProcess, Report, located
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from ashore_installer.payload.repositories import installed, write_repositories
from ashore_installer.payload.store import disk_errors
from ashore_installer.plan import SystemPlan
from ashore_installer.storage_plan import StoragePlan

MACHINE_ID = "/etc/machine-id"
_SHOWN = 5
"""How many differences a message names."""


class Worker(Protocol):
    """What these steps need of libdnf5: see `payload.package_process.Packages`."""

    def resolve(self, payload: PackagePayload, architecture: str, report: Report = ...) -> PackagesInfo: ...

    def download(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = ...) -> None: ...

    def install(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = ...) -> None: ...


def own_process(context: Context) -> Worker:
    """libdnf5 in processes of its own, whose log is beside the installation's."""
    return PackageProcess(log_file=context.log_file.with_name(PACKAGES_LOG))


Start = Callable[[Context], Worker]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPackages:
    """Before the first write: the repositories still give the very packages that the plan was made for."""

    payload: PackagePayload
    start: Start = field(default=own_process, repr=False)
    id: ClassVar[str] = "verify-packages"
    title: ClassVar[str] = "Check the packages"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        known = context.packages
        found = self.start(context).resolve(self.payload, known.architecture, context)
        if found.packages != known.packages:
            old = {one.nevra: one.checksum for one in known.packages}
            new = {one.nevra: one.checksum for one in found.packages}
            changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            message = f"The repositories have changed since the plan was made: {_some(changed)}."
            raise PackagesFailed(FailureKind.CHANGED, message, "Start again, so that the packages are chosen again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRoot:
    """What must be there before the first package: kernel packages make an initramfs and a boot entry from it."""

    storage: StoragePlan
    system: SystemPlan
    id: ClassVar[str] = "prepare-root"
    title: ClassVar[str] = "Prepare the system root"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        context.deployment = context.target
        with disk_errors("The system"):
            write(context.target, MACHINE_ID, f"{uuid.uuid4().hex}\n", 0o444)
            write(context.target, DRACUT_CONF, dracut_conf(self.storage, context.machine.memory))
            write_opened(context, self.storage)
            write_settings(context)
            # The keyboard that a passphrase is typed on. What else is amiss with it is told when everything is there.
            early = replace(self.system, hostname="", timezone="", utc=True)
            set_identity(context.target, early, lambda _message: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPackages:
    """Fetch the packages onto the target disk and check their signatures."""

    payload: PackagePayload
    start: Start = field(default=own_process, repr=False)
    id: ClassVar[str] = "download-packages"
    title: ClassVar[str] = "Fetch the packages"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        self.start(context).download(self.payload, context.packages, context.target, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPackages:
    """The transaction, with API file systems for its scriptlets; after it more is known of the system."""

    payload: PackagePayload
    start: Start = field(default=own_process, repr=False)
    id: ClassVar[str] = "install-packages"
    title: ClassVar[str] = "Install the packages"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with api_file_systems(context):
            self.start(context).install(self.payload, context.packages, context.target, context)
        write_repositories(context.target, located(self.payload, MOUNT_POINT))
        context.payload = as_installed(context.packages, context.target)
        if installed(self.payload):
            names = ", ".join(one.id for one in installed(self.payload))
            context.note(f"The installed system has the repositories {names}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvePackages:
    """Ask the new system's own rpm what is installed."""

    id: ClassVar[str] = "prove-packages"
    title: ClassVar[str] = "Check the installed packages"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        wanted = {one.nevra for one in context.packages.packages}
        with enter(context) as chroot:
            if not chroot.path("/usr/bin/rpm").is_file():
                context.warn("The new system has no rpm that could be asked what is installed.")
                return
            found = rpm_names(chroot.run(("rpm", "--query", "--all", "--queryformat", "%{NEVRA}\n")))
        missing, more = sorted(wanted - found), sorted(found - wanted)
        if missing:
            raise InstallerError(
                f"The new system's rpm knows nothing of {_some(missing)}.", "Report this with the log."
            )
        if more:
            raise InstallerError(f"There is more installed than was asked for: {_some(more)}.", "See the log.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRoot:
    """Give SELinux labels to all files, by the policy of the new system; nothing without one."""

    id: ClassVar[str] = "label-root"
    title: ClassVar[str] = "Label the system for SELinux"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        if not context.payload.selinux:
            return
        policy = Policy(context.root())
        with disk_errors("The system"):
            count = label_tree(Tree(path=context.root(), name="/"), policy.label)
        context.note(f"{count} files got a label.")


def as_installed(known: PackagesInfo, root: Path) -> PackagesInfo:
    """The facts of packages that are installed at `root`: what the metadata could only guess."""
    release = facts.os_release(read(root, "/etc/os-release"))
    return replace(
        known,
        scanned=True,
        os_release=release or known.os_release,
        shells=facts.shells(read(root, "/etc/shells")) or known.shells,
        selinux=facts.selinux(read(root, "/etc/selinux/config")),
    )


def rpm_names(text: str) -> frozenset[str]:
    """The packages in rpm's list, a NEVRA in each line, as libdnf5 names them: without an epoch of 0, without keys."""
    names = (re.sub(r"-0:(?=[^-]*-[^-]*$)", "-", line.strip()) for line in text.splitlines())
    return frozenset(name for name in names if name and not name.startswith("gpg-pubkey-"))


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
