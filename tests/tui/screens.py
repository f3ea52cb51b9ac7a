"""What stands on a screen of the app, as text: taken from Textual's own picture of it."""

from __future__ import annotations

import html
import re
from typing import Any

from textual.app import App

_TEXT = re.compile(
    r'<text class="[^"]*" x="(?P<x>[\d.]+)"[^>]*? textLength="(?P<length>[\d.]+)"[^>]*?'
    r'clip-path="url\(#[^"]*-line-(?P<line>\d+)\)">(?P<text>[^<]*)</text>'
)
_CELL = 12.2
"""Width of a character in Rich's SVG."""


def screen_text(app: App[Any]) -> str:
    """The screen, a line for each of its lines, without blanks at their ends."""
    width, height = app.size
    grid = [[" "] * width for _ in range(height)]
    for found in _TEXT.finditer(app.export_screenshot(simplify=True)):
        column = round(float(found["x"]) / _CELL)
        for character in html.unescape(found["text"]).replace("\xa0", " "):
            if column < width and int(found["line"]) < height:
                grid[int(found["line"])][column] = character
            column += 1
    return "\n".join("".join(row).rstrip() for row in grid) + "\n"
