"""The one way to run a program.

A non-zero status always raises, with the last lines of stderr and an argv that can be pasted into a shell. Secrets
go through `stdin`, never through argv.
"""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from ashore_installer.errors import InstallerError

log = logging.getLogger(__name__)

STDERR_LINES = 12
ENDING = 2.0
"""Seconds that a program gets to end by itself after its output was cut off."""
# libostree and skopeo write debugging text into their output with these, and tools translate what we parse.
_CLEAN = {"LC_ALL": "C.UTF-8", "G_MESSAGES_DEBUG": ""}


class CommandFailed(InstallerError):
    """A program did not end well. `returncode` is its exit status, negative for a signal, 127 when it was not found.

    `stdout` is what it had said by then, for programs that fail for a part of what they were asked for.
    """

    def __init__(self, argv: Sequence[str], returncode: int, stderr: str, hint: str = "", *, stdout: str = "") -> None:
        self.argv = tuple(argv)
        self.returncode = returncode
        self.stderr = stderr
        self.stdout = stdout
        tail = "\n".join(stderr.strip().splitlines()[-STDERR_LINES:])
        message = f"{_how_it_ended(argv[0], returncode)}\n  command: {shlex.join(argv)}"
        super().__init__(f"{message}\n{tail}" if tail else message, hint)


class Runner(Protocol):
    """What steps need of a command runner; `Commands` is the real one, tests have a recording fake."""

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str: ...  # fmt: skip

    def follow(
        self, argv: Sequence[str | os.PathLike[str]], on_line: Callable[[str], None], *,
        env: Mapping[str, str] | None = None,
    ) -> None: ...  # fmt: skip


class Commands:
    """Runs programs on this machine."""

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Run `argv` to its end and give its stdout as text (undecodable bytes survive as surrogates).

        `env` is added to the environment. Raises CommandFailed.
        """
        words = [os.fspath(word) for word in argv]
        log.info("run: %s", shlex.join(words))
        if shutil.which(words[0]) is None:
            raise CommandFailed(words, 127, "", f"Install the program {words[0]} and try again.")
        environment = {**os.environ, **_CLEAN, **(env or {})}
        done = subprocess.run(words, cwd=cwd, env=environment, input=stdin or b"", capture_output=True, check=False)
        stderr = done.stderr.decode(errors="replace")
        if stderr.strip():
            log.debug("stderr of %s: %s", words[0], stderr.strip())
        stdout = done.stdout.decode(errors="surrogateescape")
        if done.returncode != 0:
            said = stderr or done.stdout.decode(errors="replace")
            raise CommandFailed(words, done.returncode, said, stdout=stdout)
        return stdout

    def follow(
        self, argv: Sequence[str | os.PathLike[str]], on_line: Callable[[str], None], *,
        env: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Run `argv` to its end and give each line of its stdout and stderr, as it comes, to `on_line`.

        For programs that take minutes. Raises CommandFailed with the last lines.
        """
        words = [os.fspath(word) for word in argv]
        log.info("follow: %s", shlex.join(words))
        if shutil.which(words[0]) is None:
            raise CommandFailed(words, 127, "", f"Install the program {words[0]} and try again.")
        last: deque[str] = deque(maxlen=STDERR_LINES)
        with subprocess.Popen(
            words, env={**os.environ, **_CLEAN, **(env or {})}, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            for line in process.stdout or ():
                last.append(line)
                on_line(line.rstrip("\n"))
        if process.returncode != 0:
            raise CommandFailed(words, process.returncode, "".join(last))

    @contextmanager
    def piped(
        self, argv: Sequence[str | os.PathLike[str]], on_line: Callable[[str], None], *,
        env: Mapping[str, str] | None = None,
    ) -> Iterator[IO[bytes]]:  # fmt: skip
        """Run `argv` while the block reads its stdout; each line of stderr goes to `on_line`, from another thread.

        A block that raises ends the program. Raises CommandFailed when the program did not end well by itself, also
        in place of what the block made of the cut-off stream.
        """
        words = [os.fspath(word) for word in argv]
        log.info("pipe: %s", shlex.join(words))
        if shutil.which(words[0]) is None:
            raise CommandFailed(words, 127, "", f"Install the program {words[0]} and try again.")
        last: deque[str] = deque(maxlen=STDERR_LINES)
        process = subprocess.Popen(
            words, env={**os.environ, **_CLEAN, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        listener = threading.Thread(target=_listen, args=(process.stderr, last, on_line), daemon=True)
        listener.start()
        try:
            yield process.stdout
            process.stdout.read()  # what a reader leaves behind the end of its data
            process.wait()
        except BaseException as error:
            if _ended_by_itself(process) == 0:
                raise
            listener.join()
            raise CommandFailed(words, process.returncode, "".join(last)) from error
        finally:
            process.stdout.close()
        listener.join()
        if process.returncode != 0:
            raise CommandFailed(words, process.returncode, "".join(last))


def _ended_by_itself(process: subprocess.Popen[bytes]) -> int:
    """The exit status of a program that has ended or just ends. One that goes on is ended, and that counts as 0."""
    try:
        return process.wait(timeout=ENDING)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return 0


def _listen(stderr: IO[bytes], last: deque[str], on_line: Callable[[str], None]) -> None:
    with stderr:
        for raw in stderr:
            line = raw.decode(errors="replace")
            last.append(line)
            on_line(line.rstrip("\n"))


def _how_it_ended(program: str, returncode: int) -> str:
    if returncode == 127:
        return f"{program} was not found."
    if returncode < 0:
        return f"{program} was killed by {signal.Signals(-returncode).name}."
    return f"{program} failed with exit status {returncode}."
