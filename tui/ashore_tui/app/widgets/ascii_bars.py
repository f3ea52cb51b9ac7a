"""Scroll bars for terminals that have no blocks in eighths."""

from __future__ import annotations

from typing import ClassVar

from textual.scrollbar import ScrollBarRender


class AsciiBars(ScrollBarRender):
    """Whole cells in reverse, which are seen without colours too."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]
