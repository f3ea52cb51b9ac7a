"""Names of images: hints for what people type, where the image is, and what goes onto media."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.imgref import absolute, named_image, path_and_tag, recorded


@pytest.mark.parametrize(
    "text",
    [
        "oci:/srv/my images:v1",
        "oci-archive:image.tar:v1",
        "docker://quay.io/fedora/fedora-bootc:44",
        "containers-storage:localhost/x:latest",
        "docker-archive:/tmp/x.tar",
        "dir:/tmp/x",
    ],
)
def test_skopeos_names_are_kept(text: str) -> None:
    assert str(named_image(text)) == text


@pytest.mark.parametrize(
    ("text", "path", "tag"),
    [
        ("oci:/srv/images:quay.io/x:v1", "/srv/images", "quay.io/x:v1"),
        ("oci-archive:x.tar", "x.tar", ""),
        ("dir:/srv/a:b", "/srv/a:b", ""),
    ],
)
def test_path_and_tag_part_at_the_first_colon_but_not_for_dir(text: str, path: str, tag: str) -> None:
    assert path_and_tag(named_image(text)) == (Path(path), tag)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("quay.io/fedora/fedora-bootc:44", "docker://quay.io/fedora/fedora-bootc:44"),
        ("fedora", "oci:DIRECTORY:TAG"),
        ("oci:", "oci:DIRECTORY:TAG"),
        ("podman:x", "oci:DIRECTORY:TAG"),
        ("oci:a\nb", "oci:DIRECTORY:TAG"),
        ("docker:quay.io/x", "docker://HOST/NAME:TAG"),
        ("docker://a b", "docker://HOST/NAME:TAG"),
    ],
)
def test_other_names_are_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        named_image(text)
    assert hint in caught.value.hint


def test_a_layouts_directory_gets_the_right_hint(tmp_path: Path) -> None:
    (tmp_path / "index.json").touch()
    with pytest.raises(BadInput) as caught:
        named_image(f"{tmp_path}:v1")
    assert f"oci:{tmp_path}:v1" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci:/home/somebody/images:v1", "oci:images:v1"),
        ("dir:/home/somebody/image", "dir:image"),
        ("docker://quay.io/a/b:v1", "docker://quay.io/a/b:v1"),
        ("containers-storage:[overlay@/home/somebody/s]localhost/x", "containers-storage:localhost/x"),
    ],
)
def test_media_do_not_tell_where_they_were_made(text: str, expected: str) -> None:
    assert recorded(named_image(text)) == expected


def test_a_relative_path_is_found_and_recorded_by_its_name() -> None:
    assert recorded(named_image("oci:.:v1")) == f"oci:{Path.cwd().name}:v1"
    assert str(absolute(named_image("dir:x"))) == f"dir:{Path.cwd() / 'x'}"
    assert str(absolute(named_image("docker://q/x"))) == "docker://q/x"
