"""The texts that people read, in their language (gettext). They are looked up when they are shown, not at import.

Catalogues are `locale/LANGUAGE/LC_MESSAGES/ashore.mo` beside this file; without one a text stays English. Texts that
are written where they can't be looked up yet (in tables) are marked with `N_`, and looked up with `_` where they are
shown.
"""

from __future__ import annotations

import gettext
from pathlib import Path

DOMAIN = "ashore"
LOCALE = Path(__file__).with_name("locale")
ENGLISH = "en"


class _Chosen:
    """The catalogue in use: one for the process, as it has one person before it."""

    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str, folder: Path = LOCALE) -> bool:
    """Show texts in `language` (`de`, `de_DE.UTF-8`, `zh_CN`) from now on; False means that English is shown."""
    found = gettext.translation(DOMAIN, folder, [language], fallback=True)
    _Chosen.catalogue = found
    return isinstance(found, gettext.GNUTranslations)


def languages(folder: Path = LOCALE) -> tuple[str, ...]:
    """The languages that texts can be shown in, English first."""
    found = sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (ENGLISH, *(one for one in found if one != ENGLISH))


def _(text: str) -> str:
    """`text` in the language in use."""
    return _Chosen.catalogue.gettext(text) if text else ""


def n_(one: str, many: str, count: int) -> str:
    """The form for `count`, in the language in use."""
    return _Chosen.catalogue.ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 (the name that gettext's tools know)
    """Mark a text for translation where it can't be translated yet."""
    return text
