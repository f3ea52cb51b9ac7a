"""What is asked about one partition, volume, array or subvolume: as lines."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.storage_plan import Encryption, Format, RaidLevel
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import GiB, MiB, human
from ashore_tui.flow import fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.partition_changes import LOCKED, edit, wish_of
from ashore_tui.flow.partition_edits import add_array, add_btrfs, add_partition, add_subvolume, add_volume
from ashore_tui.flow.partition_rows import Row, Thing
from ashore_tui.flow.partitions import SWAP, Edited, Site, Wish
from ashore_tui.flow.strength import foreign_note, strength
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _

_EFI = "/boot/efi"
_FORMATS = (Format.XFS, Format.EXT4, Format.BTRFS, Format.EXT3, Format.EXT2, Format.VFAT)
_LEAST = 1 * MiB
_LEAST_GROWING = 1 * GiB
"""What something has at least that takes all that is free."""
_REST = ("max", "rest", "all")


# --- new things ----------------------------------------------------------------------------------------------


def new_partition(request: StorageRequest, site: Site, prompt: Prompt, row: Row) -> Edited:
    wish = _new_wish(prompt, row.size)
    return add_partition(request, site, site.machine.disk(row.inside).id, wish)


def new_volume(request: StorageRequest, site: Site, prompt: Prompt, row: Row) -> Edited:
    name = prompt.text(_("Name of the volume"), _name)
    return add_volume(request, site, row.name, name, _new_wish(prompt, 0, may_encrypt=False))


def new_group(request: StorageRequest, site: Site, prompt: Prompt, disks: tuple[str, ...]) -> Edited:
    group = prompt.text(_("Name of the volume group"), _name)
    name = prompt.text(_("Name of its first volume"), _name)
    return add_volume(request, site, group, name, _new_wish(prompt, 0), disks)


def new_array(request: StorageRequest, site: Site, prompt: Prompt, disks: tuple[str, ...]) -> Edited:
    name = prompt.text(_("Name of the array"), _name)
    levels = [
        Choice(value=level, label=level.value.upper(), refusal=_too_few(level, len(disks))) for level in RaidLevel
    ]
    level = RaidLevel(prompt.pick(levels, _("Level"), RaidLevel.RAID1))
    return add_array(request, site, name, level, disks, _new_wish(prompt, 0))


def _too_few(level: RaidLevel, count: int) -> str:
    least = level.least_members
    return "" if count >= least else _("it needs {count} disks").format(count=least)


def new_btrfs(request: StorageRequest, site: Site, prompt: Prompt, disks: tuple[str, ...]) -> Edited:
    label = prompt.text(_("Label of the volume"), _name)
    size, grow = prompt.text(_size_question(0), _size_or_rest, _REST[0])
    wish = _encrypted(Wish(size=size, grow=grow), prompt)
    subvolumes: list[tuple[str, str]] = []
    while path := prompt.text(_("Subvolume (Enter: no more)"), _path_or_none):
        subvolumes.append((path, prompt.text(_("Mount point"), fields.mount_point)))
    return add_btrfs(request, site, label, disks, wish, subvolumes)


def new_subvolume(request: StorageRequest, site: Site, prompt: Prompt, row: Row) -> Edited:
    path = prompt.text(_("Name of the subvolume"), _name)
    return add_subvolume(request, site, row, path, prompt.text(_("Mount point"), fields.mount_point))


def _new_wish(prompt: Prompt, room: int, *, may_encrypt: bool = True) -> Wish:
    mount = prompt.text(_("Mount point (a path, or swap)"), _mount_or_swap)
    format = _format(prompt, mount)  # noqa: A001 (the field's name)
    size, grow = prompt.text(_size_question(room), _size_or_rest, _REST[0])
    wish = Wish(mount=mount, format=format, size=size, grow=grow)
    return _encrypted(wish, prompt) if may_encrypt and mount not in (_EFI, "/boot") else wish


def _size_question(room: int) -> str:
    if room:
        return _("Size, like 20 GiB, or max for all of {room}").format(room=human(room))
    return _("Size, like 20 GiB, or max for all that is free")


def _encrypted(wish: Wish, prompt: Prompt) -> Wish:
    if not prompt.yes(_("Encrypt it?")):
        return wish
    word = prompt.secret(_("Passphrase (not shown):"), fields.passphrase, _note)
    return replace(wish, encryption=Encryption(passphrase=word)) if word else wish


def _note(text: str) -> str:
    return " ".join(filter(None, (strength(text).text, foreign_note(text))))


# --- what is there -------------------------------------------------------------------------------------------


def change_row(request: StorageRequest, site: Site, prompt: Prompt, row: Row) -> Edited:
    """Use something that is there with its content or formatted, or change something that is to be made."""
    wish = wish_of(request, row)
    if row.thing is Thing.SUBVOLUME:
        return edit(request, site, row, replace(wish, mount=prompt.text(_mount_question(), _mount_or_none, wish.mount)))
    if not row.existing:
        return edit(request, site, row, _changed(wish, prompt))
    keep = prompt.yes(_("Keep what is in {name}?").format(name=row.name), default=True)
    mount = prompt.text(_mount_question(), _mount_or_none, wish.mount)
    wish = replace(wish, keep=keep, mount=mount, format=None if keep else _format(prompt, mount), encryption=None)
    if keep and mount and row.holds.startswith(LOCKED):
        return edit(request, site, row, _opened(wish, prompt))
    size = prompt.text(_("Size"), lambda text: fields.size(text, least=_LEAST), human(wish.size or row.size))
    wish = replace(wish, size=wish.size if human(wish.size) == human(size) else size)
    return edit(request, site, row, wish if keep else _encrypted(wish, prompt))


def _mount_question() -> str:
    return _("Mount point (a path, swap, or - for none)")


def _opened(wish: Wish, prompt: Prompt) -> Wish:
    """What is in an encrypted partition can't be seen, so it has to be said."""
    word = prompt.secret(_("Passphrase that opens it (not shown):"), fields.passphrase, lambda _text: "")
    inside = _format(prompt, wish.mount)
    return replace(wish, format=inside, encryption=Encryption(passphrase=word) if word else None)


