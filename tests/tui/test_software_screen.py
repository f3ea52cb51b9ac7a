"""Traditional mode on the screen: what is chosen, live results of the solver, repositories and their keys."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.package_plan import GroupChoice, PackagePayload
from ashore_installer.plan import Draft
from ashore_tui.engine import Running
from ashore_tui.flow.software import chosen
from ashore_tui.flow.state import Mode
from ashore_tui.rehearsal.packages import FINGERPRINT, REPOSITORY
from tests.fakes.machines import recorded
from tests.tui.flow_values import PlanningEngine
from tests.tui.sitting import PASSWORD, Room, Sitting


class IdleEngine(PlanningEngine):
    """Nothing is installed, and nothing was."""

    def attach(self) -> Running:
        raise BadInput("There is no installation to follow.")


def room(tmp_path: Path, *, bare: bool = False, draft: Draft | None = None) -> Room:
    engine = IdleEngine(machine=recorded("qemu-uefi-nvme"), directory=tmp_path, offered=() if bare else (REPOSITORY,))
    return Room(state=tmp_path, engine=engine, rehearsal=False, draft=draft, kickstart="x.ks" if draft else "")


async def to_software(sitting: Sitting) -> None:
    """Take traditional mode."""
    await sitting.press("escape", "home", "down", "enter", "down", "enter")


def test_the_mode_leads_to_the_software(tmp_path: Path) -> None:
    sitting = room(tmp_path).sit(to_software)

    assert sitting.screen == "SoftwareScreen"
    assert sitting.flow.mode is Mode.TRADITIONAL
    assert "packages, " in sitting.text
    assert "Example OS 1" in sitting.text


def test_an_environment_is_taken_with_enter(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("enter")
        assert sitting.screen == "EnvironmentDialog"
        await sitting.type("server")
        await sitting.press("enter")

    sitting = room(tmp_path).sit(act)

    assert sitting.screen == "SoftwareScreen"
    assert chosen(sitting.flow).environment == "server-environment"
    assert chosen(sitting.flow).groups == (GroupChoice(id="containers"),)
    assert "Container management" in sitting.text


def test_groups_are_ticked_while_the_solver_counts(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("down", "enter")
        before = sitting.text
        await sitting.type("desktop")
        await sitting.press("enter")
        assert sitting.screen == "GroupsDialog"
        assert chosen(sitting.flow).groups == (GroupChoice(id="desktop"),)
        assert "[✓] Desktop" in sitting.text
        assert sitting.text != before
        await sitting.press("enter")
        assert chosen(sitting.flow).groups == ()
        await sitting.press("enter", "escape")

    sitting = room(tmp_path).sit(act)

    assert sitting.screen == "SoftwareScreen"
    assert sitting.flow.packages is not None
    assert "Desktop" in sitting.text


def test_packages_are_found_by_typing(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("down", "down", "enter")
        assert "None is chosen by its name." in sitting.text
        await sitting.type("process view")
        assert "One package was found." in sitting.text
        await sitting.press("enter")
        assert "Chosen: htop" in sitting.text
        await sitting.press("escape")

    sitting = room(tmp_path).sit(act)

    assert chosen(sitting.flow).packages == ("htop",)


def test_words_that_nothing_has_are_said(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("down", "down", "enter")
        await sitting.type("zzz")

    sitting = room(tmp_path).sit(act)

    assert "Nothing has that in it." in sitting.text


def test_what_is_left_out_can_make_it_impossible(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("down", "down", "down", "enter")
        assert sitting.screen == "ExcludesDialog"
        await sitting.type("-x")
        assert "Write names of packages" in sitting.text
        await sitting.press("backspace", "backspace")
        await sitting.type("vim-minimal")
        await sitting.press("enter", "enter")

    sitting = room(tmp_path).sit(act)

    assert chosen(sitting.flow).excludes == ("vim-minimal",)
    assert sitting.flow.packages is not None
    assert all(not one.nevra.startswith("vim-minimal") for one in sitting.flow.packages.packages)


def test_a_repository_is_added_and_its_key_confirmed(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("enter", "enter")
        assert sitting.screen == "RepositoryForm"
        await sitting.type("local")
        await sitting.press("enter")
        await sitting.type("https://example.org/os/")
        await sitting.press("enter", "tab")
        await sitting.press("tab", "tab", "enter")
        assert "Nothing could be checked without a key." in sitting.text
        await sitting.press("shift+tab", "shift+tab")
        await sitting.type("https://example.org/key.asc")
        await sitting.press("tab", "tab", "enter")
        assert sitting.screen == "KeysDialog"
        assert "0123 4567 89AB CDEF" in sitting.text
        await sitting.press("right", "enter")

    sitting = room(tmp_path, bare=True).sit(act)

    assert sitting.screen == "RepositoriesDialog"
    (added,) = chosen(sitting.flow).repositories
    assert (added.id, added.baseurls) == ("local", ("https://example.org/os/",))
    assert [key.fingerprint for key in added.keys] == [FINGERPRINT]
    assert "key … 89AB CDEF 0123 4567" in sitting.text


def test_a_repository_is_used_no_more(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("up", "enter", "space")
        assert "not used" in sitting.text
        await sitting.press("escape")

    sitting = room(tmp_path).sit(act)

    assert chosen(sitting.flow).repositories == ()
    assert "Add a repository that packages come from" not in sitting.text
    assert sitting.flow.repositories == (REPOSITORY,)


def test_a_kickstart_with_packages_is_prefilled(tmp_path: Path) -> None:
    payload = PackagePayload(repositories=(REPOSITORY,), environment="server-environment", packages=("git",))

    async def act(sitting: Sitting) -> None:
        await sitting.press("escape", "home", "down", "down", "enter")

    sitting = room(tmp_path, draft=Draft(packages=payload)).sit(act)

    assert sitting.screen == "SoftwareScreen"
    assert "Server" in sitting.text
    assert "git" in sitting.text


def test_the_whole_way_of_a_rehearsal_in_traditional_mode(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_software(sitting)
        await sitting.press("tab", "enter")
        assert sitting.title == "Destination"
        await sitting.press("enter", "enter", "enter")
        for _time in range(2):
            await sitting.type(PASSWORD)
            await sitting.press("enter")
        assert sitting.title == "Summary"
        assert "What is installed" in sitting.text or sitting.flow.plan is not None
        await sitting.press("enter", "tab", "enter")
        await sitting.until(lambda: sitting.screen == "DoneScreen")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.screen == "DoneScreen"
    assert sitting.flow.plan is not None
    assert isinstance(sitting.flow.plan.payload, PackagePayload)
