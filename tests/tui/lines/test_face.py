from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import ExitStatus
from ashore_installer.plan import Finish
from ashore_tui.flow.destination import usable
from ashore_tui.flow.evaluate import begin
from tests.fakes.machines import NAMES, recorded
from tests.tui.flow_values import PlanningEngine
from tests.tui.lines.scripted import sit
from tests.tui.lines.ways import LANGUAGE, MODE, PASSWORD, SHORTEST, WORD

# --- the shortest way ----------------------------------------------------------------------------------------


TOGETHER = {"server-md": "1 2", "raid-of-four": "1 2 3 4"}
"""Machines with arrays across disks, which only go together."""
NOWHERE = {name for name in NAMES if not usable(recorded(name))}


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOWHERE))
def test_the_shortest_way_on_every_machine(name: str, tmp_path: Path) -> None:
    disk = ("", TOGETHER.get(name, ""), "")

    ended = sit(tmp_path, (LANGUAGE, MODE, *disk, *PASSWORD, "yes", "1"), name)

    assert ended.status == ExitStatus.DONE
    assert ended.finishes == [Finish.REBOOT]
    (request,) = ended.engine.requests
    assert request.plan == ended.flow.plan
    assert request.plan.system.root.password is not None
    assert WORD not in ended.person.text
    assert "ashore: installation finished (status 0)" in ended.person.said


@pytest.mark.parametrize("name", sorted(NOWHERE))
def test_a_machine_without_a_disk_to_install_on_says_why(name: str, tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, MODE, "", "m", "10", "q"), name)

    assert ended.status == ExitStatus.CANCELLED
    assert "  There is no disk to install on. Attach one, and start again." in ended.person.said
    assert "None of the disks can be used." in ended.person.said
    assert "2 topics are open." in ended.person.said


def test_a_machine_whose_disks_only_go_together(tmp_path: Path) -> None:
    refused = sit(tmp_path, (LANGUAGE, MODE, "", "", "m", "q"), "server-md")
    assert "The array md126 would lose a part" in refused.person.text
    assert "4) Destination: WRONG." in refused.person.text

    both = sit(tmp_path, (LANGUAGE, MODE, "", "1 2", "", *PASSWORD, "yes", "3"), "server-md")
    assert both.status == ExitStatus.DONE


def test_what_is_destroyed_is_named_right_above_the_question(tmp_path: Path) -> None:
    said = sit(tmp_path, SHORTEST, "dual-boot").person.said
    question = said.index("Type yes to install, m to change something: ")

    assert said[question - 1] == "All 10 things named above will be destroyed."
    assert any(line.startswith("  Windows on ") for line in said[question - 25 : question])


def test_a_person_who_does_not_say_yes_installs_nothing(tmp_path: Path) -> None:
    for answers in ((), ("no", "q"), ("", "q"), ("ja", "q"), ("q",), ("b", "q")):
        ended = sit(tmp_path, (*SHORTEST[:-1], *answers), "two-sata")

        assert ended.status == ExitStatus.CANCELLED
        assert ended.engine.requests == []
        assert ended.person.said[-1] == "Nothing was written."


def test_only_root_installs(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, privileged=False)

    ended = sit(tmp_path, (*SHORTEST, "q"), engine=engine)

    assert engine.requests == []
    assert "Only root can install. Try it again with sudo." in ended.person.said


def test_a_rehearsal_is_marked_on_every_page_and_restarts_nothing(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    ended = sit(tmp_path, SHORTEST, flow=replace(begin(engine), rehearsal=True), engine=engine)

    titles = [one for one, below in zip(ended.person.said, ended.person.said[1:], strict=False) if set(below) == {"-"}]
    assert len(titles) == 7
    assert all(one.endswith("(rehearsal: nothing is written)") for one in titles)
    assert ended.person.said[-1] == "This was a rehearsal: nothing was written."
    assert ended.finishes == []


# --- going about ---------------------------------------------------------------------------------------------


def test_back_leads_back_and_the_menu_anywhere(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, "b", "m", "6", "1", "server1", "m", "q"), "two-sata")

    titles = [one for one, below in zip(ended.person.said, ended.person.said[1:], strict=False) if set(below) == {"-"}]
    assert titles == [
        "Language and keyboard", "Mode", "Language and keyboard", "All topics", "Host name", "Host name", "All topics",
    ]  # fmt: skip
    assert ended.flow.system.hostname == "server1"
    assert "   6) Host name: done. server1" in ended.person.said


def test_enter_in_the_menu_leads_to_what_is_open(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "", "q"), "two-sata")

    assert ended.person.said.count("Destination") == 1


def test_help_says_what_a_topic_is(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("?", "q"), "two-sata")

    assert any(line.startswith("The language of the installed system") for line in ended.person.said)


def test_numbers_that_are_not_there(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("7", "x", "m", "99", "m", "b", "q"), "two-sata")

    assert ended.person.said.count("Give a number from 1 to 2.") == 2
    assert ended.person.said.count("Give a number from 1 to 10.") == 1


def test_back_in_a_setting_leaves_it_as_it_was(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "6", "1", "server1", "1", ":b", "q"), "two-sata")

    assert ended.flow.system.hostname == "server1"
