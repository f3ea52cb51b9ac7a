"""What is drawn on which terminal."""

from __future__ import annotations

import pytest
from textual.theme import Theme

from ashore_tui.app.look import ASCII, UNICODE, Glyphs, look_for
from ashore_tui.app.themes import THEMES
from ashore_tui.cli.parser import THEMES as OFFERED


@pytest.mark.parametrize(
    ("environ", "encoding", "theme", "glyphs"),
    [
        ({"TERM": "xterm-256color"}, "utf-8", "dark", UNICODE),
        ({"TERM": "xterm-256color"}, "UTF8", "dark", UNICODE),
        ({"TERM": "xterm-256color"}, "iso-8859-1", "dark", ASCII),
        ({"TERM": "linux"}, "utf-8", "linux", ASCII),
        ({"TERM": "vt220"}, "utf-8", "linux", ASCII),
        ({"TERM": "vt102"}, "utf-8", "linux", ASCII),
        ({"TERM": "dumb"}, "utf-8", "linux", ASCII),
        ({}, "utf-8", "linux", ASCII),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "utf-8", "linux", UNICODE),
    ],
)
def test_the_look_follows_the_terminal(environ: dict[str, str], encoding: str, theme: str, glyphs: Glyphs) -> None:
    look = look_for(environ, encoding)

    assert (look.theme, look.glyphs) == (theme, glyphs)
    assert look.ansi is (theme == "linux")


def test_a_person_may_ask_for_another_theme_where_it_can_be_shown() -> None:
    assert look_for({"TERM": "xterm"}, "utf-8", "light").theme == "light"
    assert look_for({"TERM": "xterm"}, "utf-8", "linux").ansi
    assert look_for({"TERM": "linux"}, "utf-8", "light").theme == "linux"


def test_ascii_is_ascii() -> None:
    signs = "".join(str(getattr(ASCII, name)) for name in ASCII.__dataclass_fields__)

    assert signs.isascii()


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_signs_of_one_kind_are_equally_wide(glyphs: Glyphs) -> None:
    for kind in (
        (glyphs.done, glyphs.todo, glyphs.wrong, glyphs.waiting, glyphs.running),
        (glyphs.chosen, glyphs.unchosen),
        (glyphs.ticked, glyphs.unticked),
        (glyphs.full, glyphs.empty),
        glyphs.spinner,
    ):
        assert len({len(sign) for sign in kind}) == 1


def test_every_theme_that_is_offered_is_there_with_the_same_colours() -> None:
    assert tuple(theme.name for theme in THEMES) == OFFERED
    assert len({frozenset(theme.variables) for theme in THEMES}) == 1


@pytest.mark.parametrize("theme", [one for one in THEMES if not one.ansi], ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    """At least 4.5 to 1, as WCAG 2.2 asks of text (1.4.3)."""
    ground, cursor = theme.background or "", theme.variables["cursor"]
    for text in (theme.foreground or "", theme.variables["dim"], theme.accent or "", theme.variables["bad"]):
        assert _contrast(text, ground) >= 4.5, text
    assert _contrast(theme.foreground or "", cursor) >= 4.5
    assert _contrast(theme.variables["dim"], cursor) >= 3.0
    assert _contrast(theme.variables["on-accent"], theme.accent or "") >= 4.5


def _contrast(one: str, other: str) -> float:
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
