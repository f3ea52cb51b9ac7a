"""A machine with several disks and a TPM, whose disks can be pulled out between two boots."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ashore_isogen.qemu.firmware import flash_for
from ashore_isogen.qemu.spec import Bus, Disk, Firmware, Flash, Machine, Medium
from tests.vm.cases import ROOT_PASSWORD
from tests.vm.driver import Vm
from tests.vm.guest import Guest
from tests.vm.system import ASKED, BOOT, INSTALLATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """What stays when the machine is off: disks, UEFI variables, the TPM's memory (a directory, or None)."""

    bus: Bus
    disks: tuple[Path, ...]
    flash: Flash | None
    tpm: Path | None

    def machine(self, *, medium: Medium | None = None, without: tuple[int, ...] = ()) -> Machine:
        """The machine; `without` are places of disks (from 0) that are pulled out."""
        disks = tuple(
            Disk(path=path, bus=self.bus, serial=f"disk{number + 1}", boot=number + 2, scratch=True)
            for number, path in enumerate(self.disks)
            if number not in without
        )
        return Machine(flash=self.flash, disks=disks, medium=medium, reboot=False)

    @contextmanager
    def on(
        self, logs: Path, *, medium: Medium | None = None, without: tuple[int, ...] = (), tpm: bool = True
    ) -> Iterator[Vm]:
        """Switch it on, with its TPM unless `tpm` is false."""
        with ExitStack() as stack:
            words = stack.enter_context(running_tpm(self.tpm)) if tpm and self.tpm else ()
            yield stack.enter_context(Vm(self.machine(medium=medium, without=without), logs, extra=words))

    def install(self, iso: Path, logs: Path) -> None:
        """Boot the ISO, whatever is on the disks, and let it install without a touch until the machine is off."""
        with self.on(logs, medium=Medium(path=iso, boot=1)) as vm:
            seconds = (BOOT + 2 * INSTALLATION) * vm.patience
            end = vm.console.expect(r"^ashore: installation finished \(status (\d+)\)$", seconds)
            if end[1] != "0":
                raise AssertionError(f"The installation failed. The last lines were:\n{vm.console.tail(40)}")
            vm.wait(BOOT)


def new_rig(firmware: Firmware, bus: Bus, sizes: tuple[int, ...], directory: Path, *, tpm: bool = False) -> Rig:
    """A machine with empty disks, whose files are sparse."""
    disks = []
    for number, size in enumerate(sizes):
        disks.append(directory / f"disk{number + 1}.raw")
        with disks[-1].open("xb") as file:
            file.truncate(size)
    memory = directory / "tpm" if tpm else None
    if memory:
        memory.mkdir()
    return Rig(bus=bus, disks=tuple(disks), flash=flash_for(firmware, directory), tpm=memory)


@contextmanager
def running_tpm(memory: Path) -> Iterator[tuple[str, ...]]:
    """A software TPM 2.0 with its memory in a directory, and QEMU's words for it (swtpm(8), QEMU specs/tpm)."""
    assert shutil.which("swtpm"), "swtpm is not installed"
    with tempfile.TemporaryDirectory(prefix="tpm-") as place:
        socket = Path(place, "socket")
        words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={memory}", "--ctrl", f"type=unixio,path={socket}"]
        process = subprocess.Popen([*words, "--terminate"], stdin=subprocess.DEVNULL)
        try:
            yield (
                *("-chardev", f"socket,id=tpm,path={socket}", "-tpmdev", "emulator,id=tpm0,chardev=tpm"),
                *("-device", "tpm-crb,tpmdev=tpm0"),
            )
        finally:
            process.terminate()
            process.wait()


def log_in(vm: Vm, passphrase: str = "") -> Guest:
    """Get to root's shell; with a passphrase, type it when the disk's is asked for.

    Without one, being asked is a failure.
    """
    seen = vm.console.expect(rf"{ASKED}|login: ?$", BOOT * vm.patience)[0]
    if passphrase:
        assert "login" not in seen, "The disk was opened without its passphrase."
        vm.console.send(f"{passphrase}\n")
        vm.console.expect(r"login: ?$", BOOT * vm.patience)
    else:
        assert "login" in seen, f"The system asks: {seen}"
    vm.console.send("\n")
    guest = vm.guest()
    guest.login("root", ROOT_PASSWORD, BOOT)
    return guest


def power_off(vm: Vm, guest: Guest) -> None:
    guest.leave("systemctl poweroff")
    vm.wait(BOOT)
