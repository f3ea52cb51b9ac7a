"""The network cards of the machine and the connections that were said for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ashore_installer.configure.check_network import link_of, problems_of
from ashore_installer.machine import MachineInfo, NetworkLink
from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection, with_cards
from ashore_installer.plan import Problem, SystemPlan
from ashore_tui.flow.state import Flow
from ashore_tui.text import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A network card, and what the installed system does with it; None is what that does by itself."""

    link: NetworkLink
    connection: NetworkConnection | None

    @property
    def refusal(self) -> str:
        """Why it can't be set up, as a sentence, or empty."""
        return _("A wireless card: Ashore can't set it up.") if self.link.wireless else ""


def cards(flow: Flow) -> tuple[Card, ...]:
    """All cards of the machine, in its order."""
    said = with_cards(flow.system.network, flow.machine.links)
    found = {link.name: one for one in said if (link := link_of(one, flow.machine.links))}
    return tuple(Card(link=link, connection=found.get(link.name)) for link in flow.machine.links)


def start_of(card: Card) -> NetworkConnection:
    """What a form for the card begins with. A new connection goes by the card's address, which outlives its names."""
    return card.connection or NetworkConnection(device=card.link.mac or card.link.name)


def by_hand(connection: NetworkConnection, card: Card, machine: MachineInfo) -> NetworkConnection:
    """The connection with what the live system has, wherever it is to be set up by hand and says nothing yet."""
    link, dns, search = card.link, connection.dns, connection.search
    if connection.ipv4 is Ipv4.STATIC and not connection.ipv4_addresses:
        gateway = next((one for one in link.gateways if ":" not in one), "")
        addresses = tuple(one for one in link.addresses if ":" not in one)[:1]
        connection = replace(connection, ipv4_addresses=addresses, ipv4_gateway=gateway)
        dns = dns or tuple(one for one in machine.dns if ":" not in one)
        search = search or machine.search
    if connection.ipv6 is Ipv6.STATIC and not connection.ipv6_addresses:
        gateway = next((one for one in link.gateways if ":" in one), "")
        addresses = tuple(one for one in link.addresses if ":" in one)[:1]
        connection = replace(connection, ipv6_addresses=addresses, ipv6_gateway=gateway)
    return replace(connection, dns=dns, search=search)


def consistent(connection: NetworkConnection) -> NetworkConnection:
    """Without what its methods have no use for, so that nothing hidden in a form is kept."""
    four, six = connection.ipv4 is Ipv4.STATIC, connection.ipv6 is Ipv6.STATIC
    return replace(
        connection,
        ipv4_addresses=connection.ipv4_addresses if four else (),
        ipv4_gateway=connection.ipv4_gateway if four else "",
        ipv6_addresses=connection.ipv6_addresses if six else (),
        ipv6_gateway=connection.ipv6_gateway if six else "",
        dns=() if connection.off else connection.dns,
        search=() if connection.off else connection.search,
    )


def put_connection(flow: Flow, card: Card, connection: NetworkConnection | None) -> SystemPlan:
    """The system with another connection for a card; None leaves the card to the system."""
    links = flow.machine.links
    rest = [one for one in with_cards(flow.system.network, links) if link_of(one, links) != card.link]
    return replace(flow.system, network=tuple(rest) if connection is None else (*rest, connection))


def problem_of(connection: NetworkConnection) -> Problem | None:
    """The first thing that is wrong with a connection by itself."""
    return next(problems_of(connection), None)


# --- words ---------------------------------------------------------------------------------------------------


def method_words(connection: NetworkConnection | None) -> str:
    """What the installed system does with a card, in a few words."""
    if connection is None:
        return _("as the system does by itself, mostly by DHCP")
    if connection.off:
        return _("off")
    parts = [_ipv4_words(connection), _ipv6_words(connection)]
    parts += [] if connection.onboot else [_("not at start")]
    return ", ".join(filter(None, parts))


def _ipv4_words(connection: NetworkConnection) -> str:
    addresses = ", ".join(connection.ipv4_addresses)
    return {Ipv4.DHCP: _("DHCP"), Ipv4.STATIC: addresses, Ipv4.OFF: _("no IPv4")}[connection.ipv4]


def _ipv6_words(connection: NetworkConnection) -> str:
    addresses = ", ".join(connection.ipv6_addresses)
    return {Ipv6.AUTO: "", Ipv6.DHCP: _("DHCPv6"), Ipv6.STATIC: addresses, Ipv6.OFF: _("no IPv6")}[connection.ipv6]


def now_words(link: NetworkLink) -> str:
    """What a card has in the running system."""
    if not link.up:
        return _("not connected")
    if not link.addresses:
        return _("connected")
    known = ", ".join(link.addresses)
    if link.gateways:
        return _("{addresses}, gateway {gateway}").format(addresses=known, gateway=", ".join(link.gateways))
    return known


def ipv4_methods() -> tuple[tuple[str, str], ...]:
    """The values of a setting, with their words."""
    return ((Ipv4.DHCP, _("by DHCP")), (Ipv4.STATIC, _("by hand")), (Ipv4.OFF, _("off")))


def ipv6_methods() -> tuple[tuple[str, str], ...]:
    return (
        (Ipv6.AUTO, _("automatic")),
        (Ipv6.DHCP, _("by DHCPv6")),
        (Ipv6.STATIC, _("by hand")),
        (Ipv6.OFF, _("off")),
    )
