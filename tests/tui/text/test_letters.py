from __future__ import annotations

from collections.abc import Iterator

import pytest

from ashore_tui.text import ENGLISH, _, use_language, use_letters
from ashore_tui.text.letters import Letters, can_show, letters_of


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    use_letters(Letters.ALL)
    use_language(ENGLISH)


@pytest.mark.parametrize(
    ("term", "encoding", "letters"),
    [
        ("xterm-256color", "utf-8", Letters.ALL),
        ("screen", "utf-8", Letters.ALL),
        ("tmux-256color", "utf-8", Letters.ALL),
        ("xterm", "gb18030", Letters.ALL),
        ("xterm", "gbk", Letters.ASCII),
        ("xterm", "iso-8859-1", Letters.LATIN),
        ("xterm", "ascii", Letters.ASCII),
        ("xterm", "no-such-encoding", Letters.ASCII),
        ("linux", "utf-8", Letters.LATIN),
        ("linux", "ascii", Letters.ASCII),
        ("screen.linux", "utf-8", Letters.LATIN),
        ("vt220", "utf-8", Letters.ASCII),
        ("vt102", "utf-8", Letters.ASCII),
        ("dumb", "utf-8", Letters.ASCII),
        ("", "utf-8", Letters.ASCII),
    ],
)
def test_the_letters_of_a_terminal(term: str, encoding: str, letters: Letters) -> None:
    assert letters_of({"TERM": term}, encoding) is letters


def test_no_terminal_has_ascii_only() -> None:
    assert letters_of({}, "utf-8") is Letters.ASCII


@pytest.mark.parametrize(
    ("language", "least"),
    [
        ("en", Letters.ASCII),
        ("en_GB.UTF-8", Letters.ASCII),
        ("de", Letters.LATIN),
        ("de_DE.UTF-8", Letters.LATIN),
        ("zh_CN", Letters.ALL),
        ("zh_CN.UTF-8", Letters.ALL),
        ("ja_JP.UTF-8", Letters.ALL),
    ],
)
def test_what_a_language_needs(language: str, least: Letters) -> None:
    assert [one for one in Letters if can_show(language, one)] == [one for one in Letters if one >= least]


@pytest.mark.parametrize(
    ("letters", "language", "text"),
    [
        (Letters.ALL, "zh_CN.UTF-8", "下一步"),
        (Letters.LATIN, "zh_CN.UTF-8", "Next"),
        (Letters.LATIN, "de_DE.UTF-8", "Weiter"),
        (Letters.ASCII, "de_DE.UTF-8", "Next"),
    ],
)
def test_what_cannot_be_shown_is_english(letters: Letters, language: str, text: str) -> None:
    use_letters(letters)

    assert use_language(language) is (text != "Next")
    assert _("Next") == text
