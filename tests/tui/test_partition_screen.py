"""The custom partitioning screen, driven by keys from where it begins to what the flow is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ashore_installer.machine import MachineInfo
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Clear
from ashore_installer.units import GiB
from ashore_tui.app.screens.partitions import PartitionScreen
from tests.fakes.machines import INSTALLABLE, recorded
from tests.installer.layouts import machine as blank
from tests.tui.destination_app import LARGE, PLAIN, RICH, SMALL, Driver, at_destination

Act = Callable[[Driver], Awaitable[None]]


def at_custom(
    machine: str | MachineInfo, act: Act, *, start: str = "existing", disks: int = 1,
    size: tuple[int, int] = SMALL, plain: bool = False,
) -> None:  # fmt: skip
    """Do something at the custom partitions of a machine, with its first disks chosen."""

    async def run() -> None:
        async with at_destination(machine, size=size, look=PLAIN if plain else RICH) as driver:
            for _number in range(disks):
                await driver.press("space", "down")
            await driver.take("ways", "custom")
            await driver.take("menu", start)
            await act(driver)

    asyncio.run(run())


def screen(driver: Driver) -> PartitionScreen:
    found = driver.app.screen
    assert isinstance(found, PartitionScreen)
    return found


async def at(driver: Driver, key: str, *keys: str) -> None:
    """Put the cursor on a row, and press keys there."""
    listed = screen(driver).query_one("#rows")
    listed.focus()
    listed.highlighted = [one.key for one in screen(driver).rows].index(key)  # type: ignore[attr-defined]
    await driver.settle()
    await driver.press(*keys)


async def fill(driver: Driver, **texts: str) -> None:
    """Write into fields of the form, and take it."""
    for name, text in texts.items():
        field = driver.app.screen.query_one(f"#{name} Input")
        field.value = ""  # type: ignore[attr-defined]
        field.focus()
        await driver.type(text)
    driver.app.screen.query_one("#yes").focus()
    await driver.press("enter")


async def add(driver: Driver, what: str, **texts: str) -> None:
    await driver.press("a")
    await driver.take("menu", what)
    await fill(driver, **texts)


def told(driver: Driver) -> list[str]:
    """Each row as `name change mount`; free room as `free`."""
    return [" ".join(part for part in (row.name, row.change, row.mount) if part) for row in screen(driver).rows]


def problems(driver: Driver) -> list[str]:
    return [one.message for one in screen(driver).drawing.problems]


# --- where it begins -----------------------------------------------------------------------------------------


def test_what_is_there_is_shown_and_nothing_is_asked_for() -> None:
    async def act(driver: Driver) -> None:
        text = driver.text
        assert "Custom partitions" in text.splitlines()[0]
        assert ["nvme0n1p3", "400.0", "GiB", "ntfs", "(Windows)"] in [line.split() for line in text.splitlines()]
        assert "Nothing is asked for yet. Add a partition with the mount point /." in text
        assert driver.request.clear is Clear.LIST
        await driver.press("escape")
        assert "(•) Custom partitions" in driver.text

    at_custom("laptop-windows", act)


def test_empty_disks_and_the_automatic_layout_are_beginnings_too() -> None:
    async def empty(driver: Driver) -> None:
        assert driver.request.clear_partitions == ("nvme0n1",)
        assert "is erased" in driver.text

    async def automatic(driver: Driver) -> None:
        assert problems(driver) == []
        assert "This layout can be installed." in driver.text
        assert driver.app.flow is not None
        assert driver.app.flow.plan is not None

    at_custom("laptop-windows", empty, start="empty")
    at_custom("laptop-windows", automatic, start="automatic")


def test_half_of_an_array_can_not_be_emptied() -> None:
    async def run() -> None:
        async with at_destination("server-md") as driver:
            await driver.press("space")
            await driver.take("ways", "custom")
            await driver.take("menu", "empty")
            assert "would lose a part" in driver.text
            await driver.press("escape")
            assert "Destination" in driver.text.splitlines()[0]

    asyncio.run(run())


def test_custom_partitions_are_gone_on_with() -> None:
    async def act(driver: Driver) -> None:
        await add(driver, "partition", mount="/", size="8 GiB")
        await driver.press("escape")
        await driver.take("ways", "custom")
        await driver.take("menu", "known")
        assert "vda1 new /" in told(driver)

    at_custom("qemu-bios-virtio", act)


def test_custom_partitions_stay_when_another_disk_is_ticked() -> None:
    async def act(driver: Driver) -> None:
        await add(driver, "partition", mount="/", size="8 GiB")
        await driver.press("escape")
        driver.app.screen.query_one("#disks").focus()
        await driver.press("end", "space")
        assert "(•) Custom partitions" in driver.text
        assert driver.request.ignore == ()
        assert [one.mount for one in driver.request.partitions] == ["/"]

    at_custom(blank(2), act)


# --- a whole layout ------------------------------------------------------------------------------------------


def test_a_system_beside_windows_with_the_keyboard() -> None:
    async def act(driver: Driver) -> None:
        await at(driver, "partition nvme0n1p3", "enter")
        await fill(driver, size="250 GiB")
        assert "nvme0n1p3 resized Windows" in told(driver)
        await at(driver, "partition nvme0n1p1", "enter")
        await fill(driver, mount="/boot/efi")
        await add(driver, "partition", mount="/boot")
        await add(driver, "partition", mount="/")
        assert problems(driver) == []
        assert "nvme0n1p6 new /" in told(driver)
        assert [row.size for row in screen(driver).rows if row.mount == "/boot"] == [GiB]
        assert driver.app.flow is not None
        assert driver.app.flow.plan is not None
        assert driver.app.flow.problems == ()
        await driver.press("u", "u", "u", "u")
        assert told(driver)[3] == "nvme0n1p3 kept Windows"

    at_custom("laptop-windows", act)


def test_what_the_machine_needs_to_start_is_one_choice() -> None:
    async def act(driver: Driver) -> None:
        await add(driver, "partition", mount="/")
        await driver.press("a")
        await driver.take("menu", "required")
        assert told(driver) == ["vda removed", "vda1 new", "vda2 new /boot", "vda3 new /"]
        assert "This layout can be installed." in driver.text

    at_custom("qemu-bios-virtio", act)


def test_lvm_raid_and_btrfs_over_two_disks() -> None:
    async def lvm(driver: Driver) -> None:
        await add(driver, "volume", group="sys", name="root", mount="/", size="8 GiB")
        await add(driver, "volume", name="home", mount="/home")
        assert told(driver)[-3:] == ["sys new", "sys/root new /", "sys/home new /home"]

    async def raid(driver: Driver) -> None:
        await add(driver, "array", name="root", mount="/")
        assert told(driver) == ["vda removed", "vda1 new", "vdb removed", "vdb1 new", "root new /"]

    async def btrfs(driver: Driver) -> None:
        await add(driver, "btrfs", name="pool", size="")
        await at(driver, "btrfs pool")
        await add(driver, "subvolume", name="root", mount="/")
        assert told(driver)[-2:] == ["pool new", "root new /"]

    for act in (lvm, raid, btrfs):
        at_custom(blank(2), act, disks=2)


# --- what is refused -----------------------------------------------------------------------------------------


def test_the_form_says_what_can_not_be_and_stays() -> None:
    async def act(driver: Driver) -> None:
        await add(driver, "partition", mount="/usr")
        assert "/usr is part of the image" in driver.text
        await fill(driver, mount="/srv", size="much")
        assert "Write a size like 20 GiB or 512 MiB." in driver.text
        await fill(driver, size="900 GiB")
        assert "There is no room for /srv" in driver.text
        assert "`" not in driver.text
        await driver.press("escape")
        assert told(driver) == ["vda kept", "free"]

    at_custom("qemu-bios-virtio", act, size=LARGE)


def test_what_can_not_be_deleted_says_why() -> None:
    async def act(driver: Driver) -> None:
        await at(driver, "partition sda2", "d")
        assert "would lose a part" in driver.text
        await driver.press("enter")
        assert "sda2 kept" in told(driver)

    at_custom("server-md", act, disks=2)


def test_delete_and_bring_back_with_one_key() -> None:
    async def act(driver: Driver) -> None:
        await at(driver, "partition nvme0n1p4", "d")
        assert "nvme0n1p4 removed" in told(driver)
        assert "goes" in driver.text
        await at(driver, "gone nvme0n1p4", "d")
        assert "nvme0n1p4 kept" in told(driver)
        await at(driver, f"disk {recorded('laptop-windows').disks[0].id}", "d")
        assert told(driver) == ["nvme0n1 removed", "free"]
        assert "[ Bring back ]" in driver.text

    at_custom("laptop-windows", act)


# --- forms ---------------------------------------------------------------------------------------------------


def test_a_file_system_is_used_with_its_content_or_anew() -> None:
    async def act(driver: Driver) -> None:
        await at(driver, "partition nvme0n1p3", "enter")
        await fill(driver, mount="/var")
        assert driver.request.partitions[0].keep
        await at(driver, "partition nvme0n1p3", "enter")
        how = driver.app.screen.query_one("#how")
        how.focus()
        await driver.press("home", "space", "down", "left")
        await fill(driver)
        asked = driver.request.partitions[0]
        assert (asked.keep, asked.format, asked.mount) == (False, Format.XFS, "/var")

    at_custom("ostree-home", act)


def test_what_is_kept_is_not_encrypted_but_can_be_opened() -> None:
    async def plain(driver: Driver) -> None:
        await at(driver, "partition nvme0n1p3", "enter")
        assert "[ ] Encrypt it  only when it is formatted" in driver.text

    async def locked(driver: Driver) -> None:
        await at(driver, "partition nvme0n1p3", "enter")
        driver.app.screen.query_one("#how").focus()
        await driver.press("end", "enter")
        await driver.type("open it")
        await driver.press("enter", "enter")
        assert "[✓] Open it with its passphrase  set" in driver.text
        driver.app.screen.query_one("#how").focus()
        await driver.press("home", "down", "right", "right")
        await fill(driver, mount="/home")
        assert "nvme0n1p3 kept /home" in told(driver)

    at_custom("ostree-home", plain)
    at_custom("laptop-linux-luks", locked)


def test_a_new_partition_is_encrypted_with_a_passphrase() -> None:
    async def act(driver: Driver) -> None:
        await driver.press("a")
        await driver.take("menu", "partition")
        driver.app.screen.query_one("#how").focus()
        await driver.press("end", "enter")
        await driver.type("correct horse")
        await driver.press("enter")
        await driver.type("correct horse")
        await fill(driver)
        assert "correct" not in driver.text
        await fill(driver, mount="/home")
        asked = driver.request.partitions[0].encryption
        assert asked is not None
        assert asked.passphrase is not None
        assert asked.passphrase.reveal() == "correct horse"

    at_custom("qemu-uefi-nvme", act)


# --- terminals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INSTALLABLE)
def test_every_machine_is_shown(name: str) -> None:
    async def act(driver: Driver) -> None:
        assert screen(driver).rows
        assert "Mount point" in driver.text

    at_custom(name, act)


def test_wide_screens_show_more_and_few_glyphs_are_enough() -> None:
    async def wide(driver: Driver) -> None:
        assert "SKHynix_HFS512GDE9X084N" in driver.text

    async def plain(driver: Driver) -> None:
        assert "|=|" in driver.text
        assert not set("│█▒░") & set(driver.text)

    at_custom("laptop-windows", wide, size=LARGE)
    at_custom("laptop-windows", plain, plain=True)
