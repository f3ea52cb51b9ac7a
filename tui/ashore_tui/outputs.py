"""Where lines for people go: a terminal, a pipe, several consoles at once. Nothing that happens to one is an error."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TextIO

REDRAW_SECONDS = 0.5
"""Between two states of a progress line that is drawn over itself."""
LINE_SECONDS = 5.0
"""Between two progress lines where nothing can be drawn over."""
_WIDTH = 80
_WAIT_SECONDS = 2.0
"""How long a console may take to swallow a text before the rest is dropped: a face never holds up the machine."""
ACTIVE_CONSOLES = Path("/sys/class/tty/console/active")


class Output(Protocol):
    """One place for lines. `status` is a line that the next one replaces; what replaces it may come much later."""

    def line(self, text: str) -> None: ...

    def status(self, text: str) -> None: ...


Write = Callable[[str], None]


@dataclass(kw_only=True)
class Screen:
    """A terminal: status lines are drawn over with a carriage return and blanks, which any terminal can."""

    write: Write
    width: int = _WIDTH
    clock: Callable[[], float] = time.monotonic
    _shown: str = ""
    _next: float = 0.0

    def line(self, text: str) -> None:
        self.write(f"{self._erase()}{printable(text)}\n")
        self._shown, self._next = "", 0.0

    def status(self, text: str) -> None:
        now = self.clock()
        if now < self._next:
            return
        self._next = now + REDRAW_SECONDS
        # The last column stays free: some terminals begin a new line when it is written.
        shown = printable(text).replace("\n", " ")[: self.width - 1]
        self.write(f"\r{shown}{' ' * (len(self._shown) - len(shown))}")
        self._shown = shown

    def _erase(self) -> str:
        return f"\r{' ' * len(self._shown)}\r" if self._shown else ""


@dataclass(kw_only=True)
class Lines:
    """A pipe or a file: status lines are lines like others, but few."""

    write: Write
    clock: Callable[[], float] = time.monotonic
    _next: float | None = None

    def line(self, text: str) -> None:
        self.write(f"{printable(text)}\n")
        self._next = None

    def status(self, text: str) -> None:
        now = self.clock()
        if self._next is None:
            # Work that is over soon needs no line at all.
            self._next = now + LINE_SECONDS
        elif now >= self._next:
            self.write(f"{printable(text)}\n")
            self._next = now + LINE_SECONDS


@dataclass(kw_only=True)
class All:
    """Several outputs as one."""

    outputs: Iterable[Output] = field(default_factory=tuple)

    def line(self, text: str) -> None:
        for output in self.outputs:
            output.line(text)

    def status(self, text: str) -> None:
        for output in self.outputs:
            output.status(text)


def printable(text: str) -> str:
    """`text` without what could command a terminal: names from images and output of scripts are not ours."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in _tabless(text))


def _tabless(text: str) -> str:
    return text.expandtabs(4).replace("\r\n", "\n")


# --- where they lead -----------------------------------------------------------------------------------------


def stream_output(stream: TextIO) -> Output:
    """The output for an open text stream, by whether it is a terminal."""
    if stream.isatty():
        return Screen(write=_write_to(stream), width=terminal_width(stream.fileno()))
    return line_output(stream)


def line_output(stream: TextIO) -> Output:
    """The output for an open text stream where nothing is drawn over: screen readers and printers read it all."""
    return Lines(write=_write_to(stream))


def _write_to(stream: TextIO) -> Write:
    def write(text: str) -> None:
        # Whoever read this has gone; the work goes on.
        with suppress(BrokenPipeError, OSError):
            stream.write(text)
            stream.flush()

    return write


def terminal_width(descriptor: int) -> int:
    """Columns of the terminal; serial lines don't know theirs and say 0."""
    try:
        return os.get_terminal_size(descriptor).columns or _WIDTH
    except OSError:
        return _WIDTH


def consoles(active: Path = ACTIVE_CONSOLES, devices: Path = Path("/dev")) -> tuple[Output, ...]:
    """An output for each console of the running kernel that can be opened."""
    try:
        names = active.read_text(encoding="ascii").split()
    except OSError:
        return ()
    return tuple(output for name in names if (output := _console(devices / name)))


def _console(device: Path) -> Output | None:
    try:
        descriptor = os.open(device, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        print(f"The console {device} can't be opened: {error.strerror}.", file=sys.stderr)
        return None
    return Screen(write=_Console(descriptor).write, width=terminal_width(descriptor))


@dataclass
class _Console:
    """A console device. What it doesn't take in time is dropped, and a console that is gone is left alone."""

    descriptor: int
    gone: bool = False

    def write(self, text: str) -> None:
        rest = text.encode()
        deadline = time.monotonic() + _WAIT_SECONDS
        while rest and not self.gone and time.monotonic() < deadline:
            try:
                rest = rest[os.write(self.descriptor, rest) :]
            except BlockingIOError:
                select.select((), (self.descriptor,), (), max(0.0, deadline - time.monotonic()))
            except OSError:
                self.gone = True
