"""The program that waits inside the live system, and the frames that it and this host exchange.

It is sent into the guest as this one file, so it imports the standard library only. Before the machine is frozen it has
started spare processes, which have imported what takes seconds there (blivet), and nothing of ours. Each program gets a
spare of its own, which imports our code from what the host has sent. (Forks of one process would not do: libblockdev
talks to D-Bus in a thread, and forks have none.)

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
import subprocess
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
    *("pykickstart.parser", "pykickstart.version", "pykickstart.factory", "requests", "gi"),
    *("cattrs", "cattrs.gen", "cattrs.strategies", "cattrs.v"),
    *("asyncio", "concurrent.futures", "logging.handlers", "shlex", "uuid", "hashlib", "fcntl", "urllib.request"),
)
_SPARES = 2
_READY = b"ready\n"
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


class Stream:
    """A pipe, as a line."""

    def __init__(self, number: int) -> None:
        self._number = number

    def read(self, size: int) -> bytes:
        data = os.read(self._number, size)
        if not data:
            raise EOFError("the other end is gone")
        return data

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._number, data) :]


def serve() -> NoReturn:
    """The program that waits."""
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    spares = [_spare() for _ in range(_SPARES)]
    for spare in spares:
        _wait_ready(spare)
    line = Port(PORT)
    send(line, {"ready": True})
    while True:
        header, data = receive(line)
        match header["do"]:
            case "sources":
                time.clock_settime(time.CLOCK_REALTIME, header["time"])
                _unpack(data)
                _set_path(header["paths"])
                send(line, {"status": 0})
            case "python":
                if not spares:
                    spares.append(_spare())
                    _wait_ready(spares[-1])
                _run_python(line, spares.pop(0), header, data)
            case "shell":
                words = ["bash", "-c", data.decode()]
                process = subprocess.Popen(
                    words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=SOURCES
                )  # fmt: skip
                send(line, {"status": _follow(line, process)})
            case other:
                raise ValueError(other)


def _spare() -> subprocess.Popen[bytes]:
    """A process that will run one program."""
    words = [sys.executable, __file__, "spare"]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _wait_ready(spare: subprocess.Popen[bytes]) -> None:
    said = b""
    assert spare.stdout is not None
    while not said.endswith(_READY):
        said += Stream(spare.stdout.fileno()).read(1 << 16)


def _unpack(data: bytes) -> None:
    if SOURCES.exists():
        shutil.rmtree(SOURCES)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(SOURCES, filter="data")


def _set_path(names: list[str]) -> None:
    os.environ["PYTHONPATH"] = ":".join(str(SOURCES / name) for name in names)


def _run_python(line: Line, spare: subprocess.Popen[bytes], header: dict[str, Any], code: bytes) -> None:
    """Have `code` run by a spare, hand its output on as it comes, then its exit status and its `result`."""
    RESULT.unlink(missing_ok=True)
    assert spare.stdin is not None
    header["path"] = os.environ["PYTHONPATH"]
    send(Stream(spare.stdin.fileno()), header, code)
    status = _follow(line, spare)
    send(line, {"status": status}, RESULT.read_bytes() if RESULT.exists() else b"")


def _follow(line: Line, process: subprocess.Popen[bytes]) -> int:
    """Hand on what comes until the process has ended; its exit status."""
    assert process.stdout is not None
    output = process.stdout.fileno()
    ended = os.pidfd_open(process.pid)
    try:
        while select.select([output, ended], [], [])[0] != [ended]:
            data = os.read(output, 1 << 16)
            if not data:
                break
            send(line, {"output": True}, data)
        status = process.wait()
        while select.select([output], [], [], _QUIET)[0] and (data := os.read(output, 1 << 16)):
            send(line, {"output": True}, data)
        return status
    finally:
        os.close(ended)
        process.stdout.close()


def spare() -> NoReturn:
    """Import what takes long, wait for a program, run it and end."""
    for name in _WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.stdout.flush()
    os.write(1, _READY)
    header, code = receive(Stream(0))
    status = 1
    try:
        os.environ["PYTHONPATH"] = header["path"]
        sys.path[:0] = header["path"].split(":")
        os.chdir(SOURCES)
        names: dict[str, Any] = {"__name__": "__main__", "arguments": header["arguments"], "result": None}
        status = _execute(code.decode(), header["name"], names)
        RESULT.write_text(json.dumps(names["result"]))
    except BaseException:  # noqa: BLE001 (whatever it was: it is told, and the status says it)
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
    if sys.argv[1:] == ["spare"]:
        spare()
    serve()
