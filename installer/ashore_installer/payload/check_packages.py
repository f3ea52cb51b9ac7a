"""Checks of resolved packages that need nothing but the plan and the packages' facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.package_plan import MEDIUM_REPOSITORY, PackagePayload, PackagesInfo, Repository
from ashore_installer.plan import Problem

GRUB_TOOLS = "grub2-tools"
GRUB_BIOS = "grub2-pc"


def check_packages(payload: PackagePayload, machine: MachineInfo, info: PackagesInfo) -> tuple[Problem, ...]:
    """Why these packages make no system that boots on this machine; empty when they do."""
    return (*_system(machine, info), *_loader(machine, info), *_repositories(payload))


def package_names(info: PackagesInfo) -> frozenset[str]:
    """The packages' names, without versions and architectures."""
    return frozenset(one.nevra.rsplit("-", 2)[0] for one in info.packages)


def _system(machine: MachineInfo, info: PackagesInfo) -> Iterator[Problem]:
    if info.architecture != machine.architecture:
        message = f"The packages are made for {info.architecture}, not for {machine.architecture}."
        yield _problem(message, "Take the repository for the other architecture, or another machine.")
    if not info.packages:
        yield _problem("No packages are chosen.", "Choose an environment, groups or packages.")
        return
    if not info.kernel:
        yield _problem("Among the packages is no kernel, or more than one.", "Add the package kernel.")
    elif "dracut" not in package_names(info):
        yield _problem("Among the packages is no dracut to make the initramfs.", "Add the package dracut.")


def _loader(machine: MachineInfo, info: PackagesInfo) -> Iterator[Problem]:
    names = package_names(info)
    if not names:
        return
    if GRUB_TOOLS not in names:
        yield _problem("Among the packages is no grub2-mkconfig to set up the boot loader.", f"Add {GRUB_TOOLS}.")
    if machine.architecture != "amd64":
        message = f"Ashore can't set up the boot loader of packages on {machine.architecture}."
        yield _problem(message, "Take a machine with an x86-64 processor, or an image.")
    elif machine.firmware is Firmware.UEFI and not info.grub_efi_vendor:
        message = "This machine boots by UEFI, and among the packages is no signed boot loader for that."
        yield _problem(message, "Add the packages shim-x64 and grub2-efi-x64.")
    if machine.firmware is Firmware.BIOS and GRUB_BIOS not in names:
        message = "This machine boots by BIOS, and among the packages is no boot loader for that."
        yield _problem(message, f"Add the package {GRUB_BIOS}.")


def _repositories(payload: PackagePayload) -> Iterator[Problem]:
    for one in payload.repositories:
        if one.install and any(address.startswith(MEDIUM_REPOSITORY) for address in _addresses(one)):
            message = f"The repository {one.id} is on the medium, where the installed system will not find it."
            yield _problem(message, "Leave it out of the installed system (`repo` without --install).")


def _addresses(repository: Repository) -> tuple[str, ...]:
    return (*repository.baseurls, repository.mirrorlist, repository.metalink)


def _problem(message: str, hint: str) -> Problem:
    return Problem(field="packages", message=message, hint=hint)
