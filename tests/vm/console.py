"""A serial line with a system at its other end: wait for text, send text, keep everything that was said."""

from __future__ import annotations

import codecs
import os
import re
import select
import time
from collections.abc import Callable
from pathlib import Path

SHOWN_LINES = 25

# Terminals get colours, titles and questions in escape sequences (ECMA-48; OSC 3008 from systemd and bash).
_ESCAPE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # other strings
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences
    r"|\x1b[ -/]+[0-~]"  # character sets
    r"|\x1b[0-OQ-WYZ\\`-~]"  # single functions
)
_CUT = re.compile(r"(?s)(?:\x1b.*|\r+)\Z")
_NEW_LINE = re.compile(r"\r*\n|\r+")
_PLACE = re.compile(r"\x1b\[[0-9;]*[Hf]")
"""To another place of the screen, which is another line for us."""
_LONGEST_ESCAPE = 4096


class NotSeen(AssertionError):
    """The text that was waited for did not come. Says what was waited for and how the line ended."""


class LineClosed(NotSeen):
    """The other end hung up."""


class Console:
    """A serial line on the file descriptor `line` (of a socket or a terminal), which the caller closes.

    Everything that comes is added to `log` as it came, and given to `listener` without escape sequences.
    """

    def __init__(self, line: int, log: Path, listener: Callable[[str], None] | None = None) -> None:
        self._line = line
        self._log = log.open("ab", buffering=0)
        self._listener = listener
        self.tap: Callable[[bytes], object] = len
        """Given every byte as it came; by default nobody."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._unread = ""
        self._lines = ""

    def close(self) -> None:
        self._log.close()

    def send(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._line, data) :]

    def expect(self, pattern: str, seconds: float) -> re.Match[str]:
        """The first match of `pattern` (multi-line) in what came since the last match, waiting for it if need be.

        Text before the match is passed over. Raises NotSeen after `seconds`, LineClosed when the other end is gone.
        """
        wanted = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + seconds
        while True:
            if found := wanted.search(self._unread):
                self._unread = self._unread[found.end() :]
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotSeen(f"{pattern!r} was not seen in {seconds:.0f} s. The last lines were:\n{self.tail()}")
            self._read(left, pattern)

    def drain(self, seconds: float = 0.2) -> None:
        """Take everything that comes until the line is quiet for `seconds`, and forget what was not matched."""
        while select.select([self._line], [], [], seconds)[0] and self._take():
            pass
        self._unread = ""

    def read(self, seconds: float) -> None:
        """Take what comes within `seconds`, which is then kept for `expect`. Raises LineClosed."""
        self._read(seconds, "anything")

    def tail(self, lines: int = SHOWN_LINES) -> str:
        """The last lines that are not empty, for messages."""
        spoken = [line.rstrip() for line in self._lines.splitlines() if line.strip()]
        return "\n".join(f"  | {line}" for line in spoken[-lines:])

    def _read(self, seconds: float, pattern: str) -> None:
        """Take what comes within `seconds`: a little more than the first bytes, since guests send 16 at a time."""
        while select.select([self._line], [], [], seconds)[0]:
            if not self._take():
                raise LineClosed(f"The line was closed before {pattern!r} was seen. The last lines:\n{self.tail()}")
            seconds = 0.02

    def _take(self) -> bool:
        """Read once. False when the other end is gone."""
        try:
            data = os.read(self._line, 65536)
        except OSError:  # a terminal whose last user left
            return False
        self._log.write(data)
        self.tap(data)
        text = self._plain(self._decoder.decode(data))
        self._unread += text
        self._lines = (self._lines + text)[-65536:]
        if self._listener:
            self._listener(text)
        return bool(data)

    def _plain(self, text: str) -> str:
        """`text` without escape sequences, every way to begin a line made a newline.

        What is cut in the middle is held back until the rest comes.
        """
        text = _ESCAPE.sub("", _PLACE.sub("\n", self._held + text))
        cut = _CUT.search(text)
        self._held = cut[0] if cut and len(cut[0]) < _LONGEST_ESCAPE else ""
        text = text[: len(text) - len(self._held)]
        return _NEW_LINE.sub("\n", text).replace("\x1b", "").replace("\0", "")
