"""Runs a virtual machine for a test: QEMU with its serial ports, its monitor and its end in our hands."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ashore_isogen.cache import Cache
from ashore_isogen.qemu.probe import accelerator
from ashore_isogen.qemu.spec import TRANSLATED_CPUS, Accelerator, Machine, Socket, argv
from tests.vm.console import Console
from tests.vm.guest import Guest
from tests.vm.monitor import Monitor, MonitorError

TRANSLATED = 6.0
"""How much longer a translated machine may take than a real one, on a host that is busy with another."""

_START = 60


class NotStarted(AssertionError):
    """QEMU refused the machine; the message is its own."""


class Vm:
    """A running machine; leaving the `with` block kills it. Its logs are in `logs`: serial0.log and qemu.log.

    A time-out is written for a machine with KVM and multiplied by `patience`. `extra` are more words for QEMU.
    """

    def __init__(
        self, machine: Machine, logs: Path, *, ports: int = 1, listener: Callable[[str], None] | None = None,
        extra: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.logs = logs
        self.accelerator = accelerator(Cache.of_user().top)
        self.machine = machine if self.accelerator is Accelerator.KVM else replace(machine, cpus=TRANSLATED_CPUS)
        self.patience = TRANSLATED if self.accelerator is Accelerator.TCG else 1.0
        self.consoles: tuple[Console, ...] = ()
        self._ports = ports
        self._listener = listener
        self._extra = extra
        self._stack = ExitStack()

    def __enter__(self) -> Vm:
        with ExitStack() as stack:
            # A unix socket's path has at most 107 characters (unix(7)), those of pytest's directories are longer.
            sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vm-")))
            self.logs.mkdir(parents=True, exist_ok=True)
            listeners = [_listen(stack, sockets / f"serial{port}") for port in range(self._ports)]
            monitor = _listen(stack, sockets / "monitor")
            serial = tuple(Socket(path=sockets / f"serial{port}") for port in range(self._ports))
            self._start(stack, replace(self.machine, serial=serial, monitor=sockets / "monitor"))
            self.consoles = tuple(self._console(stack, listener, port) for port, listener in enumerate(listeners))
            self.monitor = self._monitor(stack, monitor)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def console(self) -> Console:
        """The first serial port."""
        return self.consoles[0]

    def guest(self, port: int = 0) -> Guest:
        """The system at a serial port."""
        return Guest(self.consoles[port], self.patience)

    def wait(self, seconds: float) -> int:
        """Wait until the machine powers off, reading what it says meanwhile; QEMU's exit status."""
        deadline = time.monotonic() + seconds * self.patience
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"The machine is still on after {seconds:.0f} s:\n{self.console.tail()}")
            self.console.drain()
        return self.process.wait()

    def power_on(self) -> None:
        """Start again a machine that is off; its disks and its firmware's memory are as it left them."""
        self._stack.close()
        self.__enter__()

    def _start(self, stack: ExitStack, machine: Machine) -> None:
        output = stack.enter_context((self.logs / "qemu.log").open("ab"))
        # Whatever ends the tests, even a signal that nobody can catch, ends the machine.
        leash = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
        self.process = subprocess.Popen(
            (*leash, *argv(machine, self.accelerator), *self._extra),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        stack.callback(self._kill)

    def _kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _console(self, stack: ExitStack, listener: socket.socket, port: int) -> Console:
        line = stack.enter_context(self._accept(listener))
        console = Console(line.fileno(), self.logs / f"serial{port}.log", self._listener if port == 0 else None)
        stack.callback(console.close)
        return console

    def _monitor(self, stack: ExitStack, listener: socket.socket) -> Monitor:
        try:
            return Monitor(stack.enter_context(self._accept(listener)))
        except (MonitorError, OSError) as error:  # QEMU connects before it looks at its disks
            raise self._not_started() from error

    def _accept(self, listener: socket.socket) -> socket.socket:
        """QEMU's connection. Raises NotStarted when it ends instead."""
        for _ in range(_START):
            try:
                return listener.accept()[0]
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        raise self._not_started()

    def _not_started(self) -> NotStarted:
        return NotStarted(f"QEMU did not start:\n{(self.logs / 'qemu.log').read_text()}")


def _listen(stack: ExitStack, path: Path) -> socket.socket:
    listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    listener.bind(str(path))
    listener.listen(1)
    listener.settimeout(1)
    return listener
