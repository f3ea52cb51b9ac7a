"""What the form of custom partitioning asks for each kind of thing, and the edit that an answer means. Pure."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.storage.destinations import unusable
from ashore_installer.storage_request import StorageRequest
from ashore_tui.app.screens.partition_dialogs import What
from ashore_tui.app.screens.partition_form import Filled, Question
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.partition_changes import LOCKED, wish_of
from ashore_tui.flow.partition_edits import add_array, add_btrfs, add_partition, add_subvolume, add_volume, sized
from ashore_tui.flow.partition_lists import Block, asked_for, is_member
from ashore_tui.flow.partition_rows import Row, Thing
from ashore_tui.flow.partition_text import disk_words
from ashore_tui.flow.partitions import Edited, Refused, Site, Wish
from ashore_tui.text import _

_GROUP = "system"
"""The name that is proposed for a new volume group."""


# --- new things ----------------------------------------------------------------------------------------------


def new_thing(what: What, request: StorageRequest, row: Row | None, site: Site) -> Question:
    """The form for something new; where the cursor stands is where it is proposed."""
    disks = _disks(request, site)
    near = [one.value for one in disks if row and one.value == row.inside] or [one.value for one in disks[:1]]
    start = Filled(wish=Wish(grow=True), disks=tuple(near), group=_near_group(request, row, site))
    plain = Question(title="", yes=_("Add"), start=start, disks=disks, tpm2=site.machine.tpm2)
    if what is What.PARTITION:
        return replace(plain, title=_("Add a partition"))
    if what is What.VOLUME:
        return replace(plain, title=_("Add a logical volume"), name=_("Name"), group=True)
    if what is What.ARRAY:
        every = replace(start, disks=tuple(one.value for one in disks))
        return replace(plain, title=_("Add a RAID array"), name=_("Name"), level=True, start=every)
    if what is What.BTRFS:
        return replace(plain, title=_("Add a btrfs volume"), name=_("Label"), content=False)
    return replace(plain, title=_("Add a subvolume"), name=_("Name"), disks=(), size=False, encryption=False)


def added(what: What, request: StorageRequest, row: Row | None, site: Site, filled: Filled) -> Edited:
    """The edit that a filled form means."""
    wish, disks = sized(filled.wish, site), filled.disks
    if what is What.SUBVOLUME and row is not None:
        return add_subvolume(request, site, row, filled.name, filled.wish.mount)
    if what is What.VOLUME:
        return add_volume(request, site, filled.group, filled.name, wish, disks)
    if not disks:
        return Refused(message=_("Choose a disk first."))
    if what is What.ARRAY:
        return add_array(request, site, filled.name, filled.level, disks, wish)
    if what is What.BTRFS:
        return add_btrfs(request, site, filled.name, disks, wish)
    if len(disks) > 1:
        return Refused(message=_("A partition lies on one disk."), hint=_("Choose one, or add a RAID array."))
    return add_partition(request, site, disks[0], wish)


def _disks(request: StorageRequest, site: Site) -> tuple[Choice, ...]:
    usable = (one for one in site.machine.disks if not unusable(one) and one.name not in request.ignore)
    return tuple(Choice(value=one.id, label=disk_words(one)) for one in usable)


def _near_group(request: StorageRequest, row: Row | None, site: Site) -> str:
    """The group under the cursor, else the only one that there is or will be."""
    if row and row.thing is Thing.GROUP:
        return row.name
    if row and row.thing is Thing.VOLUME:
        return row.inside
    names = [one.name for one in request.groups] or [one.name for one in site.machine.groups]
    return names[0] if len(names) == 1 else _GROUP


# --- things that are there -----------------------------------------------------------------------------------


def about(request: StorageRequest, row: Row, site: Site) -> Question:
    """The form for the thing of a row."""
    asked = asked_for(request, row)
    member = isinstance(asked, Block) and is_member(asked, request)
    subvolume = row.thing is Thing.SUBVOLUME
    return Question(
        title=_("Change {name}").format(name=row.name),
        yes=_("Change"),
        start=Filled(wish=wish_of(request, row)),
        size=row.thing in (Thing.PARTITION, Thing.VOLUME),
        content=not member,
        encryption=not subvolume,
        existing=bool(row.existing),
        locked=row.holds == LOCKED or (bool(row.existing) and row.holds.startswith(LOCKED)),
        tpm2=site.machine.tpm2,
    )
