"""QEMU's machine protocol (QMP): JSON commands over a unix socket (QEMU, docs/interop/qmp-spec)."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

_KEYS = {" ": "spc", "-": "minus", "\n": "ret"}
_STROKE = 0.2


class MonitorError(AssertionError):
    """QEMU refused a command."""


class Monitor:
    """QMP on a connected socket, which the caller closes."""

    def __init__(self, line: socket.socket) -> None:
        self._file = line.makefile("rw", encoding="utf-8")
        self._answer()
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> Any:
        """Run one command and give its result. Underscores of argument names become dashes. Raises MonitorError."""
        return self.command(command, {name.replace("_", "-"): value for name, value in arguments.items()})

    def command(self, command: str, arguments: dict[str, Any]) -> Any:
        """The same, with the names of the arguments as they are (properties of devices have underscores)."""
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        answer = self._answer()
        if "error" in answer:
            raise MonitorError(f"{command}: {answer['error']['desc']}")
        return answer["return"]

    def screenshot(self, path: Path) -> None:
        """Write the screen as a PNG file for people (QEMU 7.1 or later), or as PPM when its name ends so."""
        self.execute("screendump", filename=str(path), format=path.suffix.removeprefix("."))

    def press(self, *keys: str) -> None:
        """Press keys of the machine's own keyboard together, by QEMU's names for them (QKeyCode)."""
        self.execute("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def type(self, text: str) -> None:
        """Type lower-case letters, digits, blanks, dashes and new lines on it."""
        for letter in text:
            self.press(_KEYS.get(letter, letter))
            time.sleep(_STROKE)  # a key is held for a tenth of a second; more at once than the keyboard holds are lost

    def _answer(self) -> dict[str, Any]:
        """The next message that is no event."""
        while True:
            line = self._file.readline()
            if not line:
                raise MonitorError("QEMU closed its monitor.")
            message: dict[str, Any] = json.loads(line)
            if "event" not in message:
                return message
