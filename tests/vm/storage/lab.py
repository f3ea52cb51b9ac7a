"""A live system with disks, a second after it was asked for: thawed, not booted."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ashore_installer.units import MiB
from ashore_isogen.qemu.spec import Firmware
from ashore_isogen.report import Quiet, Report
from tests.vm.driver import Vm
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.line import Answer, Guestline, Hung, listen
from tests.vm.storage.machine import STATE, devices, frozen_machine
from tests.vm.storage.plug import block_node
from tests.vm.storage.plug import devices as disk_devices
from tests.vm.storage.snapshot import snapshot

THAW = 60
PLUG = 30
PROGRAM = 120
"""Seconds for a program inside, with KVM."""

_SEEN = r"""
for i in $(seq 400); do
  rows=$(lsblk -dnro SERIAL,NAME)
  for name in {names}; do grep -q "^$name " <<<"$rows" || {{ sleep 0.1; continue 2; }}; done
  break
done
udevadm settle
echo "$rows"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """A disk of a running machine. `name` is its serial number, `node` the kernel's name for it."""

    name: str
    spec: DiskSpec
    image: Path
    node: str = ""

    def edges(self) -> tuple[bytes, bytes]:
        """Its first and its last MiB, as this host sees them."""
        with self.image.open("rb") as file:
            first = file.read(MiB)
            file.seek(-MiB, os.SEEK_END)
            return first, file.read(MiB)


class Lab:
    """A machine with `disks`; leaving the `with` block kills it, and their images are gone.

    Serial numbers are disk1, disk2, …; a virtio disk so is /dev/disk/by-id/virtio-disk1. `preserve` keeps the images
    in a directory. The checkout's sources are in the guest, on the path of every program.
    """

    def __init__(
        self, disks: Sequence[DiskSpec] = (), *, firmware: Firmware = Firmware.BIOS, report: Report | None = None,
        logs: Path | None = None,
    ) -> None:  # fmt: skip
        self._wanted = tuple(disks)
        self._firmware = firmware
        self._report = report or Quiet()
        self._logs = logs
        self._stack = ExitStack()
        self.disks: tuple[Plugged, ...] = ()

    def __enter__(self) -> Lab:
        with ExitStack() as stack:
            entry = stack.enter_context(snapshot(self._firmware, self._report))
            # Images may grow; /tmp may be in memory.
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-", dir="/var/tmp"))
            self._directory = Path(place)
            self._thaw(stack, entry)
            self._line.send_sources(THAW * self._vm.patience)
            for spec in self._wanted:
                self.plug(spec)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def disk(self, name: str) -> Plugged:
        return next(disk for disk in self.disks if disk.name == name)

    def plug(self, spec: DiskSpec) -> Plugged:
        """One more disk. The guest has seen it before the next one comes, so its names have the order of the disks."""
        self._plug(len(self.disks), spec)
        self._name()
        return self.disks[-1]

    def unplug(self, name: str) -> None:
        """Pull a disk out. The guest forgets it within moments."""
        self._vm.monitor.execute("device_del", id=name)
        self.shell(f"for i in $(seq 300); do lsblk -dno SERIAL | grep -qx {name} || exit 0; sleep 0.1; done; exit 1")

    def shell(self, script: str, seconds: float = PROGRAM, echo: Callable[[str], None] = lambda _: None) -> Answer:
        """Run a script for bash."""
        return self._line.shell(script, seconds * self._vm.patience, echo)

    def out(self, script: str, seconds: float = PROGRAM) -> str:
        """What a script for bash says, without the last newline. Raises AssertionError if it fails."""
        answer = self.shell(f"set -e\n{script}", seconds)
        if answer.status != 0:
            raise AssertionError(f"Status {answer.status} of: {script}\n{answer.output}")
        return answer.output.removesuffix("\n")

    def python(
        self, code: str, *, name: str = "program", arguments: Any = None, seconds: float = PROGRAM,
        echo: Callable[[str], None] = lambda _: None,
    ) -> Answer:  # fmt: skip
        """Run a program in a process in which blivet is imported already, and our code is that of the checkout.

        Every call has a process of its own; from the third on it must import blivet first. The program finds the JSON
        value `arguments` in the variable of that name, and may leave one in the variable `result`.
        """
        return self._line.python(code, name, arguments, seconds * self._vm.patience, echo)

    def _thaw(self, stack: ExitStack, entry: Path) -> None:
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
        listener = stack.enter_context(listen(sockets / "lab"))
        machine = frozen_machine(self._firmware, entry, self._directory)
        words = (*devices(entry, sockets / "lab"), "-incoming", f"exec:cat {shlex.quote(str(entry / STATE))}")
        vm = Vm(machine, self._logs or self._directory / "logs", extra=words)
        self._vm = stack.enter_context(vm)
        connection = stack.enter_context(listener.accept()[0])
        self._line = Guestline(connection)
        deadline = time.monotonic() + THAW * vm.patience
        while vm.monitor.execute("query-status")["status"] != "running":
            if time.monotonic() > deadline:
                raise Hung(f"The frozen machine did not start:\n{(vm.logs / 'qemu.log').read_text()}")
            if vm.monitor.execute("query-status")["status"] == "paused":
                vm.monitor.execute("cont")
            time.sleep(0.05)

    def _plug(self, number: int, spec: DiskSpec) -> None:
        name = f"disk{number + 1}"
        image = self._directory / f"{name}.raw"
        with image.open("xb") as file:
            file.truncate(spec.size)
        self._vm.monitor.command("blockdev-add", block_node(name, image, spec))
        for arguments in disk_devices(name, number, spec):
            self._vm.monitor.command("device_add", arguments)
        self.disks = (*self.disks, Plugged(name=name, spec=spec, image=image))

    def _name(self) -> None:
        """Wait until the guest has seen all disks."""
        names = [disk.name for disk in self.disks]
        rows = self.out(_SEEN.format(names=" ".join(names)), PLUG)
        seen = dict(row.split() for row in rows.splitlines() if " " in row.strip())
        if missing := [name for name in names if name not in seen]:
            raise Hung(f"The guest has not seen {', '.join(missing)}: {rows}")
        self.disks = tuple(
            Plugged(name=disk.name, spec=disk.spec, image=disk.image, node=seen[disk.name]) for disk in self.disks
        )
