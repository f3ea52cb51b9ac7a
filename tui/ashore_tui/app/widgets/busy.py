"""A sign that work goes on, with what it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive
from textual.widgets import Static

_SECONDS = 0.15


class Busy(Static):
    """`⠋ Looking for the image`; nothing when `doing` is empty."""

    DEFAULT_CSS = "Busy { height: 1; width: 1fr; color: $dim; }"
    doing: reactive[str] = reactive("")

    def __init__(self, frames: Sequence[str], doing: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(markup=False, id=id)
        self._frames = tuple(frames)
        self._frame = 0
        self.set_reactive(Busy.doing, doing)

    def on_mount(self) -> None:
        self._timer = self.set_interval(_SECONDS, self._turn, pause=not self.doing)
        self._draw()

    def watch_doing(self, doing: str) -> None:
        if doing:
            self._timer.resume()
        else:
            self._timer.pause()
        self._draw()

    def _turn(self) -> None:
        self._frame = (self._frame + 1) % len(self._frames)
        self._draw()

    def _draw(self) -> None:
        self.update(f"{self._frames[self._frame]} {self.doing}" if self.doing else "")
