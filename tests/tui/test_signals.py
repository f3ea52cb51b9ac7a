"""A command that is ended from outside ends as with ^C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_with_its_own_status(tmp_path: Path, number: signal.Signals) -> None:
    waiting = tmp_path / "never-written.ks"
    os.mkfifo(waiting)
    # Whoever runs the tests in the background may have these signals ignored, which processes inherit.
    words = [
        "env",
        "--default-signal=INT,TERM,HUP",
        sys.executable,
        "-m",
        "ashore_tui",
        "kickstart",
        "check",
        str(waiting),
    ]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    # The command opens the pipe, which has then a reader, and waits for what nobody writes.
    writer = _writer(waiting, process)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    os.close(writer)
    assert process.returncode == 130
    assert "cancelled" in said
    assert "Traceback" not in said


def _writer(pipe: Path, process: subprocess.Popen[str]) -> int:
    for _ in range(600):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert process.poll() is None, "the command ended before it read its kickstart"
            time.sleep(0.1)
    raise AssertionError("the command never read its kickstart")
