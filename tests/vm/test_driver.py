"""The driver itself, against a shell on a pseudo terminal: no virtual machine is needed to prove what it reads."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_installer.units import MiB
from ashore_isogen.qemu.firmware import flash_for
from ashore_isogen.qemu.spec import BINARY, Bus, Disk, Firmware, Machine, Medium
from tests.vm.console import Console, LineClosed, NotSeen
from tests.vm.driver import NotStarted, Vm
from tests.vm.guest import Guest, GuestFailed

NOISE = "\033]3008;start=1;type=shell\033\\\033[1;31m"
"""What systemd and bash add for terminals that understand it."""


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A line with a plain interactive bash at its other end."""
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "--norc", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, start_new_session=True
    )
    os.close(theirs)
    console = Console(ours, tmp_path / "serial.log")
    try:
        yield console
    finally:
        shell.kill()
        shell.wait()
        console.close()
        os.close(ours)


@pytest.fixture
def guest(console: Console, tmp_path: Path) -> Guest:
    guest = Guest(console, directory=str(tmp_path))
    guest.attach()
    return guest


def test_text_is_waited_for_across_escape_sequences(console: Console) -> None:
    console.send(f"printf '{NOISE}wel'; sleep 0.2; printf '\\033[0mcome home\\n'\n")
    assert console.expect(r"^.*welcome (\w+)$", 10)[1] == "home"


def test_an_escape_sequence_may_come_in_pieces(console: Console) -> None:
    console.send("printf 'a\\033]3008;x'; sleep 0.2; printf 'y\\007b\\n'\n")
    console.expect("^.*ab$", 10)


def test_lines_that_are_written_over_are_lines(console: Console) -> None:
    console.send("printf 'one\\rtwo\\r'; sleep 0.2; printf '\\nthree\\n'\n")
    console.expect("^one\ntwo\nthree$", 10)


def test_text_that_does_not_come_is_reported_with_the_last_lines(console: Console) -> None:
    console.send("echo something e''lse\n")
    with pytest.raises(NotSeen, match=r"(?s)'login:' was not seen in 1 s.*something else"):
        console.expect("login:", 1)


def test_a_line_that_is_closed_ends_the_wait(console: Console) -> None:
    console.send("exit\n")
    with pytest.raises(LineClosed):
        console.expect("login:", 60)


def test_everything_is_kept_as_it_came(console: Console, tmp_path: Path) -> None:
    console.send("printf '\\033[1mx\\033[0m\\n'; echo o''k\n")
    console.expect("^ok$", 10)
    assert b"\x1b[1mx\x1b[0m" in (tmp_path / "serial.log").read_bytes()


def test_a_script_gives_its_status_and_both_outputs(guest: Guest) -> None:
    result = guest.run("echo out; echo err >&2; printf '<1:end:0:0:0>'; exit 3")
    assert (result.status, result.stdout, result.stderr) == (3, "out\n<1:end:0:0:0>", "err\n")


def test_a_script_may_be_longer_than_a_terminal_line(guest: Guest) -> None:
    text = "äöü" * 3000
    assert guest.out(f"cat <<'END'\n{text}\nEND") == text


def test_long_output_comes_whole(guest: Guest) -> None:
    assert len(guest.out("head -c 300000 /dev/zero | tr '\\0' x")) == 300_000


def test_output_that_the_kernel_wrote_into_is_asked_for_again(guest: Guest, tmp_path: Path) -> None:
    # Only the first answer is disturbed, as by a message of the kernel.
    message = "[ $# -gt 0 ] || [ -e once ] || { echo '[ 1.0] usb 1-1: new device'; : >once; }"
    guest.console.send(f'base64() {{ command base64 "$@"; {message}; }}\n')
    guest.console.send(f"cd {tmp_path}\n")
    assert guest.out("echo fine") == "fine"
    assert (tmp_path / "once").exists()


def test_a_failed_script_says_what_it_was(guest: Guest) -> None:
    with pytest.raises(GuestFailed, match=r"(?s)Status 7 of: exit 7"):
        guest.out("exit 7")


def test_a_file_can_be_made(guest: Guest, tmp_path: Path) -> None:
    guest.write(f"{tmp_path}/a b", "text\n")
    assert guest.out(f"cat '{tmp_path}/a b'") == "text"
    assert (tmp_path / "a b").read_text() == "text\n"


def a_file(path: Path) -> Path:
    """An empty image with a name that QEMU's options could misread."""
    with path.open("xb") as file:
        file.truncate(64 * MiB)
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return a_file(tmp_path / "a disk, empty.raw")


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    return a_file(tmp_path / "a medium, empty.iso")


@pytest.mark.needs(BINARY)
@pytest.mark.parametrize("bus", Bus)
def test_qemu_takes_a_machine_with_a_disk_on_any_bus(disk: Path, medium: Path, tmp_path: Path, bus: Bus) -> None:
    machine = Machine(disks=(Disk(path=disk, bus=bus, serial="S1", boot=1),), medium=Medium(path=medium, usb=True))
    with Vm(machine, tmp_path / "logs", ports=2) as vm:
        blocks = [block.get("inserted", {}) for block in vm.monitor.execute("query-block")]
        assert [block["image"]["filename"] for block in blocks if block.get("node-name") == "disk0"] == [str(disk)]
        vm.monitor.execute("quit")
        assert vm.wait(5) == 0


@pytest.mark.needs(BINARY)
@pytest.mark.parametrize("firmware", [Firmware.UEFI, Firmware.SECURE])
def test_uefi_firmware_starts_and_finds_nothing_to_boot(
    disk: Path, medium: Path, tmp_path: Path, firmware: Firmware
) -> None:
    flash = flash_for(firmware, tmp_path)
    machine = Machine(flash=flash, disks=(Disk(path=disk, boot=1),), medium=Medium(path=medium, boot=2))
    with Vm(machine, tmp_path / "logs") as vm:
        vm.console.expect(r"BdsDxe: failed to load Boot0|BdsDxe: No bootable option", 30 * vm.patience)
        vm.monitor.screenshot(tmp_path / "screen.png")
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    assert vm.process.returncode is not None


@pytest.mark.needs(BINARY)
def test_a_machine_that_qemu_refuses_says_why(tmp_path: Path) -> None:
    vm = Vm(Machine(disks=(Disk(path=tmp_path / "missing.raw"),)), tmp_path / "logs")
    with pytest.raises(NotStarted, match=r"missing\.raw"), vm:
        pass
