"""Network cards in lines."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from tests.tui.lines.scripted import sit

MAC = "ac:1f:6b:00:11:22"
"""Of eno1 of the machine server-md."""


def test_a_card_is_set_up_by_hand(tmp_path: Path) -> None:
    answers = (
        "m",
        "8",
        "1",
        "2",
        "4",
        "192.0.2.7",
        "192.0.2.7/24",
        "192.0.2.1",
        "192.0.2.53",
        "example.org",
        "",
        "n",
        "q",
    )

    ended = sit(tmp_path, answers, "server-md")

    made = NetworkConnection(
        device=MAC,
        ipv4=Ipv4.STATIC,
        ipv4_addresses=("192.0.2.7/24",),
        ipv4_gateway="192.0.2.1",
        ipv6=Ipv6.OFF,
        dns=("192.0.2.53",),
        search=("example.org",),
        activate=False,
    )
    assert ended.flow.system.network == (made,)
    assert "Add how long the network's part is, like /24 for 255.255.255.0." in ended.person.said
    assert "  1) eno1: 192.0.2.7/24, no IPv6" in ended.person.said
    assert ended.engine.connections == []


def test_dhcp_is_used_at_once(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "8", "1", "1", "1", "", "", "", "", "q"), "server-md")

    assert ended.engine.connections == [(NetworkConnection(device=MAC),)]
    assert "Setting up the network ..." in ended.person.said
    assert any(line.startswith("  eno1 (") and "192.0.2.107/24" in line for line in ended.person.said)


def test_a_gateway_that_is_out_of_reach_changes_nothing(tmp_path: Path) -> None:
    answers = ("m", "8", "1", "2", "4", "192.0.2.7/24", "10.0.0.1", "", "", "", "", "q")

    ended = sit(tmp_path, answers, "server-md")

    assert ended.flow.system.network == ()
    assert "The gateway 10.0.0.1 can't be reached from 192.0.2.7/24." in ended.person.said


def test_a_card_is_left_to_the_system_again(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "8", "1", "3", "4", "", "", "1", "4", "q"), "server-md")

    assert ended.flow.system.network == ()


def test_a_wireless_card_can_not_be_set_up(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "8", "1", "q"), "laptop-windows")

    assert "  wlp2s0: A wireless card: Ashore can't set it up." in ended.person.said
    assert ended.flow.system.network == ()
