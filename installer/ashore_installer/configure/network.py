"""Network settings in the new system: NetworkManager's keyfiles, or else networkd's files.

Formats: nm-settings-keyfile(5), systemd.network(5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID, uuid5

from ashore_installer.chroot import inside
from ashore_installer.configure.check_network import on_its_own
from ashore_installer.configure.files import PRIVATE, PUBLIC, write
from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from ashore_installer.payload_info import NETWORKD, NETWORKMANAGER

KEYFILES = "/etc/NetworkManager/system-connections"
NETWORKD_FILES = "/etc/systemd/network"
_PROGRAMS = {
    NETWORKMANAGER: ("/usr/sbin/NetworkManager", "/usr/bin/NetworkManager"),
    NETWORKD: ("/usr/lib/systemd/systemd-networkd", "/lib/systemd/systemd-networkd"),
}
_SPACE = UUID("6f5c1c52-5d0e-5d1c-8b6a-0f2a7a4e9d11")
"""Of the UUIDs of connections: the same card gets the same one."""
_METHODS4 = {Ipv4.DHCP: "auto", Ipv4.STATIC: "manual", Ipv4.OFF: "disabled"}
_METHODS6 = {Ipv6.AUTO: "auto", Ipv6.DHCP: "dhcp", Ipv6.STATIC: "manual", Ipv6.OFF: "disabled"}

Entry = tuple[str, str]
Section = tuple[str, tuple[Entry, ...]]


def has_program(root: Path, word: str) -> bool:
    """Whether the system at `root` has NetworkManager or systemd-networkd (a word of `NETWORKS`)."""
    return any(inside(root, path).is_file() for path in _PROGRAMS[word])


def set_network(root: Path, connections: Sequence[NetworkConnection], warn: Callable[[str], None]) -> tuple[str, ...]:
    """Write the connections for the program of the system at `root` that uses them; the units that must be enabled."""
    if not connections:
        return ()
    if has_program(root, NETWORKMANAGER):
        for one in connections:
            # NetworkManager reads no file that others can read: there may be secrets in it.
            write(root, f"{KEYFILES}/{file_name(one)}.nmconnection", keyfile(one), PRIVATE)
        return ("NetworkManager.service",)
    if has_program(root, NETWORKD):
        for one in connections:
            write(root, f"{NETWORKD_FILES}/10-{file_name(one)}.network", networkd_file(one), PUBLIC)
        resolver = inside(root, "/usr/lib/systemd/systemd-resolved").is_file()
        return ("systemd-networkd.service", *(("systemd-resolved.service",) if resolver else ()))
    warn("The system has neither NetworkManager nor systemd-networkd: the network settings were not written.")
    return ()


def file_name(one: NetworkConnection) -> str:
    """A card as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", one.device)


# --- NetworkManager ------------------------------------------------------------------------------------------


def keyfile(one: NetworkConnection) -> str:
    """The connection in NetworkManager's words."""
    return _text(_keyfile(one))


def _keyfile(one: NetworkConnection) -> Iterator[Section]:
    interface = () if one.mac else (("interface-name", one.device),)
    boot = "true" if one.onboot and not one.off else "false"
    yield (
        "connection",
        (
            ("id", one.device),
            ("uuid", str(uuid5(_SPACE, one.device))),
            ("type", "ethernet"),
            *interface,
            ("autoconnect", boot),
        ),
    )
    # It must be there, if only by its name: without it the connection is refused.
    yield (
        "ethernet",
        (
            *((("mac-address", one.mac.upper()),) if one.mac else ()),
            *((("mtu", str(one.mtu)),) if one.mtu else ()),
        ),
    )
    for version, method in ((4, _METHODS4[one.ipv4]), (6, _METHODS6[one.ipv6])):
        yield f"ipv{version}", (("method", method), *(() if method == "disabled" else _ip(one, version)))


