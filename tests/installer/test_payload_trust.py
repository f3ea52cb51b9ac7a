"""Tags and signatures of images that were not fetched yet, without skopeo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.trust import Demand, Signed, Trust, demand, read_policy, repository, tags, trust
from tests.fakes.runner import Answer, FakeRunner

OS = parse_image_name("docker://quay.io:443/example/os:1")
DIGEST = "sha256:" + "a" * 64
ACCEPT, REJECT = [{"type": "insecureAcceptAnything"}], [{"type": "reject"}]
SIGNED = [{"type": "sigstoreSigned", "keyPath": "/etc/pki/key.pub"}]


def listed(*names: str) -> FakeRunner:
    return FakeRunner(Answer(words=("list-tags",), output=json.dumps({"Repository": "x", "Tags": names})))


def test_tags_are_those_of_images_with_the_newest_numbers_first() -> None:
    runner = listed("9", "latest", "10", "10.1", f"sha256-{'a' * 64}.sig", f"sha256-{'a' * 64}", "10-rc")

    assert tags(runner, OS) == ("10.1", "10-rc", "10", "9", "latest")
    assert runner.argvs[0][-1] == "docker://quay.io:443/example/os"


def test_only_registries_have_tags() -> None:
    with pytest.raises(BadInput, match="is in no registry"):
        tags(FakeRunner(), parse_image_name("oci:/srv/os:1"))


def test_a_registry_that_does_not_answer_is_said_to_be_the_reason() -> None:
    runner = FakeRunner(Answer(words=("list-tags",), status=1, stderr='level=fatal msg="no route to host"\n'))

    with pytest.raises(BadInput, match=r"can't be read: no route to host"):
        tags(runner, OS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("q.io/a/b:1", "q.io/a/b"),
        ("q.io:5000/b", "q.io:5000/b"),
        (f"q.io/b@{DIGEST}", "q.io/b"),
    ],
)
def test_a_repository_is_the_name_without_tag_and_digest(name: str, expected: str) -> None:
    assert repository(parse_image_name(f"docker://{name}")) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, Demand.UNKNOWN),
        ({}, Demand.UNKNOWN),
        ({"default": ACCEPT}, Demand.NOTHING),
        ({"default": REJECT}, Demand.REFUSED),
        ({"default": REJECT, "transports": {"docker": {"quay.io:443/example": SIGNED}}}, Demand.SIGNATURE),
        ({"default": REJECT, "transports": {"docker": {"": ACCEPT}}}, Demand.NOTHING),
        ({"default": ACCEPT, "transports": {"docker": {"*.io": SIGNED}}}, Demand.SIGNATURE),
        ({"default": ACCEPT, "transports": {"docker": {"quay.io:443": SIGNED, OS.name: ACCEPT}}}, Demand.NOTHING),
        ({"default": ACCEPT, "transports": {"oci": {"": REJECT}}}, Demand.NOTHING),
        ({"default": ACCEPT, "transports": {"docker": {"quay.io:443/exam": REJECT}}}, Demand.NOTHING),
    ],
)
def test_the_narrowest_scope_of_the_policy_counts(policy: dict[str, Any] | None, expected: Demand) -> None:
    assert demand(OS, policy) is expected


@pytest.mark.parametrize(
    ("status", "stderr", "expected"),
    [
        (0, "", Signed.YES),
        (1, 'msg="reading manifest sha256-a.sig: manifest unknown"\n', Signed.NO),
        (1, 'msg="no route to host"\n', Signed.UNKNOWN),
    ],
)
def test_a_signature_is_looked_for_beside_the_image(
    tmp_path: Path, status: int, stderr: str, expected: Signed
) -> None:  # fmt: skip
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"default": ACCEPT}))
    runner = FakeRunner(Answer(words=("inspect",), output="{}", status=status, stderr=stderr))

    found = trust(runner, OS, DIGEST, (str(tmp_path / "none"), str(policy)))

    assert found == Trust(demand=Demand.NOTHING, signed=expected)
    assert runner.argvs[0][-1] == f"docker://quay.io:443/example/os:sha256-{'a' * 64}.sig"


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_policy_that_can_not_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.json").write_text(text)

    assert read_policy((str(tmp_path / "policy.json"),)) is None
