"""The catalogues are complete, up to date, and can be filled in as the English texts are."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po as babels

import ashore_installer
from ashore_tui.text import DOMAIN, ENGINE, LOCALE, languages
from ashore_tui.text.cells import cells
from ashore_tui.text.engine_words import ALL
from ashore_tui.text.extract import LANGUAGES, po, pot, write_all
from ashore_tui.text.po import read_po
from ashore_tui.text.sentences import titles
from ashore_tui.text.sources import NotPlain, texts
from ashore_tui.text.templates import names_in

DOMAINS = (DOMAIN, ENGINE)


def messages(domain: str, language: str) -> Iterator[Message]:
    content = (LOCALE / language / f"{domain}.po").read_bytes()
    return (one for one in babels(BytesIO(content), locale=language) if one.id)


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("domain", DOMAINS)
def test_templates_are_not_older_than_the_sources(domain: str) -> None:
    assert (LOCALE / f"{domain}.pot").read_text(encoding="utf-8") == pot(domain), "run `make catalogue`"


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_every_text_and_no_other(domain: str, language: str) -> None:
    found = (LOCALE / language / f"{domain}.po").read_text(encoding="utf-8")

    assert found == po(domain, language), "run `make catalogue`, and translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_faces_is_translated(language: str) -> None:
    missing = [one.id for one in messages(DOMAIN, language) if not all(forms(one.string)) or one.fuzzy]

    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_and_action_of_the_engine_is_translated(language: str) -> None:
    finite = {*ALL, *titles(Path(ashore_installer.__file__).parent)}
    known = read_po(LOCALE / language / f"{ENGINE}.po")

    assert not [text for text in finite if text not in known]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_take_the_same_values(domain: str, language: str) -> None:
    wrong = []
    for one in messages(domain, language):
        wanted = [set(names_in(text)) for text in forms(one.id)]
        for number, text in enumerate(forms(one.string)):
            if text and set(names_in(text)) not in (wanted if number == 0 else wanted[1:]):
                wrong.append((one.id, text))

    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_begin_and_end_with_the_same_blanks(language: str) -> None:
    wrong = [
        (one.id, one.string)
        for one in messages(DOMAIN, language)
        for text in forms(one.string)
        if _edges(forms(one.id)[0])[1] != _edges(text)[1] and "：" not in text[-1:]
    ]

    assert not wrong


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1] == " ", text[-1:] == " "


def test_there_are_two_languages_besides_english() -> None:
    assert languages() == ("en", *LANGUAGES)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_reader_reads_what_babel_reads(domain: str, language: str) -> None:
    catalogue: Catalog = babels(BytesIO((LOCALE / language / f"{domain}.po").read_bytes()), locale=language)
    wanted = {"\0".join(forms(one.id)): "\0".join(forms(one.string)) for one in catalogue if one.id and one.string}
    found = read_po(LOCALE / language / f"{domain}.po")

    assert {key: text for key, text in found.items() if key} == {key: one for key, one in wanted.items() if one}


def test_the_command_writes_the_same_again(tmp_path: Path) -> None:
    first = [path.read_text(encoding="utf-8") for path in write_all(tmp_path)]

    assert len(first) == 2 + 2 * len(LANGUAGES)
    assert not list(write_all(tmp_path))


def test_texts_are_found_in_f_strings_too(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("f\"{_('in')}\"\nN_('a'\n   'b')\nn_('one', '{count}', 3)\n_(table[1])\n")

    assert list(texts(tmp_path)) == [(("ab",), "a.py"), (("one", "{count}"), "a.py"), (("in",), "a.py")]


def test_a_text_that_is_put_together_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('_(f"no {what}")\n')

    with pytest.raises(NotPlain, match=r"a\.py:1"):
        list(texts(tmp_path))


@pytest.mark.parametrize(
    ("text", "most"),
    [("Next", 18), ("All topics", 18), ("today", 10), ("after", 10), ("Layout", 16), ("File system", 16)],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_short_texts_stay_short(language: str, text: str, most: int) -> None:
    assert cells(read_po(LOCALE / language / f"{DOMAIN}.po")[text]) <= most
