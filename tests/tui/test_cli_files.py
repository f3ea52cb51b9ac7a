"""`ashore plan` and `ashore kickstart`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import ExitStatus
from ashore_installer.plan import InstallPlan, Problem, RootAccount, SystemPlan
from ashore_installer.secret import Secret
from tests.fakes.values import a_machine, a_plan
from tests.tui.fakes import FakeEngine, ashore

KICKSTARTS = Path(__file__).parent.parent / "kickstarts"
PROOF = str(KICKSTARTS / "bios-xfs.ks")
WITH_PASSWORD = SystemPlan(root=RootAccount(password=Secret("hunter2"), locked=False))


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path)


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "plan.json"
    path.write_text(codec.to_json(a_plan(system=WITH_PASSWORD)))
    return str(path)


# --- plan ----------------------------------------------------------------------------------------------------


def test_a_saved_plan_is_shown_though_its_passwords_are_left_out(engine: FakeEngine, plan: str) -> None:
    outcome = ashore(engine, "plan", "show", plan)

    assert outcome.status == ExitStatus.DONE
    assert "Updates from: docker://registry.example/sample:1" in outcome.out
    assert "Root:         logs in with password" in outcome.out


def test_a_kickstart_is_shown_without_its_passwords(engine: FakeEngine) -> None:
    outcome = ashore(engine, "plan", "show", PROOF)

    assert "autopart --type=plain --fstype=xfs" in outcome.out
    assert "$6$" not in outcome.out


def test_a_draft_is_shown_too(engine: FakeEngine, tmp_path: Path) -> None:
    draft = ashore(engine, "kickstart", "convert", PROOF).out
    (tmp_path / "draft.json").write_text(draft)

    assert ashore(engine, "plan", "show", str(tmp_path / "draft.json")).out == ashore(engine, "plan", "show", PROOF).out


@pytest.mark.parametrize("text", ["{", '{"boot": 1}', '{"wrong": 1}', "[1]", "foo bar"])
def test_a_file_that_is_no_plan_is_refused(engine: FakeEngine, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)

    outcome = ashore(engine, "plan", "show", str(tmp_path / "x.json"))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert str(tmp_path / "x.json") in outcome.err


def test_a_plan_that_can_be_carried_out(engine: FakeEngine, plan: str) -> None:
    outcome = ashore(engine, "plan", "check", plan)

    assert outcome.status == ExitStatus.DONE
    assert "  Make the partition vda3 (18.0 GiB) with xfs “root” for /\n" in outcome.out
    assert outcome.out.endswith(f"\n{plan} can be carried out on this machine.\n")


def test_a_plan_is_shown_on_a_recorded_machine(engine: FakeEngine, plan: str, tmp_path: Path) -> None:
    machine = tmp_path / "machine.json"
    machine.write_text(codec.to_json(a_machine()))

    outcome = ashore(engine, "plan", "show", plan, "--machine", str(machine))

    assert outcome.status == ExitStatus.DONE
    assert "    today, no partition table:\n                    20.0 GiB  free\n" in outcome.out
    assert "today" not in ashore(engine, "plan", "show", plan).out
    assert engine.probes == 0


def test_a_kickstart_is_not_shown_on_a_machine(engine: FakeEngine, tmp_path: Path) -> None:
    machine = tmp_path / "machine.json"
    machine.write_text(codec.to_json(a_machine()))

    outcome = ashore(engine, "plan", "show", PROOF, "--machine", str(machine))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "--machine only goes with a plan." in outcome.err


@pytest.mark.parametrize("kind", ["plan", "kickstart"])
def test_a_plan_that_can_not_be_carried_out(engine: FakeEngine, plan: str, kind: str) -> None:
    engine.problems = (Problem(field="storage", message="The disk is gone.", hint="Attach it."),)

    outcome = ashore(engine, "plan", "check", plan if kind == "plan" else PROOF)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.endswith("ashore: The disk is gone.\nAttach it.\n")


def test_each_of_several_problems_has_its_hint(engine: FakeEngine, plan: str) -> None:
    engine.problems = (
        Problem(field="storage", message="The disk is gone.", hint="Attach it."),
        Problem(field="storage", message="The root is too small.", hint="Give it more."),
        Problem(field="storage", message="It is late."),
    )

    outcome = ashore(engine, "plan", "check", plan)

    assert outcome.status == ExitStatus.BAD_INPUT
    told = "ashore: The disk is gone.\n  Attach it.\nThe root is too small.\n  Give it more.\nIt is late.\n"
    assert outcome.err.endswith(told)


# --- kickstart check -----------------------------------------------------------------------------------------


def test_good_kickstarts(engine: FakeEngine) -> None:
    outcome = ashore(engine, "kickstart", "check", PROOF, str(KICKSTARTS / "uefi-ext4.ks"))

    assert outcome.status == ExitStatus.DONE
    assert outcome.out.count("every line can be followed.") == 2


def test_each_line_that_can_not_be_followed_is_shown_with_its_number(engine: FakeEngine) -> None:
    name = str(KICKSTARTS / "packages.ks")

    outcome = ashore(engine, "kickstart", "check", PROOF, name)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert f"{name}:2: url: addresses with nfs: are not supported.\n" in outcome.out
    assert f"{name}:22: %include is not supported yet.\n" in outcome.out
    assert outcome.out.count("--commands` lists what is supported") == 1


def test_the_table(engine: FakeEngine) -> None:
    outcome = ashore(engine, "kickstart", "check", "--commands")

    assert "\nautopart                         supported" in outcome.out
    assert "\n%anaconda                        not supported" in outcome.out


def test_a_check_of_nothing(engine: FakeEngine) -> None:
    assert ashore(engine, "kickstart", "check").status == ExitStatus.BAD_INPUT


# --- kickstart convert ---------------------------------------------------------------------------------------


def test_a_kickstart_becomes_a_draft(engine: FakeEngine) -> None:
    data = json.loads(ashore(engine, "kickstart", "convert", PROOF).out)

    assert data["storage"]["automatic"]["format"] == "xfs"
    assert data["system"]["users"][0]["password"] == codec.LEFT_OUT


def test_a_plan_becomes_a_kickstart_without_passwords(engine: FakeEngine, plan: str) -> None:
    outcome = ashore(engine, "kickstart", "convert", plan)

    assert "rootpw --iscrypted '*password-left-out*'" in outcome.out
    assert "part --fstype=xfs --label=root --fsoptions=defaults --size=18432" in outcome.out


def test_a_kickstart_becomes_a_plan_that_can_be_installed(engine: FakeEngine, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    output.touch(mode=0o644)

    outcome = ashore(engine, "kickstart", "convert", PROOF, "--to", "plan", "-o", str(output), "--with-passwords")

    assert outcome.status == ExitStatus.DONE
    assert output.stat().st_mode & 0o777 == 0o600
    plan = codec.from_json(output.read_text(), InstallPlan, "the plan")
    assert plan.system.users[0].password is not None
    assert ashore(engine, "install", "--plan", str(output), "--yes").status == ExitStatus.DONE


def test_passwords_are_not_shown_on_the_terminal(engine: FakeEngine) -> None:
    outcome = ashore(engine, "kickstart", "convert", PROOF, "--with-passwords")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.out == ""


def test_a_file_that_can_not_be_written(engine: FakeEngine) -> None:
    outcome = ashore(engine, "kickstart", "convert", PROOF, "-o", "/nowhere/x.json")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.startswith("ashore: /nowhere/x.json can't be written: No such file or directory.\n")
