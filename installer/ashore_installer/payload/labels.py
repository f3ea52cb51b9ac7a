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
    """All that an installation has to label, with the deployment and the stateroot's /var under their own names."""
    var = deployment.parents[1] / "var"
    objects = target / "ostree" / "repo" / "objects"
    return (
        Tree(path=target, name="/", without=(objects, deployment, var)),
        Tree(path=deployment / ".ostree.cfs", name="/usr"),
        Tree(path=deployment / "etc", name="/etc"),
        Tree(path=var, name="/var"),
    )


def label_tree(tree: Tree, label: Label) -> int:
    """Label what has no label; gives how many that were. Mounts without labels (the ESP) are left alone."""
    count = 0
    for path, name, mode in unlabelled(tree):
        found = label(name, mode)
        if found is None:
            # The policy has nothing for it; what can't be found by its path is like its surroundings.
            found = label("/usr", mode)
        if found is not None:
            os.setxattr(path, _NAME, found, follow_symlinks=False)
            count += 1
    return count


def unlabelled(tree: Tree) -> Iterator[tuple[str, str, int]]:
    """Path, name in the installed system and mode of everything in a tree that has no label."""
    without = frozenset(map(str, tree.without))
    if not tree.path.exists():
        return
    stack = [(str(tree.path), tree.name.rstrip("/"))]
    while stack:
        path, name = stack.pop()
        if path in without:
            continue
        mode = os.lstat(path).st_mode
        has = _has_label(path)
        if has is None:
            continue
        if not has:
            yield path, name or "/", mode
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