def _changed(wish: Wish, prompt: Prompt) -> Wish:
    mount = prompt.text(_mount_question(), _mount_or_none, wish.mount)
    current = _REST[0] if wish.grow else human(wish.size)
    size, grow = prompt.text(_size_question(0), _size_or_rest, current)
    size = wish.size if not grow and human(size) == human(wish.size) else size
    changed = replace(wish, mount=mount, format=_format(prompt, mount, wish.format), size=size, grow=grow)
    if wish.encryption is None:
        return _encrypted(changed, prompt)
    if not prompt.yes(_("Keep it encrypted?"), default=True):
        return replace(changed, encryption=None)
    return changed if wish.encryption.passphrase else _with_passphrase(changed, wish.encryption, prompt)


def _with_passphrase(wish: Wish, encryption: Encryption, prompt: Prompt) -> Wish:
    """A kickstart may ask for encryption and leave the passphrase to the person."""
    word = prompt.secret(_("Passphrase (not shown):"), fields.passphrase, _note)
    return replace(wish, encryption=replace(encryption, passphrase=word))


# --- fields --------------------------------------------------------------------------------------------------


def _format(prompt: Prompt, mount: str, current: Format | None = None) -> Format | None:
    if mount == SWAP:
        return Format.SWAP
    if mount == _EFI:
        return Format.EFI
    known = (Choice(value="", label=_("the usual one")), *(Choice(value=one, label=one.value) for one in _FORMATS))
    picked = prompt.pick(known, _("File system"), current if current in _FORMATS else "")
    return Format(picked) if picked else None


def _mount_or_swap(text: str) -> str | Wrong:
    return SWAP if text.strip() == SWAP else fields.mount_point(text)


def _mount_or_none(text: str) -> str | Wrong:
    return _mount_or_swap(text) if text.strip() else ""


def _size_or_rest(text: str) -> tuple[int, bool] | Wrong:
    if text.strip().casefold() in (*_REST, _("max")):
        return _LEAST_GROWING, True
    found = fields.size(text, least=_LEAST)
    return found if isinstance(found, Wrong) else (found, False)


def _name(text: str) -> str | Wrong:
    name = text.strip()
    return name if name and name.isprintable() and " " not in name else Wrong(_("Type a name without blanks."))


def _path_or_none(text: str) -> str | Wrong:
    return _name(text) if text.strip() else ""
