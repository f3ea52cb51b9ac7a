"""SELinux labels outside the object store: the physical root, /boot, and what was written into the deployment.

Labels are written as plain extended attributes, which works on a kernel without SELinux too. As in bootc
(lib/src/lsm.rs, `ensure_dir_labeled_recurse`) only what has no label gets one.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.payload.importer import Label
from ashore_installer.payload.place import LABEL

_NAME = LABEL.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A directory to label: where it is, what it is called in the installed system, and what in it is left alone."""

    path: Path
    name: str
    without: tuple[Path, ...] = ()


def trees(target: Path, deployment: Path) -> tuple[Tree, ...]:
    """All that an installation has to label, with the deployment and the stateroot's /var under their own names.

    Other deployments and other stateroots, which were there before, are other systems' and are left alone.
    """
    var = deployment.parents[1] / "var"
    objects = target / "ostree" / "repo" / "objects"
    others = [path for path in deployment.parent.iterdir() if path.is_dir() and path != deployment]
    others += [path for path in (target / "ostree/deploy").iterdir() if path != deployment.parents[1]]
    return (
        Tree(path=target, name="/", without=(objects, deployment, var, *others)),
        Tree(path=deployment / ".ostree.cfs", name="/usr"),
        Tree(path=deployment / "etc", name="/etc"),
        Tree(path=var, name="/var"),
    )


def label_tree(tree: Tree, label: Label) -> int:
    """Label what has no label; gives how many that were. Mounts without labels (the ESP) are left alone."""
    return sum(_set(path, name, mode, label) for path, name, mode in unlabelled(tree))


def relabel_etc(deployment: Path, label: Label) -> None:
    """Label a new deployment's /etc for its place.

    libostree does it only where the running kernel has SELinux (ostree-sepolicy.c, `ostree_sepolicy_setfscreatecon`);
    elsewhere the copies keep the labels of /usr/etc.
    """
    for path, name, mode, _ in _walk(Tree(path=deployment / "etc", name="/etc")):
        _set(path, name, mode, label)


def _set(path: str, name: str, mode: int, label: Label) -> bool:
    # What the policy has nothing for is labelled like the rest of the system.
    found = label(name, mode) or label("/usr", mode)
    if found is not None:
        os.setxattr(path, _NAME, found, follow_symlinks=False)
    return found is not None


def unlabelled(tree: Tree) -> Iterator[tuple[str, str, int]]:
    """Path, name in the installed system and mode of everything in a tree that has no label."""
    return ((path, name, mode) for path, name, mode, has in _walk(tree) if not has)


def _walk(tree: Tree) -> Iterator[tuple[str, str, int, bool]]:
    """Path, name, mode, and whether it has a label, of everything that can have one."""
    without = frozenset(map(str, tree.without))
    stack = [(str(tree.path), tree.name.rstrip("/"))] if tree.path.exists() else []
    while stack:
        path, name = stack.pop()
        has = None if path in without else _has_label(path)
        if has is None:
            continue
        mode = os.lstat(path).st_mode
        yield path, name or "/", mode, has
        if stat.S_ISDIR(mode):
            with os.scandir(path) as entries:
                stack += [(entry.path, f"{name}/{entry.name}") for entry in entries]


def _has_label(path: str) -> bool | None:
    """Whether a file has a label; None where the file system has no labels."""
    try:
        os.getxattr(path, _NAME, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return None
        if error.errno != errno.ENODATA:
            raise
        return False
    return True
