"""The engine is a process of its own: `python -m ashore_installer.engine`.

It reads one request from stdin (so that no secret is in argv or in a file), carries the plan out, and writes every
event to the journal. Faces follow the journal; one may die and the installation goes on.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ashore_installer import codec
from ashore_installer.check import check
from ashore_installer.configure.records import save_failure_log
from ashore_installer.context import Context
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.events import Failed
from ashore_installer.executor import execute
from ashore_installer.facts import Facts
from ashore_installer.journal import Journal
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import InstallPlan
from ashore_installer.run import Commands
from ashore_installer.steps import steps_for

log = logging.getLogger(__name__)

STATE = Path("/run/ashore")
JOURNAL = "journal.jsonl"
LOG = "ashore.log"
LOCK = "lock"
PID = "pid"
SYSTEMD = Path("/run/systemd/system")
"""There when systemd runs the system (sd_booted(3))."""
_LOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that the engine needs; travels through a pipe with its secrets."""

    plan: InstallPlan
    machine: MachineInfo
    payload: Facts
    kickstart: str


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """A running engine, seen from a face."""

    journal: Path
    log: Path
    process: subprocess.Popen[bytes]

    def alive(self) -> bool:
        return self.process.poll() is None

    def cancel(self) -> None:
        """Ask it to stop; it does unless the first write has begun."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        return self.process.wait()


def start(request: Request, state: Path = STATE) -> EngineProcess:
    """Start the engine with its journal and log in the directory `state` (made if needed, mode 0700).

    Raises BadInput when an installation is running, whose journal then stays as it is.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = state / JOURNAL
    with _lock(state) as lock:
        journal.unlink(missing_ok=True)
        (state / PID).unlink(missing_ok=True)
        journal.touch(mode=0o600)
        with Path(_private(state / LOG)).open("ab") as log_file:
            process = subprocess.Popen(
                [*_apart(), sys.executable, "-m", "ashore_installer.engine", os.fspath(state), str(lock)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log_file,  # libraries write there, and a face's terminal is the face's
                start_new_session=True,  # so is ^C on it
                pass_fds=(lock,),
            )
    if process.stdin is None:
        raise RuntimeError("the engine has no stdin")
    with suppress(BrokenPipeError), process.stdin as pipe:  # whether it lives is asked of the process
        pipe.write(codec.to_json(request, reveal_secrets=True).encode())
    return EngineProcess(journal=journal, log=state / LOG, process=process)


def _apart() -> tuple[str, ...]:
    """Words before a command that give it a unit of its own, where systemd runs the system and we may ask it.

    Else it would belong to the unit or the session of the face, and be killed with it (systemd.kill(5)).
    """
    if os.geteuid() != 0 or not SYSTEMD.is_dir() or shutil.which("systemd-run") is None:
        return ()
    # Faces draw on every console meanwhile; on a slow machine that must not be what the time goes into.
    share = "--property=CPUWeight=1000"
    return ("systemd-run", "--scope", "--quiet", "--collect", share, "--description=Ashore installs")


def tell_pid(state: Path) -> None:
    """Say who to ask for an end; to be called by who holds the lock."""
    Path(_private(state / PID)).write_text(f"{os.getpid()}\n", encoding="ascii")


def running(state: Path = STATE) -> bool:
    """Whether an engine holds the lock of `state`."""
    try:
        with (state / LOCK).open() as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def cancel(state: Path = STATE) -> None:
    """Ask the engine of `state` to stop, as who started it can: it does unless the first write has begun.

    Nothing happens when none runs. Raises BadInput when only somebody else may ask it.
    """
    with suppress(OSError, ValueError):  # no number, a wrong one, or that of nobody
        process = os.pidfd_open(int((state / PID).read_text(encoding="ascii")))
        try:
            # While the lock is held the number is the engine's, and not that of a process which came later.
            if running(state):
                signal.pidfd_send_signal(process, signal.SIGTERM)
        except PermissionError as error:
            raise BadInput("Only root can stop the installation.", "Try `sudo ashore`.") from error
        finally:
            os.close(process)


def main(arguments: list[str], text: str) -> ExitStatus:
    """Carry out the request in `text`; `arguments` are the state directory and the descriptor of the lock, held."""
    state, lock = Path(arguments[0]), int(arguments[1])
    os.set_inheritable(lock, False)  # programs that outlive the engine must not hold it
    tell_pid(state)
    journal = Journal(state / JOURNAL)
    logging.basicConfig(
        filename=_private(state / LOG), level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        return _carry_out(codec.from_json(text, Request, "The engine's request"), journal, state / LOG)
    except InstallerError as error:
        log.error("%s", error)
        failed = Failed(step="", message=error.message, hint=error.hint, log=str(state / LOG), status=error.status)
        journal(failed)
        return error.status


def _carry_out(request: Request, journal: Journal, log_file: Path) -> ExitStatus:
    problems = check(request.plan, request.machine, request.payload)
    if problems:
        raise BadInput("\n".join(problem.message for problem in problems), problems[0].hint)
    context = Context(
        plan=request.plan,
        machine=request.machine,
        payload=request.payload,
        run=Commands(),
        listener=journal,
        log_file=log_file,
        cancelled=_cancel_on_signals(),
        on_failure=save_failure_log,
    )
    return execute(steps_for(request.plan, kickstart=request.kickstart), context)


class _Flag:
    """Whether somebody asked for an end."""

    def __init__(self) -> None:
        self._raised = False

    def __call__(self) -> bool:
        return self._raised

    def raise_it(self, _signal: int, _frame: FrameType | None) -> None:
        self._raised = True


def _cancel_on_signals() -> _Flag:
    flag = _Flag()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, flag.raise_it)
    return flag


def _private(path: Path) -> str:
    path.touch(mode=0o600)
    return os.fspath(path)


@contextmanager
def _lock(state: Path) -> Iterator[int]:
    """One installation at a time: a descriptor with the lock, which whoever inherits it holds to its end (flock(2)).

    Who only wants to know whether it is held takes it for a moment, so it is tried for a second.
    """
    with (state / LOCK).open("w") as stream:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise BadInput("Another installation is running.", "Wait for its end.") from error
                time.sleep(0.05)
        yield stream.fileno()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.read()))
