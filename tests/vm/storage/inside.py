"""The program that waits inside the live system, and the frames that it and this host exchange.

It is sent into the guest as this one file, so it imports the standard library only. Before the machine is frozen it has
imported what takes seconds there (blivet), and nothing of ours: every request runs in a child that imports our code
anew, from what the host has sent.

A frame is two lengths (32 bits, big endian), that many bytes of JSON, and that many bytes of anything.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import select
import shutil
import struct
import sys
import tarfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn, Protocol

NAME = "ashore.lab"
PORT = f"/dev/virtio-ports/{NAME}"
PLACE = Path("/run/lab")
SOURCES = PLACE / "source"
RESULT = PLACE / "result.json"
_HEAD = struct.Struct(">II")
# What our code imports of others and of Python itself. A module that is missing here only costs time.
_WARM = (
    *("blivet", "blivet.partitioning", "blivet.callbacks", "blivet.devices", "blivet.formats", "parted", "pyudev"),
    *("pykickstart.parser", "pykickstart.version", "pykickstart.handlers.f43", "cattrs", "requests", "gi"),
    *("asyncio", "concurrent.futures", "logging.handlers", "shlex", "uuid", "hashlib", "fcntl", "urllib.request"),
)
_QUIET = 0.3
"""Seconds without output after a program's end: what it left running may keep its output open."""


class Line(Protocol):
    """Bytes both ways. An empty read means that nobody is at the other end now."""

    def read(self, size: int) -> bytes: ...

    def write(self, data: bytes) -> None: ...


def send(line: Line, header: dict[str, Any], data: bytes = b"") -> None:
    text = json.dumps(header).encode()
    line.write(_HEAD.pack(len(text), len(data)) + text + data)


def receive(line: Line) -> tuple[dict[str, Any], bytes]:
    text, data = _HEAD.unpack(_exactly(line, _HEAD.size))
    header: dict[str, Any] = json.loads(_exactly(line, text))
    return header, _exactly(line, data)


def _exactly(line: Line, size: int) -> bytes:
    parts = []
    while size:
        part = line.read(min(size, 1 << 16))
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Port:
    """The guest's end of a virtio-serial port."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def read(self, size: int) -> bytes:
        while True:
            # No host, no bytes: it comes back when the frozen machine is started again.
            if data := os.read(self._file, size):
                return data
            time.sleep(0.02)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._file, data) :]


def main() -> NoReturn:
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    for name in _WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    line = Port(PORT)
    send(line, {"ready": True})
    while True:
        header, data = receive(line)
        match header["do"]:
            case "sources":
                time.clock_settime(time.CLOCK_REALTIME, header["time"])
                _unpack(data)
                send(line, {"status": 0})
            case "python":
                _run(line, header, data.decode())
            case other:
                raise ValueError(other)


def _unpack(data: bytes) -> None:
    if SOURCES.exists():
        shutil.rmtree(SOURCES)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(SOURCES, filter="data")


def _run(line: Line, header: dict[str, Any], code: str) -> None:
    """Run `code` in a child, hand its output on as it comes, then its exit status and its `result`."""
    RESULT.unlink(missing_ok=True)
    output, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _become(theirs, header, code)
    os.close(theirs)
    status = _follow(line, child, output)
    os.close(output)
    answer = {"status": os.waitstatus_to_exitcode(status)}
    send(line, answer, RESULT.read_bytes() if RESULT.exists() else b"")


def _follow(line: Line, child: int, output: int) -> int:
    """Hand on what comes until the child has ended; its wait status."""
    ended = os.pidfd_open(child)
    try:
        while select.select([output, ended], [], [])[0] != [ended]:
            data = os.read(output, 1 << 16)
            if not data:
                break
            send(line, {"output": True}, data)
        status = os.waitpid(child, 0)[1]
        while select.select([output], [], [], _QUIET)[0] and (data := os.read(output, 1 << 16)):
            send(line, {"output": True}, data)
        return status
    finally:
        os.close(ended)


def _become(output: int, header: dict[str, Any], code: str) -> NoReturn:
    """In the child: run the code and end."""
    status = 1
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        sys.path[:0] = paths = [str(SOURCES / name) for name in header["paths"]]
        os.environ["PYTHONPATH"] = ":".join(paths)
        os.chdir(SOURCES)
        names: dict[str, Any] = {"__name__": "__main__", "arguments": header["arguments"], "result": None}
        status = _execute(code, header["name"], names)
        RESULT.write_text(json.dumps(names["result"]))
    except BaseException:  # noqa: BLE001 (a child must never go on as its parent)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _execute(code: str, name: str, names: dict[str, Any]) -> int:
    try:
        exec(compile(code, name, "exec"), names)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
