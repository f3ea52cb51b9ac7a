"""What a person types about a network: each function gives the value, or a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from ashore_installer.configure.check_network import ipv4_with_prefix, ipv6_with_prefix, is_domain, is_ipv4, is_ipv6
from ashore_tui.flow.fields import Wrong
from ashore_tui.text import _


def ipv4_addresses(text: str) -> tuple[str, ...] | Wrong:
    """One or several addresses with their prefixes."""
    if text.strip() and "/" not in text:
        return Wrong(_("Add how long the network's part is, like /24 for 255.255.255.0."))
    return _some(text, ipv4_with_prefix, _("Write it like 192.0.2.7/24."))


def ipv6_addresses(text: str) -> tuple[str, ...] | Wrong:
    if text.strip() and "/" not in text:
        return Wrong(_("Add how long the network's part is, mostly /64."))
    return _some(text, ipv6_with_prefix, _("Write it like 2001:db8::7/64."))


def ipv4_gateway(text: str) -> str | Wrong:
    """An address, or nothing."""
    word = text.strip()
    return word if not word or is_ipv4(word) else Wrong(_("Write it like 192.0.2.1, or leave it empty."))


def ipv6_gateway(text: str) -> str | Wrong:
    word = text.strip()
    return word if not word or is_ipv6(word) else Wrong(_("Write it like fe80::1, or leave it empty."))


def name_servers(text: str) -> tuple[str, ...] | Wrong:
    """Addresses of both families, or nothing."""
    words = _words(text)
    if all(is_ipv4(word) or is_ipv6(word) for word in words):
        return words
    return Wrong(_("Write addresses like 192.0.2.53, with blanks between them."))


def domains(text: str) -> tuple[str, ...] | Wrong:
    words = _words(text)
    return (
        words if all(map(is_domain, words)) else Wrong(_("Write domains like example.org, with blanks between them."))
    )


def _some(text: str, check: Callable[[str], bool], like: str) -> tuple[str, ...] | Wrong:
    words = _words(text)
    return words if words and all(map(check, words)) else Wrong(like)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
