"""The engine's process: one installation at a time, and faces that come and go beside it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ashore_installer.engine import JOURNAL, LOCK, LOG, PID, Request, cancel, running, start
from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.events import Failed
from ashore_installer.journal import follow
from tests.fakes.values import a_machine, a_plan, an_image


def a_request() -> Request:
    """For a machine with other disks than this one, so that the engine refuses it."""
    return Request(plan=a_plan(), machine=a_machine(disks=()), payload=an_image(), kickstart="")


def test_the_engine_runs_in_a_process_of_its_own_and_tells_the_journal(tmp_path: Path) -> None:
    process = start(a_request(), tmp_path)

    status = process.wait()

    (last,) = [entry.event for entry in follow(process.journal, process.alive)]
    assert isinstance(last, Failed)
    assert status == last.status == ExitStatus.BAD_INPUT
    assert process.log.stat().st_mode & 0o777 == 0o600


def test_the_engine_holds_the_lock_as_long_as_it_lives(tmp_path: Path) -> None:
    with (tmp_path / LOCK).open("w") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        (tmp_path / JOURNAL).write_text("the journal of the one that runs\n")

        with pytest.raises(BadInput, match="Another installation is running"):
            start(a_request(), tmp_path)

    assert (tmp_path / JOURNAL).read_text() == "the journal of the one that runs\n"
    assert not (tmp_path / LOG).exists()


def test_the_next_one_begins_a_new_journal(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("old\n")

    process = start(a_request(), tmp_path)
    process.wait()

    assert "old" not in process.journal.read_text()
    with (tmp_path / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_cancelling_reaches_the_one_who_holds_the_lock(tmp_path: Path) -> None:
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waits = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock.fileno(),)
        )  # fmt: skip
        (tmp_path / PID).write_text(f"{waits.pid}\n")
    assert running(tmp_path)

    cancel(tmp_path)

    assert waits.wait() == -signal.SIGTERM
    assert not running(tmp_path)


@pytest.mark.parametrize("number", ["", "0", "none"])
def test_cancelling_what_has_ended_does_nothing(tmp_path: Path, number: str) -> None:
    """The number may be another process's by now: here, that of this test, which a signal would end."""
    (tmp_path / LOCK).touch()
    (tmp_path / PID).write_text(number or str(os.getpid()))

    cancel(tmp_path)
    cancel(tmp_path / "elsewhere")
