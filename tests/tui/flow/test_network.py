"""Network cards in the flow: what a form begins with, what it makes, and when the running system gets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import NetworkLink
from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection
from ashore_installer.plan import SystemPlan
from ashore_tui.flow import network_fields as fields
from ashore_tui.flow.evaluate import connect, has_work
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.network import (
    by_hand,
    cards,
    consistent,
    method_words,
    now_words,
    problem_of,
    put_connection,
    start_of,
)
from ashore_tui.flow.state import Flow, with_remote, with_system
from tests.fakes.values import a_machine
from tests.tui.flow_values import PlanningEngine, on

LIVE = NetworkLink(
    name="enp1s0",
    mac="52:54:00:12:34:56",
    up=True,
    addresses=("192.0.2.7/24", "2001:db8::7/64"),
    gateways=("192.0.2.1", "fe80::1"),
)
MACHINE = a_machine(
    links=(LIVE, NetworkLink(name="wlp3s0", mac="52:54:00:12:34:57", wireless=True)),
    dns=("192.0.2.53",),
    search=("example.org",),
)
DHCP = NetworkConnection(device="enp1s0")


def flow(*connections: NetworkConnection) -> Flow:
    return replace(on(), machine=MACHINE, draft=replace(on().draft, system=SystemPlan(network=connections)))


def test_cards_have_their_connections_however_they_are_named() -> None:
    for device in ("enp1s0", "52:54:00:12:34:56", LINK):
        card, wireless = cards(flow(NetworkConnection(device=device)))
        assert card.connection is not None
        assert not card.refusal
        assert (wireless.connection, wireless.refusal) == (None, "A wireless card: Ashore can't set it up.")


def test_a_new_connection_goes_by_the_cards_address_and_asks_dhcp() -> None:
    card = cards(flow())[0]
    assert start_of(card) == NetworkConnection(device=LIVE.mac)
    assert start_of(cards(flow(DHCP))[0]) == DHCP


def test_what_is_set_up_by_hand_begins_with_what_the_live_system_has() -> None:
    static = NetworkConnection(device="enp1s0", ipv4=Ipv4.STATIC, ipv6=Ipv6.STATIC)
    proposed = by_hand(static, cards(flow())[0], MACHINE)
    assert proposed == replace(
        static,
        ipv4_addresses=("192.0.2.7/24",),
        ipv4_gateway="192.0.2.1",
        ipv6_addresses=("2001:db8::7/64",),
        ipv6_gateway="fe80::1",
        dns=("192.0.2.53",),
        search=("example.org",),
    )
    assert problem_of(proposed) is None
    assert by_hand(DHCP, cards(flow())[0], MACHINE) == DHCP


def test_nothing_that_a_form_hides_is_kept() -> None:
    whole = by_hand(NetworkConnection(device="enp1s0", ipv4=Ipv4.STATIC, ipv6=Ipv6.STATIC), cards(flow())[0], MACHINE)
    kept = consistent(replace(whole, ipv4=Ipv4.DHCP))
    assert (kept.ipv4_addresses, kept.ipv4_gateway, kept.ipv6_addresses) == ((), "", ("2001:db8::7/64",))
    off = consistent(replace(whole, ipv4=Ipv4.OFF, ipv6=Ipv6.OFF))
    assert off == NetworkConnection(device="enp1s0", ipv4=Ipv4.OFF, ipv6=Ipv6.OFF)


def test_a_connection_takes_the_place_of_the_one_before() -> None:
    before = flow(NetworkConnection(device=LINK))
    card = cards(before)[0]
    assert put_connection(before, card, DHCP).network == (DHCP,)
    assert put_connection(before, card, None).network == ()


def test_connections_in_words() -> None:
    assert method_words(None) == "as the system does by itself, mostly by DHCP"
    assert method_words(DHCP) == "DHCP"
    assert method_words(replace(DHCP, ipv6=Ipv6.DHCP, onboot=False)) == "DHCP, DHCPv6, not at start"
    assert method_words(NetworkConnection(device="e", ipv4=Ipv4.OFF, ipv6=Ipv6.OFF)) == "off"
    assert now_words(LIVE) == "192.0.2.7/24, 2001:db8::7/64, gateway 192.0.2.1, fe80::1"
    assert now_words(replace(LIVE, addresses=(), gateways=())) == "connected"
    assert now_words(replace(LIVE, up=False)) == "not connected"


# --- the running system --------------------------------------------------------------------------------------


def test_the_running_system_gets_what_is_wanted_there() -> None:
    engine = PlanningEngine(machine=MACHINE)
    static = NetworkConnection(device="enp1s0", ipv4=Ipv4.STATIC, ipv4_addresses=("198.51.100.9/24",))
    said = flow(static)
    assert said.needs_connect
    assert has_work(said)
    done = connect(said, engine)
    assert engine.connections == [(static,)]
    assert done.machine.links[0].addresses == ("198.51.100.9/24",)
    assert not done.needs_connect
    assert connect(done, engine) == done
    assert len(engine.connections) == 1


def test_what_is_for_the_installed_system_only_is_not_given_to_the_running_one() -> None:
    assert not flow(replace(DHCP, activate=False)).needs_connect


def test_what_is_taken_away_is_taken_from_the_running_system_too() -> None:
    engine = PlanningEngine(machine=MACHINE)
    done = connect(flow(DHCP), engine)
    gone = with_system(done, SystemPlan())
    assert gone.needs_connect
    connect(gone, engine)
    assert engine.connections == [(DHCP,), ()]


def test_a_card_without_a_connection_is_told_and_stops_nothing() -> None:
    engine = PlanningEngine(machine=MACHINE, unconnected="The network card enp1s0 got no connection.")
    done = connect(flow(DHCP), engine)
    assert done.network_problem is not None
    assert done.network_problem.message == "The network card enp1s0 got no connection."
    assert not done.needs_connect


def test_an_image_that_was_out_of_reach_is_looked_for_again() -> None:
    engine = PlanningEngine(machine=MACHINE)
    lost = with_remote(flow(), "docker://registry.example/none")
    lost = replace(lost, source_problem=problem_of(NetworkConnection(device="two words")))
    assert not lost.needs_lookup
    assert connect(with_system(lost, SystemPlan(network=(DHCP,))), engine).needs_lookup


# --- what is typed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "text", "value"),
    [
        (fields.ipv4_addresses, " 192.0.2.7/24, 192.0.2.8/24 ", ("192.0.2.7/24", "192.0.2.8/24")),
        (fields.ipv6_addresses, "2001:db8::7/64", ("2001:db8::7/64",)),
        (fields.ipv4_gateway, " 192.0.2.1 ", "192.0.2.1"),
        (fields.ipv4_gateway, "", ""),
        (fields.ipv6_gateway, "fe80::1", "fe80::1"),
        (fields.name_servers, "192.0.2.53 2001:db8::53", ("192.0.2.53", "2001:db8::53")),
        (fields.name_servers, "", ()),
        (fields.domains, "example.org,example.net", ("example.org", "example.net")),
    ],
)
def test_what_can_be_typed(check, text, value) -> None:  # type: ignore[no-untyped-def]
    assert check(text) == value


@pytest.mark.parametrize(
    ("check", "text", "says"),
    [
        (fields.ipv4_addresses, "192.0.2.7", "Add how long the network's part is, like /24 for 255.255.255.0."),
        (fields.ipv4_addresses, "192.0.2.700/24", "Write it like 192.0.2.7/24."),
        (fields.ipv4_addresses, "", "Write it like 192.0.2.7/24."),
        (fields.ipv6_addresses, "2001:db8::7", "Add how long the network's part is, mostly /64."),
        (fields.ipv6_addresses, "hello/64", "Write it like 2001:db8::7/64."),
        (fields.ipv4_gateway, "gateway", "Write it like 192.0.2.1, or leave it empty."),
        (fields.ipv6_gateway, "192.0.2.1", "Write it like fe80::1, or leave it empty."),
        (fields.name_servers, "ns.example", "Write addresses like 192.0.2.53, with blanks between them."),
        (fields.domains, "-x", "Write domains like example.org, with blanks between them."),
    ],
)
def test_what_can_not_be_typed(check, text, says) -> None:  # type: ignore[no-untyped-def]
    assert check(text) == Wrong(says)
