"""Debian packages for a root tree: mmdebstrap installs them, dpkg's database says what came from where.

The archive is the one that this machine's apt uses; only the suite is ours.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.run import CommandFailed, Commands
from ashore_isogen.template.commands import InstallPkg

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR_VARIABLE = "ASHORE_DEBIAN_MIRROR"
_NO_FILES = (
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*/*",
    "/usr/share/doc/*",
    "/usr/share/lintian/*",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    name: str
    version: str
    architecture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A Debian archive: its URI, the suite, the architecture."""

    uri: str
    suite: str
    architecture: str = "amd64"

    def source(self) -> str:
        """As a line of sources.list(5)."""
        return f"deb [signed-by={KEYRING}] {self.uri} {self.suite} main"


def this_machines_mirror() -> str:
    """The URI of the Debian archive that apt is configured for here. Raises BadInput when there is none."""
    hint = f"Say which to use: {MIRROR_VARIABLE}=http://… in the environment."
    if shutil.which("apt-get") is None:
        raise BadInput("This machine has no apt, so it names no Debian archive.", hint)
    fields = "$(REPO_URI) $(COMPONENT)"
    words = ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]
    if found := mirror_among(Commands().run(words).splitlines()):
        return found
    raise BadInput("This machine's apt is configured for no Debian archive.", hint)


def mirror_among(lines: Iterable[str]) -> str | None:
    """The URI of the first Debian archive, of lines with a URI and a component. Archives end in `/debian` by custom."""
    for line in lines:
        uri, _, component = line.partition(" ")
        if component == "main" and uri.rstrip("/").endswith("/debian"):
            return uri.rstrip("/")
    return None


@dataclass(frozen=True, slots=True)
class Dpkg:
    """dpkg's database in the tree `root`, which says what is installed and what came from where."""

    root: Path

    def request(self, command: InstallPkg) -> None:
        raise BadInput(
            f"{' '.join(command.specs)}: this tree is complete.", "Ask for packages in runtime-install.tmpl."
        )

    def transact(self) -> None:
        raise BadInput("This tree is complete.", "Install packages in runtime-install.tmpl.")

    def files_of(self, packages: str) -> Sequence[str]:
        found = (path for name, path in self._lists() if fnmatch.fnmatchcase(name, packages))
        return [file for path in found for file in _listed(path)]

    def packages(self) -> tuple[Package, ...]:
        """All packages, sorted by name."""
        status = (self.root / "var/lib/dpkg/status").read_text(encoding="utf-8")
        return tuple(sorted((_package(text) for text in status.split("\n\n") if text.strip()), key=lambda p: p.name))

    def packages_in(self, tree: Path) -> tuple[Package, ...]:
        """Those packages of which a file is left in `tree`, which was cut from this one."""
        files = {name: _listed(path) for name, path in self._lists()}
        return tuple(package for package in self.packages() if _any_file(tree, files.get(package.name, [])))

    def _lists(self) -> Iterator[tuple[str, Path]]:
        """The file lists: `name.list` or `name:arch.list` (dpkg-query(1), `--listfiles`)."""
        for path in sorted((self.root / "var/lib/dpkg/info").glob("*.list")):
            yield path.stem.split(":")[0], path


@dataclass(slots=True)
class DebianPackages:
    """The packages of one root tree. `debs` keeps the downloads for the next build; its owner has locked it."""

    root: Path
    archive: Archive
    debs: Path
    report: Callable[[str], None]
    _wanted: list[str] = field(default_factory=list)

    def request(self, command: InstallPkg) -> None:
        """Exact names only: apt alone knows what a glob would match, and it runs later."""
        if globs := [spec for spec in command.specs if set(spec) & set("*?[]")]:
            raise BadInput(f"{globs[0]} is a glob; the Debian backend takes package names.", "Write the names.")
        if not command.required:
            raise BadInput("installpkg --optional is not supported yet for Debian packages.", "Leave the package out.")
        self._wanted += [spec for spec in command.specs if not _excluded(spec, command.excluding)]

    def transact(self) -> None:
        """Installs all that was requested into the empty directory `root`."""
        if not self._wanted:
            raise InstallerError("No package was asked for.", "Add installpkg lines before run_pkg_transaction.")
        self.debs.mkdir(parents=True, exist_ok=True)
        try:
            # INITRD=No: the kernel's package makes no initramfs, since the live system has another (dracut.py).
            Commands().follow(self.command(), self.report, env={"INITRD": "No"})
        except CommandFailed as error:
            hint = f"Is {self.archive.uri} reachable, and does it have {self.archive.suite} with all these packages?"
            raise InstallerError(f"The packages can't be installed: {reason_of(error.stderr)}", hint) from error
        self._forget_old_debs()

    def files_of(self, packages: str) -> Sequence[str]:
        return Dpkg(self.root).files_of(packages)

    def command(self) -> list[str]:
        """The mmdebstrap that installs what was requested."""
        archives = "/var/cache/apt/archives"
        return [
            # Already root, or what seems so in our own user namespace.
            "mmdebstrap", "--mode=root", "--variant=apt", f"--architectures={self.archive.architecture}",
            f"--include={','.join(self._wanted)}",
            # A frozen mirror's Release file is past its Valid-Until; its signature is checked all the same.
            '--aptopt=Acquire::Check-Valid-Until "false"',
            '--aptopt=APT::Install-Recommends "false"',
            # The tree is complete or thrown away, so nothing is gained by waiting for the disk.
            "--dpkgopt=force-unsafe-io",
            *(f"--dpkgopt=path-exclude={glob}" for glob in _NO_FILES),
            # A medium hands out copies of these programs: their licences come with them.
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "--skip=essential/unlink",
            f'--setup-hook=mkdir -p "$1{archives}"',
            f"--setup-hook=sync-in {self.debs} {archives}",
            f"--customize-hook=sync-out {archives} {self.debs}",
            self.archive.suite, str(self.root), self.archive.source(),
        ]  # fmt: skip

    def _forget_old_debs(self) -> None:
        """The cache keeps what this build used and nothing else, so it does not grow with a suite that moves."""
        used = {f"{p.name}_{p.version.replace(':', '%3a')}_{p.architecture}.deb" for p in Dpkg(self.root).packages()}
        for deb in self.debs.glob("*.deb"):
            if deb.name not in used:
                deb.unlink()


def reason_of(output: str) -> str:
    """The line of apt or mmdebstrap that says most."""
    lines = [line for line in output.splitlines() if line.startswith("E: ")]
    return (lines or output.splitlines() or ["mmdebstrap failed."])[0].removeprefix("E: ")


def _listed(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line != "/."]


def _any_file(tree: Path, files: Iterable[str]) -> bool:
    paths = (tree / file.lstrip("/") for file in files)
    return any(path.is_symlink() or path.is_file() for path in paths)


def _excluded(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def _package(paragraph: str) -> Package:
    fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line.startswith(" "))
    return Package(name=fields["Package"], version=fields["Version"], architecture=fields["Architecture"])
