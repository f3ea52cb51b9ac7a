"""Layers into objects: each becomes a tree of checksums, and the trees become one.

Objects are written with their final label, so that neither this nor bootc's later pass over the layers writes any of
them twice.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ashore_installer.payload.objects import ObjectStore, Owner
from ashore_installer.payload.place import LABEL, Refused, placed
from ashore_installer.payload.tar import Kind, TarEntry, TarReader
from ashore_installer.payload.tree import Tree
from ashore_installer.payload.variant import Xattrs, dirtree, parse_dirtree

Label = Callable[[str, int], bytes | None]
"""The SELinux label of an absolute path with this mode (type bits included), as stored, or None."""

Objects = Tree[bytes, bytes]
"""Checksums of files' objects and directories' dirmeta objects."""

_OBJECT = re.compile(r"sysroot/ostree/repo/objects/([0-9a-f]{2})/([0-9a-f]{62})\.file")
_TYPES = {Kind.DIRECTORY: stat.S_IFDIR, Kind.SYMLINK: stat.S_IFLNK}


def no_labels(_path: str, _mode: int) -> None:
    """The labels of an image without a policy."""


@dataclass(kw_only=True)
class LayerImport:
    """Imports the entries of one layer. `below` is the merged tree of the layers before it, for hard links to them."""

    store: ObjectStore
    below: Objects
    label: Label = no_labels

    def __post_init__(self) -> None:
        self.tree: Objects = Tree()
        self._metas: dict[Owner, bytes] = {}
        self._moved: dict[str, bytes] = {}

    def run(self, reader: TarReader) -> Objects:
        """The layer's own tree, whiteouts as files. Raises Refused for what can't be installed."""
        for raw in reader:
            entry = placed(raw)
            if entry is not None:
                self._add(entry, reader)
        return self.tree

    def _add(self, entry: TarEntry, reader: TarReader) -> None:
        if entry.kind is Kind.DIRECTORY:
            owner = self._owner(entry)
            if owner not in self._metas:
                self._metas[owner] = self.store.dirmeta(owner)
            self.tree.put_dir(entry.path, self._metas[owner])
        elif entry.kind is Kind.HARDLINK:
            self.tree.put_file(entry.path, self._linked(entry))
        elif entry.kind is Kind.SYMLINK:
            self.tree.put_file(entry.path, self.store.symlink(self._owner(entry), entry.target))
        elif entry.mtime > 0 and _OBJECT.fullmatch(entry.path):
            # A file of the image's own repository that a build step changed: its names are hard links that follow.
            self._moved[entry.path] = self.store.regular(_bare(entry), entry.size, reader.content())
        else:
            self.tree.put_file(entry.path, self.store.regular(self._owner(entry), entry.size, reader.content()))

    def _owner(self, entry: TarEntry) -> Owner:
        mode = _TYPES.get(entry.kind, stat.S_IFREG) | entry.mode
        label = self.label(f"/{entry.path}", mode)
        return Owner(entry.uid, entry.gid, entry.mode, _labelled(entry.xattrs, label))

    def _linked(self, entry: TarEntry) -> bytes:
        """The object of another name of a file, with the label of this name."""
        found = self.tree.find(entry.target) or self._moved.get(entry.target) or self.below.find(entry.target)
        match = _OBJECT.fullmatch(entry.target)
        if found is None and match and self.store.has(bytes.fromhex(match[1] + match[2]), "file"):
            found = bytes.fromhex(match[1] + match[2])
        if found is None:
            raise Refused(entry.path, f"a hard link to {'/' + entry.target!r}, which is not in the image")
        return relabelled(self.store, found, entry.path, self.label)


def relabelled(store: ObjectStore, checksum: bytes, path: str, label: Label) -> bytes:
    """The object of the same file labelled for `path`; the same one if there is no policy or the label is right."""
    if label is no_labels:
        return checksum
    xattrs = store.xattrs(checksum)
    wanted = _labelled(xattrs, label(f"/{path}", store.mode(checksum)))
    return checksum if wanted == xattrs else store.with_xattrs(checksum, wanted)


def relabel_tree(store: ObjectStore, tree: Objects, label: Label, prefix: str = "") -> None:
    """Label everything in a tree for its path; needed when a later layer changes the policy of a base."""
    if tree.meta is not None:
        owner = store.read_dirmeta(tree.meta)
        wanted = _labelled(owner.xattrs, label(f"/{prefix}".rstrip("/") or "/", stat.S_IFDIR | owner.mode))
        tree.meta = store.dirmeta(replace(owner, xattrs=wanted))
    for name, checksum in tree.files.items():
        tree.files[name] = relabelled(store, checksum, prefix + name, label)
    for name, child in tree.dirs.items():
        relabel_tree(store, child, label, f"{prefix}{name}/")


def write_tree(store: ObjectStore, tree: Objects, label: Label = no_labels, prefix: str = "") -> tuple[bytes, bytes]:
    """Store the dirtree objects of a tree; the checksums of its root's dirtree and dirmeta.

    A directory that no layer has an entry for belongs to root with mode 0755.
    """
    dirs = {name: write_tree(store, child, label, f"{prefix}{name}/") for name, child in tree.dirs.items()}
    meta = tree.meta
    if meta is None:
        found = label(f"/{prefix}".rstrip("/") or "/", stat.S_IFDIR | 0o755)
        meta = store.dirmeta(Owner(mode=0o755, xattrs=_labelled((), found)))
    return store.metadata("dirtree", dirtree(tree.files, dirs)), meta


def read_tree(store: ObjectStore, root: bytes, meta: bytes) -> Objects:
    """The tree that a dirtree object is the root of."""
    files, dirs = parse_dirtree(store.read(root, "dirtree"))
    return Tree(meta, files, {name: read_tree(store, *child) for name, child in dirs.items()})


def drop_leftovers(store: ObjectStore, tree: Objects) -> None:
    """Remove the empty files that podman leaves where it mounts over (ostree-ext, store.rs, `cleanup_root`)."""
    etc = tree.find_dir("usr/etc")
    for name in ("hostname", "resolv.conf"):
        if etc and name in etc.files and store.is_empty_file(etc.files[name]):
            del etc.files[name]


def _bare(entry: TarEntry) -> Owner:
    return Owner(entry.uid, entry.gid, entry.mode, entry.xattrs)


def _labelled(xattrs: Xattrs, label: bytes | None) -> Xattrs:
    others: Iterable[tuple[bytes, bytes]] = (pair for pair in xattrs if pair[0] != LABEL)
    return tuple(sorted((*others, (LABEL, label)))) if label is not None else tuple(others)
