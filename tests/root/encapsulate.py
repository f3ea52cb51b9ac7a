"""Images as `ostree container encapsulate` writes them (ostree-ext, src/tar/export.rs), made from a real commit."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.payload.variant import parse_dirtree
from ashore_isogen.oci import Entry, Layer, directory, hardlink, regular, symlink
from tests.root.sysroots import node

PREFIX = "sysroot/ostree/repo/objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Entries of the first layer, with the commit and all metadata, and of the second, with most of the files."""

    commit: str
    first: tuple[Entry, ...]
    second: tuple[Entry, ...]

    def layers(self) -> tuple[Layer, Layer]:
        return Layer(entries=self.first), Layer(entries=self.second)


def export(repo: Path, commit: str, *, shared_xattrs: bool = False) -> Exported:
    """Export a commit of a bare repository; every third file goes to the first layer.

    With `shared_xattrs`, attributes are objects of their own that files link to, as older exporters write them.
    """
    writer = _Writer(repo, shared_xattrs=shared_xattrs)
    writer.metadata(commit, "commit")
    tree, meta = _root(repo, commit)
    writer.directory(tree, meta, "")
    return Exported(commit=commit, first=tuple(writer.first), second=tuple(writer.second))


def _root(repo: Path, commit: str) -> tuple[str, str]:
    from ashore_installer.payload.ostree import Sysroot

    found = Sysroot(repo.parents[1]).read_commit(commit)
    return found.tree.hex(), found.meta.hex()


class _Writer:
    def __init__(self, repo: Path, *, shared_xattrs: bool) -> None:
        self.first: list[Entry] = [directory("sysroot"), regular("sysroot/ostree/repo/config", b"[core]\n")]
        self.second: list[Entry] = []
        self._repo, self._shared = repo, shared_xattrs
        self._done: dict[str, list[Entry]] = {}
        self._xattrs: set[tuple[int, str]] = set()

    def metadata(self, checksum: str, kind: str) -> None:
        if checksum not in self._done:
            self._done[checksum] = self.first
            self.first.append(regular(self._name(checksum, kind), self._object(checksum, kind).read_bytes()))

    def directory(self, tree: str, meta: str, prefix: str) -> None:
        self.metadata(meta, "dirmeta")
        self.metadata(tree, "dirtree")
        files, dirs = parse_dirtree(self._object(tree, "dirtree").read_bytes())
        for name, checksum in sorted(files.items()):
            self._file(checksum.hex(), f"{prefix}{name}".replace("usr/etc/", "etc/", 1))
        for name, (child, child_meta) in sorted(dirs.items()):
            self.first.append(directory(f"{prefix}{name}".replace("usr/etc", "etc", 1)))
            self.directory(child.hex(), child_meta.hex(), f"{prefix}{name}/")

    def _file(self, checksum: str, path: str) -> None:
        if checksum not in self._done:
            layer = self.first if len(self._done) % 3 == 0 else self.second
            self._done[checksum] = layer
            self._content(layer, checksum)
        self._done[checksum].append(hardlink(path, self._name(checksum, "file")))

    def _content(self, layer: list[Entry], checksum: str) -> None:
        found = node(self._object(checksum, "file"))
        self._attributes(layer, checksum, sorted(found.xattrs.items()))
        name = self._name(checksum, "file")
        if stat.S_ISLNK(found.kind):
            layer.append(symlink(name, found.content, uid=found.uid, gid=found.gid))
        else:
            layer.append(regular(name, found.content, mode=found.mode, uid=found.uid, gid=found.gid))

    def _attributes(self, layer: list[Entry], checksum: str, xattrs: list[tuple[str, bytes]]) -> None:
        from gi.repository import GLib

        pairs = [(os.fsencode(name) + b"\0", value) for name, value in xattrs]
        content = GLib.Variant("a(ayay)", pairs).get_data_as_bytes().get_data() or b""
        link = self._name(checksum, "file-xattrs-link")
        if not self._shared:
            layer.append(regular(link, content))
            return
        key = hashlib.sha256(content).hexdigest()
        if (id(layer), key) not in self._xattrs:
            self._xattrs.add((id(layer), key))
            layer.append(regular(self._name(key, "file-xattrs"), content))
        layer.append(hardlink(link, self._name(key, "file-xattrs")))

    def _object(self, checksum: str, kind: str) -> Path:
        return self._repo / "objects" / checksum[:2] / f"{checksum[2:]}.{kind}"

    def _name(self, checksum: str, kind: str) -> str:
        return f"{PREFIX}/{checksum[:2]}/{checksum[2:]}.{kind}"
