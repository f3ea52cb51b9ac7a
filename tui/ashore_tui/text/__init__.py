"""The texts that people read, in their language. They are looked up when they are shown, not at import.

Catalogues are `locale/LANGUAGE/*.po` beside this file; without one a text stays English. Texts that are written where
they can't be looked up yet (in tables) are marked with `N_`, and looked up with `_` where they are shown. What the
engine says is English, in its journal too; `said` translates it where a person reads it.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ashore_tui.text.letters import Letters, can_show
from ashore_tui.text.po import read_po, translations
from ashore_tui.text.templates import Templates

DOMAIN = "ashore"
"""Our own texts."""
ENGINE = "engine"
"""The engine's."""
LOCALE = Path(__file__).with_name("locale")
ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Catalogue:
    own: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)
    engine: Templates = field(default_factory=Templates)


class _Chosen:
    """The catalogue in use: one for the process, as it has one person before it. So are the letters of its terminal."""

    catalogue: _Catalogue = _Catalogue()
    language: str = ENGLISH
    letters: Letters = Letters.ALL


def use_letters(letters: Letters) -> None:
    """From now on, languages that the terminal can't show are English."""
    _Chosen.letters = letters


def use_language(language: str, folder: Path = LOCALE) -> bool:
    """Show texts in `language` (`de`, `de_DE.UTF-8`, `zh_CN`) from now on; False means that English is shown."""
    found = _found(language, folder) if can_show(language, _Chosen.letters) else None
    _Chosen.catalogue = _loaded(found) if found else _Catalogue()
    _Chosen.language = found.name if found else ENGLISH
    return found is not None


def language() -> str:
    """The language in use, as its catalogue is called: `de`, `zh_CN`; `en` without one."""
    return _Chosen.language


def languages(folder: Path = LOCALE) -> tuple[str, ...]:
    """The languages that texts can be shown in, English first."""
    return (ENGLISH, *sorted(path.parent.name for path in folder.glob(f"*/{DOMAIN}.po")))


def _found(language: str, folder: Path) -> Path | None:
    """The catalogues for a locale: of its country, else of its language."""
    name = language.partition(".")[0].partition("@")[0]
    known = languages(folder)[1:]
    return next((folder / one for one in (name, name.partition("_")[0]) if one in known), None)


@cache
def _loaded(folder: Path) -> _Catalogue:
    engine = folder / f"{ENGINE}.po"
    sentences: Mapping[str, str] = read_po(engine) if engine.is_file() else {}
    return _Catalogue(own=translations(read_po(folder / f"{DOMAIN}.po")), engine=Templates.of(sentences))


def _(text: str) -> str:
    """`text` in the language in use."""
    return _Chosen.catalogue.own.gettext(text) if text else ""


def n_(one: str, many: str, count: int) -> str:
    """The form for `count`, in the language in use."""
    return _Chosen.catalogue.own.ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 (the name that gettext's tools know)
    """Mark a text for translation where it can't be translated yet."""
    return text


def said(text: str) -> str:
    """What the engine said, in the language in use; as it was said where no catalogue knows it.

    A rehearsal's engine says some of our own texts.
    """
    spoken = _Chosen.catalogue.engine.said(text)
    return spoken if spoken != text else _(text)
