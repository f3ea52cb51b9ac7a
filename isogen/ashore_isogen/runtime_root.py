"""The runtime root: packages, configuration and libraries, but not Ashore itself.

It is what the live system is cut from, and what tests and builds that need libostree, blivet or libdnf5 run in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ashore_isogen
from ashore_installer.errors import InstallerError
from ashore_isogen.backend_debian import Package
from ashore_isogen.cache import contents, digest_of, files_of
from ashore_isogen.dracut import build_initramfs
from ashore_isogen.ours import templates_directory
from ashore_isogen.pypi import REQUIREMENTS, Library, install_libraries
from ashore_isogen.report import Report
from ashore_isogen.sandbox import Sandbox
from ashore_isogen.template.execute import Executor, PackageBackend
from ashore_isogen.template.parse import Templates
from ashore_isogen.template.tree import Tree

DISTRIBUTION, COMMON = "debian", "common"
SUITE = "forky"
ARCHITECTURE = "amd64"
INSTALL, POSTINSTALL, CLEANUP = "runtime-install.tmpl", "runtime-postinstall.tmpl", "runtime-cleanup.tmpl"
LIVE_CLEANUP = "live-cleanup.tmpl"
PYTHON = "usr/lib/python3/dist-packages"
# Where templates find the files of config_files/, as in lorax.
CONFIGDIR = "/tmp/config_files"
CONFIG_FILES = "config_files"
# The modules that decide what a root tree becomes; a change in one of them makes a new root.
_CODE = ("template", "dracut.py", "pypi.py", "runtime_root.py", "sandbox/inner.py")
DEBIAN_CODE, RPM_CODE = ("backend_debian.py",), ("backend_rpm.py", "runtime_rpm.py")


@dataclass(frozen=True, slots=True)
class RuntimeRoot:
    """A finished runtime root in the cache."""

    directory: Path

    @property
    def tree(self) -> Path:
        return self.directory / "tree"

    @property
    def initramfs(self) -> Path:
        return self.directory / "initrd.img"

    @property
    def libraries(self) -> Path:
        """What came from PyPI: name and version, tab separated."""
        return self.directory / "libraries.tsv"

    @property
    def epoch(self) -> int:
        """The time of the newest file in any package, seconds since 1970: the SOURCE_DATE_EPOCH of all we make."""
        return int((self.directory / "epoch").read_text(encoding="ascii"))


def root_digest(templates: Path, code: Sequence[str] = DEBIAN_CODE, origin: Iterable[bytes] = (SUITE.encode(),)) -> str:
    """The digest of all that a runtime root is made from, but for the state of what its packages come from."""
    here = Path(ashore_isogen.__file__).parent
    parts = [b"root 2", ARCHITECTURE.encode(), *origin, *contents(_common()), *_template_parts(templates)]
    for name in (*_CODE, *code):
        path = here / name
        parts += [path.read_bytes()] if path.is_file() else contents(path)
    return digest_of(parts)


def _template_parts(templates: Path) -> Iterable[bytes]:
    """All templates and their files but those that are read later, for the live system only."""
    for path in files_of(templates):
        if path.name != LIVE_CLEANUP:
            yield path.relative_to(templates).as_posix().encode()
            yield path.read_bytes()


def _common() -> Path:
    """The configuration files of every distribution's live system. A distribution's own take their places."""
    return templates_directory(COMMON) / CONFIG_FILES


def templates_of(directory: Path, root: Path | None) -> Templates:
    """The templates with their variables; `root` is the tree that `exists` and `glob` look into."""
    variables = {"configdir": CONFIGDIR, "basearch": "x86_64"}
    return Templates(directory=directory, variables=variables, tree=Tree(root) if root else None)


def check_templates(templates: Path) -> None:
    """A mistake in them is told now, not after minutes. Raises BadInput with file and line."""
    for name in (INSTALL, POSTINSTALL, CLEANUP):
        templates_of(templates, None).parse(name)


def build_root(directory: Path, templates: Path, packages: PackageBackend, report: Report) -> None:
    """Builds a RuntimeRoot in `directory`, into whose tree `packages` installs. Raises InstallerError."""
    root = RuntimeRoot(directory)
    tree = templates_of(templates, root.tree)
    run = executor(root.tree, packages, report)

    report.note("Installing the packages of the runtime root")
    run.execute(tree.parse(INSTALL))
    (directory / "epoch").write_text(str(newest_packaged_file(root.tree, packages)), encoding="ascii")
    report.note("Configuring the live system")
    _with_config_files(run, tree, (_common(), templates / CONFIG_FILES))
    write_table(root.libraries, _libraries(templates, root.tree, report))
    report.note("Making the initramfs")
    build_initramfs(root.tree, root.initramfs, root.epoch)
    report.note("Taking out what nothing needs")
    run.execute(tree.parse(CLEANUP))
    if (root.tree / PYTHON).is_dir():  # Debian's packages come without byte code
        byte_compile(root.tree, "/usr/lib/python3", *(f"/{path}" for path in _standard_libraries(root.tree)))


def executor(root: Path, packages: PackageBackend, report: Report) -> Executor:
    """What does the commands of templates to the tree `root`."""
    inside = Sandbox(root=root, keep=True)
    return Executor(tree=Tree(root), packages=packages, enter=inside.run, report=report.note)


def _libraries(templates: Path, tree: Path, report: Report) -> tuple[Library, ...]:
    """What the distribution does not have, and its templates name."""
    if not (templates / REQUIREMENTS).is_file():
        return ()
    report.note("Installing Python libraries")
    return install_libraries(templates, tree / PYTHON)


def _with_config_files(run: Executor, templates: Templates, sources: Iterable[Path]) -> None:
    """The post-installation template sees config_files/ in the tree, as lorax's templates do."""
    place = run.tree.path(CONFIGDIR)
    for path, name in ((path, path.relative_to(source)) for source in sources for path in files_of(source)):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)  # whatever the checkout's umask was
    run.execute(templates.parse(POSTINSTALL))
    shutil.rmtree(place)


def newest_packaged_file(root: Path, packages: PackageBackend) -> int:
    """The newest time that a package gives a file below /usr, seconds. The same packages give the same time."""
    paths = (root / file.lstrip("/") for file in packages.files_of("*") if file.startswith("/usr/"))
    times = [int(path.lstat().st_mtime) for path in paths if path.is_file() and not path.is_symlink()]
    if not times:
        raise InstallerError("No package has a file below /usr.", "Add installpkg lines to runtime-install.tmpl.")
    return max(times)


def byte_compile(root: Path, *directories: str) -> None:
    """Compiles Python modules to byte code that is not compared with its source, so that file times don't matter."""
    mode = ("--invalidation-mode", "unchecked-hash")
    Sandbox(root=root, keep=True).run(["python3", "-m", "compileall", "-q", "-f", "-j", "0", *mode, *directories])


def _standard_libraries(root: Path) -> list[Path]:
    return [path.relative_to(root) for path in sorted((root / "usr/lib").glob("python3.*"))]


def write_table(path: Path, rows: Iterable[Library | Package]) -> None:
    """One row a line, fields separated by tabs."""
    lines = [
        f"{row.name}\t{row.version}\t{row.architecture}\n"
        if isinstance(row, Package)
        else f"{row.name}\t{row.version}\n"
        for row in rows
    ]
    path.write_text("".join(lines), encoding="utf-8")
