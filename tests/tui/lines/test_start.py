from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.plan import Finish
from ashore_tui.engine import Running
from ashore_tui.lines.start import run_lines, terminal_prompt
from tests.fakes.machines import recorded
from tests.tui.fakes import DONE
from tests.tui.flow_values import PlanningEngine
from tests.tui.lines.scripted import Person, prompt_of


class Idle(PlanningEngine):
    """An engine that never did anything before."""

    def attach(self) -> Running:
        if not self.requests:
            raise BadInput("There is no installation to follow.")
        return super().attach()


@dataclass
class Busy:
    """An installation that goes on while it is looked at first, and has ended afterwards."""

    journal: Path
    log: Path
    asks: int = 0

    def alive(self) -> bool:
        self.asks += 1
        return self.asks == 1

    def cancel(self) -> None:
        raise AssertionError("nobody asked for that")

    def wait(self) -> int:
        return ExitStatus.DONE


def start(engine: PlanningEngine, *answers: str, rehearsal: bool = False) -> tuple[int, Person, list[Finish]]:
    prompt, person = prompt_of(*answers)
    finishes: list[Finish] = []
    status = run_lines(engine, finishes.append, prompt, rehearsal=rehearsal)
    return status, person, finishes


def test_it_looks_at_the_machine_and_begins(tmp_path: Path) -> None:
    status, person, _finishes = start(Idle(machine=recorded("two-sata"), directory=tmp_path), "q")

    assert status == ExitStatus.CANCELLED
    assert person.said[0] == "Looking at this machine ..."
    assert "Language and keyboard" in person.said


def test_an_installation_that_has_ended_is_not_shown_again(tmp_path: Path) -> None:
    _status, person, _finishes = start(PlanningEngine(machine=recorded("two-sata"), directory=tmp_path), "q")

    assert "Language and keyboard" in person.said


def test_an_installation_that_runs_is_shown_instead(tmp_path: Path) -> None:
    class Engine(PlanningEngine):
        def attach(self) -> Running:
            return Busy(journal=super().attach().journal, log=tmp_path / "log")

    status, person, _finishes = start(Engine(machine=recorded("two-sata"), directory=tmp_path, events=DONE))

    assert status == ExitStatus.DONE
    assert person.said[0] == "An installation is running already. This is it:"
    assert "[ 2/2] Write it" in person.said


def test_a_rehearsal_says_so(tmp_path: Path) -> None:
    engine = Idle(machine=recorded("two-sata"), directory=tmp_path)

    _status, person, _finishes = start(engine, "q", rehearsal=True)

    assert "Language and keyboard (rehearsal: nothing is written)" in person.said


def test_progress_is_never_drawn_over_what_was_said() -> None:
    out = io.StringIO()
    prompt = terminal_prompt(out, lambda _question: "secret")

    prompt.output.status("10 %")
    prompt.say("done")

    assert out.getvalue() == "done\n"
    assert prompt.ask_secret("?") == "secret"  # a pipe shows nothing by itself


def test_lines_and_flow_never_import_textual() -> None:
    code = (
        "import sys, ashore_tui.lines.start, ashore_tui.flow.topics\n"
        "sys.exit(any(name.partition('.')[0] in ('textual', 'rich') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
