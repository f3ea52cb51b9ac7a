"""What can't be right about network settings: pure, before the first write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    NetmaskValueError,
    ip_address,
    ip_interface,
)

from ashore_installer.machine import MachineInfo, NetworkLink
from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection, is_mac
from ashore_installer.payload_info import NETWORKS, PayloadInfo
from ashore_installer.plan import Problem

_NAME = re.compile(r"[^\s/:%\x00-\x1f]{1,15}")
"""What the kernel takes (Linux, net/core/dev.c, dev_valid_name), without what stands for something else."""
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
MTU = (576, 65535)
"""The least that every IPv4 host takes (RFC 791), and the most that a packet can have."""
_AS_IPV4, _AS_IPV6 = "Write it like 192.0.2.7/24.", "Write it like 2001:db8::7/64."


def check_network(connections: Sequence[NetworkConnection], info: PayloadInfo) -> Iterator[Problem]:
    """Why connections can't be set up in the system `info`, as far as their values and its programs go."""
    if connections and info.programs and not set(NETWORKS) & set(info.programs):
        message = "The system has neither NetworkManager nor systemd-networkd, so nothing would use network settings."
        yield Problem(field="system.network", message=message, hint="Leave the network to the system.")
    for connection in connections:
        yield from problems_of(connection)
    devices = [one.device for one in connections]
    for device in dict.fromkeys(one for one in devices if devices.count(one) > 1):
        yield _problem(device, f"The network card {device} has two settings.", "Remove one of the two.")


def check_cards(connections: Sequence[NetworkConnection], machine: MachineInfo) -> Iterator[Problem]:
    """Why the machine's cards can't take them."""
    known = ", ".join(link.name for link in machine.links) or "none at all"
    for connection in connections:
        device, link = connection.device, link_of(connection, machine.links)
        if device == LINK:
            message = "No network card of this machine is connected, so it is not known which one is meant."
            yield _problem(device, message, f"Connect one, or name one of the cards: {known}.")
        elif link is None:
            yield _problem(device, f"There is no network card {device} in this machine.", f"The cards are: {known}.")
        elif link.wireless:
            message = f"The network card {device} is a wireless one, which Ashore can't set up."
            yield _problem(device, message, "Leave it to the installed system.")
    cards = [link.name for one in connections if (link := link_of(one, machine.links))]
    if len(set(cards)) < len(cards) and len({one.device for one in connections}) == len(connections):
        yield _problem(
            cards[0], "A network card is named twice, by its name and by its address.", "Remove one of them."
        )


def link_of(connection: NetworkConnection, links: Iterable[NetworkLink]) -> NetworkLink | None:
    """The card of this machine that a connection is for."""
    return next((link for link in links if connection.device in (link.name, link.mac)), None)


# --- values --------------------------------------------------------------------------------------------------


def is_ipv4(text: str) -> bool:
    """Whether a text is an IPv4 address without a prefix."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def is_ipv6(text: str) -> bool:
    """Whether a text is an IPv6 address without a prefix or a zone."""
    try:
        return IPv6Address(text).scope_id is None
    except AddressValueError:
        return False


def ipv4_with_prefix(text: str) -> bool:
    """Whether a text is an address that a card can have, with its prefix: `192.0.2.7/24`."""
    address, slash, prefix = text.partition("/")
    if not (slash and prefix.isdecimal() and is_ipv4(address)):
        return False
    try:
        return _of_a_card(IPv4Interface(text))
    except (AddressValueError, NetmaskValueError):
        return False


def ipv6_with_prefix(text: str) -> bool:
    address, slash, prefix = text.partition("/")
    if not (slash and prefix.isdecimal() and is_ipv6(address)):
        return False
    try:
        return _of_a_card(IPv6Interface(text))
    except (AddressValueError, NetmaskValueError):
        return False


def reaches(addresses: Sequence[str], gateway: str) -> bool:
    """Whether a card with these addresses (`192.0.2.7/24`) can send to a gateway directly.

    A link-local gateway always is near. Providers give single addresses (/32, /128) with a gateway outside of them.
    """
    target = ip_address(gateway)
    found = [ip_interface(address) for address in addresses]
    near = any(target in one.network or on_its_own(str(one)) for one in found)
    return (near or target.is_link_local) and all(target != one.ip for one in found)


def on_its_own(address: str) -> bool:
    """Whether an address with its prefix is a network of one."""
    interface = ip_interface(address)
    return interface.network.prefixlen == interface.network.max_prefixlen


def is_domain(text: str) -> bool:
    return bool(_DOMAIN.fullmatch(text.rstrip(".")))


def _of_a_card(interface: IPv4Interface | IPv6Interface) -> bool:
    """Not 0.0.0.0, not a group's, not the network's own or its broadcast address."""
    ip, network = interface.ip, interface.network
    if ip.is_unspecified or ip.is_multicast or ip.is_loopback or network.prefixlen == 0:
        return False
    small = network.prefixlen >= network.max_prefixlen - 1  # RFC 3021: both addresses of a /31 are hosts'
    return small or ip.version == 6 or ip not in (network.network_address, network.broadcast_address)


def problems_of(one: NetworkConnection) -> Iterator[Problem]:
    """What can't be right about one connection by itself."""
    device = one.device
    if not (is_mac(device) or _NAME.fullmatch(device)) or device in (".", ".."):
        yield _problem(device, f"{device!r} is no network card.", "Write it like enp1s0 or 52:54:00:12:34:56.")
    yield from _ipv4(one)
    yield from _ipv6(one)
    yield from _dns(one)
    for domain in one.search:
        if not is_domain(domain):
            yield _problem(device, f"{domain!r} is no domain.", "Write it like example.org.")
    if one.mtu is not None and not MTU[0] <= one.mtu <= MTU[1]:
        yield _problem(device, f"{device} can't have an MTU of {one.mtu}.", f"Take one from {MTU[0]} to {MTU[1]}.")


