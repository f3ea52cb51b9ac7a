"""The steps of an installation, with the one that runs in the middle."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ashore_tui.app.look import Glyphs
from ashore_tui.app.run_state import StepState
from ashore_tui.progress import duration
from ashore_tui.text import said


class StepList(Widget):
    """As many steps as there is room for: done, running, to come; `failed` is the id of the one that failed."""

    DEFAULT_CSS = "StepList { height: 1fr; width: 1fr; }"
    steps: reactive[tuple[StepState, ...]] = reactive(())
    failed: reactive[str] = reactive("")

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._glyphs = glyphs

    def render(self) -> Content:
        shown = window(self.steps, self.size.height)
        return Content("\n").join([self._line(step) for step in shown])

    def _line(self, step: StepState) -> Content:
        glyphs, title = self._glyphs, said(step.title)
        if step.id == self.failed:
            return Content.assemble((f"{glyphs.wrong} ", "$bad"), (title, "bold $bad"))
        if step.seconds is not None:
            took = duration(step.seconds) if step.seconds >= 1 else ""
            return Content.assemble((f"{glyphs.done} ", "$good"), title, (f"  {took}", "$dim"))
        if step.running:
            return Content.assemble((f"{glyphs.running} ", "$accent"), (title, "bold $accent"))
        return Content.assemble((f"{glyphs.todo} ", "$dim"), (title, "$dim"))


def window(steps: Sequence[StepState], room: int) -> Sequence[StepState]:
    """The `room` steps around the first that is not done."""
    here = next((number for number, step in enumerate(steps) if step.seconds is None), len(steps))
    first = max(0, min(here - room // 2, len(steps) - room))
    return steps[first : first + room]
