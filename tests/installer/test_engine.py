"""The engine's process: one installation at a time, and faces that come and go beside it."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from ashore_installer.engine import JOURNAL, LOCK, LOG, Request, start
from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.events import Failed
from ashore_installer.journal import follow
from tests.fakes.values import a_machine, a_plan, an_image


def a_request() -> Request:
    """For a machine with other disks than this one, so that the engine refuses it."""
    return Request(plan=a_plan(), machine=a_machine(disks=()), image=an_image(), kickstart="")


def test_the_engine_runs_in_a_process_of_its_own_and_tells_the_journal(tmp_path: Path) -> None:
    running = start(a_request(), tmp_path)

    status = running.wait()

    (last,) = [entry.event for entry in follow(running.journal, running.alive)]
    assert isinstance(last, Failed)
    assert status == last.status == ExitStatus.BAD_INPUT
    assert running.log.stat().st_mode & 0o777 == 0o600


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

    running = start(a_request(), tmp_path)
    running.wait()

    assert "old" not in running.journal.read_text()
    with (tmp_path / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
