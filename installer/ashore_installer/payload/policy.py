"""The SELinux policy of an image, taken out of its layers before they are imported.

The policy that counts is the one of the merged image; knowing it first means that every object is written once, with
its final label.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.payload.importer import Objects
from ashore_installer.payload.objects import ObjectStore
from ashore_installer.payload.place import placed
from ashore_installer.payload.tar import Kind, TarEntry, TarReader
from ashore_installer.payload.tree import Tree, overlay

POLICY = "usr/etc/selinux"

Sources = Tree[Path, int]
"""Where the content of each file of a policy is."""


@dataclass(kw_only=True)
class PolicyFiles:
    """Collects a policy's files; those of layers go to `scratch` first."""

    scratch: Path

    def __post_init__(self) -> None:
        self.scratch.mkdir(parents=True)
        self.tree: Sources = Tree()
        self._count = 0

    def add_base(self, store: ObjectStore, base: Objects) -> None:
        """Begin with the policy of a tree whose objects are in the repository."""
        found = base.find_dir(POLICY)
        for path, checksum in found.walk() if found else ():
            self.tree.put_file(f"{POLICY}/{path}", Path(store.path(checksum, "file")))

    def add_layer(self, reader: TarReader) -> None:
        layer: Sources = Tree()
        for raw in reader:
            entry = placed(raw)
            if entry and (entry.path + "/").startswith(POLICY + "/"):
                self._add(layer, entry, reader)
        overlay(self.tree, layer)

    def write(self, directory: Path) -> None:
        """Make the collected files the policy of the root `directory`, where OSTree.SePolicy finds it."""
        for path, source in self.tree.walk():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink():
                target.symlink_to(source.readlink())
            else:
                shutil.copyfile(source, target)

    def _add(self, layer: Sources, entry: TarEntry, reader: TarReader) -> None:
        if entry.kind is Kind.DIRECTORY:
            layer.put_dir(entry.path, entry.mode)
            return
        if entry.kind is Kind.HARDLINK:
            found = layer.find(entry.target) or self.tree.find(entry.target)
            if found:
                layer.put_file(entry.path, found)
            return
        source = self.scratch / str(self._count)
        self._count += 1
        if entry.kind is Kind.SYMLINK:
            source.symlink_to(entry.target)
        else:
            with source.open("wb") as file:
                file.writelines(reader.content())
        layer.put_file(entry.path, source)
