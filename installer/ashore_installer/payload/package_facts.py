"""What a set of packages will be once it is installed, from its metadata alone: names, versions and file lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ashore_installer.package_plan import PackageInfo, PackagesInfo
from ashore_installer.payload.initramfs import Content, abilities
from ashore_installer.payload.programs import programs
from ashore_installer.payload.tree import Tree
from ashore_installer.units import MiB

SYSTEM_RELEASE = "system-release"
"""What the package provides that says which distribution and release it is (Fedora, EL)."""
RPM_DATABASES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
"""Where rpm keeps its database: Fedora since 36, EL since 10 and SUSE; all before (the macro %_dbpath)."""
KERNEL_SIZE = 20 * MiB
"""What a kernel image takes in /boot, generously: Fedora's has 17 MiB. The metadata has no sizes of files."""
INITRAMFS_SIZE = 96 * MiB
"""What an initramfs takes that boots on any machine, generously: dracut's has 40 to 90 MiB with microcode."""
_SLACK = 2048
"""Half a block of 4 KiB: what a file wastes on average."""

_KERNEL = re.compile(r"(?:/usr)?/lib/modules/([^/]+)/vmlinuz")
_MODULE = re.compile(r"(?:/usr)?/lib/modules/([^/]+)/.*/([^/]+)\.ko(?:\.(?:xz|zst|gz))?")
_EFI = re.compile(r"(?:/boot/efi|/usr/lib/efi/[^/]+/[^/]+)/EFI/(?!BOOT/)([^/]+)/shim(?:x64|aa64)\.efi")
"""On the ESP itself, or where Fedora's packages have it since 43."""
_POLICY = re.compile(r"/etc/selinux/([^/]+)/contexts/files/file_contexts")
_SHELL = re.compile(r"(?:/usr)?/bin/((?:ba|da|z|fi|tc|c|k|mk|ya)?sh)")
_PLACES = re.compile(
    r"/((?:usr/)?(?:bin|sbin)|usr/lib/systemd(?:/system-generators)?|usr/lib(?:64|/x86_64-linux-gnu)?)/([^/]+)"
)
_DRIVERS = (
    *("dm_crypt", "tpm_tis", "tpm_crb", "dm_mod", "dm_thin_pool", "raid1", "btrfs", "xfs", "ext4", "vfat"),
    *("virtio_pci", "virtio_blk", "virtio_scsi", "ahci", "nvme", "sd_mod", "usb_storage", "uas"),
)
_UNLOCKS = 256
"""The first systemd whose systemd-cryptenroll has --unlock-tpm2-device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFiles:
    """A package as the metadata describes it. `files` has directories too; `provides` are names without versions."""

    name: str
    version: str
    release: str
    machine: str
    install_size: int
    provides: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def packages_info(
    found: tuple[PackageFiles, ...],
    packages: tuple[PackageInfo, ...],
    architecture: str,
    *,
    left_out: frozenset[str] = frozenset(),
    warnings: tuple[str, ...] = (),
) -> PackagesInfo:
    """The facts of the packages `found`.

    `left_out` are modules (names with `_`) that other packages of the same kernel would bring.
    """
    paths = tuple(path for package in found for path in package.files)
    kernel = kernel_version(found)
    return PackagesInfo(
        scanned=False,
        architecture=architecture,
        unpacked_size=_unpacked_size(found, len(paths)) + (KERNEL_SIZE + INITRAMFS_SIZE if kernel else 0),
        files=len(paths),
        kernel=kernel,
        kernel_size=KERNEL_SIZE if kernel else 0,
        initramfs_size=INITRAMFS_SIZE if kernel else 0,
        os_release=os_release(found),
        selinux=_policy(paths),
        grub_efi_vendor=next(iter(_matches(_EFI, paths)), ""),
        shells=_shells(paths),
        initramfs=_initramfs(found, paths, left_out) if kernel else (),
        programs=_programs(found, paths),
        packages=packages,
        warnings=warnings,
        rpm_database=rpm_database(paths),
    )


def kernel_version(found: Iterable[PackageFiles]) -> str:
    """The name of the kernel's directory in /usr/lib/modules; empty unless there is exactly one kernel."""
    versions = {
        version
        for package in found
        if package.name.startswith("kernel")
        for version in (_matches(_KERNEL, package.files) or _by_name(package))
    }
    return versions.pop() if len(versions) == 1 else ""


