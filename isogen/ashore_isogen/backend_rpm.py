"""RPM packages for a root tree: libdnf5 installs them, the tree's rpm database says what came from where."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload.check_packages import package_names
from ashore_installer.payload.package_process import Report as Told
from ashore_isogen.template.commands import InstallPkg


class Installer(Protocol):
    """What is needed of libdnf5; `PackageProcess` is the real one. All raise PackagesFailed."""

    def resolve(self, payload: PackagePayload, architecture: str, report: Told) -> PackagesInfo:
        """What would be installed on an empty disk."""
        ...

    def download(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Told) -> None:
        """Fetch the packages of `expected`."""
        ...

    def install(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Told) -> None:
        """Install what was downloaded into the root `target`."""
        ...


@dataclass(slots=True, kw_only=True)
class RpmPackages:
    """The packages of one root tree, in which the API file systems are mounted.

    `base` says where packages come from; what templates don't ask for is not in it: no group, nothing that is only
    recommended, no documentation. `run` runs programs that see the tree where it is, and gives what they print.
    """

    root: Path
    base: PackagePayload
    architecture: str
    libdnf5: Installer
    run: Callable[[list[str]], str]
    report: Told
    _wanted: list[InstallPkg] = field(default_factory=list)
    _database: str = ""

    def request(self, command: InstallPkg) -> None:
        """Names and globs, as dnf knows them. What is excluded from a glob is not installed at all."""
        if self._database:
            raise BadInput(f"{' '.join(command.specs)}: this tree is complete.", "Ask before run_pkg_transaction.")
        self._wanted.append(command)

    def transact(self) -> None:
        """Installs all that was requested into `root`. What is optional and can't be had is told and left out."""
        if not self._wanted:
            raise InstallerError("No package was asked for.", "Add installpkg lines before run_pkg_transaction.")
        payload = self._payload()
        info = self.libdnf5.resolve(payload, self.architecture, self.report)
        self.libdnf5.download(payload, info, self.root, self.report)
        self.libdnf5.install(payload, info, self.root, self.report)
        self._database = info.rpm_database

    def files_of(self, packages: str) -> Sequence[str]:
        """rpm takes globs for names itself (rpm(8), PACKAGE SELECTION)."""
        if not self._database:
            return ()
        query = ["rpm", "--root", str(self.root), "--dbpath", self._database, "-qa", "--queryformat"]
        return [path for path in self.run([*query, "[%{FILENAMES}\\n]", packages]).splitlines() if path]

    def _payload(self) -> PackagePayload:
        required = [name for one in self._wanted if one.required for name in _chosen(one)]
        optional = [name for one in self._wanted if not one.required for name in _chosen(one)]
        excludes = [name for one in self._wanted for name in one.excluding if any(map(_is_glob, one.specs))]
        payload = replace(
            self.base,
            core=False,
            weak_dependencies=False,
            documentation=False,
            packages=tuple(dict.fromkeys(required)),
            excludes=tuple(dict.fromkeys((*self.base.excludes, *excludes))),
        )
        there = self._there(payload, optional) if optional else ()
        return replace(payload, packages=tuple(dict.fromkeys((*required, *there))))

    def _there(self, payload: PackagePayload, optional: Sequence[str]) -> tuple[str, ...]:
        """Those of the optional names and globs that the repositories have something for."""
        tried = replace(
            payload, packages=(*payload.packages, *optional), ignore_missing=True, ignore_broken=True
        )  # fmt: skip
        found = package_names(self.libdnf5.resolve(tried, self.architecture, self.report))
        there = tuple(name for name in optional if fnmatch.filter(found, name))
        for name in dict.fromkeys(optional):
            if name not in there:
                self.report.note(f"{name} is optional, and can't be had.")
        return there


def _chosen(command: InstallPkg) -> list[str]:
    """What is asked for by name and not excluded; what a glob would match, only the repositories know."""
    return [name for name in command.specs if not any(fnmatch.fnmatchcase(name, glob) for glob in command.excluding)]


def _is_glob(name: str) -> bool:
    return bool(set(name) & set("*?[]"))
