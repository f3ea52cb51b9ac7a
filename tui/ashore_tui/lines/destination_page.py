"""Disks, what happens to them, and the layout: as lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ashore_installer.storage.needs import align_down
from ashore_installer.storage_plan import Encryption, Format, Tpm2
from ashore_installer.storage_request import Scheme
from ashore_installer.units import human
from ashore_tui.flow import fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.destination import Destination, Way, form_of, usable, way_text, with_destination
from ashore_tui.flow.destination_choices import (
    CUSTOM,
    REPLACE,
    SHRINK,
    disk_choices,
    encryption_words,
    format_words,
    proposed,
    scheme_words,
    shrink_limits,
    shrunk,
    way_of,
    ways,
)
from ashore_tui.flow.review import losses_of
from ashore_tui.flow.state import Flow
from ashore_tui.flow.strength import caps_lock_note, foreign_note, strength
from ashore_tui.lines.page import Change, Item, Page
from ashore_tui.lines.partition_page import by_hand
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _

_Edit = Callable[[Destination, Flow, Prompt], Destination]


def destination(flow: Flow) -> Page:
    form = form_of(flow.storage, flow.machine)
    lost = [loss.text for loss in losses_of(flow)]
    notes = (_("What will be destroyed:"), *(f"  {text}" for text in lost)) if lost else ()
    custom = Item(label=_("Set partitions by hand"), value="" if form or not flow.storage else _("set"), change=by_hand)
    if flow.storage is None:
        return Page(notes=_nothing_usable(flow), items=(_disks_item(_("none chosen"), needed=True), custom))
    if form is None:
        return Page(notes=notes, items=(custom, _disks_item(_("an automatic layout instead"))))
    return Page(notes=notes, items=(*_form_items(form, flow), custom))


def _nothing_usable(flow: Flow) -> tuple[str, ...]:
    if usable(flow.machine):
        return ()
    refusals = (f"  {' '.join(one.label.split())}: {one.refusal}" for one in disk_choices(flow.machine))
    return (_("There is no disk to install on. Attach one, and start again."), *refusals)


def _form_items(form: Destination, flow: Flow) -> tuple[Item, ...]:
    way = Item(label=_("What happens there"), value=_way_value(form), change=_edited(_way))
    if form.way is Way.REPLACE:
        return (_disks_item(_("those of the system")), way)
    names = ", ".join(flow.machine.disk(one).name for one in form.disks)
    locked = encryption_words(form.encryption) or (_("the passphrase is missing") if form.encryption else _("none"))
    words = dict(_format_words(flow))
    file_system = words[Format.BTRFS if form.scheme is Scheme.BTRFS else form.format or ""]
    return (
        _disks_item(names),
        way,
        Item(label=_("Encryption"), value=locked, change=_edited(_encryption), needed=form.encryption is not None),
        Item(label=_("Layout"), value=dict(scheme_words())[form.scheme], change=_edited(_scheme)),
        Item(label=_("File system"), value=file_system, change=_edited(_format)),
        Item(label=_("Separate /home"), value=_("yes") if form.home else _("no"), change=_edited(_home)),
        Item(label=_("Swap space on the disk"), value=_("yes") if form.swap else _("no"), change=_edited(_swap)),
    )


def _way_value(form: Destination) -> str:
    text = way_text(form.way)
    made = [f"{one.existing} -> {human(one.size)}" for one in form.shrink]
    return ": ".join([text, *([form.replaces] if form.replaces else made)])


def _disks_item(value: str, *, needed: bool = False) -> Item:
    return Item(label=_("Disks"), value=value, change=_disks, needed=needed)


def _edited(edit: _Edit) -> Change:
    """A change of the form as a change of the flow."""

    def change(flow: Flow, prompt: Prompt) -> Flow:
        form = form_of(flow.storage, flow.machine) or Destination(disks=(proposed(flow.machine),))
        return with_destination(flow, edit(form, flow, prompt))

    return change


# --- disks and what happens to them --------------------------------------------------------------------------


def _disks(flow: Flow, prompt: Prompt) -> Flow:
    known = disk_choices(flow.machine)
    if not usable(flow.machine):
        prompt.say(_("None of the disks can be used."))
        return flow
    form = form_of(flow.storage, flow.machine) or Destination()
    question = _("Disks, by number; of several, the machine starts from the first")
    chosen = prompt.pick_some(known, question, form.disks or (proposed(flow.machine),))
    way = Way.ERASE if form.way is Way.REPLACE else form.way
    return with_destination(flow, replace(form, disks=chosen, way=way, replaces="", shrink=()))


def _way(form: Destination, flow: Flow, prompt: Prompt) -> Destination:
    known = [one for one in ways(flow.machine, form.disks) if one.value != CUSTOM]
    picked = prompt.pick(known, _("Number"), way_of(form))
    if picked.startswith(REPLACE):
        return Destination(way=Way.REPLACE, replaces=picked.removeprefix(REPLACE), disks=form.disks)
    if picked.startswith(SHRINK):
        return _shrunk(form, picked.removeprefix(SHRINK), flow, prompt)
    return replace(form, way=Way(picked), replaces="", shrink=())


def _shrunk(form: Destination, name: str, flow: Flow, prompt: Prompt) -> Destination:
    least, usual, now = shrink_limits(flow.machine, name)
    question = _("New size of {name}, which has {now}").format(name=name, now=human(now))

    def fits(text: str) -> int | fields.Wrong:
        return fields.size(text, least=least, most=now)

    size = prompt.text(question, fits, human(usual))
    return replace(form, way=Way.FREE, replaces="", shrink=shrunk(name, align_down(max(size, least))))


# --- encryption ----------------------------------------------------------------------------------------------


def _encryption(form: Destination, flow: Flow, prompt: Prompt) -> Destination:
    if not prompt.yes(_("Encrypt the system?"), default=True):
        return replace(form, encryption=None)
    word = prompt.secret(_("Passphrase of the disk (not shown):"), fields.passphrase, _note)
    before = form.encryption or Encryption()
    if not (word or before.passphrase):
        return form
    encryption = replace(before, passphrase=word or before.passphrase)
    if flow.machine.tpm2:
        question = _("Let the TPM of this machine open it too, so that it starts without the passphrase?")
        wanted = prompt.yes(question, default=before.tpm2 is not None)
        encryption = replace(encryption, tpm2=(before.tpm2 or Tpm2()) if wanted else None)
    return replace(form, encryption=encryption)


def _note(text: str) -> str:
    return " ".join(filter(None, (strength(text).text, caps_lock_note(text), foreign_note(text))))


# --- layout --------------------------------------------------------------------------------------------------


def _scheme(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    known = tuple(Choice(value=value, label=label) for value, label in scheme_words())
    scheme = Scheme(prompt.pick(known, _("Number"), form.scheme))
    return replace(form, scheme=scheme, format=None if scheme is Scheme.BTRFS else form.format)


def _format_words(flow: Flow) -> tuple[tuple[str, str], ...]:
    return format_words(flow.facts.install.root_fs_type if flow.facts else "")


def _format(form: Destination, flow: Flow, prompt: Prompt) -> Destination:
    if form.scheme is Scheme.BTRFS:
        prompt.say(_("A btrfs layout has no other file system."))
        return form
    known = tuple(Choice(value=value, label=label) for value, label in _format_words(flow))
    picked = prompt.pick(known, _("Number"), form.format or "")
    return replace(form, format=Format(picked) if picked else None)


def _home(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    return replace(form, home=prompt.yes(_("A file system of its own for /home?"), default=form.home))


def _swap(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    return replace(form, swap=prompt.yes(_("Swap space on the disk?"), default=form.swap))
