"""Network settings: what is refused, which card is meant, and the files of the new system."""

from __future__ import annotations

import configparser
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.configure.check_network import check_cards, check_network
from ashore_installer.configure.network import has_program, keyfile, networkd_file, set_network
from ashore_installer.machine import NetworkLink
from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection, device_word, with_cards
from ashore_installer.payload_info import NETWORKD, NETWORKMANAGER
from tests.fakes.values import a_machine, an_image

MAC = "52:54:00:12:34:56"
CARD = NetworkLink(name="enp1s0", mac=MAC, up=True)
OTHER = NetworkLink(name="enp2s0", mac="52:54:00:12:34:57")
WIRELESS = NetworkLink(name="wlp3s0", mac="52:54:00:12:34:58", up=True, wireless=True)
STATIC = NetworkConnection(
    device="enp1s0",
    ipv4=Ipv4.STATIC,
    ipv4_addresses=("192.0.2.7/24", "192.0.2.8/24"),
    ipv4_gateway="192.0.2.1",
    ipv6=Ipv6.STATIC,
    ipv6_addresses=("2001:db8::7/64",),
    ipv6_gateway="fe80::1",
    dns=("192.0.2.53", "2001:db8::53"),
    search=("example.org", "example.net"),
    mtu=9000,
)


def problems(*connections: NetworkConnection, programs: tuple[str, ...] = ()) -> list[str]:
    found = tuple(check_network(connections, an_image(programs=programs)))
    assert all(one.hint and one.field.startswith("system.network") for one in found)
    return [one.message for one in found]


def cards(*connections: NetworkConnection, links: tuple[NetworkLink, ...] = (CARD, OTHER)) -> list[str]:
    return [one.message for one in check_cards(connections, a_machine(links=links))]


# --- checks --------------------------------------------------------------------------------------------------


def test_whole_settings_are_fine() -> None:
    assert problems(STATIC, NetworkConnection(device=MAC), programs=(NETWORKD,)) == []
    assert cards(STATIC, NetworkConnection(device=OTHER.mac)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "two words"}, "'two words' is no network card."),
        ({"device": "a" * 16}, f"'{'a' * 16}' is no network card."),
        ({"ipv4_addresses": ()}, "The IPv4 address of enp1s0 is missing."),
        ({"ipv4_addresses": ("192.0.2.7",)}, "'192.0.2.7' is no IPv4 address of a network card."),
        ({"ipv4_addresses": ("192.0.2.0/24",)}, "'192.0.2.0/24' is no IPv4 address of a network card."),
        ({"ipv4_addresses": ("192.0.2.255/24",)}, "'192.0.2.255/24' is no IPv4 address of a network card."),
        ({"ipv4_addresses": ("192.0.2.7/33",)}, "'192.0.2.7/33' is no IPv4 address of a network card."),
        ({"ipv4_addresses": ("192.0.2.7/0xff",)}, "'192.0.2.7/0xff' is no IPv4 address of a network card."),
        ({"ipv4_gateway": "192.0.2"}, "'192.0.2' is no gateway's address."),
        ({"ipv4_gateway": "10.0.0.1"}, "The gateway 10.0.0.1 can't be reached from 192.0.2.7/24, 192.0.2.8/24."),
        ({"ipv4_gateway": "192.0.2.8"}, "The gateway 192.0.2.8 can't be reached from 192.0.2.7/24, 192.0.2.8/24."),
        ({"ipv6_addresses": ()}, "The IPv6 address of enp1s0 is missing."),
        ({"ipv6_addresses": ("fe80::7%eth0/64",)}, "'fe80::7%eth0/64' is no IPv6 address of a network card."),
        ({"ipv6_gateway": "2001:db8:1::1"}, "The gateway 2001:db8:1::1 can't be reached from 2001:db8::7/64."),
        ({"dns": ("ns.example.org",)}, "'ns.example.org' is no name server's address."),
        ({"search": ("-x.example",)}, "'-x.example' is no domain."),
        ({"mtu": 100}, "enp1s0 can't have an MTU of 100."),
    ],
)  # fmt: skip
def test_what_can_not_be_right_is_named(changes: dict[str, object], message: str) -> None:
    assert problems(replace(STATIC, **changes)) == [message]  # type: ignore[arg-type]


