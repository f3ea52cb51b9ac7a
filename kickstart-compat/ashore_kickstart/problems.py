"""What is wrong with a kickstart, by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashore_installer.errors import BadInput

SHOWN = 10
"""A message with more problems than this sends the reader to `ashore kickstart check`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """Why one line of a kickstart can't be followed."""

    line: int
    message: str
    hint: str = ""


class Refused(Exception):
    """A line that can't be followed; it never leaves the reader, which collects them."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = LineProblem(line=line, message=message, hint=hint)


class KickstartError(BadInput):
    """A kickstart that can't be followed, with all its problems in the order of their lines."""

    def __init__(self, name: str, problems: Sequence[LineProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        lines = [f"{name}, line {problem.line}: {problem.message}" for problem in self.problems]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [f"{name} has {len(lines) - SHOWN} more problems."]
        hint = next((problem.hint for problem in self.problems if problem.hint), "")
        super().__init__("\n".join(lines), hint or f"Correct the file, and try `ashore kickstart check {name}`.")
