"""A topic as a page of lines: what is to be known, and settings with numbers before them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ashore_tui.flow.state import Flow
from ashore_tui.lines.prompt import Prompt

Change = Callable[[Flow, Prompt], Flow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A setting: `change` asks for another value. Enter leads to a `needed` one as long as its topic is open."""

    label: str
    value: str = ""
    change: Change
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    notes: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
