"""The package repository of a medium: collected by libdnf5, described by createrepo_c, both in the runtime root."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.medium import PACKAGES, MediumPackages
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload.check_packages import package_names
from ashore_installer.payload.package_process import PackageProcess
from ashore_installer.payload.package_process import Report as Told
from ashore_installer.payload.requirements import everywhere
from ashore_isogen.cache import files_of
from ashore_isogen.iso import Item
from ashore_isogen.report import Report
from ashore_isogen.repository.comps import groups_text
from ashore_isogen.repository.inside import Said, ToolRoot
from ashore_isogen.repository.keys import Fetch, download, with_local_keys
from ashore_isogen.repository.local import local_path
from ashore_isogen.repository.metadata import group_files, unpacked

_ZSTD = "import sys; from compression import zstd; print(zstd.decompress(open(sys.argv[1], 'rb').read()).decode())"
"""A program for the runtime root's Python, which can decompress it."""


class Collector(Protocol):
    """What is needed of libdnf5; `PackageProcess` is the real one. Both raise PackagesFailed."""

    def resolve(self, payload: PackagePayload, architecture: str, report: Told) -> PackagesInfo:
        """What would be installed on an empty disk."""
        ...

    def collect(self, payload: PackagePayload, architecture: str, directory: Path, report: Told) -> PackagesInfo:
        """Fetch the packages and all that they need into `directory`."""
        ...


Enter = Callable[[PackagePayload, Path], "Tools"]
"""Makes the tools for work in a directory, on repositories that may lie on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What works on packages: libdnf5, and programs of the runtime root that see the working directory where it is."""

    packages: Collector
    run: Callable[[list[str]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The finished repository in `directory`. `created` is when its newest package was built, seconds since 1970."""

    directory: Path
    facts: MediumPackages
    created: int

    @property
    def index(self) -> bytes:
        """What has the digests of all the rest."""
        keys = sorted((self.directory / "keys").glob("*.asc"))
        return b"".join(path.read_bytes() for path in (self.directory / "repodata/repomd.xml", *keys))

    def items(self) -> list[Item]:
        """Its files, for the medium."""
        files = sorted(files_of(self.directory))
        return [Item(path=f"{PACKAGES}/{path.relative_to(self.directory).as_posix()}", source=path) for path in files]


def collect(
    payload: PackagePayload, architecture: str, work: Path, enter: Enter, report: Report, fetch: Fetch = download
) -> Collected:
    """Make the repository in the directory `work`, which is absolute. Raises PackagesFailed and other InstallerErrors.

    Beside what was chosen it has what machines and disks can need, as far as the repositories have it.
    """
    _require_one_trust(payload)
    directory, cache = work / "repository", work / "cache"
    for place in (directory / "keys", directory / "Packages", cache):
        place.mkdir(parents=True)
    local = with_local_keys(payload, directory / "keys", fetch) if _is_checked(payload) else payload
    tools, said = enter(local, work), Said(report)
    report.note("Choosing packages")
    wanted = _with_everything(local, architecture, tools.packages, said)
    info = tools.packages.collect(wanted, architecture, directory / "Packages", said)
    report.note("Describing the packages")
    created = _built(directory, tools)
    _describe(directory, groups_text(_groups(wanted, cache, tools), wanted, package_names(info)), created, work, tools)
    return Collected(directory=directory, facts=_facts(payload, info), created=created)


def runtime_tools(root: Path) -> Enter:
    """The tools of the runtime root."""

    def enter(payload: PackagePayload, work: Path) -> Tools:
        tools = ToolRoot(root=root, work=work, payload=payload)
        return Tools(packages=PackageProcess(command=tools.libdnf5(), cache=work / "cache"), run=tools.run)

    return enter


def _require_one_trust(payload: PackagePayload) -> None:
    """A medium has one repository: its packages are checked, or not."""
    if not payload.repositories:
        raise BadInput("Nothing says where packages come from.", "Name a repository with --repo.")
    if len({one.gpgcheck for one in payload.repositories}) > 1:
        raise BadInput(
            "The packages of some repositories are checked, those of others not; on a medium they are one repository.",
            "Give keys for all of them, or check none.",
        )
    for one in payload.repositories:
        if one.gpgcheck and not one.keys:
            message = f"Nothing says which keys sign the packages of the repository {one.id}."
            raise BadInput(message, "Name them with --repo-key (--gpgkey in a kickstart), or use --no-gpgcheck.")


def _is_checked(payload: PackagePayload) -> bool:
    return all(one.gpgcheck for one in payload.repositories)


def _with_everything(payload: PackagePayload, architecture: str, packages: Collector, said: Said) -> PackagePayload:
    """`payload` with what machines can need and the repositories have, unless it was left out by its name."""
    more = [name for name in everywhere(architecture) if name not in (*payload.packages, *payload.excludes)]
    tried = replace(payload, packages=(*payload.packages, *more), ignore_missing=True, ignore_broken=True)
    there = package_names(packages.resolve(tried, architecture, said))
    return replace(payload, packages=(*payload.packages, *(name for name in more if name in there)))


def _groups(payload: PackagePayload, cache: Path, tools: Tools) -> Iterator[bytes]:
    ids = [one.id for one in payload.repositories if one.groups]
    for path in group_files(cache, ids):
        yield unpacked(path, lambda path: tools.run(["python3", "-c", _ZSTD, str(path)]).encode())


def _built(directory: Path, tools: Tools) -> int:
    """When the newest package was built. All of them get this time, so that the metadata is the same every time."""
    packages = sorted((directory / "Packages").glob("*.rpm"))
    if not packages:
        raise InstallerError("No package was collected.", "Name packages, groups or an environment.")
    words = ["rpm", "-qp", "--nosignature", "--queryformat", "%{BUILDTIME}\\n", *map(str, packages)]
    newest = max(int(line) for line in tools.run(words).split())
    for path in packages:
        os.utime(path, (newest, newest))
        path.chmod(0o644)
    return newest


def _describe(directory: Path, groups: bytes, created: int, work: Path, tools: Tools) -> None:
    words = ["createrepo_c", "--quiet", "--no-database", "--general-compress-type", "gz", "--workers", "1"]
    words += ["--revision", str(created), "--set-timestamp-to-revision"]
    if groups:
        comps = work / "comps.xml"
        comps.write_bytes(groups)
        os.utime(comps, (created, created))
        words += ["--groupfile", str(comps)]
    tools.run([*words, str(directory)])


def _facts(payload: PackagePayload, info: PackagesInfo) -> MediumPackages:
    addresses = [one.baseurls[0] if one.baseurls else one.mirrorlist or one.metalink for one in payload.repositories]
    return MediumPackages(
        name=info.os_release.get("PRETTY_NAME", "") or info.os_release.get("NAME", ""),
        count=len(info.packages),
        download_size=info.download_size,
        unpacked_size=info.unpacked_size,
        kernel=info.kernel,
        signed=_is_checked(payload),
        choice=replace(payload, repositories=()),
        sources=tuple(map(_recorded, addresses)),
    )


def _recorded(address: str) -> str:
    """The address for a medium: without the directories of the machine that the medium is made on."""
    path = local_path(address)
    return address if path is None else f"file:{path.name}"
