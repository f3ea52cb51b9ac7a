"""The network cards: as lines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from ashore_tui.flow import network_fields as fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.network import (
    Card,
    by_hand,
    cards,
    consistent,
    ipv4_methods,
    ipv6_methods,
    method_words,
    now_words,
    problem_of,
    put_connection,
    start_of,
)
from ashore_tui.flow.state import Flow, with_system
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _

_SYSTEM = "system"
"""Leaves the card to the installed system."""


def network(flow: Flow) -> Page:
    """What each card has now is told; what the installed system does with it can be changed."""
    known = cards(flow)
    notes = [f"{one.link.name} ({one.link.mac}): {now_words(one.link)}" for one in known] or [_("No network card")]
    notes += [f"{one.link.name}: {one.refusal}" for one in known if one.refusal]
    notes += wrong_lines((flow.network_problem,)) if flow.network_problem else ()
    items = tuple(
        Item(label=one.link.name, value=method_words(one.connection), change=partial(_change, one))
        for one in known
        if not one.refusal
    )
    return Page(notes=tuple(notes), items=items)


def _change(card: Card, flow: Flow, prompt: Prompt) -> Flow:
    methods = (*ipv4_methods(), (_SYSTEM, _("left to the system")))
    start = start_of(card)
    chosen = prompt.pick(_choices(methods), "IPv4", start.ipv4 if card.connection else _SYSTEM)
    if chosen == _SYSTEM:
        return with_system(flow, put_connection(flow, card, None))
    ipv6 = Ipv6(prompt.pick(_choices(ipv6_methods()), "IPv6", start.ipv6))
    made = by_hand(replace(start, ipv4=Ipv4(chosen), ipv6=ipv6), card, flow.machine)
    made = consistent(_asked(made, prompt))
    problem = problem_of(made)
    if problem:
        for line in wrong_lines((problem,)):
            prompt.say(line)
        return flow
    return with_system(flow, put_connection(flow, card, made))


def _asked(one: NetworkConnection, prompt: Prompt) -> NetworkConnection:
    """With everything that its methods leave open."""
    if one.ipv4 is Ipv4.STATIC:
        one = replace(
            one,
            ipv4_addresses=prompt.text(_("IPv4 address"), fields.ipv4_addresses, " ".join(one.ipv4_addresses)),
            ipv4_gateway=prompt.text(_("IPv4 gateway"), fields.ipv4_gateway, one.ipv4_gateway),
        )
    if one.ipv6 is Ipv6.STATIC:
        one = replace(
            one,
            ipv6_addresses=prompt.text(_("IPv6 address"), fields.ipv6_addresses, " ".join(one.ipv6_addresses)),
            ipv6_gateway=prompt.text(_("IPv6 gateway"), fields.ipv6_gateway, one.ipv6_gateway),
        )
    if not one.off:
        one = replace(
            one,
            dns=prompt.text(_("Name servers"), fields.name_servers, " ".join(one.dns)),
            search=prompt.text(_("Search domains"), fields.domains, " ".join(one.search)),
        )
    return replace(
        one,
        onboot=prompt.yes(_("Connect it when the system starts?"), default=one.onboot),
        activate=prompt.yes(_("Use it here too, at once?"), default=one.activate),
    )


def _choices(values: tuple[tuple[str, str], ...]) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=words) for value, words in values)
