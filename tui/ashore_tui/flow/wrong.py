"""Problems in the words of the screens. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.plan import Problem
from ashore_tui.text import said


def wrong_lines(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Problems as lines, each with its hint below."""
    lines: list[str] = []
    for one in problems:
        lines += said(one.message).split("\n")
        lines += [f"  {said(one.hint)}"] if one.hint else []
    return tuple(lines)
