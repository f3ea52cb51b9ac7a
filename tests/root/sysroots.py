"""Images imported into a real ostree repository, and a look at what came of them."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.image import ImageInfo
from ashore_installer.payload.layout import LayoutImage, open_image
from ashore_installer.payload.ostree import Sysroot
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.scan import scan_image
from ashore_installer.payload.store import ImageImport

TARGET = "docker://registry.example/os/sample:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An image in the repository of a system root, and the checksum of its merge commit."""

    sysroot: Sysroot
    image: LayoutImage
    info: ImageInfo
    commit: str
    progress: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A file as the file system shows it; `content` is the target of a symbolic link."""

    kind: int
    mode: int
    uid: int
    gid: int
    content: bytes
    xattrs: dict[str, bytes]


def imported(root: Path, layout: Path, tag: str, *, target: str = TARGET) -> Imported:
    """Import an image of a layout into the system root at `root`, which is made if it isn't there."""
    image, info = open_image(layout, tag, "amd64"), scan_image(layout, tag, architecture="amd64")
    return import_image(root, image, info, target=target)


def import_image(root: Path, image: LayoutImage, info: ImageInfo, *, target: str = TARGET) -> Imported:
    """The same with facts of an image that may be wrong."""
    root.mkdir(exist_ok=True)
    sysroot = Sysroot(root) if (root / "ostree").is_dir() else Sysroot.create(root, "default")
    progress: list[tuple[int, int]] = []
    importing = ImageImport(
        sysroot=sysroot,
        image=image,
        info=info,
        target=parse_image_name(target),
        on_progress=lambda done, total: progress.append((done, total)),
    )
    return Imported(sysroot=sysroot, image=image, info=info, commit=importing.run(), progress=progress)


def ostree(*words: str | Path) -> str:
    """Run ostree's own program and give what it prints."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["ostree", *words], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fsck(repo: Path) -> None:
    assert "no errors found" in ostree("fsck", f"--repo={repo}")


def checkout(repo: Path, commit: str, directory: Path) -> dict[str, Node]:
    """Everything in a commit, by path, as it looks after a checkout to `directory`."""
    ostree("checkout", f"--repo={repo}", commit, directory)
    return {os.fsdecode(path): node(directory / path) for path in _walk(directory)}


def node(path: Path) -> Node:
    status = path.lstat()
    content = b""
    if stat.S_ISLNK(status.st_mode):
        content = os.fsencode(path.readlink())
    elif stat.S_ISREG(status.st_mode):
        content = path.read_bytes()
    names = os.listxattr(path, follow_symlinks=False)
    return Node(
        kind=stat.S_IFMT(status.st_mode),
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        content=content,
        xattrs={name: os.getxattr(path, name, follow_symlinks=False) for name in names},
    )


def _walk(directory: Path) -> Iterator[Path]:
    return (path.relative_to(directory) for path in sorted(directory.rglob("*")))
