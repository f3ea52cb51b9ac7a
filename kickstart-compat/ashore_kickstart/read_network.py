"""The network cards of the installed system, and its host name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Network

from ashore_installer.configure.check_network import problems_of
from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection, device_word
from ashore_installer.plan import Draft
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused

_PROTOCOLS = {"": Ipv4.DHCP, "dhcp": Ipv4.DHCP, "bootp": Ipv4.DHCP, "static": Ipv4.STATIC}
_IPV6 = {"": Ipv6.AUTO, "auto": Ipv6.AUTO, "dhcp": Ipv6.DHCP}
_STATIC = ("--ip", "--netmask", "--gateway")
_ELSEWHERE = ("bootif", "ibft")
"""What `--device` can be in other installers, where the firmware knows the card."""
_NO = ("no", "off", "false", "0")


def network(draft: Draft, command: Command) -> Draft:
    """A line can name the host, set up a card, or both; the host has one name."""
    hostname = command.text("--hostname")
    if not command.options:
        raise Refused(command.line, "network says nothing.", "Give --bootproto or --hostname, or remove the line.")
    draft = _named(draft, command, hostname) if hostname else draft
    return draft if set(command.options) == {"--hostname"} else _connected(draft, command)


def _named(draft: Draft, command: Command, hostname: str) -> Draft:
    if draft.system.hostname:
        line = draft.lines["system.hostname"]
        raise Refused(command.line, f"line {line} has already set the host name.", "Remove one of the two.")
    system = replace(draft.system, hostname=hostname)
    return replace(draft, system=system, lines={**draft.lines, "system.hostname": command.line})


def _connected(draft: Draft, command: Command) -> Draft:
    made = _connection(command)
    known = draft.system.network
    if any(one.device == made.device for one in known):
        line = draft.lines[f"system.network.{made.device}"]
        raise Refused(command.line, f"line {line} has already set up {made.device}.", "Remove one of the two.")
    for problem in problems_of(made):
        raise Refused(command.line, f"network: {problem.message}", problem.hint)
    system = replace(draft.system, network=(*known, made))
    return replace(draft, system=system, lines={**draft.lines, f"system.network.{made.device}": command.line})


def _connection(command: Command) -> NetworkConnection:
    ipv4, ipv6 = _ipv4(command), _ipv6(command)
    address6 = command.text("--ipv6") if ipv6 is Ipv6.STATIC else ""
    return NetworkConnection(
        device=_device(command),
        ipv4=ipv4,
        ipv4_addresses=_ipv4_addresses(command) if ipv4 is Ipv4.STATIC else (),
        ipv4_gateway=command.text("--gateway"),
        ipv6=ipv6,
        ipv6_addresses=(address6 if "/" in address6 else f"{address6}/64",) if address6 else (),
        ipv6_gateway=command.text("--ipv6gateway"),
        dns=command.words("--nameserver"),
        search=tuple(dict.fromkeys((*command.words("--ipv4-dns-search"), *command.words("--ipv6-dns-search")))),
        ignore_dns=command.has("--nodns"),
        default_route=not command.has("--nodefroute"),
        mtu=_mtu(command),
        onboot=command.text("--onboot").lower() not in _NO,
        activate=_activate(command),
    )


def _device(command: Command) -> str:
    word = device_word(command.text("--device") or LINK)
    if word in _ELSEWHERE:
        raise Refused(command.line, f"the device {word} is not supported.", "Name the card, or write --device=link.")
    return word


def _ipv4(command: Command) -> Ipv4:
    protocol = command.text("--bootproto")
    if protocol not in _PROTOCOLS:
        raise Refused(command.line, f"--bootproto={protocol} is not supported.", "Write dhcp or static.")
    if command.has("--noipv4"):
        _only(command, "--noipv4", (*_STATIC, "--bootproto"))
        return Ipv4.OFF
    if _PROTOCOLS[protocol] is not Ipv4.STATIC:
        _only(command, "DHCP", _STATIC)
    return _PROTOCOLS[protocol]


def _ipv6(command: Command) -> Ipv6:
    if command.has("--noipv6"):
        _only(command, "--noipv6", ("--ipv6", "--ipv6gateway"))
        return Ipv6.OFF
    return _IPV6.get(command.text("--ipv6"), Ipv6.STATIC)


def _only(command: Command, what: str, others: Sequence[str]) -> None:
    found = next((one for one in others if command.has(one)), "")
    if found:
        raise Refused(command.line, f"{what} and {found} contradict each other.", "Keep one of them.")


def _ipv4_addresses(command: Command) -> tuple[str, ...]:
    """The address with the prefix that its netmask stands for."""
    ip, netmask = command.text("--ip"), command.text("--netmask")
    if not ip or not netmask:
        raise Refused(command.line, "a static address needs --ip and --netmask.", "Add what is missing.")
    try:
        return (f"{ip}/{IPv4Network(f'0.0.0.0/{netmask}').prefixlen}",)
    except ValueError as error:
        raise Refused(command.line, f"{netmask!r} is no netmask.", "Write it like 255.255.255.0.") from error


def _mtu(command: Command) -> int | None:
    text = command.text("--mtu")
    if text and not text.isdecimal():
        raise Refused(command.line, f"{text!r} is no MTU.", "Give a number of bytes, like 1500.")
    return int(text) if text else None


def _activate(command: Command) -> bool:
    if command.has("--no-activate"):
        _only(command, "--no-activate", ("--activate",))
    return not command.has("--no-activate")


READERS = {"network": network}
