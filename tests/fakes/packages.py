"""Small whole values of traditional mode, and a libdnf5 that only remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ashore_installer.package_plan import PackageInfo, PackagePayload, PackagesInfo, Repository
from ashore_installer.payload.package_process import QUIET, Report
from ashore_installer.plan import InstallPlan
from ashore_installer.units import GiB, MiB
from tests.fakes.values import a_plan

NAMES = ("bash-5.3-1.x86_64", "dracut-112-1.x86_64", "grub2-pc-1:2.14-4.x86_64", "grub2-tools-1:2.14-4.x86_64")
KERNEL = "6.18.1-1.x86_64"


def a_package(nevra: str, **changes: Any) -> PackageInfo:
    package = PackageInfo(
        nevra=nevra, repository="base", download_size=MiB, install_size=3 * MiB, checksum=f"sha256:{nevra}"
    )
    return replace(package, **changes)


def a_payload(**changes: Any) -> PackagePayload:
    """One repository over HTTP, one group's worth of packages."""
    payload = PackagePayload(
        repositories=(Repository(id="base", baseurls=("http://repo.example/base",)),), packages=("bash",)
    )
    return replace(payload, **changes)


def some_packages(*names: str, **changes: Any) -> PackagesInfo:
    """What a small system's packages are, for BIOS; `names` are NEVRAs."""
    info = PackagesInfo(
        scanned=False,
        architecture="amd64",
        unpacked_size=1 * GiB,
        files=20_000,
        kernel=KERNEL,
        kernel_size=12 * MiB,
        initramfs_size=60 * MiB,
        os_release={"ID": "lagoon", "NAME": "Lagoon Linux", "PRETTY_NAME": "Lagoon Linux 1"},
        packages=tuple(map(a_package, names or (*NAMES, f"kernel-core-{KERNEL}"))),
    )
    return replace(info, **changes)


def a_package_plan(**changes: Any) -> InstallPlan:
    """The plan of `a_plan`, with packages instead of an image."""
    return a_plan(**{"payload": a_payload(), **changes})


@dataclass
class FakePackages:
    """Has the shape of `payload.package_process.Packages`. `effect` is called when something is installed."""

    info: PackagesInfo = field(default_factory=some_packages)
    effect: Callable[[], None] = lambda: None
    calls: list[tuple[str, PackagePayload]] = field(default_factory=list)

    def resolve(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> PackagesInfo:
        self.calls.append(("resolve", payload))
        report.progress(1, 1)
        return replace(self.info, architecture=architecture)

    def download(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        self.calls.append(("download", payload))
        report.note(f"into {target.name}")
        report.progress(expected.download_size, expected.download_size)

    def install(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        self.calls.append(("install", payload))
        report.note(f"{len(expected.packages)} packages into {target.name}")
        self.effect()
