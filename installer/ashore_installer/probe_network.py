"""What the network cards have now: addresses, gateways and name servers of the running system.

Read from iproute2's JSON (ip-address(8), ip-route(8)) and from resolv.conf(5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ashore_installer.machine import MachineInfo, NetworkLink
from ashore_installer.run import CommandFailed, Runner

RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
"""The first has the real servers where systemd-resolved stands between."""


def with_network(machine: MachineInfo, run: Runner, resolvers: Sequence[Path] = RESOLVERS) -> MachineInfo:
    """The machine with what its links have now. A system without iproute2 is one of which nothing is known."""
    links = machine.links
    try:
        addresses = json.loads(run.run(("ip", "-json", "address", "show")) or "[]")
        routes = [route for family in ("-4", "-6") for route in _routes(run, family)]
    except (CommandFailed, ValueError):
        addresses, routes = [], []
    text = next((place.read_text(errors="replace") for place in resolvers if place.is_file()), "")
    return replace(
        machine,
        links=tuple(_known(link, addresses, routes) for link in links),
        dns=_words(text, "nameserver"),
        search=tuple(domain for domain in _words(text, "search") if domain != "."),
    )


def _routes(run: Runner, family: str) -> Iterable[Any]:
    found = json.loads(run.run(("ip", "-json", family, "route", "show", "default")) or "[]")
    return found if isinstance(found, list) else ()


def _known(link: NetworkLink, addresses: Sequence[Any], routes: Sequence[Any]) -> NetworkLink:
    mine: dict[str, Any] = next((one for one in addresses if one.get("ifname") == link.name), {})
    found = [one for one in mine.get("addr_info", ()) if one.get("scope") == "global"]
    gateways = [str(one["gateway"]) for one in routes if one.get("dev") == link.name and "gateway" in one]
    return replace(
        link,
        up=mine.get("operstate", "UP" if link.up else "") == "UP",
        addresses=tuple(f"{one['local']}/{one['prefixlen']}" for one in found),
        gateways=tuple(dict.fromkeys(gateways)),
    )


def _words(text: str, name: str) -> tuple[str, ...]:
    """The values of a keyword of resolv.conf; of `search`, the last line counts."""
    lines = [line.split()[1:] for line in text.splitlines() if line.split()[:1] == [name]]
    if name == "search":
        return tuple(lines[-1]) if lines else ()
    return tuple(dict.fromkeys(line[0] for line in lines if line))
