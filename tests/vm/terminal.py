"""A person's terminal at the end of a console: what its screen shows, and keys that are pressed on it."""

from __future__ import annotations

import re
import time

import pyte

from tests.vm.console import Console, NotSeen

ROWS, COLUMNS = 24, 80
KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+q": "\x11",
    "ctrl+l": "\x0c",
}
"""What a terminal sends for them (ECMA-48, and xterm's control sequences)."""


class _Glass(pyte.Screen):
    """A screen that answers what it is asked, such as where the cursor is."""

    def __init__(self, console: Console) -> None:
        super().__init__(COLUMNS, ROWS)
        self._console = console

    def write_process_input(self, data: str) -> None:
        self._console.send(data)


class Terminal:
    """A terminal of 80x24 at `console`; `patience` multiplies every time-out. From now on it sees all that comes."""

    def __init__(self, console: Console, patience: float = 1.0) -> None:
        self._console = console
        self._patience = patience
        self._glass = _Glass(console)
        console.tap = pyte.ByteStream(self._glass).feed

    @property
    def text(self) -> str:
        """The rows, without the blanks at their ends."""
        return "\n".join(row.rstrip() for row in self._glass.display)

    def until(self, pattern: str, seconds: float) -> str:
        """Wait until the screen shows `pattern` (multi-line), and give the screen. Raises NotSeen with the last one."""
        wanted = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + seconds * self._patience
        while not wanted.search(self.text):
            if time.monotonic() > deadline:
                raise NotSeen(f"{pattern!r} was not on the screen in {seconds * self._patience:.0f} s:\n{self.text}")
            self._console.read(0.5)
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys by their names, one after the other without waiting."""
        for key in keys:
            self._console.send(KEYS[key])

    def type(self, text: str) -> None:
        self._console.send(text)
