"""A box to tick, which every terminal can draw."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ashore_tui.app.look import Glyphs


class Tick(Widget, can_focus=True):
    """`[x] Encrypt the disk`: Space or Enter changes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "tick", show=False)]
    DEFAULT_CSS = """
    Tick {
        width: 1fr; height: auto; color: $foreground;
        &:focus { color: $accent; text-style: bold; }
        &:ansi:focus { text-style: bold reverse; }
        &:disabled { color: $dim; }
    }
    """
    ticked: reactive[bool] = reactive(False)

    class Changed(Message):
        """A person has ticked the box, or taken the tick away."""

        def __init__(self, tick: Tick, ticked: bool) -> None:
            super().__init__()
            self.tick = tick
            self.ticked = ticked

        @property
        def control(self) -> Tick:
            return self.tick

    def __init__(self, label: str, glyphs: Glyphs, *, id: str, ticked: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label, self._glyphs = label, glyphs
        self.set_reactive(Tick.ticked, ticked)

    def render(self) -> Content:
        return Content(f"{self._glyphs.ticked if self.ticked else self._glyphs.unticked} {self._label}")

    def action_tick(self) -> None:
        self.ticked = not self.ticked
        self.post_message(self.Changed(self, self.ticked))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.action_tick()
