"""The destination screen: disks, ways and settings, taken with keys, and what they come to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ashore_installer.storage_plan import Format, Tpm2
from ashore_installer.storage_request import Clear, Scheme, ShrinkRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import INSTALLABLE, NAMES, recorded
from tests.tui.destination_app import LARGE, PLAIN, Driver, at_destination

Act = Callable[[Driver], Awaitable[None]]


def on(machine: str, act: Act, **how: object) -> None:
    """Do and look at something at the destination of a recorded machine."""

    async def run() -> None:
        async with at_destination(machine, **how) as driver:  # type: ignore[arg-type]
            await act(driver)

    asyncio.run(run())


# --- disks ---------------------------------------------------------------------------------------------------


def test_the_shortest_way_is_enter_for_the_disk_and_enter_for_the_way() -> None:
    async def act(driver: Driver) -> None:
        assert driver.nothing_said
        await driver.press("enter")
        assert driver.focused == "ways"
        await driver.press("enter")
        assert driver.focused == "next"
        assert (driver.request.clear, driver.request.automatic is not None) == (Clear.ALL, True)
        assert driver.app.flow is not None
        assert driver.app.flow.plan is not None
        await driver.press("enter")
        assert "Destination" not in driver.text.splitlines()[0]

    on("qemu-bios-virtio", act)


def test_next_without_a_disk_says_so() -> None:
    async def act(driver: Driver) -> None:
        driver.app.screen.query_one("#next").focus()
        await driver.press("enter")
        assert "Choose a disk first." in driver.text
        assert driver.focused == "disks"
        assert driver.nothing_said

    on("laptop-windows", act)


def test_disks_are_told_by_model_size_serial_and_what_is_on_them() -> None:
    async def act(driver: Driver) -> None:
        text = driver.text
        assert "[ ] nvme0n1   476.9 GiB  SKHynix_HFS512GDE9X084N" in text
        assert "Windows, serial 4YA7N0123, nvme" in text

    on("laptop-windows", act)


def test_disks_that_can_not_be_used_say_why_and_can_not_be_taken() -> None:
    async def act(driver: Driver) -> None:
        text = driver.text
        assert "can't be used: it is the medium that this system was started from" in text
        await driver.press("home", "space")
        assert driver.request.only_use == (recorded("medium-on-usb").disks[2].id,)

    on("medium-on-usb", act)


def test_several_disks_are_ticked_with_space() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("space", "down", "space")
        assert driver.request.only_use == tuple(disk.id for disk in recorded("nvme-4kn").disks)
        assert driver.text.count("[✓]") == 2
        await driver.press("space")
        assert driver.request.only_use == (recorded("nvme-4kn").disks[0].id,)
        await driver.press("up", "space")
        assert driver.nothing_said

    on("nvme-4kn", act)


def test_half_of_an_array_is_refused_in_words() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("space")
        assert "The array md126 would lose a part" in driver.text
        await driver.press("down", "space")
        assert "would lose a part" not in driver.text

    on("server-md", act, size=LARGE)


# --- ways ----------------------------------------------------------------------------------------------------


def test_a_partition_is_shrunk_as_far_as_a_person_says() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter", "down", "down", "enter")
        assert "Shrink nvme0n1p3" in driver.text
        await driver.press(*["backspace"] * 12)
        await driver.type("90 GiB")
        assert "It has to be 187.0 GiB at least." in driver.text
        await driver.press(*["backspace"] * 6)
        await driver.type("250 GiB")
        await driver.press("enter", "enter")
        assert driver.request.shrink == (ShrinkRequest(existing="nvme0n1p3", size=250 * GiB),)
        assert driver.request.clear is Clear.NONE
        assert "│ Windows 250.0 GiB ▒" in driver.text

    on("laptop-windows", act)


def test_a_dialog_that_is_left_changes_nothing() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter", "down", "down", "enter", "escape")
        assert driver.request.shrink == ()
        assert driver.focused == "ways"

    on("laptop-windows", act)


def test_a_system_is_replaced() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        await driver.take("ways", "replace:Fedora Linux 43 (Workstation Edition)")
        assert driver.request.automatic is not None
        assert driver.request.automatic.reinstall == "Fedora Linux 43 (Workstation Edition)"
        assert "(•) Replace Fedora Linux 43" in driver.text
        assert "Encrypt the disk" not in driver.text
        driver.app.screen.query_one("#disks").focus()
        await driver.press("enter")
        await driver.take("ways", "erase")
        assert driver.request.clear is Clear.ALL

    on("laptop-btrfs-fedora", act)


def test_what_has_no_room_says_so_in_the_planners_words() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter", "down", "enter")
        assert "There is no room for" in driver.text
        assert "`" not in driver.text

    on("ostree-home", act)


# --- settings ------------------------------------------------------------------------------------------------


def test_settings_are_stepped_through() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        driver.app.screen.query_one("#settings").focus()
        await driver.press("home", "enter", "down", "right", "down", "down", "space", "down", "space")
        automatic = driver.request.automatic
        assert automatic is not None
        assert (automatic.scheme, automatic.format) == (Scheme.LVM, Format.XFS)
        assert (automatic.home, automatic.swap) == (True, True)
        await driver.press("home", "left", "left")
        automatic = driver.request.automatic
        assert automatic is not None
        assert (automatic.scheme, automatic.format) == (Scheme.BTRFS, None)

    on("qemu-uefi-nvme", act, size=LARGE)


async def encrypt(driver: Driver) -> None:
    await driver.press("enter")
    driver.app.screen.query_one("#settings").focus()
    await driver.press("home", "down", "down", "enter")


def test_a_passphrase_is_typed_twice_and_never_shown() -> None:
    async def act(driver: Driver) -> None:
        await encrypt(driver)
        await driver.type("correct horse battery")
        assert "correct" not in driver.text
        assert "Strong" in driver.text
        await driver.press("enter")
        await driver.type("correct horse batterz")
        assert "The two are not the same." in driver.text
        await driver.press("backspace")
        await driver.type("y")
        await driver.press("enter", "down", "space", "tab", "enter")
        automatic = driver.request.automatic
        assert automatic is not None
        assert automatic.encryption is not None
        assert automatic.encryption.passphrase is not None
        assert automatic.encryption.passphrase.reveal() == "correct horse battery"
        assert "[✓] Encrypt the disk  passphrase" in driver.text
        assert "correct" not in driver.text

    on("laptop-linux-luks", act, size=LARGE)


def test_the_tpm_is_offered_where_there_is_one() -> None:
    async def act(driver: Driver) -> None:
        await encrypt(driver)
        assert "this machine has no TPM 2.0" in driver.text

    on("sata-16tb", act)

    async def there(driver: Driver) -> None:
        await encrypt(driver)
        await driver.type("correct horse")
        await driver.press("enter")
        await driver.type("correct horse")
        driver.app.screen.query_one("#keys").focus()
        await driver.press("home", "space", "down", "space")
        driver.app.screen.query_one("#yes").focus()
        await driver.press("enter")
        automatic = driver.request.automatic
        assert automatic is not None
        assert automatic.encryption is not None
        assert (automatic.encryption.tpm2, automatic.encryption.recovery_key) == (Tpm2(), True)

    on("dual-boot", there)


def test_without_a_passphrase_nothing_is_encrypted() -> None:
    async def act(driver: Driver) -> None:
        await encrypt(driver)
        driver.app.screen.query_one("#yes").focus()
        await driver.press("enter")
        assert "Type a passphrase." in driver.text or "Type a password." in driver.text
        await driver.press("escape")
        automatic = driver.request.automatic
        assert automatic is not None
        assert automatic.encryption is None

    on("laptop-windows", act)


# --- machines and terminals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INSTALLABLE)
def test_every_machine_is_shown_and_planned(name: str) -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        assert not driver.nothing_said
        driver.app.screen.query_one("#pictures").scroll_visible(animate=False)
        await driver.settle()
        assert "today" in driver.text

    on(name, act)


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(INSTALLABLE)))
def test_machines_without_a_disk_say_so(name: str) -> None:
    async def act(driver: Driver) -> None:
        assert "This machine has no disk that can be installed on." in driver.text
        assert ("it is the medium" in driver.text) == (name == "usb-stick-only")
        await driver.press("enter")
        assert "All topics" in driver.text.splitlines()[0]
        assert driver.nothing_said

    on(name, act)


def test_an_empty_disk_is_proposed_before_a_larger_full_one() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        assert driver.request.only_use == (recorded("many-disks").disks[0].id,)

    on("many-disks", act)


def test_consoles_with_few_glyphs_are_shown_nothing_else() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        assert driver.text.isascii()
        assert "|#|" in driver.text

    on("laptop-windows", act, size=LARGE, look=PLAIN)


def test_a_disk_that_is_too_small_says_so() -> None:
    async def act() -> None:
        machine = recorded("qemu-bios-virtio")
        small = replace(machine.disks[0], size=500 * MiB)
        async with at_destination(replace(machine, disks=(small,))) as driver:
            assert "can't be used: it has only 500.0 MiB" in driver.text

    asyncio.run(act())
