"""Long lists to choose from: languages, keymaps, time zones; and how typing finds something in them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ashore_installer.units import human
from ashore_tui.flow.state import ImageOffer


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


def usual_locale(language: str) -> str:
    """The first locale of a language (`de`, `zh_CN`): the one to propose."""
    table = language_table()
    return next((one.locale for one in table if one.locale.startswith(language)), table[0].locale)


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


def images(offers: Iterable[ImageOffer]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            value=offer.source,
            label=" ".join(filter(None, (offer.image.name, offer.image.image_version))),
            detail=human(offer.image.download_size),
        )
        for offer in offers
    )
