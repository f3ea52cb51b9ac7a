"""Network settings as `network` lines."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from ashore_installer.plan import SystemPlan
from ashore_kickstart.words import Unsayable, Value, words


def network_lines(system: SystemPlan) -> Iterator[str]:
    """A line for the host name, and one for each card."""
    if system.hostname:
        yield words("network", {"--hostname": system.hostname})
    for one in system.network:
        yield words("network", {"--device": one.device, **_ipv4(one), **_ipv6(one), **_rest(one)})


def _ipv4(one: NetworkConnection) -> dict[str, Value]:
    if one.ipv4 is Ipv4.OFF:
        return {"--noipv4": True}
    if one.ipv4 is Ipv4.DHCP:
        return {"--bootproto": "dhcp"}
    address = ip_interface(_single(one, one.ipv4_addresses))
    netmask = str(address.network.netmask)
    return {"--bootproto": "static", "--ip": str(address.ip), "--netmask": netmask, "--gateway": one.ipv4_gateway}


def _ipv6(one: NetworkConnection) -> dict[str, Value]:
    if one.ipv6 is Ipv6.OFF:
        return {"--noipv6": True}
    if one.ipv6 is Ipv6.STATIC:
        return {"--ipv6": _single(one, one.ipv6_addresses), "--ipv6gateway": one.ipv6_gateway}
    return {"--ipv6": one.ipv6.value}


def _single(one: NetworkConnection, addresses: tuple[str, ...]) -> str:
    if len(addresses) != 1:
        raise Unsayable(f"the network card {one.device} has {len(addresses)} addresses of one family")
    return addresses[0]


def _rest(one: NetworkConnection) -> dict[str, Value]:
    """What is so without an option is written too: other installers have other defaults."""
    return {
        "--nameserver": one.dns,
        "--ipv6-dns-search" if one.ipv4 is Ipv4.OFF else "--ipv4-dns-search": one.search,
        "--nodns": one.ignore_dns,
        "--nodefroute": not one.default_route,
        "--mtu": one.mtu,
        "--onboot": "yes" if one.onboot else "no",
        "--activate" if one.activate else "--no-activate": True,
    }
