"""Reading OCI image layouts: what is found, and that hostile ones are refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.payload.layout import blob_path, open_image, verify_blobs
from ashore_isogen.oci import regular, write_layout
from tests.installer.images import BASE, LABELS, TAG, image, layout, spoil

Edit = Callable[[dict[str, Any]], None]


def test_an_image_is_found_by_its_tag(tmp_path: Path) -> None:
    other = (regular("usr/other"),)
    digests = write_layout(tmp_path, {"a": image(BASE), "b": image(BASE, other)})

    found = open_image(tmp_path, "b", "amd64")

    assert found.digest == found.platform_digest == digests["b"]
    assert found.labels == LABELS
    assert found.created == "2023-11-14T22:13:20Z"
    assert len(found.layers) == 2
    assert found.layers[0].media_type.endswith("+gzip")
    assert found.size == sum(blob_path(tmp_path, layer.digest).stat().st_size for layer in found.layers)


def test_the_only_image_needs_no_tag(tmp_path: Path) -> None:
    assert open_image(layout(tmp_path, BASE), "", "amd64").architecture == "amd64"


def test_an_unknown_tag_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'v9'") as caught:
        open_image(layout(tmp_path, BASE), "v9")
    assert TAG in caught.value.hint


def test_of_several_architectures_one_is_taken(tmp_path: Path) -> None:
    digests = write_layout(tmp_path, {TAG: (image(BASE), image(BASE, arch="arm64"))})

    found = open_image(tmp_path, TAG, "arm64")

    assert found.architecture == "arm64"
    assert found.digest == digests[TAG]
    assert found.platform_digest != found.digest
    with pytest.raises(BadInput, match="not made for s390x"):
        open_image(tmp_path, TAG, "s390x")


def test_a_directory_without_a_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no OCI image layout"):
        open_image(tmp_path / "nothing", "x")


def test_all_blobs_are_verified_with_progress_in_bytes(tmp_path: Path) -> None:
    found = open_image(layout(tmp_path, BASE), TAG, "amd64")
    told: list[tuple[int, int]] = []

    verify_blobs(found, lambda done, total: told.append((done, total)))

    assert told[-1] == (found.size, found.size)


def test_a_damaged_layer_is_named(tmp_path: Path) -> None:
    found = open_image(layout(tmp_path, BASE, (regular("usr/x", b"x" * 100),)), TAG, "amd64")
    spoil(tmp_path, found.layers[1].digest)

    with pytest.raises(InstallerError, match=found.layers[1].digest) as caught:
        verify_blobs(found)
    assert "medium" in caught.value.hint
    assert caught.value.status == ExitStatus.FAILED


def test_a_damaged_manifest_and_configuration_are_refused(tmp_path: Path) -> None:
    found = open_image(layout(tmp_path, BASE), TAG, "amd64")
    spoil(tmp_path, found.config_digest)
    with pytest.raises(InstallerError, match=found.config_digest):
        open_image(tmp_path, TAG, "amd64")
    spoil(tmp_path, found.digest)
    with pytest.raises(InstallerError, match=found.digest):
        open_image(tmp_path, TAG, "amd64")


def test_a_missing_short_or_linked_blob_is_refused(tmp_path: Path) -> None:
    found = open_image(layout(tmp_path, BASE), TAG, "amd64")
    path = blob_path(tmp_path, found.layers[0].digest)
    content = path.read_bytes()

    path.write_bytes(content[:-1])
    with pytest.raises(BadInput, match=f"{len(content) - 1} bytes instead of {len(content)}"):
        open_image(tmp_path, TAG, "amd64")
    path.unlink()
    with pytest.raises(BadInput, match="has no blob"):
        open_image(tmp_path, TAG, "amd64")
    (tmp_path / "elsewhere").write_bytes(content)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="has no blob"):
        open_image(tmp_path, TAG, "amd64")


def _set(*path: str | int, to: Any) -> Edit:
    def edit(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = to

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_set("layers", 0, "digest", to="sha256:../../../../etc/passwd"), "SHA-256 digest"),
        (_set("layers", 0, "digest", to="md5:00"), "SHA-256 digest"),
        (_set("layers", 0, "digest", to=7), "is not text"),
        (_set("layers", 0, "size", to=-1), "impossible size"),
        (_set("layers", 0, "size", to=1 << 60), "impossible size"),
        (_set("layers", 0, "size", to=True), "impossible size"),
        (_set("layers", 0, "size", to="12"), "is not a number"),
        (_set("layers", to=[]), "has 0 layers"),
        (_set("layers", to={}), "is not a list"),
        (_set("config", to=None), "is not a JSON object"),
        (_set("schemaVersion", to=1), "unknown version"),
        (_set("annotations", to={"a": 1}), "map of texts"),
    ],
)
def test_a_hostile_manifest_is_refused(tmp_path: Path, edit: Edit, message: str) -> None:
    layout(tmp_path, BASE)
    _edit_manifest(tmp_path, edit)

    with pytest.raises(BadInput, match=message) as caught:
        open_image(tmp_path, TAG, "amd64")
    assert caught.value.hint


def _edit_manifest(root: Path, edit: Edit) -> None:
    """Change the manifest and everything that names it."""
    index = json.loads((root / "index.json").read_bytes())
    entry = index["manifests"][0]
    manifest = json.loads(blob_path(root, entry["digest"]).read_bytes())
    edit(manifest)
    content = json.dumps(manifest).encode()
    entry |= {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}
    blob_path(root, entry["digest"]).write_bytes(content)
    (root / "index.json").write_text(json.dumps(index))


def test_json_without_end_is_refused(tmp_path: Path) -> None:
    layout(tmp_path, BASE)
    (tmp_path / "index.json").write_text("[" * 200_000)
    with pytest.raises(BadInput, match="not JSON"):
        open_image(tmp_path, TAG)
    (tmp_path / "index.json").write_bytes(b" " * (9 << 20))
    with pytest.raises(BadInput, match="too large"):
        open_image(tmp_path, TAG)


def test_an_image_of_another_system_is_refused(tmp_path: Path) -> None:
    layout(tmp_path, BASE)
    found = open_image(tmp_path, TAG, "amd64")
    config = {**found.config, "os": "windows"}
    content = json.dumps(config).encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    blob_path(tmp_path, digest).write_bytes(content)
    _edit_manifest(tmp_path, _set("config", to={"digest": digest, "size": len(content)}))

    with pytest.raises(BadInput, match="'windows'"):
        open_image(tmp_path, TAG, "amd64")
