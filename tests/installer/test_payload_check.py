"""Checks of the payload before the first write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.check import check
from ashore_installer.payload.check import check_payload
from ashore_installer.plan import ImagePayload
from tests.fakes.values import a_machine, a_plan, an_image

PAYLOAD = ImagePayload(source="oci:/srv/x:1", target="docker://registry.example/x:1")


def test_a_plan_for_a_bootable_image_has_no_problem() -> None:
    assert check_payload(PAYLOAD, a_machine(), an_image()) == ()


@pytest.mark.parametrize("name", ["", ".", "..", "../../etc", "a/b", "a b", "-x", "x" * 65, "x\n"])
def test_a_stateroot_is_a_plain_name(name: str) -> None:
    found = check_payload(replace(PAYLOAD, stateroot=name), a_machine(), an_image())
    assert [problem.field for problem in found] == ["payload.stateroot"]


def test_names_of_images_are_checked() -> None:
    payload = replace(PAYLOAD, source="x", target="docker://")
    found = check_payload(payload, a_machine(), an_image())
    assert [problem.field for problem in found] == ["payload.source", "payload.target"]


def test_the_whole_check_has_those_of_the_payload() -> None:
    plan = a_plan(payload=replace(PAYLOAD, stateroot="../x"))
    fields = [problem.field for problem in check(plan, a_machine(), an_image(architecture="arm64"))]
    assert {"payload.source", "payload.stateroot"} <= set(fields)
