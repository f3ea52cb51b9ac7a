"""Traditional mode in lines: repositories, environment, groups, packages."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.package_plan import GroupChoice
from ashore_tui.flow.evaluate import begin
from ashore_tui.flow.state import Mode
from ashore_tui.rehearsal.packages import FINGERPRINT, REPOSITORY
from tests.fakes.machines import recorded
from tests.tui.flow_values import PlanningEngine
from tests.tui.lines.scripted import Sitting, sit
from tests.tui.lines.ways import DISK, LANGUAGE, PASSWORD

TO_SOFTWARE = (LANGUAGE, "1", "2", "")


def walked(tmp_path: Path, *answers: str, bare: bool = False) -> Sitting:
    offered = () if bare else (REPOSITORY,)
    engine = PlanningEngine(machine=recorded("qemu-uefi-nvme"), directory=tmp_path, offered=offered)
    return sit(tmp_path, answers, engine=engine, flow=begin(engine))


def test_an_environment_a_group_and_a_package_are_installed(tmp_path: Path) -> None:
    choice = ("2", "3", "3", "editors", "", "4", "htop", "", "")

    ended = walked(tmp_path, *TO_SOFTWARE, *choice, "", *DISK, *PASSWORD, "yes")

    packages = ended.flow.draft.packages
    assert packages is not None
    assert packages.environment == "server-environment"
    assert packages.groups == (GroupChoice(id="containers"), GroupChoice(id="editors"))
    assert packages.packages == ("htop",)
    assert ended.engine.requests, ended.person.text
    assert "Solving the packages ..." in ended.person.said
    assert any("to fetch" in line for line in ended.person.said)


def test_a_repository_is_added_and_its_key_confirmed(tmp_path: Path) -> None:
    form = ("1", "", "local", "1", "https://example.org/os/", "", "https://example.org/key.asc", "", "y")

    ended = walked(tmp_path, *TO_SOFTWARE, *form, "q", bare=True)

    packages = ended.flow.draft.packages
    assert packages is not None
    (added,) = packages.repositories
    assert (added.id, added.baseurls, added.install) == ("local", ("https://example.org/os/",), True)
    assert [key.fingerprint for key in added.keys] == [FINGERPRINT]
    assert any("0123 4567 89AB CDEF" in line for line in ended.person.said)


def test_a_repository_is_used_no_more(tmp_path: Path) -> None:
    ended = walked(tmp_path, *TO_SOFTWARE, "1", "1", "1", "q")

    packages = ended.flow.draft.packages
    assert packages is not None
    assert packages.repositories == ()
    assert "To do: Add a repository that packages come from." in ended.person.said


def test_words_that_nothing_has_are_said(tmp_path: Path) -> None:
    ended = walked(tmp_path, *TO_SOFTWARE, "4", "nosuchthing", "", "q")

    assert "Nothing has that in it." in ended.person.said


def test_what_is_left_out_and_the_switches(tmp_path: Path) -> None:
    ended = walked(tmp_path, *TO_SOFTWARE, "5", "*-doc vim-minimal", "6", "n", "7", "n", "q")

    packages = ended.flow.draft.packages
    assert packages is not None
    assert packages.excludes == ("*-doc", "vim-minimal")
    assert (packages.documentation, packages.weak_dependencies) == (False, False)
    assert ended.flow.mode is Mode.TRADITIONAL
