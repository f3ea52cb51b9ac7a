"""A person who types what a test says, and a transcript of both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.plan import Finish
from ashore_tui.flow.evaluate import begin
from ashore_tui.flow.state import Flow
from ashore_tui.lines.face import LineFace
from ashore_tui.lines.prompt import Prompt
from tests.fakes.machines import recorded
from tests.fakes.values import a_machine
from tests.tui.flow_values import PlanningEngine


@dataclass
class Person:
    """Gives one answer after the other; when there is none left, nobody is there any more."""

    answers: list[str]
    said: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """Questions that were asked without echo."""

    def line(self, text: str) -> None:
        self.said.append(text)

    def status(self, text: str) -> None:
        self.said.append(f"~{text}")

    def ask(self, question: str) -> str:
        self.said.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def ask_secret(self, question: str) -> str:
        self.secrets.append(question)
        return self.ask(question)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def prompt_of(*answers: str) -> tuple[Prompt, Person]:
    person = Person(list(answers))
    return Prompt(output=person, ask=person.ask, ask_secret=person.ask_secret, help="This helps."), person


@dataclass
class Sitting:
    """One run of the line mode."""

    face: LineFace
    person: Person
    engine: PlanningEngine
    finishes: list[Finish]
    status: int

    @property
    def flow(self) -> Flow:
        return self.face.flow


def sit(
    directory: Path, answers: Iterable[str], machine: str = "", flow: Flow | None = None,
    engine: PlanningEngine | None = None,
) -> Sitting:  # fmt: skip
    """Run the line mode on a recorded machine until its end or until the answers end."""
    engine = engine or PlanningEngine(machine=recorded(machine) if machine else a_machine(), directory=directory)
    prompt, person = prompt_of(*answers)
    finishes: list[Finish] = []
    face = LineFace(engine=engine, prompt=prompt, finish=finishes.append, flow=flow or begin(engine))
    return Sitting(face=face, person=person, engine=engine, finishes=finishes, status=face.run())
