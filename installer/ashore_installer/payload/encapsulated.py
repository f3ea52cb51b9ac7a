"""Layers that carry ostree objects, as `ostree container encapsulate` and rpm-ostree write them.

Format: ostree-ext, src/tar/import.rs and export.rs. An image with the label `ostree.final-diffid` has a commit in its
first layer and more objects in the following ones, up to the layer with that diff_id. Each object stands below
`sysroot/ostree/repo/objects`; the extended attributes of a file come before it, in format 1 as `.file-xattrs` and
`.file-xattrs-link`, in format 0 below `xattrs/` and as `.file.xattrs`.
"""

from __future__ import annotations

import hashlib
import re

from ashore_installer.errors import InstallerError
from ashore_installer.payload.layout import LayoutImage
from ashore_installer.payload.objects import ObjectStore, Owner
from ashore_installer.payload.tar import Kind, TarEntry, TarReader
from ashore_installer.payload.variant import Xattrs, parse_dirtree, parse_xattrs
from ashore_installer.units import MiB

FINAL_DIFF_ID = "ostree.final-diffid"
METADATA_LIMIT = 10 * MiB
"""libostree's own (ostree-core.h, OSTREE_MAX_METADATA_SIZE)."""

_REPO = "sysroot/ostree/repo/"
_OBJECT = re.compile(r"objects/([0-9a-f]{2})/([0-9a-f]{62})\.([a-z.-]+)")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


class BadObjects(InstallerError):
    def __init__(self, why: str) -> None:
        super().__init__(f"A layer with ostree objects can't be used: {why}.", "Make the image again.")


def object_layers(image: LayoutImage) -> int:
    """How many of an image's layers carry objects; 0 for images that weren't exported from ostree."""
    final = image.labels.get(FINAL_DIFF_ID)
    if final is None:
        return 0
    diff_ids = [layer.diff_id for layer in image.layers]
    if final not in diff_ids:
        raise BadObjects(f"the label {FINAL_DIFF_ID} names a layer that the image doesn't have")
    return diff_ids.index(final) + 1


class ObjectImport:
    """Imports the objects of one layer; metadata objects are accepted in the `first` layer only.

    Every object's checksum is computed and compared with its name.
    """

    def __init__(self, store: ObjectStore, *, first: bool) -> None:
        self.files: set[bytes] = set()
        self.commit = b""
        """Checksum of the commit, empty but after the first layer."""
        self._store = store
        self._first = first
        self._xattrs: dict[str, Xattrs] = {}
        self._next: tuple[str, str] | None = None

    def run(self, reader: TarReader) -> None:
        for entry in reader:
            path = entry.path.removeprefix("./").lstrip("/")
            if entry.kind is Kind.DIRECTORY or not path.startswith(_REPO):
                continue
            rest = path.removeprefix(_REPO)
            if rest.startswith("xattrs/"):
                self._keep_xattrs(entry, reader, rest.removeprefix("xattrs/"))
            elif rest.startswith("objects/"):
                self._object(entry, reader, rest)
        if self._first and not self.commit:
            raise BadObjects("the first one has no commit")

    def _object(self, entry: TarEntry, reader: TarReader, path: str) -> None:
        match = _OBJECT.fullmatch(path)
        if not match:
            raise BadObjects(f"it has {path!r}")
        name, kind = match[1] + match[2], match[3]
        if kind == "file":
            self._file(entry, reader, name)
        elif kind == "file-xattrs":
            self._keep_xattrs(entry, reader, name)
        elif kind in ("file-xattrs-link", "file.xattrs"):
            self._announce(entry, reader, name)
        elif self._first and kind in ("commit", "commitmeta", "dirtree", "dirmeta"):
            self._metadata(reader, name, kind)
        else:
            raise BadObjects(f"it has {path!r}, which doesn't belong in this layer")

    def _file(self, entry: TarEntry, reader: TarReader, name: str) -> None:
        announced, self._next = self._next, None
        if announced is None or announced[0] != name or announced[1] not in self._xattrs:
            raise BadObjects(f"the extended attributes of {name} are missing")
        expected = bytes.fromhex(name)
        if not self._store.has(expected, "file"):
            owner = Owner(entry.uid, entry.gid, entry.mode, self._xattrs[announced[1]])
            if self._stored(entry, reader, owner) != expected:
                raise BadObjects(f"the file {name} is damaged")
        self.files.add(expected)

    def _stored(self, entry: TarEntry, reader: TarReader, owner: Owner) -> bytes:
        if entry.kind is Kind.FILE:
            return self._store.regular(owner, entry.size, reader.content())
        if entry.kind is Kind.SYMLINK:
            return self._store.symlink(owner, entry.target)
        raise BadObjects(f"it has a {entry.kind.value} as an object")

    def _announce(self, entry: TarEntry, reader: TarReader, name: str) -> None:
        """Remember which extended attributes the next file has."""
        if self._next is not None:
            raise BadObjects(f"the file {self._next[0]} is missing")
        if entry.kind is Kind.FILE:
            key = self._keep_xattrs(entry, reader, None)
        else:
            match = _OBJECT.fullmatch(entry.target[entry.target.find("objects/") :])
            key = match[1] + match[2] if match else entry.target.rpartition("/")[2]
        self._next = (name, key)

    def _keep_xattrs(self, entry: TarEntry, reader: TarReader, name: str | None) -> str:
        if entry.kind is not Kind.FILE or (name is not None and not _CHECKSUM.fullmatch(name)):
            raise BadObjects(f"{entry.path!r} is no list of extended attributes")
        content = reader.read(MiB)
        key = hashlib.sha256(content).hexdigest()
        if name not in (None, key):
            raise BadObjects(f"the extended attributes {name} are damaged")
        try:
            self._xattrs[key] = parse_xattrs(content)
        except ValueError as error:
            raise BadObjects(str(error)) from error
        return key

    def _metadata(self, reader: TarReader, name: str, kind: str) -> None:
        content = reader.read(METADATA_LIMIT)
        checksum = bytes.fromhex(name)
        if kind != "commitmeta" and hashlib.sha256(content).digest() != checksum:
            raise BadObjects(f"the {kind} {name} is damaged")
        if kind == "commit":
            if self.commit:
                raise BadObjects("it has several commits")
            self.commit = checksum
        if kind == "commitmeta":
            self._store.detached(checksum, content)
        else:
            self._store.metadata(kind, content)


def check_complete(store: ObjectStore, tree: bytes, meta: bytes) -> None:
    """Raise BadObjects unless everything below a root is there."""
    if not store.has(tree, "dirtree") or not store.has(meta, "dirmeta"):
        raise BadObjects(f"the directory {tree.hex()} is missing")
    files, dirs = parse_dirtree(store.read(tree, "dirtree"))
    missing = next((name for name, checksum in files.items() if not store.has(checksum, "file")), None)
    if missing is not None:
        raise BadObjects(f"the file {missing!r} is missing")
    for child in dirs.values():
        check_complete(store, *child)
