"""What every screen looks like, at 80x24 and at 120x40: looked at by a person, and kept as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from ashore_installer.events import Event, Note, Progress, Started, StepFinished, StepStarted
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.flow.topics import TOPICS, TopicId
from ashore_tui.text import ENGLISH, use_language
from tests.fakes.machines import recorded
from tests.tui.fakes import BROKEN, DONE
from tests.tui.held_run import HeldEngine, HeldRun
from tests.tui.sitting import Act, Room, Sitting, to_accounts, to_summary
from tests.tui.snapshots import assert_snapshot
from tests.tui.test_network_screen import to_network
from tests.tui.test_software_screen import to_software

SIZES = ((80, 24), (120, 40))
TOPIC_SCREENS = [one.id for one in TOPICS if one.id is not TopicId.SUMMARY]


def compared(sitting: Sitting, name: str, size: tuple[int, int]) -> None:
    assert max(map(len, sitting.text.splitlines())) <= size[0]
    assert_snapshot(f"{name}-{size[0]}x{size[1]}", sitting.text)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("topic", TOPIC_SCREENS, ids=str)
def test_topics(tmp_path: Path, topic: TopicId, size: tuple[int, int]) -> None:
    number = [one.id for one in TOPICS].index(topic)

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "home", *["down"] * number, "enter")

    sitting = Room(state=tmp_path, machine="laptop-windows", size=size).sit(act)

    compared(sitting, topic, size)


async def hub(sitting: Sitting) -> None:
    await sitting.press("escape")


async def user(sitting: Sitting) -> None:
    await to_accounts(sitting)
    await sitting.press("tab", "tab", "tab", "enter")
    assert sitting.screen == "UserDialog"


async def confirm(sitting: Sitting) -> None:
    await to_summary(sitting)
    await sitting.press("enter")


async def help_of_the_hub(sitting: Sitting) -> None:
    await sitting.press("escape", "f1")


async def environments(sitting: Sitting) -> None:
    await to_software(sitting)
    await sitting.press("enter")


async def server(sitting: Sitting) -> None:
    """With the environment of servers."""
    await environments(sitting)
    await sitting.type("server")
    await sitting.press("enter")


async def network_form(sitting: Sitting) -> None:
    await to_network(sitting)
    await sitting.press("enter", "right")
    assert sitting.screen == "NetworkForm"


async def groups(sitting: Sitting) -> None:
    await server(sitting)
    await sitting.press("down", "enter")


async def packages(sitting: Sitting) -> None:
    await to_software(sitting)
    await sitting.press("down", "down", "enter")
    await sitting.type("server")


async def repositories(sitting: Sitting) -> None:
    await to_software(sitting)
    await sitting.press("up", "enter")


async def repository_form(sitting: Sitting) -> None:
    await repositories(sitting)
    await sitting.press("enter")


WAYS: dict[str, Act] = {
    "hub": hub, "user": user, "summary": to_summary, "confirm": confirm, "help": help_of_the_hub,
    "software": server, "environments": environments, "groups": groups, "packages": packages,
    "repositories": repositories, "repository": repository_form,
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_form_of_a_network_card(tmp_path: Path, size: tuple[int, int]) -> None:
    sitting = Room(state=tmp_path, machine="server-md", size=size).sit(network_form)

    compared(sitting, "network-form", size)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", WAYS)
def test_ways(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    sitting = Room(state=tmp_path, machine="laptop-windows", size=size).sit(WAYS[name])

    compared(sitting, name, size)


LANGUAGES = {"de": "Deutschland", "zh": "zh_CN"}
"""What is typed to find a language."""


@pytest.fixture
def _english_again() -> Iterator[None]:
    yield
    use_language(ENGLISH)


@pytest.mark.usefixtures("_english_again")
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_other_languages(tmp_path: Path, language: str) -> None:
    """Every topic, the overview and the last question, in one sitting."""
    texts: dict[str, str] = {}

    async def act(sitting: Sitting) -> None:
        await sitting.type(LANGUAGES[language])
        await sitting.press("enter")
        texts["welcome"] = sitting.text
        await to_summary(sitting)
        texts["summary"] = sitting.text
        await sitting.press("enter")
        texts["confirm"] = sitting.text
        await sitting.press("escape", "escape")
        texts["hub"] = sitting.text
        for number, one in enumerate(TOPICS[1:-1], 1):
            await sitting.press("home", *["down"] * number, "enter")
            texts[one.id] = sitting.text
            await sitting.press("escape")

    Room(state=tmp_path, machine="laptop-windows").sit(act)

    for name, text in texts.items():
        assert_snapshot(f"{name}-{language}-80x24", text)


@pytest.mark.parametrize("environ", [{"TERM": "linux"}, {"TERM": "vt220"}], ids=str)
def test_poor_terminals_get_ascii_only(tmp_path: Path, environ: dict[str, str]) -> None:
    sitting = Room(state=tmp_path, machine="laptop-windows", environ=environ).sit(hub)

    assert sitting.text.isascii()
    assert_snapshot("hub-linux-80x24", sitting.text)


LATIN_1_ENDS = "\u0100"
"""Names of countries have letters that are not ASCII, but that every console has."""


def test_every_screen_of_a_poor_terminal_has_plain_letters_only(tmp_path: Path) -> None:
    titles: list[str] = []

    async def act(sitting: Sitting) -> None:
        for number in range(len(TOPICS)):
            await sitting.press("escape", "home", *["down"] * number, "enter")
            assert max(sitting.text) < LATIN_1_ENDS, sitting.text
            titles.append(sitting.title)

    Room(state=tmp_path, machine="laptop-windows", environ={"TERM": "linux"}).sit(act)

    assert titles == [one.title for one in TOPICS]


def _proving(event: Event) -> Event:
    """The same of steps that prove something."""
    if isinstance(event, Started):
        return Started(steps=tuple(replace(step, id=PROVING[step.id]) for step in event.steps))
    return replace(event, step=PROVING[event.step]) if isinstance(event, StepStarted | StepFinished) else event


PROVING = {"a": "verify-payload", "b": "prove-storage"}
RUNNING = (
    *DONE[:4],
    Note(step="b", text="A chosen disk"),
    *(Progress(step="b", done=part << 20, total=300 << 20) for part in (0, 15, 75)),
)
PROVEN = tuple(_proving(event) for event in DONE)


def test_the_cursor_is_seen_without_colours(tmp_path: Path) -> None:
    reverse: list[bool] = []

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape")
        listed = sitting.app.screen.query_one(ChoiceList)
        for line in (0, 1):
            reverse.append(
                all(part.style and part.style.reverse for part in listed.render_line(line) if part.text.strip())
            )

    Room(state=tmp_path, environ={"TERM": "vt220"}).sit(act)

    assert reverse == [True, False]


RUNS = {"progress": RUNNING, "done": PROVEN, "failed": BROKEN}
SEEN = {"progress": "75.0 MiB", "done": "Restart", "failed": "Save the logs"}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", RUNS)
def test_runs(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    run = HeldRun(tmp_path / "run", clock=count(1_800_000_000, 5).__next__)
    run.tell(*RUNS[name])
    engine = HeldEngine(machine=recorded("laptop-windows"), state=tmp_path, run=run, joined=True)
    texts: list[str] = []

    async def act(sitting: Sitting) -> None:
        await sitting.until(lambda: SEEN[name] in sitting.text)
        texts.append(sitting.text)
        run.die()

    Room(state=tmp_path, engine=engine, rehearsal=False, size=size, wait=False).sit(act)

    for frame in "▖▘▝▗":
        texts[0] = texts[0].replace(f"  {frame} Step", "  * Step")
    assert_snapshot(f"{name}-{size[0]}x{size[1]}", texts[0])
