"""The bottom line of every screen: the keys that do something there."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

Key = tuple[str, str]
"""A key's name and what it does."""


class KeyLine(Widget):
    """`Enter next  Esc overview  F1 help`. What does not fit is cut at the right, so the important keys come first."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; padding: 0 2; background: $bar; color: $dim; text-wrap: nowrap; }
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = tuple(keys)

    def show(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)
        self.refresh()

    def render(self) -> Content:
        wide = self._line("   ")
        return wide if wide.cell_length <= self.size.width else self._line("  ")

    def _line(self, gap: str) -> Content:
        return Content(gap).join(Content.assemble((key, "bold $accent"), f" {what}") for key, what in self._keys)
