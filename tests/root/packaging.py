"""What tests of packages share: a process of libdnf5's own for a repository of tiny packages, and who listens to it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ashore_installer.package_plan import PackagePayload, PackagesInfo, Repository, SigningKey
from ashore_installer.payload.package_process import PackageProcess
from tests.root.rpms import Laboratory


@dataclass(kw_only=True)
class Heard:
    """A report that remembers."""

    progressed: list[tuple[int, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        self.progressed.append((done, total, unit))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def heed_cancel(self) -> None:
        """Nobody cancels."""


@dataclass(kw_only=True)
class Bench:
    """Directories for one test, and libdnf5."""

    path: Path
    laboratory: Laboratory
    heard: Heard = field(default_factory=Heard)

    @property
    def libdnf5(self) -> PackageProcess:
        return PackageProcess(cache=self.path / "cache", log_file=self.path / "log" / "packages.log")

    @property
    def target(self) -> Path:
        return self.path / "target"

    @property
    def log(self) -> str:
        return (self.path / "log" / "packages.log").read_text()

    def key(self) -> SigningKey:
        """The key that the signed packages are signed with."""
        path = self.laboratory.right.public_key(self.path / "right.asc")
        return SigningKey(location=path.as_uri(), fingerprint=self.laboratory.right.fingerprint)

    def repository(self, *urls: str, **changes: Any) -> Repository:
        return replace(Repository(id="main", baseurls=urls, keys=(self.key(),)), **changes)

    def payload(self, repository: Repository, *packages: str, **changes: Any) -> PackagePayload:
        return replace(
            PackagePayload(repositories=(repository,), packages=packages, core=False, retries=2), **changes
        )  # fmt: skip

    def resolve(self, payload: PackagePayload) -> PackagesInfo:
        return self.libdnf5.resolve(payload, "amd64", self.heard)

    def download(self, payload: PackagePayload) -> PackagesInfo:
        found = self.resolve(payload)
        self.target.mkdir(exist_ok=True)
        self.libdnf5.download(payload, found, self.target, self.heard)
        return found

    def install(self, payload: PackagePayload) -> PackagesInfo:
        found = self.download(payload)
        self.libdnf5.install(payload, found, self.target, self.heard)
        return found


def names(info: PackagesInfo) -> set[str]:
    """The names of the packages of a transaction."""
    return {package.nevra.rsplit("-", 2)[0] for package in info.packages}


@contextmanager
def small(directory: Path, *, megabytes: int) -> Iterator[None]:
    """A file system of this size at `directory`."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(directory)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(directory)], check=True)
