"""The bottom line of every screen: the keys that do something there."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

Key = tuple[str, str]
"""A key's name and what it does."""


class KeyLine(Static):
    """`Enter next  Esc overview  F1 help`. What does not fit is cut at the right, so the important keys come first."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; padding: 0 2; background: $bar; color: $dim; text-wrap: nowrap; }
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(_line(keys))

    def show(self, keys: Sequence[Key]) -> None:
        self.update(_line(keys), layout=False)


def _line(keys: Sequence[Key]) -> Content:
    parts: list[tuple[str, str] | str] = []
    for key, what in keys:
        parts += [(key, "bold $accent"), f" {what}   "]
    return Content.assemble(*parts)
