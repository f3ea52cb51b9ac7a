"""Layers in a real repository: what they say is what is in the commit, and ostree finds nothing wrong with it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.payload.layout import blob_path, open_image
from ashore_installer.payload.refs import image_ref, layer_ref, parse_image_name
from ashore_installer.payload.scan import scan_image
from ashore_isogen.oci import (
    Compression,
    Entry,
    Layer,
    block_device,
    directory,
    hardlink,
    opaque,
    regular,
    symlink,
    whiteout,
    write_layout,
)
from tests.installer.images import BASE, TAG, image, layout, spoil
from tests.root.sysroots import TARGET, Node, checkout, fsck, import_image, imported, ostree

pytestmark = pytest.mark.root

CAPABILITY = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
"""cap_net_raw=ep, as setcap writes it (vfs_cap_data, revision 2)."""
LARGE = bytes(range(256)) * 12_000


def merged(tmp_path: Path, *layers: Layer | tuple[Entry, ...]) -> dict[str, Node]:
    found = imported(tmp_path / "root", layout(tmp_path / "layout", *layers), TAG)
    fsck(found.sysroot.repo)
    return checkout(found.sysroot.repo, found.commit, tmp_path / "checkout")


def test_owner_mode_attributes_and_content_survive(tmp_path: Path) -> None:
    xattrs = (("security.capability", CAPABILITY), ("user.component", b"iputils"))
    found = merged(
        tmp_path,
        (
            directory("usr/bin", mode=0o2775, uid=7, gid=8, xattrs=(("user.dir", b"\xff\0"),)),
            regular("usr/bin/ping", b"ping", mode=0o755, xattrs=xattrs),
            regular("usr/bin/su", b"su", mode=0o4755),
            regular("usr/bin/wall", b"wall", mode=0o2755, gid=5),
            regular("usr/bin/large", LARGE, mode=0o700, uid=1000, gid=100),
            regular("usr/bin/empty"),
            symlink("usr/bin/sh", "bash", uid=3, gid=4),
            regular("usr/share/Größe 日本", "ü".encode()),
        ),
    )
    capabilities = {"security.capability": CAPABILITY, "user.component": b"iputils"}
    regular_ = stat.S_IFREG
    assert found["usr/bin"].xattrs == {"user.dir": b"\xff\0"}
    assert (found["usr/bin"].mode, found["usr/bin"].uid, found["usr/bin"].gid) == (0o2775, 7, 8)
    assert found["usr/bin/ping"] == Node(kind=regular_, mode=0o755, uid=0, gid=0, content=b"ping", xattrs=capabilities)
    assert found["usr/bin/su"].mode == 0o4755
    assert (found["usr/bin/wall"].mode, found["usr/bin/wall"].gid) == (0o2755, 5)
    assert found["usr/bin/large"] == Node(kind=regular_, mode=0o700, uid=1000, gid=100, content=LARGE, xattrs={})
    assert found["usr/bin/empty"].content == b""
    assert (found["usr/bin/sh"].content, found["usr/bin/sh"].uid, found["usr/bin/sh"].gid) == (b"bash", 3, 4)
    assert found["usr/share/Größe 日本"].content == "ü".encode()
    assert (found["usr/share"].mode, found["usr/share"].uid) == (0o755, 0)


def test_whiteouts_and_opaque_directories(tmp_path: Path) -> None:
    found = merged(
        tmp_path,
        (
            directory("usr/gone/deep"), regular("usr/gone/deep/x"), regular("usr/kept"), regular("usr/old"),
            directory("usr/opaque", mode=0o750), regular("usr/opaque/hidden"), directory("usr/opaque/hidden-dir"),
            regular("etc/removed"), regular("etc/stays"),
        ),
        (
            whiteout("usr/gone"), whiteout("usr/old"), regular("usr/opaque/new"), opaque("usr/opaque"),
            whiteout("etc/removed"), whiteout("usr/never-was"),
        ),
        (regular("usr/old", b"again"),),
    )  # fmt: skip
    assert set(found) == {
        "usr", "usr/kept", "usr/old", "usr/opaque", "usr/opaque/new", "usr/etc", "usr/etc/stays",
    }  # fmt: skip
    assert found["usr/old"].content == b"again"
    assert found["usr/opaque"].mode == 0o750


def test_a_later_layer_replaces_files_directories_and_owners(tmp_path: Path) -> None:
    found = merged(
        tmp_path,
        (
            directory("usr/a"), regular("usr/a/x"), regular("usr/b"), symlink("usr/c", "a"), regular("usr/d", b"1"),
            directory("usr/e", mode=0o755), regular("usr/e/kept"), directory("usr/f", mode=0o700, uid=9),
        ),
        (
            regular("usr/a", b"file now"), directory("usr/b"), regular("usr/b/y"), directory("usr/c"),
            regular("usr/d", b"2", mode=0o600), directory("usr/e", mode=0o1777, gid=50), regular("usr/f/in-it"),
        ),
    )  # fmt: skip
    assert found["usr/a"].content == b"file now"
    assert found["usr/b/y"].kind == stat.S_IFREG
    assert found["usr/c"].kind == stat.S_IFDIR
    assert (found["usr/d"].content, found["usr/d"].mode) == (b"2", 0o600)
    assert (found["usr/e"].mode, found["usr/e"].gid) == (0o1777, 50)
    assert "usr/e/kept" in found
    # The second layer has no entry for usr/f itself: it keeps what the first one says.
    assert (found["usr/f"].mode, found["usr/f"].uid) == (0o700, 9)


def test_hard_links_in_a_layer_and_to_a_lower_one(tmp_path: Path) -> None:
    found = merged(
        tmp_path,
        (
            regular("usr/bin/perl", b"perl", mode=0o755, xattrs=(("user.x", b"1"),)),
            hardlink("usr/bin/perl5", "usr/bin/perl"),
            regular("etc/a", b"in etc"),
            hardlink("etc/b", "./etc/a"),
            symlink("usr/link", "target"),
            hardlink("usr/link2", "/usr/link"),
        ),
        (hardlink("usr/lib/perl", "usr/bin/perl5"), hardlink("etc/c", "etc/b")),
    )
    assert found["usr/bin/perl5"] == found["usr/bin/perl"] == found["usr/lib/perl"]
    assert found["usr/lib/perl"].xattrs == {"user.x": b"1"}
    assert found["usr/etc/b"].content == found["usr/etc/c"].content == b"in etc"
    assert (found["usr/link2"].kind, found["usr/link2"].content) == (stat.S_IFLNK, b"target")


def test_what_is_mounted_over_stays_empty(tmp_path: Path) -> None:
    found = merged(
        tmp_path,
        (
            directory("dev", mode=0o755), block_device("dev/sda", 8, 0), directory("tmp", mode=0o1777),
            regular("tmp/x"), regular("run/x"), regular("proc/x"), directory("sys"), regular("sys/x"),
            directory("var"), regular("var/lib/x"), regular("opt/x"), symlink("home", "var/home"),
            regular("etc/hostname"), regular("etc/resolv.conf"), regular("etc/machine-id"),
        ),
    )  # fmt: skip
    assert set(found) == {
        "dev", "tmp", "sys", "var", "var/lib", "var/lib/x", "opt", "opt/x", "home", "usr", "usr/etc",
        "usr/etc/machine-id",
    }  # fmt: skip
    assert found["tmp"].mode == 0o1777


def test_a_hostname_with_content_is_kept(tmp_path: Path) -> None:
    assert merged(tmp_path, (regular("etc/hostname", b"ashore"),))["usr/etc/hostname"].content == b"ashore"


def test_refs_and_metadata_are_bootcs(tmp_path: Path) -> None:
    root = layout(tmp_path / "layout", BASE, Layer(entries=(regular("usr/z"),), compression=Compression.ZSTD))

    found = imported(tmp_path / "root", root, TAG)

    refs = found.sysroot.refs()
    layers = [refs[layer_ref(layer.digest)] for layer in found.image.layers]
    assert refs == {
        image_ref(parse_image_name(TARGET)): found.commit,
        **{layer_ref(layer.digest): commit for layer, commit in zip(found.image.layers, layers, strict=True)},
    }
    commit = found.sysroot.read_commit(found.commit)
    assert commit.keys == (
        "ostree.container.image-config", "ostree.importer.version", "ostree.manifest", "ostree.manifest-digest",
    )  # fmt: skip
    assert commit.metadata["ostree.manifest-digest"] == found.image.digest
    # The writer of the layout writes canonical JSON too.
    stored = {key: blob_path(root, digest).read_text() for key, digest in (
        ("ostree.manifest", found.image.platform_digest), ("ostree.container.image-config", found.image.config_digest),
    )}  # fmt: skip
    assert {key: commit.metadata[key] for key in stored} == stored
    assert (commit.parent, commit.subject, commit.body, commit.timestamp) == ("", "", "", 1_700_000_000)
    for checksum in layers:
        layer = found.sysroot.read_commit(checksum)
        assert layer.metadata == {"ostree.importer.version": "0.15.3"}
        assert layer.keys == ("ostree.importer.version",)
        assert (layer.parent, layer.subject, layer.body) == ("", "", "")
    assert found.progress[-1] == (found.image.size, found.image.size)


def test_whiteouts_stay_files_in_the_commit_of_their_layer(tmp_path: Path) -> None:
    found = imported(tmp_path / "root", layout(tmp_path / "layout", (regular("usr/x"),), (whiteout("usr/x"),)), TAG)
    layer = found.sysroot.refs()[layer_ref(found.image.layers[1].digest)]
    assert "usr/.wh.x" in checkout(found.sysroot.repo, layer, tmp_path / "layer")


def test_a_second_version_shares_its_layers(tmp_path: Path) -> None:
    base, first, second = Layer(entries=BASE), (regular("usr/v", b"1"),), (regular("usr/v", b"2"),)
    write_layout(tmp_path / "layout", {"1": image(base, first), "2": image(base, second)})

    one = imported(tmp_path / "root", tmp_path / "layout", "1")
    before = objects(one.sysroot.repo)
    two = imported(tmp_path / "root", tmp_path / "layout", "2", target="docker://registry.example/os/sample:2")

    assert one.image.layers[0].digest == two.image.layers[0].digest
    assert len(two.sysroot.refs()) == 2 + 3
    added = {name: path for name, path in objects(two.sysroot.repo).items() if name not in before}
    files = [path for path in added.values() if path.suffix == ".file"]
    assert [path.read_bytes() for path in files] == [b"2"]
    assert sorted(path.suffix for path in added.values()) == sorted([".commit"] * 2 + [".dirtree"] * 4 + [".file"])
    fsck(two.sysroot.repo)


def objects(repo: Path) -> dict[str, Path]:
    return {path.parent.name + path.name: path for path in (repo / "objects").glob("??/*")}


def test_the_same_import_gives_the_same_commit(tmp_path: Path) -> None:
    root = layout(tmp_path / "layout", BASE)
    assert imported(tmp_path / "a", root, TAG).commit == imported(tmp_path / "b", root, TAG).commit


def test_a_damaged_blob_is_refused_and_leaves_no_ref(tmp_path: Path) -> None:
    root = layout(tmp_path / "layout", BASE, (regular("usr/x", LARGE),))
    digest = open_image(root, TAG, "amd64").layers[1].digest
    image, info = open_image(root, TAG, "amd64"), scan_image(root, TAG, architecture="amd64")
    spoil(root, digest)

    with pytest.raises(InstallerError, match=digest):
        import_image(tmp_path / "root", image, info)
    assert ostree("refs", f"--repo={tmp_path}/root/ostree/repo") == ""


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (block_device("usr/disk", 8, 0), "a block device, which ostree can't store"),
        (regular(b"usr/latin-\xe9"), "isn't UTF-8"),
        (regular("usr/../../x"), "out of the image"),
        (hardlink("usr/x", "usr/missing"), "not in the image"),
        (regular("usr/lib/os-release/x"), "below a file"),
    ],
)
def test_hostile_layers_are_refused_at_the_import_too(tmp_path: Path, entry: Entry, message: str) -> None:
    info = scan_image(layout(tmp_path / "layout", BASE), TAG, architecture="amd64")
    bad = open_image(layout(tmp_path / "bad", (*BASE, entry)), TAG, "amd64")

    with pytest.raises(InstallerError, match=message):
        import_image(tmp_path / "root", bad, info)
    assert ostree("refs", f"--repo={tmp_path}/root/ostree/repo") == ""
