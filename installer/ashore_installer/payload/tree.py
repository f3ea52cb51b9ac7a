"""Directory trees in memory, and layers merged into one tree.

A tree keeps for each file a leaf (its checksum, or what a scan wants to know) and for each directory its metadata. The
rules are those of the OCI image specification (layer.md): a later layer wins, `.wh.NAME` removes NAME of earlier
layers, `.wh..wh..opq` all that earlier layers have in its directory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ashore_installer.payload.place import OPAQUE, WHITEOUT, Refused

L = TypeVar("L")
"""What is kept of a file."""
M = TypeVar("M")
"""What is kept of a directory."""


@dataclass(slots=True)
class Tree(Generic[L, M]):
    """A directory. `meta` is None when the layer has files below it but no entry for the directory itself."""

    meta: M | None = None
    files: dict[str, L] = field(default_factory=dict)
    dirs: dict[str, Tree[L, M]] = field(default_factory=dict)

    def put_file(self, path: str, leaf: L) -> None:
        """Set a file of a layer; twice the same path is as with tar(1): the last one stays."""
        parent, name = self._parent(path)
        if name in parent.dirs or not name:
            raise Refused(path, "both a directory and a file in the same layer", "Make the image again.")
        parent.files[name] = leaf

    def put_dir(self, path: str, meta: M) -> None:
        directory = self
        for name in path.split("/") if path else ():
            directory = directory.child(name, path)
        directory.meta = meta

    def child(self, name: str, path: str) -> Tree[L, M]:
        """The directory `name`, made if it isn't there; `path` is for the message if it is a file."""
        found = self.dirs.get(name)
        if found is None:
            if name in self.files:
                raise Refused(path, "below a file of the same layer that is no directory", "Make the image again.")
            found = self.dirs[name] = Tree()
        return found

    def find(self, path: str) -> L | None:
        """The leaf of the file at `path`, without following links, or None."""
        *parents, name = path.split("/")
        directory: Tree[L, M] | None = self
        for part in parents:
            directory = directory.dirs.get(part) if directory else None
        return directory.files.get(name) if directory else None

    def find_dir(self, path: str) -> Tree[L, M] | None:
        directory: Tree[L, M] | None = self
        for part in path.split("/") if path else ():
            directory = directory.dirs.get(part) if directory else None
        return directory

    def walk(self, prefix: str = "") -> Iterator[tuple[str, L]]:
        """All files with their paths."""
        for name, leaf in self.files.items():
            yield prefix + name, leaf
        for name, child in self.dirs.items():
            yield from child.walk(f"{prefix}{name}/")

    def _parent(self, path: str) -> tuple[Tree[L, M], str]:
        *parents, name = path.split("/")
        directory = self
        for part in parents:
            directory = directory.child(part, path)
        return directory, name


def overlay(below: Tree[L, M], layer: Tree[L, M]) -> None:
    """Put `layer` on top of `below`, which changes. Whiteouts take effect and are gone afterwards.

    A directory that both have gets the layer's owner, mode and attributes if the layer has an entry for it. (bootc's
    own merge keeps the first ones: ostree-repo-checkout.c, `did_exist`. What the image's author asked for is this.)
    """
    if layer.meta is not None:
        below.meta = layer.meta
    _white_out(below, layer)
    for name, leaf in layer.files.items():
        if not name.startswith(WHITEOUT):
            below.dirs.pop(name, None)
            below.files[name] = leaf
    for name, child in layer.dirs.items():
        below.files.pop(name, None)
        overlay(below.dirs.setdefault(name, Tree()), child)


def _white_out(below: Tree[L, M], layer: Tree[L, M]) -> None:
    if OPAQUE in layer.files:
        below.files.clear()
        below.dirs.clear()
    for name in layer.files:
        if name.startswith(WHITEOUT) and name != OPAQUE:
            below.files.pop(name.removeprefix(WHITEOUT), None)
            below.dirs.pop(name.removeprefix(WHITEOUT), None)
