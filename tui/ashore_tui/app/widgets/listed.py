"""A line of a list: a sign, and a text that goes on below itself when it is too long."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

_MARGIN, _SIGN = 1, 3
"""Columns before the sign, and of the sign."""
_COLOURS = {"good": "$good", "bad": "$bad", "warn": "$warn", "todo": "$accent"}


class Listed(Widget):
    """`sign` in a column of its own; `label`, if any, in a second one, `room` columns wide.

    Pages have dozens of them, so each is one widget.
    """

    DEFAULT_CSS = "Listed { height: auto; width: 1fr; }"

    def __init__(self, sign: str, text: str, *, label: str = "", kind: str = "", room: int = 24) -> None:
        super().__init__()
        self._text, self._label = text, label
        self._sign = Content.styled(sign, f"bold {_COLOURS.get(kind, '')}".strip())
        self._room = room if label else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 (Textual's)
        return len(self._lines(width))

    def render(self) -> Content:
        blank = Content("\n" + " " * (_MARGIN + _SIGN + self._room))
        label = Content.styled(self._label, "$dim")
        head = Content(" " * _MARGIN) + _filled(self._sign, _SIGN) + _filled(label, self._room)
        return head + blank.join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        return Content(self._text).wrap(max(width - _MARGIN - _SIGN - self._room, 10))


def _filled(content: Content, width: int) -> Content:
    return content.pad_right(max(width - content.cell_length, 0))
