"""This host's end of the line to the program inside the guest (`inside.py`)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_isogen.cache import Cache, digest_of, files_of
from ashore_isogen.ours import templates_directory
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_root
from ashore_isogen.runtime_root import DISTRIBUTION, root_digest
from ashore_isogen.sandbox import Bind, Sandbox
from tests.__main__ import CHECKOUT, SOURCES
from tests.vm.storage.inside import receive, send

_TESTS = ("tests/__init__.py", "tests/vm/__init__.py", "tests/vm/storage", "tests/kickstarts", "tests/fakes")
"""What of the tests is sent along."""
_ARCHIVE = "sources.tar.gz"
PATHS = (*SOURCES, ".")
"""Where Python looks for modules in the guest, from the top of the checkout."""


class Hung(AssertionError):
    """The guest did not answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a program: its exit status, what it wrote (both outputs), and the value of its `result`."""

    status: int
    output: str
    result: Any


class Guestline:
    """The line, on a connected socket that the caller closes. Time-outs in seconds of this host."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = 0.0

    def read(self, size: int) -> bytes:
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        try:
            data = self._connection.recv(size)
        except TimeoutError:
            raise Hung("The guest did not answer in time.") from None
        if not data:
            raise Hung("QEMU ended.")
        return data

    def write(self, data: bytes) -> None:
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        try:
            self._connection.sendall(data)
        except TimeoutError:
            raise Hung("The guest did not take what was sent.") from None

    def wait_ready(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        assert receive(self)[0]["ready"]

    def send_sources(self, seconds: float) -> None:
        """The guest's copy of this checkout becomes what it is now, and its clock ours."""
        self._deadline = time.monotonic() + seconds
        send(self, {"do": "sources", "time": time.time(), "paths": PATHS}, archive())
        receive(self)

    def python(self, code: str, name: str, arguments: Any, seconds: float, echo: Callable[[str], None]) -> Answer:
        """Run a program for Python in a process that nobody used before. Raises Hung after `seconds`."""
        self._deadline = time.monotonic() + seconds
        send(self, {"do": "python", "name": name, "arguments": arguments}, code.encode())
        return self._answer(echo)

    def shell(self, script: str, seconds: float, echo: Callable[[str], None]) -> Answer:
        """Run a script for bash. Raises Hung after `seconds`."""
        self._deadline = time.monotonic() + seconds
        send(self, {"do": "shell"}, script.encode())
        return self._answer(echo)

    def _answer(self, echo: Callable[[str], None]) -> Answer:
        said: list[str] = []
        while True:
            header, data = receive(self)
            if "status" in header:
                result = json.loads(data) if data else None
                return Answer(status=header["status"], output="".join(said), result=result)
            said.append(data.decode(errors="replace"))
            echo(said[-1])


def archive(checkout: Path = CHECKOUT) -> bytes:
    """Our sources as a tar archive, compiled: a translated machine needs a minute for that."""
    files = tuple(_sent(checkout))
    parts = [part for path in files for part in (path.relative_to(checkout).as_posix().encode(), path.read_bytes())]

    def make(entry: Path) -> None:
        for path in files:
            copy = entry / path.relative_to(checkout)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        # The digest of the source decides, not its time; nobody looks at it again.
        words = ["python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(entry)]
        Sandbox(root=ensure_root(Quiet()), binds=(Bind(source=entry, target=str(entry)),)).run(words)
        with tarfile.open(entry / _ARCHIVE, "w:gz", compresslevel=1) as archive:
            for path in sorted(entry.iterdir()):
                if path.name != _ARCHIVE:
                    archive.add(path, path.name)

    digest = digest_of([b"sources 1", root_digest(templates_directory(DISTRIBUTION)).encode(), *parts])
    return (Cache.of_user().make("lab-sources", digest, make, lambda _: None) / _ARCHIVE).read_bytes()


def _sent(checkout: Path) -> Iterator[Path]:
    for name in (*SOURCES, *_TESTS):
        path = checkout / name
        yield from files_of(path) if path.is_dir() else (path,)


def listen(path: Path) -> socket.socket:
    """A unix socket that waits for QEMU."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(os.fspath(path))
    listener.listen(1)
    listener.settimeout(60)
    return listener
