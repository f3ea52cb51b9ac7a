"""The repository of a rehearsal: an example that exists nowhere, and a solver that only counts."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.package_plan import (
    MEDIUM_REPOSITORY,
    PackageInfo,
    PackagePayload,
    PackagesInfo,
    Repository,
    SigningKey,
)
from ashore_installer.payload.package_protocol import (
    Catalogue,
    EnvironmentInfo,
    FailureKind,
    FoundPackage,
    GroupInfo,
    KeyInfo,
    Matched,
    PackagesFailed,
    RepositoryState,
)
from ashore_installer.payload_info import INITRAMFS_WORDS, PROGRAMS
from ashore_installer.units import KiB, MiB

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
REPOSITORY = Repository(
    id="example",
    name="Example OS 1",
    baseurls=(f"{MEDIUM_REPOSITORY}ashore/packages",),
    keys=(SigningKey(location=f"{MEDIUM_REPOSITORY}ashore/packages/keys/example.asc", fingerprint=FINGERPRINT),),
)
_CORE = (
    *("bash", "coreutils", "dracut", "glibc", "grub2-pc", "grub2-tools", "kernel", "kernel-core", "rpm", "dnf5"),
    *("systemd", "NetworkManager", "util-linux", "passwd", "sudo", "vim-minimal"),
)
_PACKAGES: dict[str, tuple[str, str, int]] = {
    "bash": ("5.3", "The GNU Bourne Again shell", 8),
    "coreutils": ("9.7", "A set of basic GNU tools", 19),
    "dracut": ("107", "Initramfs generator", 2),
    "glibc": ("2.42", "The GNU libc libraries", 16),
    "grub2-efi-x64": ("2.12", "GRUB for EFI systems", 6),
    "grub2-pc": ("2.12", "GRUB for BIOS systems", 1),
    "grub2-tools": ("2.12", "Support tools for GRUB", 9),
    "kernel": ("6.18.1", "The Linux kernel", 0),
    "kernel-core": ("6.18.1", "The Linux kernel", 98),
    "rpm": ("6.0", "The RPM package management system", 3),
    "dnf5": ("5.2", "Command-line package manager", 3),
    "systemd": ("258", "System and service manager", 18),
    "NetworkManager": ("1.54", "Network connection manager", 6),
    "util-linux": ("2.41", "Collection of basic system utilities", 15),
    "passwd": ("0.80", "Utility to set passwords", 1),
    "shim-x64": ("15.8", "First-stage UEFI boot loader", 5),
    "sudo": ("1.9", "Lets permitted users act as root", 6),
    "vim-minimal": ("9.1", "A minimal version of the VIM editor", 2),
    "vim-enhanced": ("9.1", "A version of the VIM editor with recent enhancements", 4),
    "git": ("2.51", "Fast version control system", 1),
    "gcc": ("15.2", "Compilers for C", 112),
    "make": ("4.4", "Tool that builds programs", 2),
    "httpd": ("2.4", "Apache HTTP server", 1),
    "postgresql-server": ("18.0", "The programs of a PostgreSQL server", 28),
    "podman": ("5.6", "Manages containers, images and volumes", 53),
    "htop": ("3.4", "Interactive process viewer", 1),
    "gnome-shell": ("49", "Window management and application launching for GNOME", 14),
    "firefox": ("146", "Web browser", 276),
}
"""Version, summary, and size when installed in MiB."""
_GROUPS = {
    "core": ("Core", "The smallest system that can be installed", _CORE, False),
    "development": ("Development tools", "Compilers and what belongs to them", ("gcc", "make", "git"), True),
    "web-server": ("Web server", "Serves pages and applications", ("httpd",), True),
    "databases": ("Databases", "Keeps data, and answers questions about it", ("postgresql-server",), True),
    "containers": ("Container management", "Runs containers", ("podman",), True),
    "editors": ("Editors", "For texts of every kind", ("vim-enhanced",), True),
    "desktop": ("Desktop", "Windows, and what is shown in them", ("gnome-shell", "firefox"), True),
}
_ENVIRONMENTS = (
    EnvironmentInfo(
        id="minimal-environment",
        name="Minimal install",
        description="Basic functionality",
        groups=("core",),
        options=("editors", "containers"),
    ),
    EnvironmentInfo(
        id="server-environment",
        name="Server",
        description="A server that is easy to manage",
        groups=("core",),
        options=("containers", "databases", "web-server"),
        defaults=("containers",),
    ),
    EnvironmentInfo(
        id="workstation-environment",
        name="Workstation",
        description="A desktop for people who work with computers",
        groups=("core", "desktop"),
        options=("development", "editors"),
        defaults=("development",),
    ),
)


def example_catalogue(payload: PackagePayload) -> Catalogue:
    """What the example has; of other repositories, a rehearsal reads nothing."""
    states = tuple(_state(one) for one in payload.repositories)
    if REPOSITORY.id not in {one.id for one in payload.repositories}:
        return Catalogue(repositories=states)
    return Catalogue(repositories=states, environments=_ENVIRONMENTS, groups=tuple(_group(id) for id in _GROUPS))  # noqa: A001


def _state(repository: Repository) -> RepositoryState:
    if repository.id == REPOSITORY.id:
        return RepositoryState(id=repository.id, packages=len(_PACKAGES))
    return RepositoryState(
        id=repository.id,
        problem="A rehearsal reads no repository but its own.",
        hint="Use the repository of the medium.",
    )


def _group(id: str) -> GroupInfo:  # noqa: A002 (the field's name)
    name, description, packages, visible = _GROUPS[id]
    size = sum(_PACKAGES[one][2] for one in packages) * MiB
    return GroupInfo(
        id=id, name=name, description=description, packages=len(packages), install_size=size, visible=visible
    )


def example_search(words: tuple[str, ...]) -> Matched:
    """The packages that have every word in their names or summaries."""
    wanted = [word.casefold() for word in words]
    found = tuple(
        FoundPackage(name=name, version=version, summary=summary, repository=REPOSITORY.id, install_size=size * MiB)
        for name, (version, summary, size) in _PACKAGES.items()
        if all(word in f"{name} {summary}".casefold() for word in wanted)
    )
    return Matched(packages=found, total=len(found))


def example_keys(payload: PackagePayload) -> tuple[KeyInfo, ...]:
    return tuple(
        KeyInfo(
            repository=one.id,
            location=key.location,
            fingerprint=FINGERPRINT,
            user_ids=("Nobody (this key is an example) <nobody@example.org>",),
        )
        for one in payload.repositories
        for key in one.keys
    )


def example_packages(payload: PackagePayload, architecture: str) -> PackagesInfo:
    """What would be installed, as if nothing depended on anything. Raises PackagesFailed for what is not there."""
    names = sorted(set(_names(payload)) - set(payload.excludes))
    missing = tuple(name for name in names if name not in _PACKAGES)
    if missing and not payload.ignore_missing:
        details = tuple(f"No repository has the package {name}." for name in missing)
        raise PackagesFailed(
            FailureKind.UNRESOLVABLE, "The packages can't be installed together.", "Choose other ones.", details
        )
    there = [name for name in names if name in _PACKAGES]
    size = sum(_PACKAGES[name][2] for name in there) * MiB
    return PackagesInfo(
        architecture=architecture,
        unpacked_size=size + 58 * MiB,
        files=900 * len(there),
        kernel="6.18.1-1.example" if "kernel-core" in there or "kernel" in there else "",
        kernel_size=14 * MiB,
        initramfs_size=58 * MiB,
        os_release={"ID": "example", "PRETTY_NAME": "Example OS 1", "NAME": "Example OS", "VERSION_ID": "1"},
        grub_efi_vendor="example" if "shim-x64" in there else "",
        shells=("/bin/bash", "/bin/sh"),
        initramfs=INITRAMFS_WORDS,
        programs=PROGRAMS,
        packages=tuple(_package(name) for name in there),
        rpm_database="/usr/lib/sysimage/rpm",
    )


def _names(payload: PackagePayload) -> Iterator[str]:
    """What is asked for; the tools that a machine needs besides are taken as they come."""
    environment = next((one for one in _ENVIRONMENTS if one.id == payload.environment), None)
    groups = [*(environment.groups if environment else ()), *(one.id for one in payload.groups)]
    for group in dict.fromkeys([*(["core"] if payload.core else []), *groups]):
        yield from _GROUPS[group][2] if group in _GROUPS else (f"@{group}",)
    yield from (name for name in payload.packages if name in _PACKAGES or name not in _TOOLS)


_TOOLS = (
    *("efibootmgr", "cryptsetup", "tpm2-tss", "lvm2", "mdadm", "xfsprogs", "btrfs-progs", "e2fsprogs", "dosfstools"),
    *("zram-generator", "grub2-efi-aa64", "shim-aa64"),
)
"""What `requirements` adds for machines and disks, and the example does not list."""


def _package(name: str) -> PackageInfo:
    version, _summary, size = _PACKAGES[name]
    return PackageInfo(
        nevra=f"{name}-{version}-1.example.x86_64",
        repository=REPOSITORY.id,
        download_size=size * MiB // 3 + 40 * KiB,
        install_size=size * MiB,
        checksum="sha256:" + "0" * 64,
    )
