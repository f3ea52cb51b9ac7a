"""Disks, what happens to them, and the layout: as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ashore_installer.storage_plan import Encryption, Format, Tpm2
from ashore_installer.storage_request import Scheme
from ashore_tui.flow import choices, fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.destination import (
    Destination,
    Way,
    form_of,
    replaceable,
    request_of,
    usable,
    usual_disks,
    way_text,
)
from ashore_tui.flow.review import losses_of
from ashore_tui.flow.state import Flow, with_storage
from ashore_tui.flow.strength import caps_lock_note, foreign_note, strength
from ashore_tui.lines.page import Change, Item, Page
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _

_Edit = Callable[[Destination, Flow, Prompt], Destination]
_NONE = ""
_FORMATS = (Format.XFS, Format.EXT4, Format.BTRFS)


def destination(flow: Flow) -> Page:
    form = form_of(flow.storage, flow.machine)
    lost = [loss.text for loss in losses_of(flow)]
    notes = (_("What will be destroyed:"), *(f"  {text}" for text in lost)) if lost else ()
    if form is None and flow.storage is None:
        return Page(notes=_nothing_usable(flow), items=(_disks_item(_("none chosen")),))
    if form is None:
        return Page(notes=notes, items=(_disks_item(_("an automatic layout instead")),))
    return Page(notes=notes, items=_form_items(form, flow))


def _nothing_usable(flow: Flow) -> tuple[str, ...]:
    if usable(flow.machine):
        return ()
    refusals = (f"  {one.label}: {one.refusal}" for one in choices.disks(flow.machine))
    return (_("There is no disk to install on. Attach one, and start again."), *refusals)


def _form_items(form: Destination, flow: Flow) -> tuple[Item, ...]:
    way = Item(label=_("What happens there"), value=_way_value(form), change=_edited(_way))
    if form.way is Way.REPLACE:
        return (_disks_item(_("those of the system")), way)
    names = ", ".join(flow.machine.disk(one).name for one in form.disks)
    locked = _("none") if form.encryption is None else _unlocking(form.encryption)
    return (
        _disks_item(names),
        way,
        Item(label=_("Encryption"), value=locked, change=_edited(_encryption), needed=form.encryption is not None),
        Item(label=_("Layout"), value=_scheme_text(form.scheme), change=_edited(_scheme)),
        Item(label=_("File system"), value=_format_text(form), change=_edited(_format)),
        Item(label=_("Separate /home"), value=_("yes") if form.home else _("no"), change=_edited(_home)),
        Item(label=_("Swap space on the disk"), value=_("yes") if form.swap else _("no"), change=_edited(_swap)),
    )


def _way_value(form: Destination) -> str:
    text = way_text(form.way)
    return f"{text}: {form.replaces}" if form.replaces else text


def _disks_item(value: str) -> Item:
    return Item(label=_("Disks"), value=value, change=_disks, needed=True)


def _edited(edit: _Edit) -> Change:
    """A change of the form as a change of the flow."""

    def change(flow: Flow, prompt: Prompt) -> Flow:
        form = form_of(flow.storage, flow.machine) or Destination(disks=usual_disks(flow.machine))
        return with_storage(flow, request_of(edit(form, flow, prompt), flow.machine))

    return change


# --- disks and what happens to them --------------------------------------------------------------------------


def _disks(flow: Flow, prompt: Prompt) -> Flow:
    known = choices.disks(flow.machine)
    if not usable(flow.machine):
        prompt.say(_("None of the disks can be used."))
        return flow
    form = form_of(flow.storage, flow.machine) or Destination()
    chosen = prompt.pick_some(known, _("Disks, by number"), form.disks or usual_disks(flow.machine))
    way = Way.ERASE if form.way is Way.REPLACE else form.way
    request = request_of(replace(form, disks=chosen, way=way, replaces="", shrink=()), flow.machine)
    return with_storage(flow, request, boot_disk="")


def _way(form: Destination, flow: Flow, prompt: Prompt) -> Destination:
    systems = replaceable(flow.machine)
    known = [Choice(value=way, label=way_text(way)) for way in (Way.ERASE, Way.FREE)]
    refusal = "" if systems else _("there is no Linux system that could be replaced")
    known.append(Choice(value=Way.REPLACE, label=way_text(Way.REPLACE), refusal=refusal))
    way = Way(prompt.pick(known, _("Number"), form.way))
    if way is not Way.REPLACE:
        return replace(form, way=way, replaces="", shrink=form.shrink if way is Way.FREE else ())
    names = [Choice(value=one.name, label=one.name, detail=one.root) for one in systems]
    system = prompt.pick(names, _("Which system"), names[0].value)
    return Destination(way=way, replaces=system, disks=form.disks)


# --- encryption ----------------------------------------------------------------------------------------------


def _unlocking(encryption: Encryption) -> str:
    if not encryption.passphrase:
        return _("the passphrase is missing")
    return _("passphrase, and the TPM opens it by itself") if encryption.tpm2 else _("passphrase")


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


def _scheme_text(scheme: Scheme) -> str:
    return {
        Scheme.PLAIN: _("partitions"),
        Scheme.LVM: _("LVM"),
        Scheme.THIN: _("LVM with a thin pool"),
        Scheme.BTRFS: _("btrfs with subvolumes"),
    }[scheme]


def _scheme(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    known: Sequence[Choice] = [Choice(value=one, label=_scheme_text(one)) for one in Scheme]
    scheme = Scheme(prompt.pick(known, _("Number"), form.scheme))
    return replace(form, scheme=scheme, format=None if scheme is Scheme.BTRFS else form.format)


def _format_text(form: Destination) -> str:
    if form.scheme is Scheme.BTRFS:
        return Format.BTRFS.value
    return form.format.value if form.format else _("the image's own choice")


def _format(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    if form.scheme is Scheme.BTRFS:
        prompt.say(_("A btrfs layout has no other file system."))
        return form
    known = (
        Choice(value=_NONE, label=_("the image's own choice")),
        *(Choice(value=one, label=one.value) for one in _FORMATS),
    )
    picked = prompt.pick(known, _("Number"), form.format or _NONE)
    return replace(form, format=Format(picked) if picked else None)


def _home(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    return replace(form, home=prompt.yes(_("A file system of its own for /home?"), default=form.home))


def _swap(form: Destination, _flow: Flow, prompt: Prompt) -> Destination:
    return replace(form, swap=prompt.yes(_("Swap space on the disk?"), default=form.swap))
