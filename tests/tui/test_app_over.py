"""What lies over the screens has its own keys and its own help; and what the screens do when the terminal changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from ashore_tui.app.widgets.check_list import CheckList, found_from
from ashore_tui.app.widgets.key_line import KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.app.widgets.rail import Rail
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.topics import TOPICS
from tests.fakes.machines import recorded
from tests.tui.sitting import XTERM, Act, Room, Sitting, to_accounts, to_destination, to_summary
from tests.tui.test_network_screen import to_network
from tests.tui.test_software_screen import to_software


async def user(sitting: Sitting) -> None:
    await to_accounts(sitting)
    await sitting.press("tab", "tab", "tab", "enter")


async def network_card(sitting: Sitting) -> None:
    await to_network(sitting)
    await sitting.press("enter")


async def environment(sitting: Sitting) -> None:
    await to_software(sitting)
    await sitting.press("enter")


async def encryption(sitting: Sitting) -> None:
    await to_destination(sitting)
    await sitting.press("enter", "enter")
    sitting.app.screen.query_one("#settings").focus()
    await sitting.press("home", "down", "down", "enter")


OVER: dict[str, tuple[str, Act]] = {
    "user": ("laptop-windows", user),
    "network card": ("server-md", network_card),
    "environment": ("laptop-windows", environment),
    "encryption": ("laptop-windows", encryption),
}


@pytest.mark.parametrize("name", OVER)
def test_f1_helps_in_what_lies_over_a_screen_and_leads_back_to_it(tmp_path: Path, name: str) -> None:
    machine, way = OVER[name]

    async def act(sitting: Sitting) -> None:
        await way(sitting)
        over = sitting.app.screen
        assert isinstance(over, Over)
        await sitting.press("f1")
        assert sitting.screen == "Dialog"
        assert over.help_text[:40] in " ".join(sitting.text.split())
        await sitting.press("escape")
        assert sitting.app.screen is over

    Room(state=tmp_path, machine=machine, size=(100, 40)).sit(act)


def test_the_line_of_keys_tells_the_keys_of_what_is_on_top(tmp_path: Path) -> None:
    last: list[str] = []

    async def act(sitting: Sitting) -> None:
        await to_summary(sitting)
        for key in ("enter", "escape"):
            last.append(sitting.text.splitlines()[-1])
            await sitting.press(key)
        last.append(sitting.text.splitlines()[-1])

    Room(state=tmp_path).sit(act)

    assert "begin" in last[0]
    assert "Esc Cancel" in last[1]
    assert last[2] == last[0]


def test_back_leads_to_the_topic_before(tmp_path: Path) -> None:
    titles: list[str] = []

    async def act(sitting: Sitting) -> None:
        await to_destination(sitting)
        for _time in range(3):
            titles.append(sitting.title)
            for back in sitting.app.screen.query("#back"):
                sitting.app.screen.set_focus(back)
                await sitting.press("enter")

    Room(state=tmp_path).sit(act)

    assert titles == ["Destination", "Mode", "Language and keyboard"]


# --- the room there is ---------------------------------------------------------------------------------------


def test_a_wide_terminal_shows_all_topics_beside_the_one_that_is_open(tmp_path: Path) -> None:
    sitting = Room(state=tmp_path, size=(120, 40)).sit(to_destination)

    assert all(one.title in sitting.text for one in TOPICS)


def test_a_topic_is_opened_with_the_mouse_too(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await sitting.pilot.click(Rail, offset=(5, 1 + 5))
        await sitting.quiet()

    assert Room(state=tmp_path, size=(120, 40)).sit(act).title == TOPICS[5].title


@pytest.mark.parametrize("environ", [XTERM, {"TERM": "linux"}], ids=str)
def test_another_size_keeps_what_was_typed_and_where_one_is(tmp_path: Path, environ: dict[str, str]) -> None:
    rail: list[bool] = []

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "home", *["down"] * 5, "enter")
        await sitting.type("shore")
        for width, height in ((120, 40), (60, 20), (200, 60), (80, 24)):
            await sitting.pilot.resize_terminal(width, height)
            await sitting.quiet()
            rail.append(sitting.app.screen.query_one(Rail).display)
            assert isinstance(sitting.app.focused, Input)
            assert sitting.app.focused.region.width > 0
            assert sitting.app.focused.value == "shore"
            assert "shore" in sitting.text
            assert sitting.app.screen.query_one(KeyLine).region.bottom == height
        await sitting.type(".example")

    sitting = Room(state=tmp_path, environ=environ).sit(act)

    assert sitting.flow.system.hostname == "shore.example"
    assert rail == [True, False, True, False]


def test_a_dialog_follows_the_size_and_keeps_its_focus(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await user(sitting)
        await sitting.type("Ann Example")
        for size in ((120, 40), (60, 20), (80, 24)):
            await sitting.pilot.resize_terminal(*size)
            await sitting.quiet()
            assert sitting.screen == "UserDialog"
            assert "Ann Example" in sitting.text
        await sitting.press("enter")
        assert "ann" in sitting.text

    Room(state=tmp_path).sit(act)


def test_a_caret_does_not_blink(tmp_path: Path) -> None:
    blinks: list[bool] = []

    async def act(sitting: Sitting) -> None:
        blinks.extend(line.cursor_blink for line in sitting.app.screen.query(Input))

    Room(state=tmp_path).sit(act)

    assert blinks == [False, False]


# --- many disks ----------------------------------------------------------------------------------------------


def test_typing_finds_a_disk_by_its_name(tmp_path: Path) -> None:
    disks = recorded("many-disks").disks
    found: list[str] = []

    async def act(sitting: Sitting) -> None:
        await to_destination(sitting)
        listed = sitting.app.screen.query_one(CheckList)
        await sitting.type(disks[-1].name)
        assert listed.highlighted is not None
        found.append(str(listed.get_option_at_index(listed.highlighted).id))

    Room(state=tmp_path, machine="many-disks").sit(act)

    assert found == [disks[-1].id]


@pytest.mark.parametrize(
    ("text", "start", "at"), [("b", 0, 1), ("b", 2, 3), ("b", 4, 1), ("serial", 0, 3), ("no", 0, None), ("ga", 0, 4)]
)
def test_what_was_typed_is_looked_for_from_the_cursor_on(text: str, start: int, at: int | None) -> None:
    rows = (
        Choice(value="1", label="alpha"),
        Choice(value="2", label="Beta"),
        Choice(value="3", label="beta", refusal="is in use"),
        Choice(value="4", label="bravo", detail="serial 7"),
        Choice(value="5", label="gamma"),
    )

    assert found_from(rows, text, start) == at
