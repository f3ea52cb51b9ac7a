"""Texts in columns of a terminal, where a Chinese character takes two. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def cells(text: str) -> int:
    """The columns that `text` takes (Unicode's annex 11)."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` columns: filled with blanks, or cut, with a tilde (every console has it) at its end."""
    return pad(cut(text, width), width)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` with blanks up to `width` columns, before it if it stands at the right; as it is when it is longer."""
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def cut(text: str, width: int) -> str:
    """`text` in `width` columns at most."""
    if cells(text) <= width:
        return text
    kept, room = "", width - 1
    for letter in text:
        room -= _width(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept}~" if width > 0 else ""


def wrap(text: str, width: int, indent: str = "", below: str | None = None) -> list[str]:
    """Lines of `width` columns at most, with `indent` before the first one and `below` before the others.

    Lines end at blanks, and between wide characters; what is too long by itself sticks out, as names must be whole.
    """
    below = indent if below is None else below
    lines, line, start = [], "", indent
    for word in _words(text):
        if line and cells(start + line + word.rstrip()) > width:
            lines.append(start + line.rstrip())
            line, start = "", below
        line += word if line else word.lstrip()
    return [*lines, start + line.rstrip()] if line.strip() else lines


def _words(text: str) -> Iterator[str]:
    """Pieces that stay together: words with the blanks behind them, wide characters with the signs that end them."""
    piece = ""
    for letter in text:
        joins = letter.isspace() or (letter in "，。、：；？！）】”’,.;:?!)" and not piece[-1:].isspace())
        wide = _width(letter) == 2
        if piece and not joins and (wide or piece[-1].isspace() or _width(piece[-1]) == 2) and piece[-1] not in "（“(":
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece
