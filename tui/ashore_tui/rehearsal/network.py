"""The network of a rehearsal: what cards would have if everything went well. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ashore_installer.configure.check_network import link_of
from ashore_installer.machine import MachineInfo, NetworkLink
from ashore_installer.network_plan import Ipv4, NetworkConnection, with_cards

_LEASE, _ROUTER = "192.0.2.107/24", "192.0.2.1"
"""Of the network for examples (RFC 5737)."""


def imagined(connections: Sequence[NetworkConnection], machine: MachineInfo) -> MachineInfo:
    """The machine after its cards were given these connections."""
    wanted = with_cards(connections, machine.links)
    found = {link.name: one for one in wanted if (link := link_of(one, machine.links))}
    links = tuple(_after(link, found[link.name]) if link.name in found else link for link in machine.links)
    servers = tuple(server for one in wanted for server in one.dns)
    return replace(machine, links=links, dns=servers or machine.dns)


def _after(link: NetworkLink, one: NetworkConnection) -> NetworkLink:
    if one.off:
        return replace(link, up=False, addresses=(), gateways=())
    dhcp = one.ipv4 is Ipv4.DHCP
    gateways = (_ROUTER if dhcp else one.ipv4_gateway, one.ipv6_gateway)
    return replace(
        link,
        up=True,
        addresses=(*((_LEASE,) if dhcp else one.ipv4_addresses), *one.ipv6_addresses),
        gateways=tuple(filter(None, gateways)),
    )
