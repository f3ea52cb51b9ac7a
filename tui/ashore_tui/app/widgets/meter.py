"""A bar of how far some work is."""

from __future__ import annotations

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from ashore_tui.app.look import Glyphs


class Meter(Widget):
    """`█████░░░░░  45 %`, as wide as its place; empty without a `part` (0 to 1)."""

    DEFAULT_CSS = "Meter { height: 1; width: 1fr; color: $accent; }"
    part: reactive[float | None] = reactive(None)

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._glyphs = glyphs

    def render(self) -> RenderResult:
        if self.part is None:
            return ""
        room = max(self.size.width - 6, 1)
        filled = int(min(self.part, 1.0) * room)
        bar = self._glyphs.full * filled + self._glyphs.empty * (room - filled)
        return Text(f"{bar} {int(self.part * 100):3} %", no_wrap=True)
