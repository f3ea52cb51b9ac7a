"""The writer of OCI layouts: what it writes is read back by tarfile, by GNU tar, as JSON and by skopeo."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from ashore_installer.errors import InstallerError
from ashore_isogen import oci
from ashore_isogen.oci import Compression, Entry, ImageSpec, Layer

CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")

ODD: tuple[Entry, ...] = (
    oci.directory("usr", mtime=5),
    oci.directory("usr/bin", mode=0o700, uid=3, gid=4),
    oci.regular("usr/bin/ping", b"\x7fELF", mode=0o4755, xattrs=(("security.capability", CAPABILITY),)),
    oci.hardlink("usr/bin/ping6", "usr/bin/ping"),
    oci.symlink("bin", "usr/bin"),
    oci.regular(b"usr/\xff\xfe-name", b"not UTF-8"),
    oci.regular("usr/größe", b"UTF-8"),
    oci.symlink("usr/link", "größe"),
    oci.regular("usr/" + "deep/" * 30 + "file", b"long path"),
    oci.regular("usr/owner", uid=3_000_000, gid=4_000_000, mtime=2**34),
    oci.character_device("null", 1, 3),
    oci.block_device("loop0", 7, 0),
    oci.fifo("pipe"),
    oci.whiteout("usr/share/doc"),
    oci.opaque("etc/apt"),
)


def _blob(layout: Path, digest: str) -> bytes:
    data = (layout / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_bytes()
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == digest
    return data


def _json(layout: Path, digest: str) -> Any:
    return json.loads(_blob(layout, digest))


def _read(stream: bytes) -> tuple[Entry, ...]:
    """The entries of a stream with their content as bytes."""
    return tuple(_with_content(entry) for entry in oci.tar_entries(io.BytesIO(stream)))


def _with_content(entry: Entry) -> Entry:
    content = entry.content
    if isinstance(content, bytes):
        return entry
    return replace(entry, content=content.read_bytes() if isinstance(content, Path) else content.read(entry.size + 1))


def test_entries_survive_the_stream() -> None:
    assert _read(oci.tar_bytes(ODD)) == ODD


def test_whiteouts_have_the_names_of_the_image_spec() -> None:
    assert [oci.whiteout("a/b").path, oci.whiteout("b").path] == [b"a/.wh.b", b".wh.b"]
    assert [oci.opaque("a/b").path, oci.opaque("").path] == [b"a/b/.wh..wh..opq", b".wh..wh..opq"]


@pytest.mark.parametrize("length", range(80, 130))
def test_a_record_counts_its_own_length(length: int) -> None:
    """The length of a pax record includes its own digits, which grow at 10, 100, 1000."""
    entry = oci.regular("file", xattrs=(("user.x", b"v" * length),))
    assert _read(oci.tar_bytes([entry])) == (entry,)


@pytest.mark.needs("tar")
def test_gnu_tar_lists_the_same(tmp_path: Path) -> None:
    (tmp_path / "odd.tar").write_bytes(oci.tar_bytes(ODD))
    argv = ["tar", "--list", "--quoting-style=literal", "-f", str(tmp_path / "odd.tar")]
    listed = subprocess.run(argv, capture_output=True, check=True).stdout.splitlines()
    assert [name.rstrip(b"/") for name in listed] == [entry.path for entry in ODD]


def test_a_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"abc")
    entry = Entry(path=b"log", content=tmp_path / "log", size=4)
    with pytest.raises(InstallerError, match="log became shorter"):
        oci.tar_bytes([entry])


def _sample_tree(root: Path) -> Path:
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "tool").write_bytes(b"x" * 5000)
    (root / "usr" / "bin" / "tool").chmod(0o4755)
    (root / "usr" / "alias").symlink_to("bin/tool")
    (root / "zlink").hardlink_to(root / "usr" / "bin" / "tool")
    (root / "usr-b").mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/\xff")).write_bytes(b"")
    os.mkfifo(root / "fifo")
    return root


def test_a_tree_is_sorted_with_links_modes_and_given_times(tmp_path: Path) -> None:
    tree = oci.Tree(root=_sample_tree(tmp_path / "tree"), mtime=7, owner=(0, 0))
    entries = _read(oci.tar_bytes(tree))
    paths = [b"fifo", b"usr", b"usr/alias", b"usr/bin", b"usr/bin/tool", b"usr-b", b"zlink", b"\xff"]
    assert [entry.path for entry in entries] == paths
    by_path = {entry.path: entry for entry in entries}
    assert by_path[b"usr/bin/tool"].mode == 0o4755
    assert by_path[b"usr/bin/tool"].content == b"x" * 5000
    assert by_path[b"zlink"].link == b"usr/bin/tool"
    assert by_path[b"usr/alias"].link == b"bin/tool"
    assert {(entry.mtime, entry.uid, entry.gid) for entry in entries} == {(7, 0, 0)}


def test_extended_attributes_of_a_tree_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    os.setxattr(file, "user.binary", b"\x00\xff\n=")
    (entry,) = _read(oci.tar_bytes(oci.Tree(root=tmp_path)))
    assert entry.xattrs == (("user.binary", b"\x00\xff\n="),)


@pytest.mark.parametrize(
    ("compression", "suffix", "unpack"),
    [
        (Compression.NONE, "", bytes),
        (Compression.GZIP, "+gzip", gzip.decompress),
        (Compression.ZSTD, "+zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
def test_a_layer_has_both_digests(tmp_path: Path, compression: Compression, suffix: str, unpack: Any) -> None:
    writer = oci.LayoutWriter(tmp_path)
    stored = writer.add_layer(Layer(entries=ODD, compression=compression))
    stream = unpack(_blob(tmp_path, stored.digest))
    assert stream == oci.tar_bytes(ODD)
    assert stored.diff_id == f"sha256:{hashlib.sha256(stream).hexdigest()}"
    assert stored.media_type == f"application/vnd.oci.image.layer.v1.tar{suffix}"
    assert stored.size == len(_blob(tmp_path, stored.digest))


def _images() -> dict[str, ImageSpec | tuple[ImageSpec, ...]]:
    base = Layer(entries=ODD, compression=Compression.ZSTD, made_by="base")
    one = ImageSpec(layers=(base,), labels={"containers.bootc": "1"}, created=86400, cmd=("/sbin/init",))
    arm = replace(one, architecture="arm64", annotations={"note": "x"})
    return {"1": one, "multi": (one, arm), "raw": ImageSpec(layers=(Layer(entries=b"not a tar stream"),))}


def test_a_layout_says_what_was_asked_for(tmp_path: Path) -> None:
    digests = oci.write_layout(tmp_path, _images())
    index = json.loads((tmp_path / "index.json").read_bytes())
    assert json.loads((tmp_path / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    tags = {entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"] for entry in index["manifests"]}
    assert tags == digests
    manifest = _json(tmp_path, digests["1"])
    config = _json(tmp_path, manifest["config"]["digest"])
    assert config["config"] == {"Cmd": ["/sbin/init"], "Labels": {"containers.bootc": "1"}}
    assert config["created"] == "1970-01-02T00:00:00Z"
    assert config["history"] == [{"created": "1970-01-02T00:00:00Z", "created_by": "base"}]
    assert len(config["rootfs"]["diff_ids"]) == len(manifest["layers"]) == 1


def test_several_platforms_stand_in_one_index(tmp_path: Path) -> None:
    nested = _json(tmp_path, oci.write_layout(tmp_path, _images())["multi"])
    assert [entry["platform"]["architecture"] for entry in nested["manifests"]] == ["amd64", "arm64"]
    arm = _json(tmp_path, nested["manifests"][1]["digest"])
    assert arm["annotations"] == {"note": "x"}
    assert _json(tmp_path, arm["config"]["digest"])["architecture"] == "arm64"


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    for name in ("one", "two"):
        oci.write_layout(tmp_path / name, _images())
    one, two = ({file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()}
                for root in (tmp_path / "one", tmp_path / "two"))  # fmt: skip
    assert one == two
    assert not [name for name in one if "partial" in str(name)]


def test_a_finished_blob_is_taken_over(tmp_path: Path) -> None:
    made = oci.LayoutWriter(tmp_path / "one")
    stored = made.add_layer(Layer(entries=ODD))
    writer = oci.LayoutWriter(tmp_path / "two")
    blob = tmp_path / "one" / "blobs" / "sha256" / stored.digest.removeprefix("sha256:")
    for _ in range(2):
        assert writer.adopt_layer(stored, blob) == stored
    digest = writer.add_image("1", ImageSpec(layers=(stored,)))
    writer.finish()
    assert _json(tmp_path / "two", digest)["layers"][0]["digest"] == stored.digest
    _blob(tmp_path / "two", stored.digest)


def test_a_layer_that_fails_leaves_no_blob(tmp_path: Path) -> None:
    writer = oci.LayoutWriter(tmp_path)
    with pytest.raises(InstallerError):
        writer.add_layer(Layer(entries=[Entry(path=b"x", content=b"", size=1)]))
    assert not list((tmp_path / "blobs" / "sha256").iterdir())


@pytest.mark.needs("skopeo")
def test_skopeo_reads_and_copies_it(tmp_path: Path) -> None:
    """Copying checks every digest and, to docker-archive, every diff_id."""
    layout = tmp_path / "layout"
    oci.write_layout(layout, {"1": ImageSpec(layers=(Layer(entries=ODD), Layer(entries=())), labels={"a": "b"})})
    done = subprocess.run(["skopeo", "inspect", f"oci:{layout}:1"], capture_output=True, check=True)
    names = json.loads(done.stdout)
    assert (names["Architecture"], names["Labels"], len(names["Layers"])) == ("amd64", {"a": "b"}, 2)
    insecure = ["skopeo", "--insecure-policy", "copy", f"oci:{layout}:1"]
    subprocess.run([*insecure, f"docker-archive:{tmp_path}/out.tar:x:1"], capture_output=True, check=True)
