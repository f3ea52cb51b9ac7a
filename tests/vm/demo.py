"""`make demo`: the whole way once. Sample image, ISO, installation in QEMU, boot of the installed disk.

Settings from the environment: `FIRMWARE` is bios (the default), uefi or secure; with `DEMO_STAY=1` the installed system
stays on this terminal at the end, to look around in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.units import human
from ashore_isogen.cache import Cache
from ashore_isogen.qemu.probe import accelerator
from ashore_isogen.qemu.spec import Bus, Firmware, Terminal, argv
from ashore_isogen.runtime import ensure_live
from ashore_isogen.sample.build import ensure_sample
from tests.vm.cases import KICKSTARTS
from tests.vm.driver import Vm
from tests.vm.media import TARGET
from tests.vm.system import BOOT, Hardware, install, new_hardware

PARTS = 5
PASSWORD = "ashore"

CHECKS = (
    ("no unit failed", "systemctl is-system-running --wait"),
    ("what was installed", ". /etc/os-release; echo $PRETTY_NAME"),
    ("the deployment", "ostree admin status"),
    ("its origin", "cat /ostree/deploy/*/deploy/*.origin"),
    ("the root file system", "findmnt -no SOURCE,FSTYPE,OPTIONS / | cut -c1-70"),
    ("the kernel's arguments", "cat /proc/cmdline"),
    ("the %post script", "cat /etc/ashore-demo"),
)


@dataclass(kw_only=True)
class Screen:
    """This terminal: a line before each part, what happens in it, and its time."""

    number: int = 0

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        self.number += 1
        print(f"\n=== {self.number}/{PARTS} {title} ===", flush=True)
        began = time.monotonic()
        yield
        print(f"=== {self.number}/{PARTS} done in {time.monotonic() - began:.0f} s ===", flush=True)

    def note(self, text: str) -> None:
        print(f"  {text}", flush=True)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        """Notes are enough here."""


class Mirror:
    """What a console says, on this terminal, whole lines at a time and marked as the machine's."""

    def __init__(self) -> None:
        self._rest = ""
        self.on = True

    def __call__(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if self.on and line.strip():
                print(f"  | {line.rstrip()}")
        sys.stdout.flush()


def main() -> int:
    try:
        firmware = the_firmware(os.environ.get("FIRMWARE", "bios"))
        with tempfile.TemporaryDirectory(prefix="ashore-demo-", dir="/var/tmp") as directory:
            run(firmware, Path(directory), Screen())
    except InstallerError as error:
        print(f"\n{error}", file=sys.stderr)
        return error.status
    except AssertionError as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return ExitStatus.FAILED
    except KeyboardInterrupt:
        return ExitStatus.CANCELLED
    return ExitStatus.DONE


def the_firmware(name: str) -> Firmware:
    try:
        return Firmware(name)
    except ValueError:
        raise BadInput(f"{name} is no firmware.", f"Set FIRMWARE to one of {', '.join(Firmware)}.") from None


def run(firmware: Firmware, work: Path, screen: Screen) -> None:
    with screen.part("The live runtime (minutes when it is made for the first time)"):
        live = ensure_live(screen)
        screen.note(f"Its root file system has {human(live.squashfs.stat().st_size)}.")
    with screen.part("The sample image, a bootable container image (minutes for the first time)"):
        layout = ensure_sample(report=screen)
        screen.note(f"It is in the OCI layout {layout}.")
    with screen.part("The ISO"):
        iso = make_iso(layout, work / "ashore.iso")
    with screen.part(f"Installation in QEMU, from power on to power off ({firmware})"):
        hardware = new_hardware(firmware, Bus.VIRTIO, work)
        install(hardware, iso, work / "install", Mirror())
    with screen.part("The installed system, from its disk alone"):
        look(hardware, work / "boot", screen)
    if os.environ.get("DEMO_STAY"):
        stay(hardware)


def make_iso(layout: Path, iso: Path) -> Path:
    """The ISO, by the command that a person uses."""
    words = ["iso", "build", f"oci:{layout}:1", "-o", str(iso), "--kickstart", str(KICKSTARTS / "demo.ks")]
    words += ["--target-imgref", TARGET]
    print(f"  $ ashore {' '.join(words)}", flush=True)
    if subprocess.run([sys.executable, "-m", "ashore_tui", *words], check=False).returncode != 0:
        raise InstallerError("The ISO was not made.", "The reason is above.")
    return iso


def look(hardware: Hardware, logs: Path, screen: Screen) -> None:
    """Boot to the login prompt, log in, look around, and power off."""
    mirror = Mirror()
    with Vm(hardware.machine(), logs, listener=mirror) as vm:
        guest = vm.guest()
        guest.login("root", PASSWORD, BOOT)
        mirror.on = False
        for what, script in CHECKS:
            screen.note(f"{what}:")
            for line in guest.out(script, BOOT).splitlines():
                screen.note(f"    {line}")
        guest.leave("systemctl poweroff")
        vm.wait(BOOT)


def stay(hardware: Hardware) -> None:
    """The installed system on this terminal, until the person powers it off."""
    print(f"\nLog in as root or demo with the password {PASSWORD}. To quit, press Ctrl-A and then X.", flush=True)
    machine = replace(hardware.machine(), serial=(Terminal(),), reboot=True)
    subprocess.run(argv(machine, accelerator(Cache.of_user().top)), check=False)


if __name__ == "__main__":
    sys.exit(main())
