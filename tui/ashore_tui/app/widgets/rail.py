"""All topics with their state, beside the one that is open: where one is, and what is still to do."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from ashore_tui.app.look import Glyphs
from ashore_tui.app.messages import Open
from ashore_tui.flow.status import Kind
from ashore_tui.text.cells import pad

COLOURS = {Kind.DONE: "$good", Kind.TODO: "$accent", Kind.WRONG: "$bad", Kind.WAITING: "$dim"}
"""The colour of a topic's sign."""
_TOP = 1
"""Empty lines above the first topic, so that it stands beside the screen's first sentence."""

Rows = tuple[tuple[str, str, Kind], ...]
"""Id, title and state of each topic."""


class Rail(Widget):
    """Only where there is room for it. It takes no focus: Esc leads to the same list with everything that is known."""

    DEFAULT_CSS = """
    Rail {
        display: none; width: 28; height: 100%; padding: 0 1; background: $surface;
        &:ansi { border-right: ascii ansi_default; }
    }
    """
    rows: reactive[Rows] = reactive(())

    def __init__(self, glyphs: Glyphs, here: str, rows: Rows) -> None:
        """`here` is the id of the topic that is open."""
        super().__init__()
        self._glyphs, self._here = glyphs, here
        self.set_reactive(Rail.rows, rows)

    def render(self) -> Content:
        return Content("\n" * _TOP) + Content("\n").join([self._line(*row) for row in self.rows])

    def _line(self, id: str, title: str, kind: Kind) -> Content:  # noqa: A002 (the field's name)
        sign = getattr(self._glyphs, kind.value)
        style = "bold $accent" if id == self._here else "" if kind is not Kind.WAITING else "$dim"
        mark = self._glyphs.running if id == self._here else " "
        return Content.assemble((f"{mark} ", "$accent"), (f"{sign} ", COLOURS[kind]), (pad(title, 20), style))

    def on_click(self, event: Click) -> None:
        event.stop()
        place = event.y - _TOP
        if 0 <= place < len(self.rows):
            self.post_message(Open(self.rows[place][0]))
