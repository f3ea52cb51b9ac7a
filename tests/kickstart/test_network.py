"""The `network` command: cards by name, address or `link`; what can't be followed is refused by its line."""

from __future__ import annotations

import pytest

from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection
from ashore_installer.plan import Draft, SystemPlan
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.write import kickstart_from_draft


def connections(*lines: str) -> tuple[NetworkConnection, ...]:
    return draft_from_text("".join(f"{line}\n" for line in lines), "x.ks").system.network


def test_a_line_can_name_the_host_and_set_up_a_card() -> None:
    system = draft_from_text("network --bootproto=dhcp --hostname=pier\nnetwork --device=eth1\n", "x.ks").system
    assert system.hostname == "pier"
    assert system.network == (NetworkConnection(device=LINK), NetworkConnection(device="eth1"))


def test_a_host_name_alone_sets_up_nothing() -> None:
    assert connections("network --hostname=pier") == ()


def test_a_static_card() -> None:
    line = (
        "network --device=52-54-00-AB-CD-EF --bootproto=static --ip=192.0.2.7 --netmask=255.255.254.0 "
        "--gateway=192.0.2.1 --ipv6=2001:db8::7/56 --ipv6gateway=fe80::1 --nameserver=192.0.2.53,2001:db8::53 "
        "--ipv4-dns-search=example.org --ipv6-dns-search=example.org,example.net --nodefroute --mtu=1400 --onboot=off "
        "--no-activate"
    )
    assert connections(line) == (
        NetworkConnection(
            device="52:54:00:ab:cd:ef",
            ipv4=Ipv4.STATIC,
            ipv4_addresses=("192.0.2.7/23",),
            ipv4_gateway="192.0.2.1",
            ipv6=Ipv6.STATIC,
            ipv6_addresses=("2001:db8::7/56",),
            ipv6_gateway="fe80::1",
            dns=("192.0.2.53", "2001:db8::53"),
            search=("example.org", "example.net"),
            default_route=False,
            mtu=1400,
            onboot=False,
            activate=False,
        ),
    )


def test_families_can_be_off() -> None:
    (one,) = connections("network --device=eth0 --noipv4 --ipv6=dhcp")
    assert (one.ipv4, one.ipv6) == (Ipv4.OFF, Ipv6.DHCP)
    (one,) = connections("network --device=eth0 --bootproto=bootp --noipv6")
    assert (one.ipv4, one.ipv6) == (Ipv4.DHCP, Ipv6.OFF)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--device=e --bootproto=ibft", "line 1: --bootproto=ibft is not supported."),
        ("--device=bootif", "line 1: the device bootif is not supported."),
        ("--bootproto=static --ip=192.0.2.7", "line 1: a static address needs --ip and --netmask."),
        ("--bootproto=static --ip=192.0.2.7 --netmask=255.0.255.0", "line 1: '255.0.255.0' is no netmask."),
        ("--bootproto=static --ip=192.0.2.300 --netmask=255.0.0.0", "line 1: network: '192.0.2.300/8' is no IPv4"),
        ("--ip=192.0.2.7 --netmask=255.255.255.0", "line 1: DHCP and --ip contradict each other."),
        ("--noipv4 --bootproto=dhcp", "line 1: --noipv4 and --bootproto contradict each other."),
        ("--noipv6 --ipv6=auto", "line 1: --noipv6 and --ipv6 contradict each other."),
        ("--mtu=big", "line 1: 'big' is no MTU."),
        ("--activate --no-activate", "line 1: --no-activate and --activate contradict each other."),
        ("--nameserver=ns.example", "line 1: network: 'ns.example' is no name server's address."),
        ("--device=e\nnetwork --device=e", "line 2: line 1 has already set up e."),
        ("--bootproto=dhcp --essid=cafe", "line 1: the option network --essid is not supported: wireless"),
        ("--device=bond0 --bondslaves=a,b", "line 1: the option network --bondslaves is not supported: bonds"),
    ],
)  # fmt: skip
def test_what_can_not_be_followed_is_refused(text: str, message: str) -> None:
    with pytest.raises(KickstartError) as caught:
        draft_from_text(f"network {text}\n", "x.ks")
    assert message in str(caught.value)


def test_two_addresses_can_not_be_said() -> None:
    both = NetworkConnection(device="e", ipv4=Ipv4.STATIC, ipv4_addresses=("192.0.2.7/24", "192.0.2.8/24"))
    with pytest.raises(Exception, match="has 2 addresses"):
        kickstart_from_draft(Draft(system=SystemPlan(network=(both,))))
