"""`ashore` without a command: what it needs, and what it says when it has not got it."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_tui.cli.tui import rehearsal_state
from tests.fakes.machines import FOLDER
from tests.tui.fakes import FakeEngine, ashore

MACHINE = str(FOLDER / "two-sata.json")


def test_screens_need_a_terminal(tmp_path: Path) -> None:
    outcome = ashore(FakeEngine(tmp_path))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "The screens need a terminal." in outcome.err
    assert "--plain" in outcome.err


def test_only_root_installs_but_anybody_rehearses(tmp_path: Path) -> None:
    refused = ashore(FakeEngine(tmp_path, privileged=False), answer="q")
    rehearsed = ashore(FakeEngine(tmp_path, privileged=False), "--machine", MACHINE, "--plain", answer="q")

    assert refused.status == ExitStatus.BAD_INPUT
    assert "Only root can install." in refused.err
    assert rehearsed.status == ExitStatus.CANCELLED, rehearsed.err
    assert "rehearsal" in rehearsed.out


def test_a_machine_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    outcome = ashore(FakeEngine(tmp_path), "--machine", str(tmp_path / "none.json"))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "can't be read" in outcome.err


def test_a_kickstart_fills_in_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "my.ks").write_text("timezone Europe/Berlin\n")

    outcome = ashore(
        FakeEngine(tmp_path), "--machine", MACHINE, "--kickstart", str(tmp_path / "my.ks"), "--plain", answer="q"
    )

    assert "filled in what it says" in outcome.out


def test_options_of_the_screens_do_not_go_with_commands(tmp_path: Path) -> None:
    outcome = ashore(FakeEngine(tmp_path), "--plain", "completion", "bash")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "before the command" in outcome.err


def test_journals_of_rehearsals_lie_where_only_this_user_writes() -> None:
    assert rehearsal_state({"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/ashore/rehearsals")
    assert rehearsal_state({}).is_relative_to(Path.home())