def test_addresses_belong_to_cards_that_are_set_up_by_hand() -> None:
    dhcp = NetworkConnection(device="enp1s0", ipv4_addresses=("192.0.2.7/24",), ipv6_gateway="fe80::1")
    assert problems(dhcp) == [
        "enp1s0 has an IPv4 address, but is not set up by hand.",
        "enp1s0 has an IPv6 address, but is not set up by hand.",
    ]


def test_name_servers_of_a_family_that_is_off_can_not_be_asked() -> None:
    found = problems(NetworkConnection(device="enp1s0", ipv6=Ipv6.OFF, dns=("2001:db8::53",)))
    assert found == ["The name server 2001:db8::53 can't be reached: enp1s0 has no IPv6."]


def test_a_single_address_may_have_its_gateway_elsewhere() -> None:
    alone = NetworkConnection(
        device="enp1s0", ipv4=Ipv4.STATIC, ipv4_addresses=("192.0.2.7/32",), ipv4_gateway="198.51.100.1"
    )
    assert problems(alone) == []
    assert "[Route]\nGateway=198.51.100.1\nGatewayOnLink=yes\n" in networkd_file(alone)


def test_a_system_needs_a_program_that_uses_them() -> None:
    dhcp = NetworkConnection(device="enp1s0")
    assert problems(dhcp, programs=("mdadm",)) == [
        "The system has neither NetworkManager nor systemd-networkd, so nothing would use network settings."
    ]
    assert problems(dhcp) == []  # nobody has looked into it yet
    assert problems(programs=("mdadm",)) == []


def test_a_card_has_one_connection() -> None:
    dhcp = NetworkConnection(device="enp1s0")
    assert problems(dhcp, dhcp) == ["The network card enp1s0 has two settings."]
    assert cards(dhcp, replace(dhcp, device=MAC)) == [
        "A network card is named twice, by its name and by its address."
    ]  # fmt: skip


def test_the_machine_has_the_card() -> None:
    assert cards(NetworkConnection(device="eth7")) == ["There is no network card eth7 in this machine."]
    assert cards(NetworkConnection(device="wlp3s0"), links=(WIRELESS,)) == [
        "The network card wlp3s0 is a wireless one, which Ashore can't set up."
    ]


# --- which card ----------------------------------------------------------------------------------------------


def test_link_is_the_card_that_is_connected() -> None:
    dhcp = NetworkConnection(device=LINK)
    assert with_cards((dhcp,), (OTHER, WIRELESS, CARD)) == (replace(dhcp, device=MAC),)
    assert with_cards((dhcp,), (OTHER,)) == (replace(dhcp, device=OTHER.mac),)
    undecided = with_cards((dhcp,), (OTHER, replace(CARD, up=False)))
    assert undecided == (dhcp,)
    assert cards(*undecided) == ["No network card of this machine is connected, so it is not known which one is meant."]


def test_addresses_of_cards_are_written_in_one_way() -> None:
    assert device_word("52-54-00-AB-CD-EF") == "52:54:00:ab:cd:ef"
    assert device_word(" enP1s0 ") == "enP1s0"


# --- NetworkManager ------------------------------------------------------------------------------------------


