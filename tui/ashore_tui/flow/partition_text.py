"""A row of custom partitioning as columns of text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.machine import DiskInfo
from ashore_installer.storage.view import Change
from ashore_installer.units import human
from ashore_tui.flow.disk_bar import words
from ashore_tui.flow.partition_rows import Row, Thing
from ashore_tui.text import _, said
from ashore_tui.text.cells import cells, cut, fit, pad

_NAME, _SIZE, _FATE = 17, 10, 11
_WHERE = 14
"""Columns that the mount point has at least, if the line is wide enough for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The parts of a line, already padded: what it is, what becomes of it, and what is in it and where."""

    name: str
    size: str
    fate: str
    content: str


def columns(row: Row, width: int) -> Columns:
    """The parts for a line of `width` columns; what is too long is cut in its content only."""
    name = f"{'  ' * row.depth}{title(row)}"
    room = max(width - _NAME - _SIZE - _FATE - 4, 10)
    where = cut(row.mount, max(room - _WHERE, _WHERE)) if row.planned else ""
    left = room - max(_WHERE, cells(where)) - 1 if where else room
    text = f"{fit(content(row), left)} {where}" if where else content(row)
    size = human(row.size) if row.size else ""
    return Columns(
        name=fit(name, _NAME),
        size=f"{size:>{_SIZE}}",
        fate=pad(fate(row), _FATE),
        content=fit(text, room).rstrip(),
    )


def head(width: int) -> Columns:
    """The line above them."""
    room = max(width - _NAME - _SIZE - _FATE - 4, 10)
    return Columns(
        name=pad(_("Name"), _NAME),
        size=pad(_("Size"), _SIZE, right=True),
        fate=pad(_("Change"), _FATE),
        content=f"{pad(_('Content'), room - _WHERE)} {_('Mount point')}",
    )


def title(row: Row) -> str:
    return _("free") if row.thing is Thing.FREE else row.name


def fate(row: Row) -> str:
    """What becomes of it, in a word; nothing for what stays as it is."""
    if row.thing is Thing.DISK:
        return _("is erased") if row.change is Change.REMOVED else ""
    if row.change in (Change.KEPT, Change.FREE):
        return ""
    return words(row.change)


def content(row: Row) -> str:
    """What is in it; in brackets, where systems that are there mount it now."""
    if row.thing is Thing.DISK:
        return said(row.kind)
    what = said(row.holds) or (said(row.kind) if row.thing is not Thing.FREE else "")
    if row.was:
        what = _("{content}, was {size}").format(content=what, size=human(row.was))
    label = f"“{row.label}”" if row.label and row.label not in (row.mount, row.name) else ""
    now = f"({row.mount})" if row.mount and not row.planned else ""
    return " ".join(part for part in (what, label, now) if part)


def disk_words(disk: DiskInfo) -> str:
    """A disk as a choice for where something new goes."""
    return " ".join(part for part in (disk.name, human(disk.size), disk.model) if part)
