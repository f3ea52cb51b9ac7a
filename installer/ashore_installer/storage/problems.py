"""How a storage request is refused."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.errors import BadInput
from ashore_installer.plan import Problem


class PlanError(BadInput):
    """What was asked for can't be made on this machine. `problems` are all reasons; the message joins them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        hint = next((problem.hint for problem in problems if problem.hint), "")
        super().__init__("\n".join(problem.message for problem in problems), hint)
