"""Network connections as values: what one network card of the installed system shall do.

A card that no connection is for is left to the installed system's own defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ashore_installer.machine import NetworkLink

LINK = "link"
"""In a Draft, the card that is connected (kickstart's `--device=link`); a plan has the card itself."""

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class Ipv4(StrEnum):
    """How a card gets its IPv4 addresses."""

    DHCP = "dhcp"
    STATIC = "static"
    OFF = "off"


class Ipv6(StrEnum):
    """How a card gets its IPv6 addresses; AUTO is by router advertisements, and by DHCPv6 where these say so."""

    AUTO = "auto"
    DHCP = "dhcp"
    STATIC = "static"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConnection:
    """The settings of one wired network card. Addresses have their prefix: `192.0.2.7/24`, `2001:db8::7/64`."""

    device: str
    """The name of the interface (`enp1s0`), or its MAC address in small letters, which outlives other names."""
    ipv4: Ipv4 = Ipv4.DHCP
    ipv4_addresses: tuple[str, ...] = ()
    ipv4_gateway: str = ""
    ipv6: Ipv6 = Ipv6.AUTO
    ipv6_addresses: tuple[str, ...] = ()
    ipv6_gateway: str = ""
    dns: tuple[str, ...] = ()
    """Name servers of both families, the first is asked first; beside those that DHCP names, unless `ignore_dns`."""
    search: tuple[str, ...] = ()
    """Domains that names without a dot are looked for in."""
    ignore_dns: bool = False
    """Name servers that DHCP and routers name are not used (kickstart's --nodns)."""
    default_route: bool = True
    mtu: int | None = None
    onboot: bool = True
    """It is connected when the system starts."""
    activate: bool = True
    """The running live system gets the same settings, before anything is fetched."""

    @property
    def off(self) -> bool:
        """Whether the card is not used at all."""
        return self.ipv4 is Ipv4.OFF and self.ipv6 is Ipv6.OFF

    @property
    def mac(self) -> str:
        """The MAC address that the card goes by, or empty."""
        return self.device if is_mac(self.device) else ""


def is_mac(text: str) -> bool:
    """Whether a word is a MAC address as this module writes them."""
    return bool(_MAC.fullmatch(text))


def device_word(text: str) -> str:
    """A card as a person names it, as `NetworkConnection.device` has it: `52-54-00-AB-CD-EF` is a MAC address too."""
    word = text.strip().lower().replace("-", ":")
    return word if is_mac(word) else text.strip()


def with_cards(connections: Iterable[NetworkConnection], links: Sequence[NetworkLink]) -> tuple[NetworkConnection, ...]:
    """The connections for the cards of a machine: `link` is the one that is connected, or the only one.

    It goes by its address, as it may have another name in the installed system. Where nothing says which one is meant,
    `link` stays.
    """
    usable = [link for link in links if not link.wireless]
    connected = [link for link in usable if link.up] or (usable if len(usable) == 1 else [])
    card = connected[0].mac if connected else LINK
    return tuple(replace(one, device=card) if one.device == LINK else one for one in connections)
