from __future__ import annotations

import pytest

from ashore_tui.flow.strength import Level, caps_lock_note, foreign_note, strength


@pytest.mark.parametrize(
    ("password", "level"),
    [
        ("", Level.EMPTY),
        ("abc", Level.WEAK),
        ("aaaaaaaaaaaaaaaa", Level.WEAK),
        ("abcdefghijkl", Level.WEAK),
        ("12345678", Level.WEAK),
        ("Password123", Level.WEAK),
        ("ada2024", Level.WEAK),
        ("tulip-fo", Level.FAIR),
        ("korb7Fisch", Level.GOOD),
        ("correct horse battery staple", Level.STRONG),
    ],
)
def test_strength(password: str, level: Level) -> None:
    assert strength(password, "ada").level is level


def test_a_long_password_may_have_a_known_word_in_it() -> None:
    assert strength("my admin went to the sea").level is Level.STRONG


def test_it_says_so_in_words() -> None:
    assert strength("qwerty1").text == "Weak: it has a word in it that is tried first."
    assert strength("xk").text == "Weak: longer is better than stranger."


@pytest.mark.parametrize(("text", "noted"), [("HELLO1", True), ("Hello1", False), ("AB", False), ("123456", False)])
def test_caps_lock_is_noticed(text: str, noted: bool) -> None:
    assert bool(caps_lock_note(text)) == noted


def test_letters_that_another_keyboard_lacks_are_noted() -> None:
    assert foreign_note("Schlüssel")
    assert not foreign_note("Schluessel")