def rpm_database(paths: Iterable[str]) -> str:
    """Where the rpm that gets installed looks for its database; what is usual today if there is no rpm among it."""
    there = {path.rstrip("/") for path in paths}
    return next((path for path in RPM_DATABASES if path in there), RPM_DATABASES[0])


def release_of(found: Iterable[PackageFiles]) -> str:
    """The version of what provides system-release, or empty."""
    return next((package.version for package in found if SYSTEM_RELEASE in package.provides), "")


def os_release(found: Iterable[PackageFiles]) -> dict[str, str]:
    """As much of os-release(5) as a release package's name and version say: `fedora-release-server` is Fedora's."""
    for package in found:
        if SYSTEM_RELEASE in package.provides:
            name = package.name.partition("-release")[0]
            words = {"NAME": name.replace("-", " ").title(), "ID": name, "VERSION_ID": package.version}
            return {**words, "PRETTY_NAME": f"{words['NAME']} {package.version}"}
    return {}


def modules(paths: Iterable[str]) -> frozenset[str]:
    """The kernel modules in a list of files, with `_` for `-` in their names."""
    return frozenset(match[2].replace("-", "_") for path in paths if (match := _MODULE.fullmatch(path)))


def _by_name(package: PackageFiles) -> tuple[str, ...]:
    if package.name != "kernel-core":
        return ()
    return (f"{package.version}-{package.release}.{package.machine}",)


def _unpacked_size(found: Iterable[PackageFiles], files: int) -> int:
    return sum(package.install_size for package in found) + files * _SLACK


def _matches(pattern: re.Pattern[str], paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[1] for path in paths if (match := pattern.fullmatch(path))))


def _policy(paths: Iterable[str]) -> str:
    """The policy that is enabled. With several, `targeted` is what the configuration file comes with."""
    found = _matches(_POLICY, paths)
    return "targeted" if "targeted" in found else next(iter(found), "")


def _shells(paths: Iterable[str]) -> tuple[str, ...]:
    """Login shells under both of their names, as /usr is merged: /etc/shells has them so."""
    names = sorted(_matches(_SHELL, paths))
    return tuple(path for name in names for path in (f"/bin/{name}", f"/usr/bin/{name}"))


def _initramfs(found: Iterable[PackageFiles], paths: tuple[str, ...], left_out: frozenset[str]) -> tuple[str, ...]:
    """What an initramfs can do that dracut makes of these packages; empty without dracut.

    Which drivers are built into the kernel isn't in the metadata: one that no package of this kernel has is.
    """
    if not any(package.name == "dracut" for package in found):
        return ()
    there = modules(paths)
    built_in = frozenset(name for name in _DRIVERS if name not in left_out)
    # Completions and manuals of a program have its name too.
    names = {name for _, name in _placed(paths)}
    return abilities(Content(modules=set(there | built_in), programs=names))


def _programs(found: Iterable[PackageFiles], paths: Iterable[str]) -> tuple[str, ...]:
    tree: Tree[bool, None] = Tree()
    for directory, name in sorted(set(_placed(paths))):
        place = f"{directory}/{name}"
        if not _PLACES.fullmatch(f"/{place}/x"):
            tree.put_file(place, True)
    unlocks = any(
        package.name == "systemd" and _number(package.version) >= _UNLOCKS for package in found
    )  # fmt: skip
    return programs(tree, "unlock-tpm2-device" if unlocks else "")


def _placed(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Directory and name of what lies where programs and libraries are; /bin and /sbin are in /usr."""
    for path in paths:
        match = _PLACES.fullmatch(path)
        if match:
            directory = match[1] if match[1].startswith("usr/") else f"usr/{match[1]}"
            yield directory, match[2]


def _number(version: str) -> int:
    digits = re.match(r"\d+", version)
    return int(digits[0]) if digits else 0
