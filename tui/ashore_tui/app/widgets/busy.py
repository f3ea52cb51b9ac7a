"""A sign that work goes on, with what it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.widget import Widget

_SECONDS = 0.5
"""Each turn draws: on slow machines and lines that is time which the work itself could have."""


class Busy(Widget):
    """`⠋ Looking for the image`; nothing when `doing` is empty. A turn draws one cell anew, and lays nothing out."""

    DEFAULT_CSS = "Busy { height: 1; width: 1fr; color: $dim; text-wrap: nowrap; text-overflow: ellipsis; }"
    doing: reactive[str] = reactive("")

    def __init__(self, frames: Sequence[str], doing: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._frames = tuple(frames)
        self._frame = 0
        self.set_reactive(Busy.doing, doing)

    def on_mount(self) -> None:
        self._timer = self.set_interval(_SECONDS, self._turn, pause=not self.doing)

    def watch_doing(self, doing: str) -> None:
        if doing:
            self._timer.resume()
        else:
            self._timer.pause()

    def render(self) -> Content:
        return Content(f"{self._frames[self._frame]} {self.doing}" if self.doing else "")

    def _turn(self) -> None:
        self._frame = (self._frame + 1) % len(self._frames)
        self.refresh(Region(0, 0, 1, 1))
