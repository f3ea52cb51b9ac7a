from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ashore_installer.plan import Finish
from ashore_tui.finish import Machine
from tests.fakes.runner import Answer, FakeRunner

MEDIUM = Path("/medium")
WHERE = ("findmnt", "--noheadings", "--output", "SOURCE", "/medium")


def machine(tmp_path: Path, *answers: Answer) -> tuple[Machine, FakeRunner]:
    runner = FakeRunner(*answers)
    return Machine(run=runner, medium=MEDIUM, hooks=tmp_path / "hooks"), runner


@pytest.mark.parametrize("finish", [Finish.REBOOT, Finish.POWEROFF, Finish.HALT])
def test_the_machine_ends_as_the_plan_says(tmp_path: Path, finish: Finish) -> None:
    live, runner = machine(tmp_path)

    live.finish(finish)

    assert runner.argvs == [("systemctl", "--no-block", finish.value)]


def test_the_machine_waits(tmp_path: Path) -> None:
    live, runner = machine(tmp_path)

    live.finish(Finish.WAIT)

    assert runner.argvs == []


def test_a_disc_is_ejected_when_everything_else_has_stopped(tmp_path: Path) -> None:
    live, _ = machine(tmp_path, Answer(words=WHERE, output="/dev/sr0\n"))

    assert live.prepare_eject() == ()

    hook = tmp_path / "hooks" / "ashore-eject"
    assert hook.read_text() == "#!/bin/sh\nexec eject -s -m /dev/sr0\n"
    assert os.access(hook, os.X_OK)
    assert subprocess.run(["sh", "-n", hook], check=False).returncode == 0


@pytest.mark.parametrize(
    "answer",
    [
        Answer(words=WHERE, output="/dev/sdb1\n"),
        Answer(words=WHERE, status=1),
        Answer(words=("eject", "--version"), status=127),
    ],
)
def test_what_can_not_be_ejected_is_left_to_the_person(tmp_path: Path, answer: Answer) -> None:
    live, _ = machine(tmp_path, answer, Answer(words=WHERE, output="/dev/sr0\n"))

    (said,) = live.prepare_eject()

    assert "before the machine starts again" in said
    assert not (tmp_path / "hooks").exists()
