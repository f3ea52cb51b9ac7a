"""An image of a registry on the screen: looked up when it is named, another of its tags, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_tui.engine import Running
from tests.fakes.machines import recorded
from tests.tui.flow_values import REMOTE, TAGS, PlanningEngine
from tests.tui.sitting import Room, Sitting

NAME = REMOTE.removeprefix("docker://")
REPOSITORY = NAME.rpartition(":")[0]


class IdleEngine(PlanningEngine):
    """Nothing is installed, and nothing was."""

    def attach(self) -> Running:
        raise BadInput("There is no installation to follow.")


def room(tmp_path: Path) -> Room:
    engine = IdleEngine(machine=recorded("two-sata"), directory=tmp_path)
    return Room(state=tmp_path, engine=engine, size=(100, 40))


async def to_remote(sitting: Sitting, name: str = NAME) -> None:
    await sitting.press("escape", "home", "down", "down", "enter", "tab")
    await sitting.type(name)


async def to_tags(sitting: Sitting, name: str = NAME) -> None:
    await to_remote(sitting, name)
    await sitting.press("tab", "tab", "enter")


def test_enter_looks_an_image_up_and_says_what_is_known_of_its_signature(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_remote(sitting)
        await sitting.press("enter")
        assert "the registry has one; this system asks for none" in " ".join(sitting.text.split())
        await sitting.press("enter")

    sitting = room(tmp_path).sit(act)

    assert sitting.title == "Destination"
    assert sitting.flow.draft.payload.source == REMOTE


def test_a_tag_is_found_by_typing_and_looked_up(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_tags(sitting)
        assert f"Tags of {REPOSITORY}" in sitting.text
        assert all(tag in sitting.text for tag in TAGS)
        await sitting.type("lat")
        assert f"1 of {len(TAGS)}" in sitting.text or f"One of {len(TAGS)}" in sitting.text
        await sitting.press("enter")

    sitting = room(tmp_path).sit(act)

    assert sitting.screen == "SourceScreen"
    assert sitting.flow.draft.payload.source == f"docker://{REPOSITORY}:latest"
    assert f"{REPOSITORY}:latest" in sitting.text


def test_escape_leaves_the_image_as_it_was(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_tags(sitting)
        await sitting.press("escape")

    sitting = room(tmp_path).sit(act)

    assert sitting.screen == "SourceScreen"
    assert sitting.flow.offer is not None


def test_a_registry_that_has_nothing_of_that_name_is_said_in_words(tmp_path: Path) -> None:
    sitting = room(tmp_path).sit(lambda sitting: to_tags(sitting, "registry.example/unknown:1"))

    assert sitting.screen == "TagsDialog"
    assert "no such name" in sitting.text
    assert "Check the name." in sitting.text


def test_files_have_no_tags(tmp_path: Path) -> None:
    sitting = room(tmp_path).sit(lambda sitting: to_tags(sitting, "oci:/srv/image:1"))

    assert sitting.screen == "SourceScreen"
    assert "Name an image of a registry first" in sitting.text