def _ip(one: NetworkConnection, version: int) -> Iterator[Entry]:
    addresses, gateway = _static(one, version)
    for number, address in enumerate(addresses, 1):
        yield f"address{number}", f"{address},{gateway}" if gateway and number == 1 else address
    servers = servers_of(one, version)
    if servers:
        yield "dns", "".join(f"{server};" for server in servers)
    if one.search:
        yield "dns-search", "".join(f"{domain};" for domain in one.search)
    if one.ignore_dns:
        yield "ignore-auto-dns", "true"
    if not one.default_route:
        yield "never-default", "true"


def servers_of(one: NetworkConnection, version: int) -> tuple[str, ...]:
    """The name servers of one family of addresses (4 or 6)."""
    return tuple(server for server in one.dns if ip_address(server).version == version)


def _static(one: NetworkConnection, version: int) -> tuple[tuple[str, ...], str]:
    """Addresses and gateway; NetworkManager refuses a gateway where there is to be no default route."""
    addresses, gateway = (
        (one.ipv4_addresses, one.ipv4_gateway) if version == 4 else (one.ipv6_addresses, one.ipv6_gateway)
    )
    return addresses, gateway if one.default_route else ""


# --- networkd ------------------------------------------------------------------------------------------------


def networkd_file(one: NetworkConnection) -> str:
    """The connection in networkd's words."""
    return _text(section for section in _networkd(one) if section[1])


def _networkd(one: NetworkConnection) -> Iterator[Section]:
    # A bridge or a VLAN has the address of the card below it, but is of a kind.
    yield "Match", (("MACAddress", one.mac), ("Kind", "!*")) if one.mac else (("Name", one.device),)
    yield "Link", tuple(_link(one))
    yield "Network", tuple(_network(one))
    for version in (4, 6):
        addresses, gateway = _static(one, version)
        if gateway and _apart(addresses):
            yield "Route", (("Gateway", gateway), ("GatewayOnLink", "yes"))
    yield "DHCPv4", tuple(_taken(one))
    # Nobody has to tell that there is a DHCP server: it is asked.
    yield "DHCPv6", ((("WithoutRA", "solicit"),) if one.ipv6 is Ipv6.DHCP else ()) + _dns(one)
    yield "IPv6AcceptRA", tuple(_taken(one))


def _link(one: NetworkConnection) -> Iterator[Entry]:
    if one.mtu:
        yield "MTUBytes", str(one.mtu)
    if one.off or not one.onboot:
        yield "ActivationPolicy", "down" if one.off else "manual"
        yield "RequiredForOnline", "no"


def _network(one: NetworkConnection) -> Iterator[Entry]:
    families = {(True, True): "yes", (True, False): "ipv4", (False, True): "ipv6", (False, False): "no"}
    yield "DHCP", families[one.ipv4 is Ipv4.DHCP, one.ipv6 is Ipv6.DHCP]
    yield "IPv6AcceptRA", "yes" if one.ipv6 in (Ipv6.AUTO, Ipv6.DHCP) else "no"
    if one.ipv6 is Ipv6.OFF:
        yield "LinkLocalAddressing", "no"
    for version in (4, 6):
        addresses, gateway = _static(one, version)
        yield from (("Address", address) for address in addresses)
        if gateway and not _apart(addresses):
            yield "Gateway", gateway
    yield from (("DNS", server) for server in one.dns)
    if one.search:
        yield "Domains", " ".join(one.search)


def _apart(addresses: Sequence[str]) -> bool:
    """Whether the card is in a network of its own, so that its gateway lies outside."""
    return all(map(on_its_own, addresses))


def _taken(one: NetworkConnection) -> Iterator[Entry]:
    """What is taken of what DHCP and routers say."""
    yield from _dns(one)
    if not one.default_route:
        yield "UseGateway", "no"


def _dns(one: NetworkConnection) -> tuple[Entry, ...]:
    return (("UseDNS", "no"),) if one.ignore_dns else ()


def _text(sections: Iterable[Section]) -> str:
    """Sections with their entries, an empty line between them."""
    written = (("[" + name + "]", *(f"{key}={value}" for key, value in entries), "") for name, entries in sections)
    return "\n".join("\n".join(lines) for lines in written)
