"""A guest that starts again is told from one that powers off."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from ashore_installer.units import MiB
from ashore_isogen.qemu.restart import EndWatch
from ashore_isogen.qemu.spec import BINARY, Accelerator, Disk, Machine, argv


def say(path: Path, *messages: object) -> str:
    """Be QEMU: connect, greet, say the messages, end. Gives what was asked of us."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(str(path))
        line.sendall(b'{"QMP": {}}\n')
        asked = line.recv(1000).decode()
        for message in messages:
            line.sendall(json.dumps(message).encode() + b"\n")
        return asked


def shutdown(reason: str) -> object:
    return {"event": "SHUTDOWN", "data": {"guest": True, "reason": reason}}


@pytest.mark.parametrize(
    ("reason", "again"), [("guest-reset", True), ("guest-shutdown", False), ("host-signal", False)]
)
def test_the_reason_of_the_end_decides(tmp_path: Path, reason: str, again: bool) -> None:
    with EndWatch(tmp_path / "monitor") as watch:
        asked = say(tmp_path / "monitor", {"return": {}}, {"event": "RESUME"}, shutdown(reason))
    assert "qmp_capabilities" in asked
    assert watch.restarted is again


def test_a_qemu_that_never_came_did_not_restart(tmp_path: Path) -> None:
    with EndWatch(tmp_path / "monitor") as watch:
        pass
    assert not watch.restarted


@pytest.mark.needs(BINARY)
def test_a_real_reset_is_seen(tmp_path: Path) -> None:
    disk = tmp_path / "disk.raw"
    # mov $0xfe,%al; out %al,$0x64: the keyboard controller pulls the reset line; hlt; jmp back.
    disk.write_bytes(bytes.fromhex("b0fe e664 f4 ebfd").ljust(510, b"\0") + b"\x55\xaa" + bytes(MiB))
    monitor = tmp_path / "monitor"
    machine = Machine(disks=(Disk(path=disk, boot=1),), monitor=monitor, reboot=False)
    with EndWatch(monitor) as watch:
        done = subprocess.run(argv(machine, Accelerator.TCG), stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert (done.returncode, watch.restarted) == (0, True)