def read(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def test_a_keyfile_has_every_setting() -> None:
    found = read(keyfile(STATIC))
    uuid = found["connection"].pop("uuid")
    assert len(uuid) == 36
    assert found == {
        "connection": {"id": "enp1s0", "type": "ethernet", "interface-name": "enp1s0", "autoconnect": "true"},
        "ethernet": {"mtu": "9000"},
        "ipv4": {
            "method": "manual",
            "address1": "192.0.2.7/24,192.0.2.1",
            "address2": "192.0.2.8/24",
            "dns": "192.0.2.53;",
            "dns-search": "example.org;example.net;",
        },
        "ipv6": {
            "method": "manual",
            "address1": "2001:db8::7/64,fe80::1",
            "dns": "2001:db8::53;",
            "dns-search": "example.org;example.net;",
        },
    }


def test_a_keyfile_goes_by_the_address_of_a_card() -> None:
    found = read(keyfile(NetworkConnection(device=MAC, ignore_dns=True, default_route=False, onboot=False)))
    assert found["ethernet"] == {"mac-address": MAC.upper()}
    assert "interface-name" not in found["connection"]
    assert found["connection"]["autoconnect"] == "false"
    assert found["ipv4"] == {"method": "auto", "ignore-auto-dns": "true", "never-default": "true"}


def test_no_default_route_has_no_gateway() -> None:
    """NetworkManager refuses the whole connection otherwise."""
    found = read(keyfile(replace(STATIC, default_route=False)))
    assert found["ipv4"]["address1"] == "192.0.2.7/24"
    assert found["ipv4"]["never-default"] == "true"


def test_the_same_card_gets_the_same_uuid() -> None:
    assert keyfile(STATIC) == keyfile(STATIC)
    assert (
        read(keyfile(STATIC))["connection"]["uuid"]
        != read(keyfile(replace(STATIC, device="enp2s0")))["connection"]["uuid"]
    )


# --- networkd ------------------------------------------------------------------------------------------------


def test_networkd_files_have_every_setting() -> None:
    assert networkd_file(STATIC) == (
        "[Match]\nName=enp1s0\n\n[Link]\nMTUBytes=9000\n\n"
        "[Network]\nDHCP=no\nIPv6AcceptRA=no\nAddress=192.0.2.7/24\nAddress=192.0.2.8/24\nGateway=192.0.2.1\n"
        "Address=2001:db8::7/64\nGateway=fe80::1\nDNS=192.0.2.53\nDNS=2001:db8::53\nDomains=example.org example.net\n"
    )


def test_networkd_asks_dhcp() -> None:
    text = networkd_file(NetworkConnection(device=MAC, ipv6=Ipv6.DHCP, ignore_dns=True, default_route=False))
    assert text == (
        f"[Match]\nMACAddress={MAC}\nKind=!*\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n\n"
        "[DHCPv4]\nUseDNS=no\nUseGateway=no\n\n[DHCPv6]\nWithoutRA=solicit\nUseDNS=no\n\n"
        "[IPv6AcceptRA]\nUseDNS=no\nUseGateway=no\n"
    )


def test_a_card_that_is_off_stays_down() -> None:
    off = NetworkConnection(device="enp1s0", ipv4=Ipv4.OFF, ipv6=Ipv6.OFF)
    assert "ActivationPolicy=down\nRequiredForOnline=no\n" in networkd_file(off)
    assert "LinkLocalAddressing=no\n" in networkd_file(off)
    found = read(keyfile(off))
    assert (found["ipv4"], found["ipv6"]) == ({"method": "disabled"}, {"method": "disabled"})
    assert found["ethernet"] == {}, "NetworkManager refuses a connection without this section"
    assert found["connection"]["autoconnect"] == "false"


# --- the new system ------------------------------------------------------------------------------------------


def program(root: Path, path: str) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()


def test_networkmanager_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "usr/bin/NetworkManager")
    program(tmp_path, "usr/lib/systemd/systemd-networkd")
    warnings: list[str] = []
    assert set_network(tmp_path, (STATIC, NetworkConnection(device=MAC)), warnings.append) == (
        "NetworkManager.service",
    )  # fmt: skip
    folder = tmp_path / "etc/NetworkManager/system-connections"
    assert sorted(path.name for path in folder.iterdir()) == [
        "52-54-00-12-34-56.nmconnection",
        "enp1s0.nmconnection",
    ]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    assert (folder / "enp1s0.nmconnection").read_text() == keyfile(STATIC)
    assert not (tmp_path / "etc/systemd/network").exists()
    assert warnings == []


def test_networkd_is_used_where_there_is_nothing_else(tmp_path: Path) -> None:
    program(tmp_path, "usr/lib/systemd/systemd-networkd")
    program(tmp_path, "usr/lib/systemd/systemd-resolved")
    assert has_program(tmp_path, NETWORKD)
    assert not has_program(tmp_path, NETWORKMANAGER)
    units = set_network(tmp_path, (STATIC,), lambda _message: None)
    assert units == ("systemd-networkd.service", "systemd-resolved.service")
    assert (tmp_path / "etc/systemd/network/10-enp1s0.network").read_text() == networkd_file(STATIC)


def test_a_system_without_either_is_warned_of(tmp_path: Path) -> None:
    warnings: list[str] = []
    assert set_network(tmp_path, (STATIC,), warnings.append) == ()
    assert len(warnings) == 1
    assert set_network(tmp_path, (), warnings.append) == ()
    assert len(warnings) == 1
