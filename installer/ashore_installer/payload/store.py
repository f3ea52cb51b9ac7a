"""An image into the repository, exactly as bootc would have stored it.

Sources of the form: bootc, ostree-ext/src/container/store.rs (refs, metadata, merge commit) and tar/write.rs (commits
of layers). One ref per layer, one merge commit whose metadata holds manifest and configuration, one ref to that.
"""

from __future__ import annotations

import errno
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_installer.image import ImageInfo, LayerInfo
from ashore_installer.payload.encapsulated import ObjectImport, check_complete, object_layers
from ashore_installer.payload.importer import (
    Label,
    LayerImport,
    Objects,
    drop_leftovers,
    no_labels,
    read_tree,
    relabel_tree,
    write_tree,
)
from ashore_installer.payload.layout import LayoutImage, OnProgress
from ashore_installer.payload.objects import ObjectStore, Owner
from ashore_installer.payload.ostree import Policy, Sysroot
from ashore_installer.payload.policy import PolicyFiles
from ashore_installer.payload.refs import ImageName, image_ref, layer_ref
from ashore_installer.payload.stream import ahead, layer_pieces
from ashore_installer.payload.tar import TarReader
from ashore_installer.payload.tree import Tree, overlay
from ashore_installer.payload.variant import dirtree

IMPORTER_VERSION = "0.15.3"
"""The version of ostree-ext whose format this is; it stands in every commit that it writes."""

META_IMPORTER = "ostree.importer.version"
META_DIGEST = "ostree.manifest-digest"
META_MANIFEST = "ostree.manifest"
META_CONFIG = "ostree.container.image-config"


@dataclass(kw_only=True)
class ImageImport:
    """One import of an image; `run` gives the checksum of the merge commit.

    `target` is the image that the system will update from: its name is the key of the image in the repository.
    """

    sysroot: Sysroot
    image: LayoutImage
    info: ImageInfo
    target: ImageName
    on_progress: OnProgress = lambda _done, _total: None

    def __post_init__(self) -> None:
        self._store = ObjectStore(self.sysroot.repo)
        self._refs: dict[str, str] = {}
        self._base = ""
        self._merged: Objects = Tree()
        self._label: Label = no_labels
        self._exported = object_layers(self.image)
        self._policy_layers = [n for n in self.info.policy_layers if n >= self._exported] if self.info.selinux else []
        self._done = 0

    def run(self) -> str:
        """Import all layers and commit. Raises InstallerError; refs are written only at the very end."""
        with disk_errors():
            self._import_base()
            with tempfile.TemporaryDirectory(prefix="ashore-policy-", dir=self.sysroot.repo / "tmp") as scratch:
                self._label = self._find_policy(Path(scratch))
                for layer in self.image.layers[self._exported :]:
                    self._import_layer(layer)
                commit = self._merge()
            self._refs[image_ref(self.target)] = commit
            self.sysroot.set_refs(self._refs)
        self.on_progress(self._total, self._total)
        return commit

    @property
    def _total(self) -> int:
        return self.image.size + sum(self.image.layers[n].size for n in self._policy_layers)

    def _import_base(self) -> None:
        """The layers with ostree objects: the first one's ref is its own commit, the others' list their objects."""
        for number, layer in enumerate(self.image.layers[: self._exported]):
            objects = ObjectImport(self._store, first=number == 0)
            objects.run(self._reader(layer))
            if number == 0:
                self._base = objects.commit.hex()
                self._refs[layer_ref(layer.digest)] = self._base
            else:
                self._refs[layer_ref(layer.digest)] = self._commit_of_objects(objects.files)
        if self._base:
            base = self.sysroot.read_commit(self._base)
            check_complete(self._store, base.tree, base.meta)
            self._merged = read_tree(self._store, base.tree, base.meta)

    def _commit_of_objects(self, files: set[bytes]) -> str:
        """A flat directory of all objects of a layer, without metadata and at time 0 (tar/import.rs)."""
        tree = self._store.metadata("dirtree", dirtree({checksum.hex(): checksum for checksum in files}, {}))
        return self.sysroot.write_commit((tree, self._store.dirmeta(Owner())), {}, 0)

    def _import_layer(self, layer: LayerInfo) -> None:
        importing = LayerImport(store=self._store, below=self._merged, label=self._label)
        tree = importing.run(self._reader(layer))
        root = write_tree(self._store, tree, self._label)
        metadata = {META_IMPORTER: IMPORTER_VERSION}
        self._refs[layer_ref(layer.digest)] = self.sysroot.write_commit(root, metadata, self._timestamp)
        overlay(self._merged, tree)

    def _merge(self) -> str:
        if self._base and self._policy_layers:
            relabel_tree(self._store, self._merged, self._label)
        drop_leftovers(self._store, self._merged)
        root = write_tree(self._store, self._merged, self._label)
        return self.sysroot.write_commit(root, self._metadata(), self._timestamp, self._base)

    def _metadata(self) -> dict[str, str]:
        return {
            META_CONFIG: canonical_json(self.image.config),
            META_IMPORTER: IMPORTER_VERSION,
            META_MANIFEST: canonical_json(self.image.manifest),
            META_DIGEST: self.info.manifest_digest,
        }

    def _find_policy(self, scratch: Path) -> Label:
        """The labels of the policy that the merged image will have."""
        if not self.info.selinux or self._exported == len(self.image.layers):
            return no_labels
        files = PolicyFiles(scratch=scratch / "files")
        files.add_base(self._store, self._merged)
        for number in self._policy_layers:
            files.add_layer(self._reader(self.image.layers[number], verify=False))
        files.write(scratch / "root")
        policy = Policy(scratch / "root")
        if policy.name != self.info.selinux:
            raise InstallerError(
                f"The image enables the SELinux policy {self.info.selinux}, but it can't be read.",
                "Install the policy again where the image is made.",
            )
        return policy.label

    @property
    def _timestamp(self) -> int:
        return seconds_of(self.image.created)

    def _reader(self, layer: LayerInfo, *, verify: bool = True) -> TarReader:
        return TarReader(ahead(layer_pieces(self.image.root, layer, self._advance, verify=verify)))

    def _advance(self, count: int) -> None:
        self._done += count
        self.on_progress(self._done, self._total)


def canonical_json(data: object) -> str:
    """JSON with sorted keys and without blanks, as ostree-ext writes manifests and configurations."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seconds_of(created: str) -> int:
    """Seconds since 1970 of an RFC 3339 time; now if it is none, as ostree-ext does it."""
    try:
        return max(0, int(datetime.fromisoformat(created).timestamp()))
    except (ValueError, OverflowError):
        return int(time.time())


@contextmanager
def disk_errors(what: str = "The image") -> Iterator[None]:
    """Say in a sentence that the disk is full or fails; `what` is being installed."""
    try:
        yield
    except OSError as error:
        hint = "See the kernel's log: the disk or the medium may be failing."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InstallerError("The disk is full.", "Give the root file system more room.") from error
        raise InstallerError(f"{what} can't be installed: {error}.", hint) from error
