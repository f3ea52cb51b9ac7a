"""JSON of plans and machines: round trips, refusals with the path of the value, secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Draft, InstallPlan, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Clear, PartitionRequest, StorageRequest
from tests.fakes.values import a_machine, a_plan, an_image

WITH_SECRET = a_plan(system=SystemPlan(users=(User(name="ann", password=Secret("hunter2")),)))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (a_plan(), InstallPlan),
        (a_machine(), MachineInfo),
        (an_image(), ImageInfo),
        (
            Draft(
                storage=StorageRequest(
                    clear=Clear.ALL, partitions=(PartitionRequest(mount="/", format=Format.EXT4, grow=True),)
                ),
                lines={"storage": 3},
            ),
            Draft,
        ),
    ],
)
def test_a_value_comes_back_from_its_json(value: Any, kind: type[Any]) -> None:
    assert codec.from_json(codec.to_json(value), kind, "It") == value


def test_the_same_value_gives_the_same_text() -> None:
    assert codec.to_json(a_plan()) == codec.to_json(codec.from_json(codec.to_json(a_plan()), InstallPlan, "It"))


def test_a_secret_is_neither_in_the_json_nor_in_the_repr() -> None:
    assert "hunter2" not in codec.to_json(WITH_SECRET)
    assert "hunter2" not in repr(WITH_SECRET)
    assert "hunter2" not in f"{WITH_SECRET.system.users[0].password}"


def test_a_plan_without_its_secrets_is_refused_not_carried_out_without_a_password() -> None:
    with pytest.raises(BadInput, match="left out"):
        codec.from_json(codec.to_json(WITH_SECRET), InstallPlan, "The plan")


def test_the_engines_pipe_carries_secrets() -> None:
    text = codec.to_json(WITH_SECRET, reveal_secrets=True)
    assert codec.from_json(text, InstallPlan, "It") == WITH_SECRET


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("boot", "disks"), 7, "boot.disks"),
        (("storage", "partitions", 0, "size"), "1G", "size"),
        (("storage", "partitions", 0, "format"), "zfs", "zfs"),
        (("eject",), "yes", "eject"),
        (("surprise",), 1, "surprise"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(path: tuple[Any, ...], value: object, said: str) -> None:
    data = codec.to_data(a_plan())
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(BadInput, match=said) as caught:
        codec.from_data(data, InstallPlan, "The plan")
    assert caught.value.status == 2


@pytest.mark.parametrize("text", ["", "[1", "[]", "null", '"x"', "3"])
def test_text_that_is_no_plan_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        codec.from_json(text, InstallPlan, "The plan")


def test_a_list_is_no_mapping() -> None:
    with pytest.raises(BadInput):
        codec.from_json("[]", dict[str, str], "The facts")


def test_numbers_are_numbers() -> None:
    text = codec.to_json(replace(a_machine(), memory=1))
    assert json.loads(text)["memory"] == 1
