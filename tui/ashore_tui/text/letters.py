"""Which letters a terminal can show, and so which languages. Pure; found out from the environment, never by asking."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

_SERIAL = ("vt", "dumb", "ansi")
"""Beginnings of TERM for terminals of which nothing is known but that they show ASCII."""
_NOT_LATIN = ("zh", "ja", "ko", "ru", "uk", "el", "ar", "he", "th", "hi")
"""Languages whose script the font of a Linux console has no glyphs for: it holds 512 at most (console_codes(4))."""


class Letters(IntEnum):
    ASCII = 0
    LATIN = 1
    """The letters of western Europe, which the kernel's own console font has."""
    ALL = 2


def letters_of(environ: Mapping[str, str], encoding: str) -> Letters:
    """What the terminal of `environ` shows; `encoding` is that of the output, in Python's words."""
    term = environ.get("TERM", "")
    if not term or term.startswith(_SERIAL) or not _can_encode("äöüßé", encoding):
        return Letters.ASCII
    if term in ("linux", "screen.linux", "tmux.linux") or not _can_encode("中", encoding):
        return Letters.LATIN
    return Letters.ALL


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def can_show(language: str, letters: Letters) -> bool:
    """Whether texts in `language` (`de`, `zh_CN.UTF-8`) can be read with those letters."""
    name = language.partition("_")[0].partition(".")[0]
    if name == "en":
        return True
    return letters is Letters.ALL if name in _NOT_LATIN else letters is not Letters.ASCII
