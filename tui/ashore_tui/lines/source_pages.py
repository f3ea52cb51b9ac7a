"""Mode and source: as lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ashore_installer.errors import InstallerError
from ashore_tui.flow import choices, fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.review import image_facts
from ashore_tui.flow.state import Flow, Mode, with_draft, with_mode, with_offer, with_remote
from ashore_tui.flow.tags import has_tags, tag_choices, tag_of, tagged
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _, said

Tags = Callable[[str], tuple[str, ...]]
_ELSEWHERE = "elsewhere"


def mode(flow: Flow) -> Page:
    chosen = {Mode.IMAGE: _("image mode"), Mode.TRADITIONAL: _("traditional"), None: _("not chosen")}[flow.mode]
    return Page(items=(Item(label=_("Mode"), value=chosen, change=_mode, needed=True),))


def _mode(flow: Flow, prompt: Prompt) -> Flow:
    offered = ", ".join(offer.image.name for offer in flow.offers) or _(
        "no image on this medium, but any in a registry"
    )
    known = (
        Choice(value=Mode.IMAGE, label=_("Image mode"), detail=offered),
        Choice(
            value=Mode.TRADITIONAL,
            label=_("Traditional"),
            detail=", ".join(one.name or one.id for one in flow.repositories) or _("packages from a repository"),
            refusal=_(flow.traditional).rstrip(".。"),
        ),
    )
    return with_mode(flow, Mode(prompt.pick(known, _("Number"), flow.mode or Mode.IMAGE)))


def source(flow: Flow, tags: Tags) -> Page:
    """`tags` asks the registry of an image."""
    payload = flow.draft.payload
    facts = image_facts(flow.image, payload.target, flow.trust) if flow.image else ()
    items = [Item(label=_("Image"), value=payload.source or _("not chosen"), change=_image, needed=True)]
    if payload.source:
        signed = _("yes") if payload.signed else _("no")
        items.append(Item(label=_("Updates from"), value=payload.target, change=_target))
        items.append(Item(label=_("Updates need a signature"), value=signed, change=_signed))
    if has_tags(payload.source):
        items.append(Item(label=_("Tag"), value=tag_of(payload.source), change=partial(_tag, tags)))
    return Page(notes=tuple(f"{name}: {value}" for name, value in facts), items=tuple(items))


def _image(flow: Flow, prompt: Prompt) -> Flow:
    if not flow.offers:
        return _named(flow, prompt)
    known = (*choices.images(flow.offers), Choice(value=_ELSEWHERE, label=_("An image in a registry or a directory")))
    picked = prompt.pick(known, _("Number"), flow.offer.source if flow.offer else "")
    offer = next((one for one in flow.offers if one.source == picked), None)
    return with_offer(flow, offer) if offer else _named(flow, prompt)


def _named(flow: Flow, prompt: Prompt) -> Flow:
    current = "" if flow.offer else flow.draft.payload.source
    name = prompt.text(_("Name, like quay.io/fedora/fedora-bootc:43"), fields.image_reference, current)
    return with_remote(flow, name, signed=flow.draft.payload.signed)


def _tag(tags: Tags, flow: Flow, prompt: Prompt) -> Flow:
    """One of the registry's tags; what is typed is looked for in them."""
    name = flow.draft.payload.source
    prompt.say(_("Asking the registry ..."))
    try:
        known = tags(name)
    except InstallerError as error:
        prompt.say(said(str(error)))
        return flow
    picked = prompt.search(tag_choices(known), _("Tag"), lambda text: text, tag_of(name))
    return with_remote(flow, tagged(name, picked), signed=flow.draft.payload.signed) if picked else flow


def _target(flow: Flow, prompt: Prompt) -> Flow:
    target = prompt.text(_("Updates from"), fields.image_reference, flow.draft.payload.target)
    return _with_payload(flow, target=target, signed=flow.draft.payload.signed)


def _signed(flow: Flow, prompt: Prompt) -> Flow:
    signed = prompt.yes(_("Take signed updates only?"), default=flow.draft.payload.signed)
    return _with_payload(flow, target=flow.draft.payload.target, signed=signed)


def _with_payload(flow: Flow, *, target: str, signed: bool) -> Flow:
    """What is read stays the same, so what is known of it stays too."""
    payload = replace(flow.draft.payload, target=target, signed=signed)
    return replace(with_draft(flow, replace(flow.draft, payload=payload)), facts=flow.facts)
