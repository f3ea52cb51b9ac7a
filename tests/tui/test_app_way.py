"""The way through the screens: forward, back, over the overview, and what a kickstart has said already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.plan import Draft, RootAccount, SystemPlan
from ashore_installer.secret import Secret
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_tui.flow.state import Mode
from ashore_tui.flow.status import Kind
from ashore_tui.flow.topics import TOPICS, Topic, TopicId, begin_allowed, topic
from ashore_tui.text import _
from tests.fakes.machines import NAMES
from tests.tui.sitting import PASSWORD, Room, Sitting, install, to_accounts, to_destination, to_summary

REFUSED = {
    "raid-of-four": "would lose a part",
    "server-md": "would lose a part",
    "tiny-disk": "There is no room for /",
    "no-disk": "This machine has no disk that can be installed on.",
    "usb-stick-only": "",
}
"""Machines on which the shortest way ends at the destination, and what it says there."""


@pytest.mark.parametrize("machine", NAMES)
def test_the_shortest_way_leads_to_an_installation_or_to_a_reason(tmp_path: Path, machine: str) -> None:
    sitting = Room(state=tmp_path, machine=machine, size=(80, 60)).sit(_install_or_stop)

    if machine in REFUSED:
        assert sitting.title == "Destination"
        assert REFUSED[machine] in " ".join(sitting.text.split())
        assert sitting.app.running is None
    else:
        assert sitting.screen == "DoneScreen"
        assert sitting.app.run_state.finished is not None


async def _install_or_stop(sitting: Sitting) -> None:
    await to_accounts(sitting)
    if sitting.title != "Destination":
        await sitting.type(PASSWORD)
        await sitting.press("enter")
        await sitting.type(PASSWORD)
        await sitting.press("enter", "enter", "tab", "enter")


def test_the_way_visits_what_everybody_has_to_see(tmp_path: Path) -> None:
    seen: list[str] = []

    async def act(sitting: Sitting) -> None:
        seen.append(sitting.title)
        await sitting.press("enter", "enter")
        seen.append(sitting.title)
        await sitting.press("enter")
        seen.append(sitting.title)
        await sitting.press("enter", "enter", "enter")
        seen.append(sitting.title)
        await sitting.type(PASSWORD)
        await sitting.press("enter")
        await sitting.type(PASSWORD)
        await sitting.press("enter")
        seen.append(sitting.title)

    Room(state=tmp_path).sit(act)

    assert seen == [one.title for one in TOPICS if one.shown]


def test_what_was_chosen_on_the_way_is_in_the_plan(tmp_path: Path) -> None:
    sitting = Room(state=tmp_path).sit(to_summary)

    flow = sitting.flow
    assert begin_allowed(flow)
    assert flow.mode is Mode.IMAGE
    assert flow.system.locale == "en_US.UTF-8"
    assert flow.system.keymap == "us"
    assert flow.system.root.password == Secret(PASSWORD)
    assert flow.plan is not None
    assert [disk.name for disk in flow.plan.storage.disks] == ["nvme0n1"]


@pytest.mark.parametrize("chosen", TOPICS, ids=lambda chosen: str(chosen.id))
def test_every_topic_opens_from_the_overview_and_leads_back(tmp_path: Path, chosen: Topic) -> None:
    number = TOPICS.index(chosen)
    titles: list[str] = []

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "home", *["down"] * number, "enter")
        titles.append(sitting.title)
        await sitting.press("escape")
        titles.append(sitting.title)

    Room(state=tmp_path).sit(act)

    assert titles == [TOPICS[number].title, "All topics"]


@pytest.mark.parametrize("chosen", TOPICS, ids=lambda chosen: str(chosen.id))
def test_f1_helps_on_every_screen(tmp_path: Path, chosen: Topic) -> None:
    number = TOPICS.index(chosen)
    texts: list[str] = []

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "home", *["down"] * number, "enter", "f1")
        texts.append(" ".join(sitting.text.split()))
        await sitting.press("escape")
        texts.append(sitting.title)

    Room(state=tmp_path, size=(100, 50)).sit(act)

    assert " ".join(TOPICS[number].help.split())[:50] in texts[0]
    assert texts[1] == TOPICS[number].title


def test_the_overview_tells_the_state_of_every_topic(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_destination(sitting)
        await sitting.press("enter", "enter", "escape")

    sitting = Room(state=tmp_path).sit(act)

    lines = sitting.text.splitlines()
    for one in TOPICS:
        state = one.status(sitting.flow)
        row = next(line for line in lines if one.title in line)
        assert state.text[:20] in row
    assert topic(TopicId.DESTINATION).status(sitting.flow).kind is Kind.DONE
    assert topic(TopicId.ACCOUNTS).status(sitting.flow).kind is Kind.TODO


def test_go_on_leads_to_what_is_open(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "tab", "enter")

    assert Room(state=tmp_path).sit(act).title == "Destination"


def test_nothing_begins_while_something_is_missing(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "end", "enter")
        assert sitting.app.screen.query_one("#begin").disabled
        await sitting.press("enter")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.title == "All topics"
    assert sitting.app.running is None


def test_one_thing_is_changed_after_the_summary_and_the_way_leads_back_there(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_summary(sitting)
        await sitting.press("escape", "home", *["down"] * 5, "enter")
        assert sitting.title == "Host name"
        await sitting.type("shore.example")
        await sitting.press("enter")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.title == "Summary"
    assert sitting.flow.system.hostname == "shore.example"
    assert begin_allowed(sitting.flow)


def test_the_last_question_has_the_focus_on_cancel(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_summary(sitting)
        await sitting.press("enter")
        assert sitting.app.focused is not None
        assert sitting.app.focused.id == "no"
        assert "Erase and install" in sitting.text
        await sitting.press("enter")

    sitting = Room(state=tmp_path, machine="laptop-windows").sit(act)

    assert sitting.title == "Summary"
    assert sitting.app.running is None


def test_the_summary_names_everything_that_is_lost(tmp_path: Path) -> None:
    sitting = Room(state=tmp_path, machine="laptop-windows", size=(120, 90)).sit(to_summary)

    text = " ".join(sitting.text.split())
    assert "Windows on nvme0n1p3 is lost." in text
    for number in (1, 2, 3, 4):
        assert f"nvme0n1p{number} (" in text
    assert "19 Write everything to the disks" in text


KICKSTART = Draft(
    storage=StorageRequest(clear=Clear.ALL, automatic=Automatic(), zero_mbr=True, new_table=True),
    system=SystemPlan(timezone="Europe/Berlin", root=RootAccount(password=Secret("x"), locked=False)),
)


def test_a_whole_kickstart_leads_to_the_summary_and_can_be_changed(tmp_path: Path) -> None:
    titles: list[str] = []

    async def act(sitting: Sitting) -> None:
        titles.append(sitting.title)
        await sitting.press("escape", "home", *["down"] * 6, "enter")
        titles.append(sitting.title)

    sitting = Room(state=tmp_path, draft=KICKSTART, kickstart="my.ks").sit(act)

    assert titles == ["Summary", "Time zone"]
    assert sitting.flow.system.timezone == "Europe/Berlin"
    assert sitting.flow.plan is not None


def test_what_a_kickstart_leaves_open_is_asked_first(tmp_path: Path) -> None:
    draft = replace(KICKSTART, system=SystemPlan())

    sitting = Room(state=tmp_path, draft=draft, kickstart="my.ks").sit(Sitting.quiet)

    assert sitting.title == "Accounts"


def test_leaving_asks_and_writes_nothing(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await sitting.press("ctrl+q")
        assert _("Nothing has been written.") in sitting.text
        await sitting.press("escape")
        assert sitting.title == "Language and keyboard"
        await sitting.pilot.press("ctrl+q", "tab", "enter")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.app.return_value == 130


def test_the_finished_installation_offers_to_restart(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await install(sitting)
        await sitting.pilot.press("enter")

    sitting = Room(state=tmp_path).sit(act)

    assert [one.value for one in sitting.ended] == ["reboot"]
    assert sitting.app.return_value == 0
