from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import ExitStatus
from ashore_installer.events import Failed
from ashore_installer.plan import InstallPlan, PayloadRequest, Problem, RootAccount, SystemPlan
from ashore_installer.secret import Secret
from tests.fakes.values import a_machine, a_plan
from tests.tui.fakes import BROKEN, DONE, EMBEDDED, FakeEngine, ashore

KICKSTART = "clearpart --all\nautopart\nrootpw --plaintext hunter2\nreboot\n"


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path)


@pytest.fixture
def kickstart(tmp_path: Path) -> str:
    path = tmp_path / "my.ks"
    path.write_text(KICKSTART)
    return str(path)


# --- dry run -------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_the_plan_and_its_steps_and_starts_nothing(engine: FakeEngine, kickstart: str) -> None:
    outcome = ashore(engine, "install", "--kickstart", kickstart, "--dry-run")

    assert outcome.status == ExitStatus.DONE
    assert "What will be destroyed:\n  20.0 GiB virtio" in outcome.out
    assert outcome.out.endswith("Steps:\n   1. Look at it\n   2. Write it\nThis was a dry run: nothing was written.\n")
    assert engine.requests == []


def test_a_dry_run_as_json_is_a_plan_without_its_passwords(engine: FakeEngine, kickstart: str) -> None:
    outcome = ashore(engine, "install", "--kickstart", kickstart, "--dry-run", "--json")

    assert json.loads(outcome.out)["system"]["root"]["password"] == codec.LEFT_OUT
    assert "hunter2" not in outcome.out


def test_a_dry_run_for_a_recorded_machine_needs_no_machine(engine: FakeEngine, kickstart: str, tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text(codec.to_json(a_machine()))

    outcome = ashore(
        engine, "install", "--kickstart", kickstart, "--dry-run", "--machine", str(tmp_path / "machine.json")
    )

    assert outcome.status == ExitStatus.DONE
    assert engine.probes == 0


def test_every_problem_is_shown_and_the_status_says_bad_input(engine: FakeEngine, kickstart: str) -> None:
    engine.problems = (
        Problem(field="storage", message="The disk is too small.", hint="Use a larger one."),
        Problem(field="system", message="There is no such shell."),
    )

    outcome = ashore(engine, "install", "--kickstart", kickstart, "--dry-run")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.endswith("ashore: The disk is too small.\nThere is no such shell.\nUse a larger one.\n")


# --- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "One of the arguments --kickstart --plan --follow is required."),
        (("--kickstart", "a", "--plan", "b"), "Argument --plan: not allowed with argument --kickstart."),
        (("--kickstart", "/nowhere.ks"), "The kickstart /nowhere.ks can't be read: No such file or directory."),
        (("--plan", "/nowhere.json"), "/nowhere.json can't be read: No such file or directory."),
        (("--kickstart", "a", "--machine", "m.json"), "--machine only goes with --dry-run."),
        (("--kickstart", "a", "--json"), "--json only goes with --dry-run."),
        (("--plan", "a", "--image", "oci:/x"), "A plan already names its image."),
        (("--kickstart", "ftp", "--wrong"), "Unrecognized arguments: --wrong."),
    ],
)
def test_bad_usage_is_one_sentence_one_hint_and_status_2(
    engine: FakeEngine, arguments: tuple[str, ...], message: str
) -> None:
    outcome = ashore(engine, "install", *arguments)

    assert outcome.status == ExitStatus.BAD_INPUT
    first, second = outcome.err.splitlines()
    assert first == f"ashore: {message}"
    assert second
    assert outcome.out == ""


def test_a_kickstart_with_a_wrong_line(engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "my.ks").write_text("autopart\nmodule --name=x\n")

    outcome = ashore(engine, "install", "--kickstart", str(tmp_path / "my.ks"))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert f"{tmp_path}/my.ks, line 2: the command module is not supported" in outcome.err


def test_only_root_installs(engine: FakeEngine, kickstart: str) -> None:
    engine.privileged = False

    outcome = ashore(engine, "install", "--kickstart", kickstart, "--yes")

    assert outcome.err.startswith("ashore: Only root can install.\n")
    assert outcome.status == ExitStatus.BAD_INPUT
    assert engine.requests == []


# --- asking --------------------------------------------------------------------------------------------------


def test_nothing_is_installed_before_the_person_says_yes(engine: FakeEngine, kickstart: str) -> None:
    outcome = ashore(engine, "install", "--kickstart", kickstart, answer="y")

    assert "All of the above will be destroyed (1 entries)" in outcome.out
    assert outcome.err == "ashore: Cancelled. Nothing was written.\n"
    assert outcome.status == ExitStatus.CANCELLED
    assert engine.requests == []


def test_where_nobody_can_be_asked_yes_must_be_said_before(engine: FakeEngine, kickstart: str) -> None:
    outcome = ashore(engine, "install", "--kickstart", kickstart)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "Add --yes if they may." in outcome.err
    assert engine.requests == []


