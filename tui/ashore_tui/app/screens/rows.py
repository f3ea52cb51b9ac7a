"""Rows of several lines for lists of a few large choices."""

from __future__ import annotations

from textual.content import Content

from ashore_tui.app.look import Glyphs
from ashore_tui.text.cells import wrap

_WIDTH = 66
"""Columns of text in a row: what 80 leave beside margins and sign."""


def row(glyphs: Glyphs, title: str, *lines: str, chosen: bool) -> Content:
    """A choice with its title, lines that say more, and an empty line below."""
    sign = glyphs.chosen if chosen else glyphs.unchosen
    indent = " " * (len(sign) + 1)
    below = "".join(f"\n{indent}{part}" for line in lines for part in wrap(line, _WIDTH))
    return Content.assemble(f"{sign} ", (title, "bold"), below, "\n")
