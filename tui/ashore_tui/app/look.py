"""What a terminal can show: its colours and its glyphs. Pure; found out from the environment, never by asking it.

Terminals on serial lines answer questions late or never, so nothing is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PLAIN_TERMINALS = ("linux", "vt", "dumb", "ansi", "screen.linux")
"""Beginnings of TERM for terminals with 16 colours or none, and few glyphs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The signs that are not letters. All of one kind are equally wide."""

    done: str
    todo: str
    wrong: str
    waiting: str
    running: str
    full: str
    """A filled cell of a bar."""
    empty: str
    chosen: str
    """Before the choice that counts."""
    unchosen: str
    ticked: str
    unticked: str
    hidden: str
    """In the place of each character of a password."""
    dot: str
    """Between two facts of a line."""
    rule: str
    spinner: tuple[str, ...]
    moves: str
    """The keys that move a cursor up and down, on the line of keys."""


UNICODE = Glyphs(
    done="✓",
    todo="○",
    wrong="✗",
    waiting="…",
    running="▸",
    full="█",
    empty="░",
    chosen="(•)",
    unchosen="( )",
    ticked="[✓]",
    unticked="[ ]",
    hidden="•",
    dot="·",
    rule="─",
    spinner=("▖", "▘", "▝", "▗"),
    moves="↑↓",
)
ASCII = Glyphs(
    done="+",
    todo="o",
    wrong="!",
    waiting="~",
    running=">",
    full="#",
    empty=".",
    chosen="(*)",
    unchosen="( )",
    ticked="[x]",
    unticked="[ ]",
    hidden="*",
    dot="-",
    rule="-",
    spinner=("|", "/", "-", "\\"),
    moves="Up/Down",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the screens are drawn. `theme` is a name of `themes.THEMES`; `ansi`: with the terminal's own 16 colours."""

    theme: str
    glyphs: Glyphs
    ansi: bool = False

    @property
    def is_ascii(self) -> bool:
        return self.glyphs is ASCII


def look_for(environ: Mapping[str, str], encoding: str, theme: str = "") -> Look:
    """The look for the terminal that `environ` tells of; `theme` is one that the person asked for.

    NO_COLOR (no-color.org) takes every colour away: what is chosen is then shown in reverse.
    """
    plain = environ.get("TERM", "dumb").startswith(_PLAIN_TERMINALS) or environ.get("TERM", "") == ""
    unicode = not plain and encoding.lower().replace("-", "") == "utf8"
    glyphs = UNICODE if unicode else ASCII
    if plain or environ.get("NO_COLOR"):
        return Look(theme="linux", glyphs=glyphs, ansi=True)
    return Look(theme=theme or "dark", glyphs=glyphs, ansi=theme == "linux")
