"""How good a password is, in words. A hint beside the field: the person decides. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import log2

from ashore_tui.text import _

_CLASSES = (
    (str.islower, 26),
    (str.isupper, 26),
    (str.isdigit, 10),
)
_OTHERS = 33
"""Printable ASCII characters that are neither letters nor digits."""
_COMMON = ("password", "passwort", "qwerty", "qwertz", "letmein", "welcome", "admin", "root", "secret", "iloveyou")
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertzuiop", "qwertyuiop", "asdfghjkl", "yxcvbnm", "zxcvbnm")
_RUN = 4
_FAIR, _GOOD, _STRONG = 36.0, 50.0, 66.0
"""Bits. Online guessing is slow, and disks are guarded by a slow hash besides."""
_CAPS = 3


class Level(IntEnum):
    EMPTY = 0
    WEAK = 1
    FAIR = 2
    GOOD = 3
    STRONG = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    level: Level
    text: str


def strength(password: str, *words: str) -> Strength:
    """How hard a password is to guess; `words` are what everybody knows of its owner: the name, that of the host."""
    if not password:
        return Strength(level=Level.EMPTY, text="")
    known = next((word for word in (*_COMMON, *words) if len(word) > 2 and word.casefold() in password.casefold()), "")
    bits = _bits(password, known)
    if known and bits < _GOOD:
        return Strength(level=Level.WEAK, text=_("Weak: it has a word in it that is tried first."))
    if bits < _FAIR:
        return Strength(level=Level.WEAK, text=_("Weak: longer is better than stranger."))
    if bits < _GOOD:
        return Strength(level=Level.FAIR, text=_("Fair"))
    return (
        Strength(level=Level.GOOD, text=_("Good")) if bits < _STRONG else Strength(level=Level.STRONG, text=_("Strong"))
    )


def _bits(password: str, known: str) -> float:
    """What trying all passwords of this kind takes; repetitions, runs and known words count as one character."""
    left = password.casefold().replace(known.casefold(), "\0") if known else password
    counted = sum(not _goes_on(left, at) for at in range(len(left)))
    alphabet = sum(size for is_in, size in _CLASSES if any(is_in(one) for one in password))
    alphabet += 0 if password.isalnum() else _OTHERS
    return counted * log2(max(alphabet, 2))


def _goes_on(text: str, at: int) -> bool:
    """Whether a character only repeats the one before, or goes on with a run of the keyboard or the alphabet."""
    if at and text[at] == text[at - 1]:
        return True
    piece = text[max(0, at - _RUN + 1) : at + 1].casefold()
    return len(piece) == _RUN and any(piece in run or piece in run[::-1] for run in _RUNS)


def caps_lock_note(text: str) -> str:
    """A note when what was typed looks as if Caps Lock were on, which no terminal tells; else empty."""
    letters = [one for one in text if one.isalpha()]
    if len(letters) >= _CAPS and all(one.isupper() for one in letters):
        return _("All letters are capitals: is Caps Lock on?")
    return ""


def foreign_note(text: str) -> str:
    """A note when a passphrase has letters that another keyboard may lack when the machine starts; else empty."""
    return "" if text.isascii() else _("Some of it may be hard to type while the machine starts: use plain letters.")
