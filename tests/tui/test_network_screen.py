"""The network cards on the screen, and the form of one."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from tests.tui.sitting import Room, Sitting

MAC = "52:54:00:12:34:56"
"""Of the card of most recorded machines."""


async def to_network(sitting: Sitting) -> None:
    await sitting.press("escape", "home", *["down"] * 7, "enter")


async def to_form(sitting: Sitting) -> None:
    await to_network(sitting)
    await sitting.press("enter")


def test_dhcp_is_taken_as_it_is_proposed_and_used_at_once(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_form(sitting)
        assert sitting.screen == "NetworkForm"
        assert "Gateway" not in sitting.text, "addresses are asked for only where they are given by hand"
        await sitting.press(*["tab"] * 5, "enter")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.screen == "NetworkScreen"
    assert sitting.flow.system.network == (NetworkConnection(device=MAC),)
    assert sitting.flow.machine.links[0].addresses == ("192.0.2.107/24",)
    assert "192.0.2.107/24" in sitting.text


def test_a_card_is_set_up_by_hand(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_form(sitting)
        await sitting.press("right", "tab")
        await sitting.type("192.0.2.7")
        assert "Add how long the network's part is" in sitting.text
        await sitting.type("/24")
        await sitting.press("enter")
        await sitting.type("192.0.2.1")
        await sitting.press("enter", "left", "tab")
        await sitting.type("192.0.2.53")
        await sitting.press("enter", "enter", "tab", "enter")

    sitting = Room(state=tmp_path, size=(100, 40)).sit(act)

    assert sitting.flow.system.network == (
        NetworkConnection(
            device=MAC,
            ipv4=Ipv4.STATIC,
            ipv4_addresses=("192.0.2.7/24",),
            ipv4_gateway="192.0.2.1",
            ipv6=Ipv6.OFF,
            dns=("192.0.2.53",),
        ),
    )


def test_what_can_not_be_is_said_in_the_form(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_form(sitting)
        await sitting.press("right", "tab")
        await sitting.type("192.0.2.7/24")
        await sitting.press("enter")
        await sitting.type("10.0.0.1")
        await sitting.press(*["tab"] * 5, "enter")

    sitting = Room(state=tmp_path, size=(100, 40)).sit(act)

    assert sitting.screen == "NetworkForm"
    assert "The gateway 10.0.0.1 can't be reached from 192.0.2.7/24." in sitting.text
    assert sitting.flow.system.network == ()


def test_escape_changes_nothing_and_a_card_can_be_left_to_the_system(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_form(sitting)
        await sitting.press("escape")
        assert not sitting.flow.system.network
        await sitting.press("enter", *["tab"] * 5, "enter")
        assert len(sitting.flow.system.network) == 1
        await sitting.press("enter", *["tab"] * 6, "enter")

    sitting = Room(state=tmp_path).sit(act)

    assert sitting.screen == "NetworkScreen"
    assert sitting.flow.system.network == ()


def test_a_wireless_card_can_not_be_opened(tmp_path: Path) -> None:
    async def act(sitting: Sitting) -> None:
        await to_network(sitting)
        await sitting.press("enter")

    sitting = Room(state=tmp_path, machine="laptop-windows").sit(act)

    assert sitting.screen != "NetworkForm"
