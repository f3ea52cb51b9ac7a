"""A disk as one line: each piece in proportion to its size, with what it is written into it where that fits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ashore_installer.storage.view import Change, Segment
from ashore_installer.units import MiB, human
from ashore_tui.text import _, said
from ashore_tui.text.cells import cells

WORTH_SHOWING = 2 * MiB
"""Free room below this is only what alignment leaves over."""
_LEAST = 2
"""Columns of the smallest piece: its edge, and one cell that shows what becomes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """One sign for each fate of a piece, so that it is told without colours; `edge` stands before each piece."""

    fills: dict[Change, str]
    edge: str


UNICODE = Marks(
    fills={
        Change.FREE: "·",
        Change.KEPT: "▒",
        Change.RESIZED: "▒",
        Change.FORMATTED: "▓",
        Change.REMOVED: "░",
        Change.NEW: "█",
    },
    edge="│",
)
ASCII = Marks(
    fills={
        Change.FREE: ".",
        Change.KEPT: "=",
        Change.RESIZED: "~",
        Change.FORMATTED: "%",
        Change.REMOVED: "x",
        Change.NEW: "#",
    },
    edge="|",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the line: `text` is written into it, and `fill` fills the rest. `change` None is an edge."""

    change: Change | None
    text: str
    fill: str = ""


def bar(segments: Sequence[Segment], width: int, marks: Marks) -> tuple[Piece, ...]:
    """The line for a disk's pieces, exactly `width` columns wide; edges are included. Empty when there is no room."""
    shown = _shown(segments, width)
    if not shown or width < 1 + _LEAST * len(shown):
        return ()
    columns = shares([one.size for one in shown], width - 1, _LEAST)
    return (*_pieces(shown, columns, marks), Piece(change=None, text=marks.edge))


def shares(sizes: Sequence[int], room: int, least: int) -> tuple[int, ...]:
    """`room` columns by size, with `least` at least for each. Raises ValueError when that is more than there is."""
    spare = room - least * len(sizes)
    if spare < 0:
        raise ValueError("there are fewer columns than the pieces need at least")
    total = max(sum(sizes), 1)
    exact = [size * room / total for size in sizes]
    found = [least] * len(sizes)
    for _step in range(spare):
        number = max(range(len(sizes)), key=lambda one: exact[one] - found[one])
        found[number] += 1
    return tuple(found)


def _shown(segments: Sequence[Segment], width: int) -> list[Segment]:
    """Without slivers of free room; of very many pieces, those that there is room for, the largest first."""
    known = [one for one in segments if one.change is not Change.FREE or one.size >= WORTH_SHOWING]
    most = max((width - 1) // _LEAST, 0)
    if len(known) <= most:
        return known
    large = sorted(known, key=lambda one: -one.size)[:most]
    return [one for one in known if one in large]


def _pieces(segments: Sequence[Segment], columns: Sequence[int], marks: Marks) -> Iterator[Piece]:
    for segment, width in zip(segments, columns, strict=True):
        room = width - 1
        text = next((f" {one} " for one in names(segment) if cells(one) + 2 <= room), "")
        yield Piece(change=None, text=marks.edge)
        yield Piece(change=segment.change, text=text, fill=marks.fills[segment.change] * (room - cells(text)))


def names(segment: Segment) -> tuple[str, ...]:
    """What can be written into a piece, the longest first."""
    size = human(segment.size)
    if segment.change is Change.FREE:
        free = _("free")
        return (f"{free} {size}", free)
    holds, purpose = said(segment.holds), said(segment.purpose)
    part_of = holds if " " in segment.holds else ""
    what = segment.mount or part_of or segment.label or holds or purpose or segment.name
    parts = (what, size) if what else (size,)
    return (" ".join(parts), *([what] if what else []))


# --- what the signs mean -------------------------------------------------------------------------------------


def words(change: Change) -> str:
    """What becomes of a piece, in a word."""
    return {
        Change.FREE: _("free"),
        Change.KEPT: _("stays"),
        Change.RESIZED: _("resized"),
        Change.FORMATTED: _("formatted"),
        Change.REMOVED: _("goes"),
        Change.NEW: _("new"),
    }[change]


def legend(segments: Sequence[Segment]) -> tuple[Change, ...]:
    """The fates that are in a picture, what changes first."""
    order = (Change.NEW, Change.FORMATTED, Change.RESIZED, Change.REMOVED, Change.KEPT, Change.FREE)
    there = {one.change for one in segments if one.change is not Change.FREE or one.size >= WORTH_SHOWING}
    return tuple(one for one in order if one in there)
