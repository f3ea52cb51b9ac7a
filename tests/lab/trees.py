"""The trees of which packages are made: Debian packages unpacked, with the files of the recipe on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.lab.compose import Rpm
from tests.lab.debs import Deb
from tests.lab.spec import Node, filled

MATERIALS = ".materials"
LANGUAGES = ("de",)
"""Whose translations are kept, so that there is something to leave out."""
_NOT_UNPACKED = (
    *(
        "./etc/apt",
        "./etc/init.d",
        "./etc/cron*",
        "./etc/sv",
        "./etc/runit",
        "./etc/dpkg",
        "./etc/ufw",
        "./etc/logcheck",
    ),
    *("./usr/share/bug", "./usr/share/lintian", "./usr/share/info", "./usr/share/debconf", "./usr/share/debianutils"),
    *(
        "./usr/share/apport",
        "./usr/share/runit",
        "./usr/lib/runit-helper",
        "./var/log/runit",
        "./usr/share/initramfs-tools",
    ),
)


def unpack(deb: Path, tree: Path, excluded: Iterable[str] = _NOT_UNPACKED) -> None:
    """Add the files of a Debian package to `tree`."""
    tree.mkdir(parents=True, exist_ok=True)
    words = ["tar", "--extract", "--directory", str(tree), "--keep-directory-symlink", "--no-same-owner", "-p"]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as source:
        subprocess.run([*words, *(f"--exclude={glob}" for glob in excluded)], stdin=source.stdout, check=True)
    if source.returncode:
        raise subprocess.CalledProcessError(source.returncode, source.args)


def unpack_all(rpms: Iterable[Rpm], materials: Iterable[Deb], debs: Path, trees: Path) -> None:
    for rpm in rpms:
        (trees / rpm.name).mkdir(parents=True)
        for deb in rpm.debs:
            unpack(debs / deb.file, trees / rpm.name)
        prune(trees / rpm.name)
    for deb in materials:
        unpack(debs / deb.file, trees / MATERIALS / deb.name, ())


def prune(tree: Path) -> None:
    """Leave out documentation but licences and the manuals of section 8, and translations but a few."""
    share = tree / "usr/share"
    for manual in share.glob("man/*"):
        if manual.name != "man8":
            shutil.rmtree(manual)
    for language in share.glob("locale/*"):
        if language.name not in LANGUAGES and language.is_dir():
            shutil.rmtree(language)
    for document in (path for path in share.glob("doc/**/*") if not path.is_dir() or path.is_symlink()):
        if document.name != "copyright":
            document.unlink()
    for directory in sorted(share.glob("doc/**/"), reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()


def overlay(files: Path, trees: Path) -> None:
    """Copy files/PACKAGE/ into the packages' trees: root's, with modes that don't depend on the checkout's umask."""
    for path in sorted(files.rglob("*")):
        target = trees / path.relative_to(files)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            shutil.copyfile(path, target)
            target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def add_ghosts(rpms: Iterable[Rpm], trees: Path, kernel: str) -> None:
    """Make the files that packages own but don't bring: rpmbuild wants to see them."""
    for rpm in rpms:
        for ghost in rpm.recipe.ghosts:
            path = trees / rpm.name / filled(ghost, kernel).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.truncate(path, rpm.recipe.ghost_sizes.get(ghost, 0))


def nodes(tree: Path) -> Iterator[Node]:
    """All of a tree but its top, sorted by path."""
    for path in sorted(tree.rglob("*")):
        yield Node(path=f"/{path.relative_to(tree)}", mode=path.lstat().st_mode)
