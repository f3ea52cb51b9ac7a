"""How long the boot loader's menu waits, with each boot loader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.boot.menu import TIMEOUT
from ashore_installer.machine import Firmware
from tests.fakes.values import an_image
from tests.installer.test_boot_install import GRUB_INSTALL, Installation, an_installation


def waiting(installation: Installation, timeout: int | None) -> Installation:
    context = installation.context
    context.plan = replace(context.plan, boot=replace(context.plan.boot, timeout=timeout))
    installation.install()
    return installation


@pytest.mark.parametrize(("timeout", "seconds"), [(None, TIMEOUT), (0, 0), (13, 13)])
@pytest.mark.parametrize(("firmware", "name"), [(Firmware.BIOS, "grub.cfg"), (Firmware.UEFI, "entries.cfg")])
def test_our_own_menu(tmp_path: Path, firmware: Firmware, name: str, timeout: int | None, seconds: int) -> None:
    installation = waiting(an_installation(tmp_path, firmware, GRUB_INSTALL), timeout)

    lines = (installation.context.target / "boot/grub" / name).read_text().splitlines()

    assert [line for line in lines if line.startswith("set timeout=")] == [f"set timeout={seconds}"]


@pytest.mark.parametrize("firmware", list(Firmware))
def test_the_menu_of_the_image_s_bootupd(tmp_path: Path, firmware: Firmware) -> None:
    installation = an_installation(tmp_path, firmware, image=an_image(bootupd=True))
    custom = installation.context.target / "boot/grub2/custom.cfg"
    custom.parent.mkdir()
    custom.write_text("set color_normal=white/blue\n")

    waiting(installation, 13)

    assert custom.read_text() == "set color_normal=white/blue\nset timeout=13\n"


def test_bootupd_s_own_time_stays_when_nobody_says_another_one(tmp_path: Path) -> None:
    installation = waiting(an_installation(tmp_path, Firmware.BIOS, image=an_image(bootupd=True)), None)

    assert not (installation.context.target / "boot/grub2").exists()
