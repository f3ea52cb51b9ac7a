"""What is asked of skopeo, and what its answers mean, without skopeo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.payload.layout import blob_path, open_image
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.remote import describe, pinned
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.sources import resolve_image
from ashore_isogen.oci import write_layout
from tests.fakes.runner import Answer, FakeRunner
from tests.installer.images import BASE, TAG, image, layout

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker://quay.io/x/y:tag", f"docker://quay.io/x/y@{DIGEST}"),
        ("docker://localhost:5000/y", f"docker://localhost:5000/y@{DIGEST}"),
        ("docker://localhost:5000/y:1@sha256:00", f"docker://localhost:5000/y@{DIGEST}"),
        ("oci-archive:/x.tar", "oci-archive:/x.tar"),
    ],
)
def test_names_are_pinned_to_a_digest(name: str, expected: str) -> None:
    assert str(pinned(parse_image_name(name), DIGEST)) == expected


def answers(root: Path, tag: str, architecture: str) -> FakeRunner:
    """skopeo for the image in a layout."""
    found = open_image(root, tag, architecture)

    def blob(digest: str) -> str:
        return blob_path(root, digest).read_text()

    by_digest = f"docker://quay.io/x@{found.platform_digest}"
    return FakeRunner(
        Answer(words=("--config", "--raw", by_digest), output=blob(found.config_digest)),
        Answer(words=("--raw", by_digest), output=blob(found.platform_digest)),
        Answer(words=("--raw", "docker://quay.io/x:1"), output=blob(found.digest)),
    )


def test_an_image_is_described_by_its_manifest(tmp_path: Path) -> None:
    root = layout(tmp_path, BASE)
    found = describe(answers(root, TAG, "amd64"), parse_image_name("docker://quay.io/x:1"), "amd64")
    known = open_image(root, TAG, "amd64")
    assert not found.scanned
    assert (found.manifest_digest, found.platform_digest) == (known.digest, known.digest)
    assert (found.layers, found.labels, found.created) == (known.layers, known.labels, known.created)
    assert found.unpacked_size == 4 * known.size


def test_of_an_index_the_platforms_manifest_is_taken(tmp_path: Path) -> None:
    write_layout(tmp_path, {TAG: (image(BASE), image(BASE, arch="arm64"))})
    found = describe(answers(tmp_path, TAG, "arm64"), parse_image_name("docker://quay.io/x:1"), "arm64")
    assert found.architecture == "arm64"
    assert found.manifest_digest != found.platform_digest
    with pytest.raises(BadInput, match="not made for s390x"):
        describe(answers(tmp_path, TAG, "arm64"), parse_image_name("docker://quay.io/x:1"), "s390x")


def test_skopeos_last_words_are_the_reason() -> None:
    stderr = 'time="x" level=warning msg="other"\ntime="x" level=fatal msg="reading manifest: \\"1\\" unknown"\n'
    runner = FakeRunner(Answer(words=("inspect",), status=1, stderr=stderr))
    with pytest.raises(BadInput, match='The image docker://q/x:1 can\'t be read: reading manifest: "1" unknown'):
        describe(runner, parse_image_name("docker://q/x:1"), "amd64")


@pytest.mark.parametrize("output", ["", "[]", "{}", json.dumps({"layers": [], "config": {}})])
def test_manifests_that_are_none_are_refused(output: str) -> None:
    with pytest.raises(BadInput):
        describe(FakeRunner(Answer(words=("inspect",), output=output)), parse_image_name("docker://q/x:1"), "amd64")


def test_a_draft_for_an_image_elsewhere_is_resolved(tmp_path: Path) -> None:
    root = layout(tmp_path, BASE)
    draft = Draft(payload=PayloadRequest(source="docker://quay.io/x:1"))
    known = open_image(root, TAG)
    resolved, found = resolve_image(draft, run=answers(root, TAG, known.architecture))
    assert resolved.payload.target == "docker://quay.io/x:1"
    assert found.manifest_digest == known.digest
