"""The network of the running system: what is read of it, and what it is given."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.live_network import connect
from ashore_installer.machine import NetworkLink
from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection
from ashore_installer.probe_network import with_network
from tests.fakes.runner import Answer, FakeRunner
from tests.fakes.values import a_machine

CARD = NetworkLink(name="enp1s0", mac="52:54:00:12:34:56")
OTHER = NetworkLink(name="enp2s0", mac="52:54:00:12:34:57")
MACHINE = a_machine(links=(CARD, OTHER))
ADDRESSES = Answer(
    words=("address", "show"),
    output=json.dumps(
        [
            {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
            {
                "ifname": "enp1s0",
                "operstate": "UP",
                "addr_info": [
                    {"local": "192.0.2.7", "prefixlen": 24, "scope": "global"},
                    {"local": "2001:db8::7", "prefixlen": 64, "scope": "global"},
                    {"local": "fe80::7", "prefixlen": 64, "scope": "link"},
                ],
            },
            {"ifname": "enp2s0", "operstate": "DOWN", "addr_info": []},
        ]
    ),
)
ROUTES = (
    Answer(words=("-4", "route"), output=json.dumps([{"dst": "default", "gateway": "192.0.2.1", "dev": "enp1s0"}])),
    Answer(words=("-6", "route"), output=json.dumps([{"dst": "default", "gateway": "fe80::1", "dev": "enp1s0"}])),
)
STATIC = NetworkConnection(
    device="enp1s0", ipv4=Ipv4.STATIC, ipv4_addresses=("192.0.2.7/24",), ipv4_gateway="192.0.2.1", onboot=False
)


def test_what_the_cards_have_is_known(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text(
        "# by networkd\nnameserver 192.0.2.53\nnameserver 192.0.2.53\nsearch a b\nsearch example.org .\n"
    )
    found = with_network(MACHINE, FakeRunner(ADDRESSES, *ROUTES), (tmp_path / "none", resolver))
    assert found.links == (
        replace(CARD, up=True, addresses=("192.0.2.7/24", "2001:db8::7/64"), gateways=("192.0.2.1", "fe80::1")),
        OTHER,
    )
    assert (found.dns, found.search) == (("192.0.2.53",), ("example.org",))


def test_nothing_is_known_without_iproute(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("ip",), status=127))
    up = a_machine(links=(replace(CARD, up=True),))
    assert with_network(up, runner, (tmp_path / "none",)) == up


def test_a_connection_is_given_to_the_running_system(tmp_path: Path) -> None:
    runner = FakeRunner(ADDRESSES, *ROUTES)
    found = connect((STATIC,), MACHINE, runner, tmp_path)
    text = (tmp_path / "05-ashore-enp1s0.network").read_text()
    assert "Address=192.0.2.7/24\n" in text
    assert "ActivationPolicy" not in text  # it is wanted now, if not at every start
    assert [argv for argv in runner.argvs if argv[0] != "ip"] == [
        ("networkctl", "reload"),
        ("networkctl", "reconfigure", "enp1s0"),
        ("/usr/lib/systemd/systemd-networkd-wait-online", "--interface=enp1s0", "--timeout=20"),
    ]
    assert found.links[0].addresses == ("192.0.2.7/24", "2001:db8::7/64")


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    connect((STATIC,), MACHINE, FakeRunner(), tmp_path)
    runner = FakeRunner()
    connect((STATIC,), MACHINE, runner, tmp_path)
    assert not runner.ran("networkctl")


def test_what_is_not_wanted_any_more_is_taken_back(tmp_path: Path) -> None:
    connect((STATIC, NetworkConnection(device=OTHER.mac)), MACHINE, FakeRunner(), tmp_path)
    runner = FakeRunner()
    connect((STATIC, NetworkConnection(device=OTHER.mac, activate=False)), MACHINE, runner, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["05-ashore-enp1s0.network"]
    assert runner.ran("networkctl", "reconfigure", "enp2s0")
    assert not runner.ran("networkctl", "reconfigure", "enp1s0")


def test_link_is_found_and_a_card_that_is_off_is_not_waited_for(tmp_path: Path) -> None:
    machine = a_machine(links=(CARD, replace(OTHER, up=True)))
    runner = FakeRunner()
    connect((NetworkConnection(device=LINK, ipv4=Ipv4.OFF, ipv6=Ipv6.OFF),), machine, runner, tmp_path)
    assert runner.ran("networkctl", "reconfigure", "enp2s0")
    assert not runner.ran("--interface=enp2s0")


def test_a_card_without_an_answer_is_named(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("--interface=enp1s0",), status=1))
    with pytest.raises(InstallerError, match="The network card enp1s0 got no connection within 20 seconds"):
        connect((STATIC,), MACHINE, runner, tmp_path)


def test_a_system_without_networkd_says_so(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("networkctl",), status=1, stderr="Failed to connect to bus"))
    with pytest.raises(InstallerError, match="The live system's network can't be set up"):
        connect((STATIC,), MACHINE, runner, tmp_path)