@pytest.mark.parametrize(("arguments", "answer"), [((), "yes"), (("--yes",), None), (("--yes",), "no")])
def test_an_installation(engine: FakeEngine, kickstart: str, arguments: tuple[str, ...], answer: str | None) -> None:
    outcome = ashore(engine, "install", "--kickstart", kickstart, *arguments, answer=answer)

    assert outcome.status == ExitStatus.DONE
    assert outcome.out.endswith(
        "[ 1/2] Look at it\n[ 2/2] Write it\nInstalled in 1 min 3 s.\nashore: installation finished (status 0)\n"
        "The kickstart asks for reboot: run `systemctl reboot`.\n"
    )


# --- the engine ----------------------------------------------------------------------------------------------


def test_the_engine_gets_passwords_and_the_record_does_not(engine: FakeEngine, kickstart: str) -> None:
    ashore(engine, "install", "--kickstart", kickstart, "--yes")

    (request,) = engine.requests
    assert request.plan.system.root.password == Secret("hunter2")
    assert request.plan.system.root.password.reveal() == "hunter2"
    assert "hunter2" not in request.kickstart
    assert request.kickstart.startswith("# Kickstart written by Ashore.\n# Saved without its passwords")


def test_a_failure_gives_its_status(engine: FakeEngine, kickstart: str) -> None:
    engine.events = BROKEN

    outcome = ashore(engine, "install", "--kickstart", kickstart, "--yes")

    assert outcome.status == ExitStatus.FAILED
    assert "The installation failed in the step 'Write it'.\n  The disk is full.\nUse a larger one.\n" in outcome.out
    assert outcome.out.endswith("ashore: installation finished (status 1)\n")


def test_bad_input_that_the_engine_finds_keeps_its_status(engine: FakeEngine, kickstart: str) -> None:
    engine.events = (Failed(step="", message="No.", hint="", log="", status=ExitStatus.BAD_INPUT),)

    assert ashore(engine, "install", "--kickstart", kickstart, "--yes").status == ExitStatus.BAD_INPUT


def test_an_engine_that_dies_is_a_failure(engine: FakeEngine, kickstart: str) -> None:
    engine.events = DONE[:3]

    outcome = ashore(engine, "install", "--kickstart", kickstart, "--yes")

    assert outcome.status == ExitStatus.FAILED
    assert "The installer itself ended with status" in outcome.out


def test_the_image_of_the_command_line_wins(engine: FakeEngine, kickstart: str) -> None:
    ashore(
        engine, "install", "--kickstart", kickstart, "--dry-run", "--image", "oci:/x:1", "--target-imgref", "docker://y"
    )

    assert engine.resolved[0].payload == PayloadRequest(source="oci:/x:1", target="docker://y")


def test_a_running_installation_can_be_followed(engine: FakeEngine) -> None:
    outcome = ashore(engine, "install", "--follow")

    assert outcome.status == ExitStatus.DONE
    assert outcome.out.startswith("[ 1/2] Look at it\n")


# --- plans ---------------------------------------------------------------------------------------------------


def save(path: Path, plan: InstallPlan, *, reveal: bool) -> str:
    path.write_text(codec.to_json(plan, reveal_secrets=reveal))
    return str(path)


def test_a_plan_from_json_is_carried_out(engine: FakeEngine, tmp_path: Path) -> None:
    plan = a_plan(system=SystemPlan(root=RootAccount(password=Secret("x"), locked=False)))

    outcome = ashore(engine, "install", "--plan", save(tmp_path / "plan.json", plan, reveal=True), "--yes")

    assert outcome.status == ExitStatus.DONE
    assert engine.requests[0].plan == plan
    assert engine.resolved[0].payload == PayloadRequest(source=plan.image.source, target=plan.image.target)


def test_a_plan_without_its_passwords_is_refused(engine: FakeEngine, tmp_path: Path) -> None:
    plan = a_plan(system=SystemPlan(root=RootAccount(password=Secret("x"), locked=False)))

    outcome = ashore(engine, "install", "--plan", save(tmp_path / "plan.json", plan, reveal=False), "--yes")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "the secret was left out" in outcome.err
    assert engine.requests == []


def test_the_embedded_image_is_the_default(engine: FakeEngine, kickstart: str) -> None:
    ashore(engine, "install", "--kickstart", kickstart, "--dry-run")

    assert engine.resolved[0].payload == PayloadRequest()
    assert EMBEDDED.source.startswith("oci:")


def test_recovery_keys_are_shown_once(engine: FakeEngine, kickstart: str, tmp_path: Path) -> None:
    (tmp_path / "recovery-keys").mkdir()
    (tmp_path / "recovery-keys/home").write_text("cbdefghi-jklnrtuv")
    first = ashore(engine, "install", "--kickstart", kickstart, "--yes")
    second = ashore(engine, "install", "--follow")
    assert "home: cbdefghi-jklnrtuv" in first.out
    assert "cbdefghi" not in second.out
