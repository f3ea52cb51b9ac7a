"""Long lists to choose from: languages, keymaps, time zones; and how typing finds something in them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ashore_installer.machine import MachineInfo
from ashore_installer.storage.destinations import unusable
from ashore_installer.units import human
from ashore_tui.flow.state import ImageOffer
from ashore_tui.text import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A row of a list. `value` is what is chosen; `refusal` says why it can't be, as the end of a sentence."""

    value: str
    label: str
    detail: str = ""
    refusal: str = ""


def matching(choices: Sequence[Choice], typed: str) -> tuple[Choice, ...]:
    """The choices that have every word of what was typed, those that begin with it first. Accents don't matter."""
    words = _plain(typed).split()
    found = [one for one in choices if all(word in _all(one) for word in words)]
    start = " ".join(words)
    return tuple(sorted(found, key=lambda one: not _begins(one, start)))


def _begins(choice: Choice, start: str) -> bool:
    heads = (_plain(choice.label), _plain(choice.value), _plain(choice.value.rpartition("/")[2]))
    return any(head.startswith(start) for head in heads)


def _all(choice: Choice) -> str:
    return _plain(f"{choice.label} {choice.value} {choice.detail}")


def _plain(text: str) -> str:
    """Without case and accents; `_` and `/` part words, as in `America/New_York`."""
    split = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in split if not unicodedata.combining(letter))
    return letters.replace("_", " ").replace("/", " ")


# --- tables --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`keymap` and `timezone` are the usual ones; the zone is empty where a country has several."""

    locale: str
    name: str
    english: str
    keymap: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keymap:
    """A console keymap and the X11 layouts with the same keys."""

    name: str
    layouts: tuple[str, ...]
    label: str


@cache
def language_table() -> tuple[Language, ...]:
    return tuple(
        Language(locale=row[0], name=row[1], english=row[2], keymap=row[3], timezone=row[4])
        for row in _rows("languages.tsv", 5)
    )


@cache
def keymap_table() -> tuple[Keymap, ...]:
    return tuple(
        Keymap(name=row[0], layouts=tuple(row[1].split(", ")), label=row[2]) for row in _rows("keymaps.tsv", 3)
    )


@cache
def _zones() -> tuple[Choice, ...]:
    rows = _rows("zones.tsv", 3)
    return tuple(
        Choice(value=row[0], label=row[0].replace("_", " "), detail=", ".join(filter(None, row[1:]))) for row in rows
    )


def _rows(name: str, columns: int) -> list[list[str]]:
    """The rows of a table; columns that are missing at the end of one are empty."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [row + [""] * (columns - len(row)) for row in rows]


# --- lists ---------------------------------------------------------------------------------------------------


def languages() -> tuple[Choice, ...]:
    """Each under its own name. Consoles that lack its script show the English one, which is the detail."""
    return tuple(Choice(value=one.locale, label=one.name, detail=one.english) for one in language_table())


def keymaps() -> tuple[Choice, ...]:
    return tuple(Choice(value=one.name, label=one.label, detail=one.name) for one in keymap_table())


def zones() -> tuple[Choice, ...]:
    return _zones()


def disks(machine: MachineInfo) -> tuple[Choice, ...]:
    """Every disk by its id, with what is on it; those that can't be used say why."""
    return tuple(
        Choice(
            value=disk.id,
            label=" ".join(filter(None, (disk.name, human(disk.size), disk.model))),
            detail=on_disk(machine, disk.id),
            refusal=unusable(disk),
        )
        for disk in machine.disks
    )


def on_disk(machine: MachineInfo, id: str) -> str:  # noqa: A002 (the field's name)
    """What a person knows a disk by: the systems on it, else how many partitions, else that it is empty."""
    disk = machine.disk(id)
    prefix = f"{disk.name}p" if disk.name[-1:].isdigit() else disk.name
    own = {f"{prefix}{part.number}" for part in disk.partitions}
    systems = [one.name for one in machine.systems if one.root.partition(":")[0] in own]
    if systems:
        return ", ".join(systems)
    if disk.partitions:
        return _("{count} partitions").format(count=len(disk.partitions))
    return disk.format or _("empty")


def images(offers: Iterable[ImageOffer]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            value=offer.source,
            label=" ".join(filter(None, (offer.image.name, offer.image.image_version))),
            detail=human(offer.image.download_size),
        )
        for offer in offers
    )
