"""The base layer's tree: Debian packages put together by mmdebstrap, finished inside it, given as one tar stream.

No tree is left behind: mmdebstrap removes its own when the stream has ended. As an ordinary user all of it happens in a
user namespace, where packages and dracut see themselves as root.
"""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ashore_installer.run import Commands
from ashore_isogen import oci
from ashore_isogen.backend_debian import MIRROR_VARIABLE, Archive, Dpkg, this_machines_mirror
from ashore_isogen.report import Report
from ashore_isogen.sample.recipe import Recipe
from ashore_isogen.sandbox.namespaces import namespaces

log = logging.getLogger(__name__)

_ARCHIVES = "/var/cache/apt/archives"
_NEWS = "I: "
_INSIDE = "env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8"
_NO_FILES = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*/LC_MESSAGES/*", "/usr/share/doc/*")
_MOUNTED_AT_BOOT = (b"dev/", b"proc/", b"run/", b"sys/", b"tmp/")


@dataclass(frozen=True, slots=True, kw_only=True)
class DebianTree:
    """Makes trees of Debian packages. `work` is an empty directory, `debs` keeps downloads for the next build."""

    recipe: Recipe
    work: Path
    debs: Path
    report: Report

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The tree of the base layer as a tar stream. Raises CommandFailed."""
        self.debs.mkdir(parents=True, exist_ok=True)
        mirror = os.environ.get(MIRROR_VARIABLE) or this_machines_mirror()
        archive = Archive(uri=mirror, suite=self.recipe.suite, architecture=self.recipe.architecture)
        (self.work / "rootfs.tar").write_bytes(self.recipe.rootfs())
        argv = [*namespaces(), *mmdebstrap(self.recipe, archive, self.work, self.debs)]
        with Commands().piped(argv, self._line, env=self._environment()) as stream:
            yield stream
        self._forget_old_debs()

    def _environment(self) -> dict[str, str]:
        # Kernel packages would make an initramfs in /boot, before the tree is what its initramfs has to fit.
        env = {"SOURCE_DATE_EPOCH": str(self.recipe.epoch), "INITRD": "No"}
        if os.geteuid() == 0:
            # Should mmdebstrap be killed, its tree goes with `work`. Only root can remove files of all owners.
            env["TMPDIR"] = str(self.work)
        return env

    def packages(self) -> str:
        """Every package of the last tree: name, version and architecture, tab separated."""
        found = Dpkg(self.work).packages()
        return "".join(f"{package.name}\t{package.version}\t{package.architecture}\n" for package in found)

    def _line(self, line: str) -> None:
        log.debug("mmdebstrap: %s", line)
        if line.startswith(_NEWS) and "hook" not in line:
            self.report.note(line.removeprefix(_NEWS).capitalize())

    def _forget_old_debs(self) -> None:
        """Keep what this tree used and nothing else: the suite moves on."""
        found = Dpkg(self.work).packages()
        used = {f"{p.name}_{p.version.replace(':', '%3a')}_{p.architecture}.deb" for p in found}
        for deb in self.debs.glob("*.deb"):
            if deb.name not in used:
                deb.unlink()


def mmdebstrap(recipe: Recipe, archive: Archive, work: Path, debs: Path) -> list[str]:
    """The command that writes the finished tree to its stdout, for whoever is root or seems so.

    `work` holds rootfs.tar and gets dpkg's status file. Everything that changes the tree is a hook of mmdebstrap, so
    that it happens in the one place where its files have their right owners.
    """
    status = work / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True, exist_ok=True)
    return [
        "mmdebstrap", "--mode=root", "--variant=essential", "--format=tar", f"--architectures={archive.architecture}",
        f"--include={','.join(recipe.packages)}",
        # A frozen mirror's Release file is past its Valid-Until; its signature is checked all the same.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=APT::Install-Recommends "false"',
        # The tree is complete or thrown away, so nothing is gained by waiting for the disk.
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={glob}" for glob in _NO_FILES),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        # What is not skipped would bring apt's lists and caches back into the finished tree.
        "--skip=essential/unlink,cleanup/apt,cleanup/mmdebstrap",
        f'--setup-hook=mkdir -p "$1{_ARCHIVES}"',
        f"--setup-hook=sync-in {shlex.quote(str(debs))} {_ARCHIVES}",
        # apt's own directory there has an owner whose files an ordinary user could not remove from the cache.
        f'--customize-hook=rm -rf "$1{_ARCHIVES}/partial" "$1{_ARCHIVES}/lock"',
        f"--customize-hook=sync-out {_ARCHIVES} {shlex.quote(str(debs))}",
        f"--customize-hook=download /var/lib/dpkg/status {shlex.quote(str(status))}",
        f"--customize-hook=tar-in {shlex.quote(str(work / 'rootfs.tar'))} /",
        f"--customize-hook=upload {shlex.quote(str(recipe.finish))} /tmp/finish.sh",
        f'--customize-hook=chroot "$1" {_INSIDE} SOURCE_DATE_EPOCH={recipe.epoch} sh /tmp/finish.sh >&2',
        recipe.suite, "-", archive.source(),
    ]  # fmt: skip


def base_entries(stream: IO[bytes]) -> Iterator[oci.Entry]:
    """The entries of a tree as they belong into a layer.

    Directories that are mounted at boot are empty (libostree refuses the device nodes of mmdebstrap's /dev), and a
    security label of the machine that built this does not get in.
    """
    for entry in oci.tar_entries(stream):
        if not entry.path.startswith(_MOUNTED_AT_BOOT):
            yield replace(entry, xattrs=tuple(pair for pair in entry.xattrs if pair[0] != "security.selinux"))
