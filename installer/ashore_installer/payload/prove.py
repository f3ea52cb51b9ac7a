"""What must be true of a finished deployment, so that the image's own tools accept it.

Post-conditions of bootc's `query_image_commit` and garbage collection (ostree-ext, container/store.rs and
container/deploy.rs), of libostree's boot entries, and of the objects on this file system.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.boot.entries import read_entries
from ashore_installer.errors import InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.payload.importer import read_tree
from ashore_installer.payload.labels import trees, unlabelled
from ashore_installer.payload.objects import ObjectStore
from ashore_installer.payload.ostree import ORIGIN_KEY, REPO_CONFIG, Commit, Policy, Sysroot
from ashore_installer.payload.place import LABEL
from ashore_installer.payload.refs import image_ref, layer_ref, parse_image_name
from ashore_installer.payload.store import META_CONFIG, META_DIGEST, META_IMPORTER, META_MANIFEST
from ashore_installer.plan import ImagePayload

KEYS = (META_CONFIG, META_IMPORTER, META_MANIFEST, META_DIGEST)
"""All keys of the merge commit's metadata, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A finished deployment and what it was made from."""

    target: Path
    deployment: Path
    commit: str
    image: ImageInfo
    payload: ImagePayload


def prove(deployed: Deployed) -> None:
    """Raise InstallerError with everything that is wrong with a deployment."""
    wrong = tuple(defects(deployed))
    if wrong:
        listed = "\n".join(f"  {line}" for line in wrong)
        raise InstallerError(f"The installed system is not what it should be:\n{listed}", "Report this with the log.")


def defects(deployed: Deployed) -> Iterator[str]:
    """What is wrong, in sentences; nothing if all is well."""
    with Sysroot(deployed.target) as sysroot:
        commit = sysroot.read_commit(deployed.commit)
        yield from _refs(sysroot, deployed)
        yield from _metadata(commit, deployed.image)
        yield from (f"The repository's {name} is not {value}." for name, value in _other_config(sysroot))
        yield from _special_files(sysroot, commit, deployed)
    yield from _origin(deployed)
    yield from _boot_entry(deployed)
    if deployed.image.composefs and not (deployed.deployment / ".ostree.cfs").is_file():
        yield "The deployment has no composefs image (.ostree.cfs)."
    yield from _labels(deployed)


def _refs(sysroot: Sysroot, deployed: Deployed) -> Iterator[str]:
    refs = sysroot.refs()
    for layer in deployed.image.layers:
        if layer_ref(layer.digest) not in refs:
            yield f"The layer {layer.digest} has no ref."
    name = image_ref(parse_image_name(deployed.payload.target))
    if refs.get(name) != deployed.commit:
        yield f"The ref {name} is {refs.get(name, 'missing')} instead of {deployed.commit}."
    # There are more of them where other systems stay in this root file system.
    if sysroot.deployments()[:1] != ((deployed.commit, deployed.deployment),):
        yield f"The deployments are {sysroot.deployments()}."


def _metadata(commit: Commit, image: ImageInfo) -> Iterator[str]:
    if commit.keys != KEYS or set(commit.metadata) != set(KEYS):
        yield f"The merge commit's metadata has the keys {', '.join(commit.keys)}."
        return
    if commit.metadata[META_DIGEST] != image.manifest_digest:
        yield f"The merge commit names the manifest {commit.metadata[META_DIGEST]}."
    digests = [layer["digest"] for layer in json.loads(commit.metadata[META_MANIFEST])["layers"]]
    diff_ids = json.loads(commit.metadata[META_CONFIG])["rootfs"]["diff_ids"]
    if (digests, diff_ids) != ([x.digest for x in image.layers], [x.diff_id for x in image.layers]):
        yield "The merge commit names other layers than the image has."
    if commit.subject or commit.body:
        yield "The merge commit has a subject or a body."


def _origin(deployed: Deployed) -> Iterator[str]:
    found = deployed.deployment.with_name(deployed.deployment.name + ".origin").read_text(encoding="utf-8")
    reference = parse_image_name(deployed.payload.target).origin(signed=deployed.payload.signed)
    if found != f"[origin]\n{ORIGIN_KEY}={reference}\n":
        yield f"The origin file says {found!r}."


def _boot_entry(deployed: Deployed) -> Iterator[str]:
    """The default entry is that of the new deployment; systems that were there before may have others."""
    entries = read_entries(deployed.target)
    if not entries:
        yield "There is no boot entry."
        return
    root = re.compile(rf"ostree=/ostree/boot\.[01]/{re.escape(deployed.payload.stateroot)}/[0-9a-f]+/\d+")
    found = [option.removeprefix("ostree=") for option in entries[0].options if root.fullmatch(option)]
    if not found or not (deployed.target / found[0].lstrip("/")).samefile(deployed.deployment):
        yield f"The default boot entry {entries[0].name} does not lead to the new deployment."
    for entry in entries:
        for key, path in (("linux", entry.linux), ("initrd", entry.initrd)):
            if not path.startswith("/boot/ostree/") or not (deployed.target / path.lstrip("/")).is_file():
                yield f"The boot entry's {key} {path!r} in {entry.name} is not a file below /boot/ostree."


def _other_config(sysroot: Sysroot) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in REPO_CONFIG.items() if sysroot.config(name) != value)


def _special_files(sysroot: Sysroot, commit: Commit, deployed: Deployed) -> Iterator[str]:
    """Files with set-id bits, capabilities or other attributes: whole on this disk, and what is deployed."""
    store = ObjectStore(sysroot.repo)
    for path, checksum in read_tree(store, commit.tree, commit.meta).walk():
        mode = store.mode(checksum)
        if not stat.S_ISREG(mode) or not (mode & (stat.S_ISUID | stat.S_ISGID) or _has_attributes(store, checksum)):
            continue
        if store.checksum(checksum) != checksum:
            yield f"The file /{path} lost its mode, capabilities or content."
        elif path.startswith("usr/") and not (deployed.deployment / path).samefile(store.path(checksum, "file")):
            yield f"The file /{path} is not the one of the image."


def _has_attributes(store: ObjectStore, checksum: bytes) -> bool:
    return any(name != LABEL for name, _ in store.xattrs(checksum))


def _labels(deployed: Deployed) -> Iterator[str]:
    if not deployed.image.selinux:
        return
    if Policy(deployed.deployment).name != deployed.image.selinux:
        yield f"The SELinux policy {deployed.image.selinux} can't be read from the deployment."
    for tree in trees(deployed.target, deployed.deployment):
        for path, _, _ in unlabelled(tree):
            yield f"{path} has no SELinux label."