def _dns(one: NetworkConnection) -> Iterator[Problem]:
    for server in one.dns:
        version = 4 if is_ipv4(server) else 6 if is_ipv6(server) else 0
        if not version:
            yield _problem(one.device, f"{server!r} is no name server's address.", "Write it like 192.0.2.53.")
        elif (version == 4 and one.ipv4 is Ipv4.OFF) or (version == 6 and one.ipv6 is Ipv6.OFF):
            message = f"The name server {server} can't be reached: {one.device} has no IPv{version}."
            yield _problem(one.device, message, "Leave it out, or switch that on.")


def _ipv4(one: NetworkConnection) -> Iterator[Problem]:
    device, static = one.device, one.ipv4 is Ipv4.STATIC
    if static and not one.ipv4_addresses:
        yield _problem(device, f"The IPv4 address of {device} is missing.", _AS_IPV4)
    if not static and (one.ipv4_addresses or one.ipv4_gateway):
        yield _problem(device, f"{device} has an IPv4 address, but is not set up by hand.", "Leave the address out.")
        return
    wrong = [address for address in one.ipv4_addresses if not ipv4_with_prefix(address)]
    for address in wrong:
        yield _problem(device, f"{address!r} is no IPv4 address of a network card.", _AS_IPV4)
    if one.ipv4_gateway and not is_ipv4(one.ipv4_gateway):
        yield _problem(device, f"{one.ipv4_gateway!r} is no gateway's address.", "Write it like 192.0.2.1.")
    elif one.ipv4_gateway and one.ipv4_addresses and not wrong and not reaches(one.ipv4_addresses, one.ipv4_gateway):
        yield _unreached(device, one.ipv4_gateway, one.ipv4_addresses)


def _ipv6(one: NetworkConnection) -> Iterator[Problem]:
    device, static = one.device, one.ipv6 is Ipv6.STATIC
    if static and not one.ipv6_addresses:
        yield _problem(device, f"The IPv6 address of {device} is missing.", _AS_IPV6)
    if not static and (one.ipv6_addresses or one.ipv6_gateway):
        yield _problem(device, f"{device} has an IPv6 address, but is not set up by hand.", "Leave the address out.")
        return
    wrong = [address for address in one.ipv6_addresses if not ipv6_with_prefix(address)]
    for address in wrong:
        yield _problem(device, f"{address!r} is no IPv6 address of a network card.", _AS_IPV6)
    if one.ipv6_gateway and not is_ipv6(one.ipv6_gateway):
        yield _problem(device, f"{one.ipv6_gateway!r} is no gateway's address.", "Write it like fe80::1.")
    elif one.ipv6_gateway and one.ipv6_addresses and not wrong and not reaches(one.ipv6_addresses, one.ipv6_gateway):
        yield _unreached(device, one.ipv6_gateway, one.ipv6_addresses)


def _unreached(device: str, gateway: str, addresses: Sequence[str]) -> Problem:
    message = f"The gateway {gateway} can't be reached from {', '.join(addresses)}."
    return _problem(device, message, "Check the prefix: it says which addresses are in the same network.")


def _problem(device: str, message: str, hint: str) -> Problem:
    return Problem(field=f"system.network.{device}", message=message, hint=hint)
