"""An installed system in a virtual machine: its disk, its firmware's memory, and root at its console."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.units import GiB
from ashore_isogen.qemu.firmware import flash_for
from ashore_isogen.qemu.spec import Bus, Disk, Firmware, Flash, Forward, Machine, Medium
from tests.vm.cases import ROOT_PASSWORD, Case
from tests.vm.driver import Vm
from tests.vm.guest import Guest

BOOT = 120
"""Seconds to the login prompt of a machine with KVM, the end of the boot before it included, generously."""
INSTALLATION = 240
ASKED = r"Please enter (passphrase|recovery key|LUKS2 token PIN)[^\n]*:"
"""What systemd asks on the console before it opens a disk (systemd-cryptsetup)."""
TARGET_SIZE = 12 * GiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What stays when the machine is off: the target disk and the UEFI variables."""

    bus: Bus
    disk: Path
    flash: Flash | None

    def machine(self, *, disks: tuple[Disk, ...] = (), medium: Medium | None = None, ssh: int = 0) -> Machine:
        target = Disk(path=self.disk, bus=self.bus, serial="target", boot=1, scratch=True)
        return Machine(
            flash=self.flash,
            disks=(target, *disks),
            medium=medium,
            forwards=(Forward(host=ssh, guest=22),) if ssh else (),
            reboot=False,
        )


def new_hardware(firmware: Firmware, bus: Bus, directory: Path) -> Hardware:
    """A machine with an empty disk. The disk's file is sparse."""
    disk = directory / "target.raw"
    with disk.open("xb") as file:
        file.truncate(TARGET_SIZE)
    return Hardware(bus=bus, disk=disk, flash=flash_for(firmware, directory))


def install(hardware: Hardware, iso: Path, logs: Path, listener: Callable[[str], None] | None = None) -> None:
    """Boot the ISO and let it install without a touch until the machine is off."""
    machine = hardware.machine(medium=Medium(path=iso, boot=2))
    with Vm(machine, logs, listener=listener) as vm:
        end = vm.console.expect(
            r"^ashore: installation finished \(status (\d+)\)$", (BOOT + INSTALLATION) * vm.patience
        )
        if end[1] != "0":
            raise AssertionError(f"The installation failed. The last lines were:\n{vm.console.tail()}")
        vm.wait(BOOT)


class System:
    """The installed system, booted from its disk alone, with root logged in on the first serial port."""

    def __init__(self, vm: Vm, case: Case, ssh_port: int) -> None:
        self.vm = vm
        self.case = case
        self.ssh_port = ssh_port
        self.guest = vm.guest()

    def login(self) -> Guest:
        """Wait for the login prompt of a boot, past that of an encrypted disk, and log in."""
        if self.case.passphrase:
            self.vm.console.expect(ASKED, BOOT * self.vm.patience)
            self.vm.console.send(f"{self.case.passphrase}\n")
        self.guest = self.vm.guest()
        self.guest.login("root", ROOT_PASSWORD, BOOT)
        return self.guest

    def reboot(self) -> Guest:
        """Restart it. The machine is made with `reboot=False`, so QEMU ends there, and is started anew.

        Within one QEMU, memory that held translated code before is so slow to write that GRUB takes minutes.
        """
        self.guest.leave("systemctl reboot")
        self.vm.wait(BOOT)
        self.vm.power_on()
        return self.login()

    def out(self, script: str, seconds: float = 30) -> str:
        return self.guest.out(script, seconds)

    def ssh(self, user: str, key: Path, command: str) -> str:
        """Stdout of `command`, run over a real SSH connection with nothing but this key."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        options += ["IdentitiesOnly=yes", "ConnectTimeout=60"]
        words = ["ssh", "-i", str(key), "-p", str(self.ssh_port)]
        for option in options:
            words += ["-o", option]
        done = subprocess.run(
            [*words, f"{user}@127.0.0.1", command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def free_port() -> int:
    """A TCP port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def ssh_key(directory: Path) -> Path:
    """A new private key; its public half is beside it."""
    key = directory / "key"
    assert shutil.which("ssh-keygen"), "openssh-client is not installed"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", key], check=True)
    return key
