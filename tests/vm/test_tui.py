"""The screens in the live system: a person installs over the serial line, and the screen of the machine shows it too.

One boot of the ISO serves the tests of the installation, in their order; the last one boots the disk alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashore_isogen.qemu.spec import Bus, Firmware, Medium
from ashore_isogen.report import Quiet
from tests.vm.driver import Vm
from tests.vm.media import bake
from tests.vm.picture import Picture, read_picture
from tests.vm.system import BOOT, INSTALLATION, Hardware, new_hardware
from tests.vm.terminal import Terminal

pytestmark = [pytest.mark.vm, pytest.mark.long, pytest.mark.timeout(7200), pytest.mark.xdist_group("tui")]

PASSWORD = "Fair winds, 7 knots"
SCREEN = 30
"""Seconds until a screen shows what a key has asked for, with KVM."""
FIRST = r"^ *Ashore +Language and keyboard"
WELCOME = "Welcome. Choose the language and the keyboard of the new system."
PLACE = (2, 30)
"""Row and column of that sentence on a screen that has room for all topics beside it, from 0."""
KILL = "pkill -9 -f ashore-console\n"


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """The live system, and a terminal at its serial line."""

    vm: Vm
    terminal: Terminal
    logs: Path

    def see(self, pattern: str, seconds: float = SCREEN) -> str:
        return self.terminal.until(pattern, seconds)

    def go(self, pattern: str, *keys: str) -> str:
        """Press keys and wait for what they bring."""
        self.terminal.press(*keys)
        return self.see(pattern)

    def rest(self, seconds: float) -> None:
        """Let the machine follow, where nothing on the screen can be waited for but a caret."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.vm.console.read(1.0)

    def screen(self, name: str) -> Picture:
        """The machine's own screen; it is kept as a PNG file, for people."""
        self.vm.monitor.screenshot(self.logs / f"{name}.png")
        self.vm.monitor.screenshot(self.logs / f"{name}.ppm")
        return read_picture(self.logs / f"{name}.ppm")

    def until_screen(self, name: str, text: str, place: tuple[int, int]) -> Picture:
        """Wait until the machine's own screen shows a text."""
        deadline = time.monotonic() + SCREEN * self.vm.patience
        while not (picture := self.screen(name)).spells(text, *place):
            assert time.monotonic() < deadline, f"{text!r} is not on the machine's screen: {self.logs / name}.png"
            self.vm.console.read(1.0)
        return picture


@pytest.fixture(scope="module")
def hardware(big: Path) -> Hardware:
    return new_hardware(Firmware.BIOS, Bus.VIRTIO, big)


@pytest.fixture(scope="module")
def sitting(sample: Path, hardware: Hardware, big: Path, logs: Path) -> Iterator[Sitting]:
    iso = bake(sample, "1", None, big / "screens.iso", Quiet())
    with Vm(hardware.machine(medium=Medium(path=iso, boot=2)), logs / "tui") as vm:
        yield Sitting(vm=vm, terminal=Terminal(vm.console, vm.patience), logs=logs)


def test_the_first_screen_comes_by_itself_on_the_serial_line(sitting: Sitting) -> None:
    began = time.monotonic()

    sitting.see("Starting Ashore", 2 * BOOT)
    sign = time.monotonic() - began
    text = sitting.see(FIRST, BOOT)

    print(
        f"{sitting.vm.accelerator}: first sign after {sign:.0f} s, first screen after {time.monotonic() - began:.0f} s"
    )
    assert "English (United States)" in text


def test_the_machines_own_screen_shows_it_too(sitting: Sitting) -> None:
    picture = sitting.until_screen("tty1-first", WELCOME, PLACE)

    # Black with little on it, and the accent colour.
    (ground, pixels), *others = picture.colours.most_common()
    assert ground == b"\0\0\0"
    assert pixels > 0.5 * picture.width * picture.height
    assert len(others) >= 3


def test_the_shortest_way_leads_to_an_installation(sitting: Sitting) -> None:
    sitting.terminal.press("enter")  # takes the language, and goes to the keyboards: only the caret shows it
    sitting.rest(SCREEN)
    sitting.go(r"^ *Ashore +Mode", "enter")
    sitting.go("Where shall the system be installed", "enter")
    sitting.go(r"\[x\] vda", "enter")
    sitting.go(r"\(\*\) Erase the disk", "enter")
    sitting.see(r"^ +after +\|")
    sitting.go("root's password", "enter")
    sitting.terminal.type(PASSWORD)
    assert PASSWORD not in sitting.see(rf"root's password +(\S){{{len(PASSWORD)}}}$")
    sitting.terminal.press("enter")
    sitting.terminal.type(PASSWORD)
    sitting.see(rf"Again +(\S){{{len(PASSWORD)}}}$")
    sitting.go("Everything is ready", "enter")
    assert "Erase vda" in sitting.see("Make the partition vda3")
    sitting.go(r"(?s)Begin the installation[?].*is erased", "enter")
    sitting.terminal.press("tab", "enter")
    sitting.see(r"Step \d+ of \d+", BOOT)  # the engine is a program that must start first


def test_the_other_console_shows_the_same_installation(sitting: Sitting) -> None:
    sitting.until_screen("tty1-run", "Installing", (0, 10))


def test_killed_screens_come_back_and_show_what_went_on_without_them(sitting: Sitting) -> None:
    sitting.see("The disks are being changed", INSTALLATION)
    sitting.vm.monitor.press("alt", "f2")
    sitting.vm.monitor.type(KILL)

    sitting.see("Starting Ashore", BOOT)
    text = sitting.see(r"^ *Ashore +Install(ing|ed)", BOOT)
    assert re.search(r"Step \d+ of \d+", text) or "What was proven" in text


def test_the_end_says_what_was_proven_and_restarts(sitting: Sitting) -> None:
    sitting.see(r"^ *Ashore +Installed", 2 * INSTALLATION)
    assert "What was proven" in sitting.see(r"\[ Restart \]")  # drawn last, and the line is slow

    sitting.terminal.press("enter")
    sitting.vm.wait(BOOT)


def test_the_password_that_was_typed_opens_the_installed_system(sitting: Sitting, hardware: Hardware) -> None:
    assert sitting.vm.process.poll() is not None, "the live system still runs"
    with Vm(hardware.machine(), sitting.logs / "tui-boot") as vm:
        guest = vm.guest()
        guest.login("root", PASSWORD, BOOT)
        assert guest.out("systemctl is-system-running --wait || true", 90) == "running"
        assert guest.run(f"grep -rlF '{PASSWORD}' /etc /root/ /var/log 2>/dev/null").stdout == ""
        guest.leave("systemctl poweroff")
        vm.wait(BOOT)
