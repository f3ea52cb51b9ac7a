"""Language and keyboard, host name, time zone, boot options: as lines."""

from __future__ import annotations

from dataclasses import replace

from ashore_tui.flow import choices, fields
from ashore_tui.flow.edits import choose_keymap, choose_language
from ashore_tui.flow.state import Flow, with_draft, with_system
from ashore_tui.flow.status import keyboard_name, language_name
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _, use_language


def welcome(flow: Flow) -> Page:
    return Page(
        items=(
            Item(label=_("Language"), value=language_name(flow.system), change=_language),
            Item(label=_("Keyboard"), value=keyboard_name(flow.system), change=_keyboard),
        )
    )


def _language(flow: Flow, prompt: Prompt) -> Flow:
    question = _("Part of the language's name")
    locale = prompt.search(choices.languages(), question, fields.locale, flow.system.locale)
    use_language(locale or "en")
    return with_system(flow, choose_language(flow.system, locale))


def _keyboard(flow: Flow, prompt: Prompt) -> Flow:
    question = _("Part of the keyboard's name")
    keymap = prompt.search(choices.keymaps(), question, fields.keymap, flow.system.keymap)
    return with_system(flow, choose_keymap(flow.system, keymap))


def hostname(flow: Flow) -> Page:
    return Page(
        items=(Item(label=_("Host name"), value=flow.system.hostname or _("as in the image"), change=_hostname),)
    )


def _hostname(flow: Flow, prompt: Prompt) -> Flow:
    name = prompt.text(_("Host name"), fields.hostname, flow.system.hostname)
    return with_system(flow, replace(flow.system, hostname=name))


def time(flow: Flow) -> Page:
    clock = _("UTC") if flow.system.utc else _("local time")
    return Page(
        items=(
            Item(label=_("Time zone"), value=flow.system.timezone or _("as in the image"), change=_zone),
            Item(label=_("Hardware clock"), value=clock, change=_clock),
        )
    )


def _zone(flow: Flow, prompt: Prompt) -> Flow:
    question = _("Part of the time zone's name, or the country")
    zone = prompt.search(choices.zones(), question, fields.timezone, flow.system.timezone)
    return with_system(flow, replace(flow.system, timezone=zone))


def _clock(flow: Flow, prompt: Prompt) -> Flow:
    utc = prompt.yes(_("Is the hardware clock in UTC?"), default=flow.system.utc)
    return with_system(flow, replace(flow.system, utc=utc))


def boot(flow: Flow) -> Page:
    text = " ".join(flow.draft.kargs) or _("none of your own")
    return Page(items=(Item(label=_("Kernel arguments"), value=text, change=_kargs),))


def _kargs(flow: Flow, prompt: Prompt) -> Flow:
    kargs = prompt.text(_("Kernel arguments"), fields.kernel_arguments, " ".join(flow.draft.kargs))
    return with_draft(flow, replace(flow.draft, kargs=kargs))
