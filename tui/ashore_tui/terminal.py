"""The terminal of a command: where it writes, whom it can ask. And what a command needs besides."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from ashore_tui.engine import Engine, LocalEngine


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """`ask` shows a question and gives the answer; only to be used when `interactive`."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    ask: Callable[[str], str] = input
    interactive: bool = field(default_factory=_can_ask)

    def say(self, text: str) -> None:
        print(text, file=self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that a command may touch besides its files."""

    terminal: Terminal = field(default_factory=Terminal)
    engine: Engine = field(default_factory=LocalEngine)
