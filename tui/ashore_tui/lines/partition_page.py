"""Partitions by hand: as lines. Every row of the disks has a number, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ashore_installer.storage.view import Change
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import human
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.destination import form_of, usable
from ashore_tui.flow.destination_choices import disk_choices
from ashore_tui.flow.partition_changes import can_delete, can_edit, can_erase, can_restore, delete, erase, restore
from ashore_tui.flow.partition_edits import add_required
from ashore_tui.flow.partition_rows import Row, Thing, rows
from ashore_tui.flow.partition_start import plain_form, start_as_it_is, start_empty
from ashore_tui.flow.partition_text import content, fate, title
from ashore_tui.flow.partitions import Custom, Edited, Refused, Site, picture
from ashore_tui.flow.state import Flow, with_storage
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.lines import partition_forms as forms
from ashore_tui.lines.prompt import Back, Prompt
from ashore_tui.text import _, said

Act = Callable[[StorageRequest, Site, Prompt, Row], Edited]


def by_hand(flow: Flow, prompt: Prompt) -> Flow:
    """The flow with partitions as the person sets them; Back leaves it as it was."""
    if flow.facts is None:
        prompt.say(_("What is installed has to be known first, for its size."))
        return flow
    site = Site(machine=flow.machine, image=flow.facts, boot_disk=flow.draft.boot_disk)
    request = _start(flow, site, prompt)
    if isinstance(request, Refused):
        _tell(request, prompt)
        return flow
    return with_storage(flow, _edited(Custom(request=request), site, prompt).request)


def _start(flow: Flow, site: Site, prompt: Prompt) -> Edited:
    """Where it begins: where it was left, else as the person likes."""
    form = form_of(flow.storage, flow.machine)
    if flow.storage is not None and form is None:
        return plain_form(flow.storage, site)
    disks = tuple(disk.id for disk in usable(flow.machine))
    known = [
        Choice(value="there", label=_("Begin with what is on the disks")),
        Choice(value="empty", label=_("Begin with empty disks"), detail=_("everything on them goes")),
    ]
    if flow.storage is not None:
        known.append(Choice(value="automatic", label=_("Begin with the automatic layout")))
    match prompt.pick(known, _("Number"), "there"):
        case "there":
            return start_as_it_is(site)
        case "empty":
            return start_empty(site, form.disks if form and form.disks else disks)
        case _automatic:
            return plain_form(flow.storage, site) if flow.storage else start_as_it_is(site)


def _tell(refused: Refused, prompt: Prompt) -> None:
    prompt.say(said(refused.message))
    if refused.hint:
        prompt.say(f"  {said(refused.hint)}")


# --- the rows ------------------------------------------------------------------------------------------------


def _edited(custom: Custom, site: Site, prompt: Prompt) -> Custom:
    """Edit until the person takes it. Raises Back when they don't."""
    while True:
        drawing = picture(custom.request, site)
        shown = rows(custom.request, drawing, site)
        prompt.title(_("Partitions"))
        for number, row in enumerate(shown, 1):
            prompt.say(f"{number:2}) {row_text(row)}", "  ")
        for line in wrong_lines(drawing.problems):
            prompt.say(line)
        answer = prompt.command(_("Number to change, n: something new, u: undo, Enter: take it, b: leave it: "))
        if not answer:
            return custom
        custom = custom.undone() if answer.casefold() == "u" else _step(custom, site, prompt, answer, shown)


def _step(custom: Custom, site: Site, prompt: Prompt, answer: str, shown: tuple[Row, ...]) -> Custom:
    """One edit; going back from its questions leaves everything as it was."""
    try:
        if answer.casefold() == "n":
            made = _something_new(custom.request, site, prompt)
        elif answer.isdecimal() and 0 < int(answer) <= len(shown):
            made = _with_row(custom.request, site, prompt, shown[int(answer) - 1])
        else:
            made = Refused(message=_("Give a number from 1 to {count}.").format(count=len(shown)))
    except Back:
        return custom
    if isinstance(made, Refused):
        _tell(made, prompt)
        return custom
    return custom.then(made)


def row_text(row: Row) -> str:
    """A row of a disk, from left to right: what, how large, what becomes of it, what is in it, where it is mounted."""
    size = human(row.size) if row.size else ""
    where = _("at {path}").format(path=row.mount) if row.mount and row.planned else ""
    facts = (size, fate(row), content(row), where)
    return f"{'  ' * row.depth}{title(row)}: {', '.join(fact for fact in facts if fact)}"


# --- what can be done ----------------------------------------------------------------------------------------


def _with_row(request: StorageRequest, site: Site, prompt: Prompt, row: Row) -> Edited:
    known = tuple(_actions(row))
    if not known:
        return Refused(message=_("Nothing can be done with {name} by itself.").format(name=row.name))
    choices = tuple(Choice(value=str(number), label=label) for number, (label, _act) in enumerate(known))
    ask = len(known) > 1 or row.thing is Thing.DISK  # nobody erases a disk by one number
    picked = prompt.pick(choices, _("Number")) if ask else "0"
    return known[int(picked)][1](request, site, prompt, row)


def _actions(row: Row) -> Iterator[tuple[str, Act]]:
    """What a person can do with a row, with its name."""
    if row.thing is Thing.FREE:
        yield _("Make a partition here"), forms.new_partition
    if row.thing is Thing.GROUP and row.change is not Change.REMOVED:
        yield _("Make a volume in it"), forms.new_volume
    if row.thing is Thing.BTRFS and row.change is not Change.REMOVED:
        yield _("Make a subvolume in it"), forms.new_subvolume
    if can_edit(row):
        yield _("Change it, or use it"), forms.change_row
    if can_delete(row):
        yield _("Delete it"), partial(_plainly, delete)
    if can_erase(row):
        yield _("Erase the whole disk"), partial(_plainly, erase)
    if can_restore(row):
        yield _("Bring it back"), partial(_plainly, restore)


def _plainly(
    act: Callable[[StorageRequest, Site, Row], Edited],
    request: StorageRequest,
    site: Site,
    _prompt: Prompt,
    row: Row,
) -> Edited:
    """An act that asks nothing."""
    return act(request, site, row)


def _something_new(request: StorageRequest, site: Site, prompt: Prompt) -> Edited:
    """What lies on several disks, or is not on a row yet."""
    known = (
        Choice(value="required", label=_("What the firmware needs, and /boot")),
        Choice(value="group", label=_("A volume group (LVM)")),
        Choice(value="array", label=_("A RAID array")),
        Choice(value="btrfs", label=_("A btrfs volume")),
    )
    picked = prompt.pick(known, _("Number"))
    if picked == "required":
        return add_required(request, site)
    disks = prompt.pick_some(disk_choices(site.machine), _("On which disks, by number"))
    make = {"group": forms.new_group, "array": forms.new_array, "btrfs": forms.new_btrfs}[picked]
    return make(request, site, prompt, disks)
