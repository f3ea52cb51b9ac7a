"""A disk today and after the installation, drawn as two lines of one width."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from ashore_installer.storage.view import Change, DiskView, Segment
from ashore_installer.units import human
from ashore_tui.app.look import Look
from ashore_tui.flow.disk_bar import ASCII, UNICODE, Marks, bar, legend, words
from ashore_tui.text import _
from ashore_tui.text.cells import cells, pad

COLOURS = {
    Change.FREE: "$dim",
    Change.KEPT: "$dim",
    Change.RESIZED: "$warn",
    Change.FORMATTED: "$warn",
    Change.REMOVED: "$bad",
    Change.NEW: "$accent",
}
WIDEST = 160
"""Beyond this a bar only gets longer, not clearer."""


class DiskBar(Widget):
    """One disk: its name, and below it `today` and `after`. A disk that nothing happens to has one line only."""

    DEFAULT_CSS = "DiskBar { height: auto; width: 1fr; }"
    view: reactive[DiskView | None] = reactive(None, layout=True)
    title: reactive[bool] = reactive(True, layout=True)

    def __init__(
        self, look: Look, view: DiskView | None = None, *, title: bool = True, id: str | None = None  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._marks = marks_of(look)
        self.set_reactive(DiskBar.title, title)
        self.set_reactive(DiskBar.view, view)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self.lines(width))

    def render(self) -> Content:
        return Content("\n").join(self.lines(self.size.width))

    def lines(self, width: int) -> list[Content]:
        """What is drawn on `width` columns."""
        if self.view is None:
            return []
        title = [Content.styled(f"{self.view.name}  {human(self.view.size)}", "bold")] if self.title else []
        if not self.view.changed and self.view.before == self.view.after:
            return [*title, self._line(_("today"), self.view.before, width)]
        return [
            *title,
            self._line(_("today"), self.view.before, width),
            self._line(_("after"), self.view.after, width),
        ]

    def _line(self, when: str, segments: Sequence[Segment], width: int) -> Content:
        head = max(cells(_("today")), cells(_("after"))) + 2
        return Content.assemble((pad(when, head), "$dim"), line(segments, min(width, WIDEST) - head, self._marks))


def line(segments: Sequence[Segment], width: int, marks: Marks) -> Content:
    """The bar itself, on `width` columns."""
    parts: list[Content] = []
    for piece in bar(segments, width, marks):
        if piece.change is None:
            parts.append(Content.styled(piece.text, "$dim"))
        else:
            colour = COLOURS[piece.change]
            bold = "" if piece.change in (Change.KEPT, Change.FREE) else "bold "
            parts.append(Content.assemble((piece.text, f"{bold}{colour}"), (piece.fill, colour)))
    return Content("").join(parts)


def legend_line(views: Sequence[DiskView], marks: Marks) -> Content:
    """The signs of the pictures, each with its meaning: `█ new  ▒ stays`."""
    found = legend([one for view in views for one in (*view.before, *view.after)])
    parts = [Content.assemble((marks.fills[one], COLOURS[one]), (f" {words(one)}", "$dim")) for one in found]
    return Content("   ").join(parts)


def marks_of(look: Look) -> Marks:
    return ASCII if look.is_ascii else UNICODE
