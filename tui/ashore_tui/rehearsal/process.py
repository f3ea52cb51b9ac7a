"""The process of a rehearsal: plays an installation's events into a journal, as the engine's process writes them.

`python -m ashore_tui.rehearsal.process STATE SPEED [FAIL_AT]`, with the request on stdin.
"""

from __future__ import annotations

import fcntl
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ashore_installer import codec
from ashore_installer.engine import JOURNAL, LOCK, LOG, Request, tell_pid
from ashore_installer.errors import Cancelled, ExitStatus
from ashore_installer.events import Event, Failed, Finished, Listener, StepStarted
from ashore_installer.journal import Journal
from ashore_tui.rehearsal.script import Failure, script

Wait = Callable[[float], bool]
"""Waits so many seconds, and tells whether somebody asked for an end meanwhile."""


def play(request: Request, listener: Listener, wait: Wait, failure: Failure | None = None) -> ExitStatus:
    """Tell the whole rehearsal to `listener`. It can be cancelled until a real engine would have written."""
    step = ""
    for beat in script(request, failure):
        if wait(beat.wait) and not beat.written:
            listener(_cancelled(step))
            return ExitStatus.CANCELLED
        step = beat.event.step if isinstance(beat.event, StepStarted) else step
        listener(beat.event)
        if isinstance(beat.event, Failed | Finished):
            return _status(beat.event)
    raise RuntimeError("the rehearsal has no end")


def _cancelled(step: str) -> Failed:
    error = Cancelled()
    return Failed(step=step, message=error.message, hint="", log="", status=error.status)


def _status(event: Event) -> ExitStatus:
    return ExitStatus(event.status) if isinstance(event, Failed) else ExitStatus.DONE


def main(arguments: list[str], text: str) -> ExitStatus:
    """Play the request in `text`."""
    state, speed, fail_at = Path(arguments[0]), float(arguments[1]), "".join(arguments[2:])
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())

    def wait(seconds: float) -> bool:
        return stop.wait(seconds / speed) if speed else stop.is_set()

    request = codec.from_json(text, Request, "The rehearsal's request")
    (state / LOG).write_text("This was a rehearsal: no disk was read or written.\n", encoding="utf-8")
    failure = Failure(step=fail_at, log=str(state / LOG)) if fail_at else None
    with (state / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tell_pid(state)
        return play(request, Journal(state / JOURNAL), wait, failure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.read()))
