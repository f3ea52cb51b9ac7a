"""Names of images, origins and refs, by bootc's own examples."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import escape, image_ref, is_local, layer_ref, parse_image_name, split_oci


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("sha256:abc", "sha256_3A_abc"),
        ("docker://quay.io/fedora/fedora-bootc:42", "docker_3A__2F__2F_quay_2E_io/fedora/fedora-bootc_3A_42"),
        ("registry:quay.io/coreos/fedora:latest", "registry_3A_quay_2E_io/coreos/fedora_3A_latest"),
        ("containers-storage:localhost/x_y:1", "containers-storage_3A_localhost/x__y_3A_1"),
        ("oci:/var/tmp/x", "oci_3A__2F_var/tmp/x"),
        ("a/", "a_2F_"),
        ("/", "_2F_"),
        ("a//b", "a/_2F_b"),
        ("ü", "_FC_"),
        ("日", "_65E5_"),
    ],
)
def test_refs_are_escaped_as_bootc_does(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def unescape(text: str) -> str:
    return re.sub(r"_([0-9A-F]+)_|__", lambda match: chr(int(match[1], 16)) if match[1] else "_", text)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_escaping_loses_nothing_and_gives_valid_refs(text: str) -> None:
    escaped = escape(text)
    assert unescape(escaped) == text
    assert re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", escaped)


@pytest.mark.parametrize(
    ("text", "unsigned", "signed"),
    [
        ("docker://quay.io/x:y", "ostree-unverified-registry:quay.io/x:y", "ostree-image-signed:docker://quay.io/x:y"),
        ("oci:/srv/x:1", "ostree-unverified-image:oci:/srv/x:1", "ostree-image-signed:oci:/srv/x:1"),
        (
            "containers-storage:localhost/x",
            "ostree-unverified-image:containers-storage:localhost/x",
            "ostree-image-signed:containers-storage:localhost/x",
        ),
    ],
)
def test_origins(text: str, unsigned: str, signed: str) -> None:
    name = parse_image_name(text)
    assert str(name) == text
    assert name.origin(signed=False) == unsigned
    assert name.origin(signed=True) == signed


def test_paths_may_have_spaces() -> None:
    assert parse_image_name("oci:/my images/one:v1").name == "/my images/one:v1"


@pytest.mark.parametrize(
    "text",
    ["", "quay.io/x:y", "docker:x", "docker://", "oci:", "ftp:x", "docker://a b", "containers-storage:a b", "oci:\n"],
)
def test_what_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no name of an image") as caught:
        parse_image_name(text)
    assert "docker://" in caught.value.hint


def test_refs_of_layers_and_images() -> None:
    assert layer_ref("sha256:00") == "ostree/container/blob/sha256_3A_00"
    name = parse_image_name("docker://quay.io/x:y")
    assert image_ref(name) == "ostree/container/image/docker_3A__2F__2F_quay_2E_io/x_3A_y"


def test_local_images() -> None:
    assert is_local(parse_image_name("oci:/x"))
    assert not is_local(parse_image_name("docker://x/y"))
    assert split_oci("/srv/x:tag") == ("/srv/x", "tag")
    assert split_oci("/srv/x") == ("/srv/x", "")
