"""Images that were exported from ostree: layers of objects, a base commit, and derived layers on top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.encapsulated import FINAL_DIFF_ID
from ashore_installer.payload.layout import open_image
from ashore_installer.payload.refs import layer_ref
from ashore_installer.payload.scan import scan_image
from ashore_isogen.oci import Entry, ImageSpec, Layer, LayoutWriter, StoredLayer, directory, hardlink, regular, whiteout
from tests.installer.images import BASE, LABELS, TAG, layout
from tests.root.encapsulate import PREFIX, Exported, export
from tests.root.sysroots import Imported, checkout, fsck, import_image, imported, ostree
from tests.root.test_import_oracle import labelled_layers

pytestmark = pytest.mark.root

EXTRA = (
    directory("usr/bin"),
    regular("usr/bin/su", b"su", mode=0o4755),
    regular("usr/bin/ping", b"ping", xattrs=(("security.capability", b"\x01\0\0\x02\0\x20" + bytes(14)),)),
    regular("usr/lib/large", bytes(3 << 20)),
    regular("etc/base", b"base"),
)


def a_base(tmp_path: Path, *layers: tuple[Entry, ...]) -> tuple[Imported, Exported]:
    """A commit of its own repository, and its export."""
    source = imported(tmp_path / "source", layout(tmp_path / "plain", *layers), TAG)
    return source, export(source.sysroot.repo, source.commit)


def write(root: Path, exported: Exported, *derived: tuple[Entry, ...]) -> Path:
    """The layout of an exported image with derived layers."""
    writer = LayoutWriter(root)
    base = [writer.add_layer(layer) for layer in exported.layers()]
    labels = {**LABELS, FINAL_DIFF_ID: base[-1].diff_id}
    layers: tuple[Layer | StoredLayer, ...] = (*base, *(Layer(entries=layer) for layer in derived))
    writer.add_image(TAG, ImageSpec(layers=layers, labels=labels, created=1_700_000_000))
    writer.finish()
    return root


@pytest.mark.parametrize("shared", [False, True])
def test_an_exported_image_is_its_commit_again(tmp_path: Path, shared: bool) -> None:
    source, _ = a_base(tmp_path, (*BASE, *EXTRA))
    exported = export(source.sysroot.repo, source.commit, shared_xattrs=shared)

    found = imported(tmp_path / "root", write(tmp_path / "layout", exported), TAG)

    refs = found.sysroot.refs()
    first, second = (refs[layer_ref(layer.digest)] for layer in found.image.layers)
    assert first == source.commit
    merge, base = found.sysroot.read_commit(found.commit), source.sysroot.read_commit(source.commit)
    assert (merge.tree, merge.meta, merge.parent) == (base.tree, base.meta, source.commit)
    fsck(found.sysroot.repo)
    chunk = found.sysroot.read_commit(second)
    assert (chunk.keys, chunk.timestamp, chunk.parent) == ((), 0, "")
    listed = ostree("ls", f"--repo={found.sysroot.repo}", "-C", second).splitlines()
    assert listed[0].split()[0] == "d00755"
    assert len(listed) > 3
    assert all(line.split()[4] == line.split()[5].lstrip("/") for line in listed[1:])


def test_it_is_scanned_through_its_hard_links(tmp_path: Path) -> None:
    _, exported = a_base(tmp_path, (*BASE, *EXTRA))
    info = scan_image(write(tmp_path / "layout", exported), TAG, architecture="amd64")
    assert info.name == "Test System 1"
    assert info.composefs
    assert info.shells == ("/bin/sh", "/bin/bash")
    assert problems(info, "amd64") == ()


def test_derived_layers_go_on_top(tmp_path: Path) -> None:
    source, exported = a_base(tmp_path, (*BASE, *EXTRA))
    derived = (
        regular("etc/new", b"new"),
        whiteout("etc/base"),
        regular("usr/bin/su", b"other su", mode=0o4755),
        hardlink("usr/bin/ping6", "usr/bin/ping"),
    )
    found = imported(tmp_path / "root", write(tmp_path / "layout", exported, derived), TAG)

    fsck(found.sysroot.repo)
    assert found.sysroot.read_commit(found.commit).parent == source.commit
    tree = checkout(found.sysroot.repo, found.commit, tmp_path / "out")
    assert tree["usr/etc/new"].content == b"new"
    assert "usr/etc/base" not in tree
    assert (tree["usr/bin/su"].content, tree["usr/bin/su"].mode) == (b"other su", 0o4755)
    assert tree["usr/bin/ping6"] == tree["usr/bin/ping"]


def test_a_changed_object_of_the_base_becomes_its_names(tmp_path: Path) -> None:
    """A build step that changes a file changes its object in /sysroot; the names are links to that (tar/write.rs)."""
    _, exported = a_base(tmp_path, (*BASE, *EXTRA))
    name = f"{PREFIX}/ab/{'cd' * 31}.file"
    derived = (
        regular(name, b"changed", mode=0o700, mtime=7),
        hardlink("usr/bin/changed", name, mtime=7),
        hardlink("etc/changed", name, mtime=7),
    )
    found = imported(tmp_path / "root", write(tmp_path / "layout", exported, derived), TAG)
    tree = checkout(found.sysroot.repo, found.commit, tmp_path / "out")
    assert (tree["usr/bin/changed"].content, tree["usr/bin/changed"].mode) == (b"changed", 0o700)
    assert tree["usr/etc/changed"] == tree["usr/bin/changed"]
    assert not any(path.startswith("sysroot/ostree/repo/objects") for path in tree)


def test_a_link_to_an_object_of_the_base_is_that_object(tmp_path: Path) -> None:
    source, exported = a_base(tmp_path, (*BASE, *EXTRA))
    checksum = ostree("ls", f"--repo={source.sysroot.repo}", "-C", source.commit, "/usr/bin/su").split()[4]
    link = hardlink("usr/bin/su2", f"{PREFIX}/{checksum[:2]}/{checksum[2:]}.file", mtime=7)
    found = imported(tmp_path / "root", write(tmp_path / "layout", exported, (link,)), TAG)
    tree = checkout(found.sysroot.repo, found.commit, tmp_path / "out")
    assert tree["usr/bin/su2"] == tree["usr/bin/su"]


def test_a_policy_in_a_derived_layer_labels_the_base_too(tmp_path: Path) -> None:
    _, exported = a_base(tmp_path, (*BASE, *EXTRA))
    _, policy, rest = labelled_layers(tmp_path)
    found = imported(tmp_path / "root", write(tmp_path / "layout", exported, policy, rest), TAG)
    fsck(found.sysroot.repo)
    tree = checkout(found.sysroot.repo, found.commit, tmp_path / "out")
    assert tree["usr/bin/su"].xattrs["security.selinux"] == b"system_u:object_r:su_exec_t:s0\0"
    assert tree["usr/bin/su"].mode == 0o4755
    assert set(tree["usr/bin/ping"].xattrs) == {"security.selinux", "security.capability"}


def test_a_policy_in_the_base_labels_derived_layers(tmp_path: Path) -> None:
    _, exported = a_base(tmp_path, *labelled_layers(tmp_path))
    derived = (regular("usr/bin/passwd", b"new", mode=0o4755),)
    found = imported(tmp_path / "root", write(tmp_path / "layout", exported, derived), TAG)
    assert found.info.selinux == "default"
    tree = checkout(found.sysroot.repo, found.commit, tmp_path / "out")
    assert tree["usr/bin/passwd"].content == b"new"
    assert tree["usr/bin/passwd"].xattrs["security.selinux"] == b"system_u:object_r:passwd_exec_t:s0\0"


def _drop(suffix: str) -> Callable[[tuple[Entry, ...]], tuple[Entry, ...]]:
    def change(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        found = next(entry for entry in entries if entry.path.endswith(suffix.encode()))
        return tuple(entry for entry in entries if entry is not found)

    return change


def _spoil(suffix: str) -> Callable[[tuple[Entry, ...]], tuple[Entry, ...]]:
    def change(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        found = next(entry for entry in entries if entry.path.endswith(suffix.encode()) and entry.size)
        assert isinstance(found.content, bytes)
        spoiled = replace(found, content=found.content[:-1] + bytes([found.content[-1] ^ 1]))
        return tuple(spoiled if entry is found else entry for entry in entries)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop(".commit"), "has no commit"),
        (_drop(".dirtree"), "is missing"),
        (_drop(".file"), "missing"),
        (_drop(".file-xattrs-link"), "extended attributes of .* are missing"),
        (_spoil(".commit"), "the commit .* is damaged"),
        (_spoil(".dirtree"), "the dirtree .* is damaged"),
        (_spoil(".file"), "the file .* is damaged"),
        (lambda entries: (*entries, regular(f"{PREFIX}/zz/x.file")), "it has 'objects/zz/x.file'"),
        (lambda entries: (*entries, regular(f"{PREFIX}/ab/{'cd' * 31}.exe")), "doesn't belong"),
    ],
)
def test_damaged_objects_are_refused(
    tmp_path: Path, change: Callable[[tuple[Entry, ...]], tuple[Entry, ...]], message: str
) -> None:
    _, exported = a_base(tmp_path, (*BASE, *EXTRA))
    info = scan_image(write(tmp_path / "good", exported), TAG, architecture="amd64")
    bad = open_image(write(tmp_path / "bad", replace(exported, first=change(exported.first))), TAG, "amd64")
    with pytest.raises(InstallerError, match=message):
        import_image(tmp_path / "root", bad, info)


def test_metadata_in_a_later_layer_is_refused(tmp_path: Path) -> None:
    _, exported = a_base(tmp_path, (*BASE, *EXTRA))
    info = scan_image(write(tmp_path / "good", exported), TAG, architecture="amd64")
    moved = next(entry for entry in exported.first if entry.path.endswith(b".dirmeta"))
    bad = replace(exported, second=(*exported.second, moved))
    with pytest.raises(InstallerError, match="doesn't belong in this layer"):
        import_image(tmp_path / "root", open_image(write(tmp_path / "bad", bad), TAG, "amd64"), info)
