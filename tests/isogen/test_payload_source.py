"""Images from everywhere end up in an OCI layout, with the digest they are known by. skopeo is the real one."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.payload.layout import blob_path, verify_blobs
from ashore_installer.run import Commands
from ashore_isogen.imgref import named_image
from ashore_isogen.skopeo import Skopeo, reason
from ashore_isogen.source import Source, open_source
from tests.fakes.media import TAG, Notes, a_layout, an_image_spec
from tests.fakes.registry import Registry, serving


def opened(name: str, work: Path, notes: Notes | None = None) -> Source:
    work.mkdir(exist_ok=True)
    skopeo = Skopeo(run=Commands(), scratch=work, architecture="amd64", tls_verify=False)
    return open_source(named_image(name), skopeo, notes or Notes())


def copied(source: str, destination: str) -> str:
    subprocess.run(["skopeo", "copy", "--quiet", source, destination], check=True)
    return destination


def test_a_layout_is_used_where_it_lies(tmp_path: Path) -> None:
    source = opened(a_layout(tmp_path / "layout"), tmp_path / "work")
    assert source.image.root == tmp_path / "layout"
    assert source.digest == source.image.digest == source.image.platform_digest
    assert list((tmp_path / "work").iterdir()) == []


def test_the_only_image_needs_no_tag(tmp_path: Path) -> None:
    a_layout(tmp_path / "layout")
    assert opened(f"oci:{tmp_path / 'layout'}", tmp_path / "work").tag == ""


@pytest.mark.parametrize("transport", ["oci-archive", "dir"])
def test_digests_are_kept(tmp_path: Path, transport: str) -> None:
    name = a_layout(tmp_path / "layout")
    known = opened(name, tmp_path / "work").digest
    tag = f":{TAG}" if transport == "oci-archive" else ""
    notes = Notes()
    source = opened(copied(name, f"{transport}:{tmp_path / 'copy'}{tag}"), tmp_path / "work", notes)
    assert source.digest == source.image.digest == known
    assert source.image.root.parent == tmp_path / "work"
    assert notes.progresses[-1][0] == notes.progresses[-1][1] > 0
    verify_blobs(source.image)


def test_a_docker_archive_is_converted_and_says_so(tmp_path: Path) -> None:
    name = a_layout(tmp_path / "layout")
    notes = Notes()
    source = opened(copied(name, f"docker-archive:{tmp_path / 'image.tar'}"), tmp_path / "work", notes)
    assert any("converted to the OCI format" in note for note in notes.notes)
    assert source.image.labels["containers.bootc"] == "1"
    assert source.image.layers[0].diff_id == opened(name, tmp_path / "work").image.layers[0].diff_id
    verify_blobs(source.image)


def test_an_index_keeps_its_digest_and_only_our_platform_is_fetched(tmp_path: Path) -> None:
    ours, other = an_image_spec(), an_image_spec(architecture="arm64", entries=[])
    a_layout(tmp_path / "layout", other, ours)
    with serving() as registry:
        digest = registry.add(tmp_path / "layout", TAG, "a/b:v1")
        source = opened(f"docker://{registry.host}/a/b:v1", tmp_path / "work")
    assert source.digest == source.image.digest == digest
    assert source.image.platform_digest != digest
    assert source.image.architecture == "amd64"
    assert blob_path(source.image.root, digest).is_file()
    verify_blobs(source.image)
    asked = {path.rsplit("/", 1)[1] for path in registry.requests}
    (theirs,) = [entry["digest"] for entry in json.loads(registry.blobs[digest])["manifests"] if is_arm(entry)]
    assert theirs not in asked


def is_arm(entry: dict[str, Any]) -> bool:
    return bool(entry["platform"]["architecture"] == "arm64")


def test_a_tag_that_moves_meanwhile_does_not_mix_images(tmp_path: Path) -> None:
    """The tag is asked for once; after that everything goes by digest."""
    a_layout(tmp_path / "layout")
    with serving() as registry:
        digest = registry.add(tmp_path / "layout", TAG, "a/b:v1")
        source = opened(f"docker://{registry.host}/a/b:v1", tmp_path / "work")
    assert source.digest == digest
    assert [path for path in registry.requests if path.endswith("/manifests/v1")] == ["/v2/a/b/manifests/v1"]


def test_a_docker_manifest_is_converted_and_its_digest_kept_for_the_record(tmp_path: Path) -> None:
    a_layout(tmp_path / "layout")
    notes = Notes()
    with serving() as registry:
        registry.add(tmp_path / "layout", TAG, "a/b:oci")
        digest = registry.add_manifest(as_docker(registry, "a/b:oci"), "a/b:v1")
        source = opened(f"docker://{registry.host}/a/b:v1", tmp_path / "work", notes)
    assert source.digest == digest
    assert source.image.digest != digest
    assert any(digest in note for note in notes.notes)
    verify_blobs(source.image)


def as_docker(registry: Registry, name: str) -> dict[str, Any]:
    """The same image as Docker's build would have pushed it (image manifest version 2, schema 2)."""
    manifest: dict[str, Any] = json.loads(registry.blobs[registry.tags[name]])
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    config = {**manifest["config"], "mediaType": "application/vnd.docker.container.image.v1+json"}
    layer = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    layers = [{**entry, "mediaType": layer} for entry in manifest["layers"]]
    return {"schemaVersion": 2, "mediaType": docker, "config": config, "layers": layers}


