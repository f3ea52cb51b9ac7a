"""Names of images: what skopeo would understand, what goes onto media, and hints for what people type instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.imgref import ImageName, Transport, parse_image_name

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "oci:/srv/images:v1",
        "oci:images",
        "oci-archive:image.tar:v1",
        "docker://quay.io/fedora/fedora-bootc:44",
        "docker://localhost:5000/a@" + DIGEST,
        "containers-storage:localhost/x:latest",
        "docker-archive:/tmp/x.tar",
        "dir:/tmp/x",
    ],
)
def test_skopeos_names_are_kept(text: str) -> None:
    assert str(parse_image_name(text)) == text


def test_path_and_tag_part_at_the_first_colon_but_not_for_dir() -> None:
    name = parse_image_name("oci:/srv/images:quay.io/x:v1")
    assert (name.path, name.tag) == (Path("/srv/images"), "quay.io/x:v1")
    name = parse_image_name("dir:/srv/a:b")
    assert (name.path, name.tag) == (Path("/srv/a:b"), "")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("quay.io/fedora/fedora-bootc:44", "docker://quay.io/fedora/fedora-bootc:44"),
        ("fedora", "oci:DIRECTORY:TAG"),
        ("oci:", "oci:DIRECTORY:TAG"),
        ("podman:x", "oci:DIRECTORY:TAG"),
        ("oci:a\nb", "oci:DIRECTORY:TAG"),
        ("docker:quay.io/x", "docker://REGISTRY/NAME:TAG"),
        ("docker://", "docker://REGISTRY/NAME:TAG"),
        ("docker://a b", "docker://REGISTRY/NAME:TAG"),
    ],
)
def test_other_names_are_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_image_name(text)
    assert hint in caught.value.hint


def test_a_layouts_directory_gets_the_right_hint(tmp_path: Path) -> None:
    (tmp_path / "index.json").touch()
    with pytest.raises(BadInput) as caught:
        parse_image_name(f"{tmp_path}:v1")
    assert f"oci:{tmp_path}:v1" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("docker://quay.io/a/b:v1", "docker://quay.io/a/b@"),
        ("docker://localhost:5000/b", "docker://localhost:5000/b@"),
        ("docker://localhost:5000/a/b:v1@sha256:" + "0" * 64, "docker://localhost:5000/a/b@"),
        ("docker://alpine:3", "docker://alpine@"),
    ],
)
def test_pinned_names_have_the_digest_only(text: str, pinned: str) -> None:
    assert str(parse_image_name(text).pinned(DIGEST)) == pinned + DIGEST


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("oci:/home/somebody/images:v1", "oci:images:v1"),
        ("dir:/home/somebody/image", "dir:image"),
        ("docker://quay.io/a/b:v1", "docker://quay.io/a/b:v1"),
        ("containers-storage:[overlay@/home/somebody/s]localhost/x", "containers-storage:localhost/x"),
    ],
)
def test_media_do_not_tell_where_they_were_made(text: str, recorded: str) -> None:
    assert parse_image_name(text).recorded() == recorded


def test_a_relative_path_is_recorded_by_its_name() -> None:
    assert ImageName(transport=Transport.OCI, rest=".:v1").recorded() == f"oci:{Path.cwd().name}:v1"
    assert ImageName(transport=Transport.DIR, rest="x").absolute().path == Path.cwd() / "x"