@pytest.mark.parametrize(
    ("labels", "architecture", "message"),
    [({}, "amd64", "no label that says it can boot"), (None, "arm64", "is made for arm64")],
)
def test_what_cannot_boot_is_refused_before_its_layers_are_fetched(
    tmp_path: Path, labels: dict[str, str] | None, architecture: str, message: str
) -> None:
    a_layout(tmp_path / "layout", an_image_spec(labels=labels, architecture=architecture))
    with serving() as registry:
        registry.add(tmp_path / "layout", TAG, "a/b:v1")
        with pytest.raises(BadInput, match=message):
            opened(f"docker://{registry.host}/a/b:v1", tmp_path / "work")
        with pytest.raises(BadInput, match=message):
            opened(f"oci:{tmp_path / 'layout'}:{TAG}", tmp_path / "work")
    blobs = [path for path in registry.requests if "/blobs/" in path]
    assert all(b"architecture" in registry.blobs[path.rsplit("/", 1)[1]] for path in blobs)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("oci:{}/nothing:v1", "no OCI image layout"),
        ("oci:{}/layout:v2", "0 images called 'v2'"),
        ("oci-archive:{}/nothing.tar", "There is no file"),
        ("docker-archive:{}/layout/index.json", "can't be read"),
        ("dir:{}/nothing", "can't be read"),
        ("docker://127.0.0.1:1/x:v1", "can't be read: .*connection refused"),
    ],
)
def test_names_of_nothing_are_refused_in_one_sentence_with_a_hint(tmp_path: Path, name: str, message: str) -> None:
    a_layout(tmp_path / "layout")
    with pytest.raises(BadInput, match=message) as caught:
        opened(name.format(tmp_path), tmp_path / "work")
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_tag_that_the_registry_lacks(tmp_path: Path) -> None:
    with serving() as registry, pytest.raises(BadInput, match="v9"):
        opened(f"docker://{registry.host}/a/b:v9", tmp_path / "work")


def test_a_corrupt_blob_of_a_registry_is_not_taken(tmp_path: Path) -> None:
    a_layout(tmp_path / "layout")
    with serving() as registry:
        registry.add(tmp_path / "layout", TAG, "a/b:v1")
        (layer,) = [digest for digest, content in registry.blobs.items() if content[:2] == b"\x1f\x8b"]
        registry.blobs[layer] = gzip.compress(bytes(len(registry.blobs[layer])))
        with pytest.raises(BadInput, match="can't be read"):
            opened(f"docker://{registry.host}/a/b:v1", tmp_path / "work")


def test_the_fakes_digests_are_real(tmp_path: Path) -> None:
    a_layout(tmp_path / "layout")
    for path in (tmp_path / "layout" / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_skopeos_log_becomes_a_sentence() -> None:
    frame = 'time="2026-01-01T00:00:00Z" level=fatal msg="Error: \\"x\\" is missing"'
    assert reason(f"Getting image\n{frame}\n") == 'Error: "x" is missing'
    assert reason("plain words") == "plain words"
    assert reason("") == "skopeo does not say why."
