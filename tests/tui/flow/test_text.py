from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_tui.flow.topics import topic
from ashore_tui.text import ENGLISH, N_, _, languages, n_, use_language
from ashore_tui.text import language as in_use

GERMAN = """\
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "Mode"
msgstr ""
"Art der "
"Installation"

msgid "One topic is open"
msgid_plural "{count} topics are open"
msgstr[0] "Ein Thema ist offen"
msgstr[1] "{count} Themen sind offen"

#, fuzzy
msgid "Summary"
msgstr "Sommer"

msgid "Source"
msgstr ""
"""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use_language(ENGLISH)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of German."""
    target = tmp_path / "de"
    target.mkdir()
    (target / "ashore.po").write_text(GERMAN, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("language", ["de", "de_DE.UTF-8", "de_AT"])
def test_texts_are_shown_in_the_language_from_now_on(folder: Path, language: str) -> None:
    title = topic("mode").title

    assert use_language(language, folder)
    assert in_use() == "de"

    assert (title, topic("mode").title) == ("Mode", "Art der Installation")
    counted = n_("One topic is open", "{count} topics are open", 3)
    assert counted == "{count} Themen sind offen"
    assert _("not in the catalogue") == "not in the catalogue"
    assert (_("Summary"), _("Source")) == ("Summary", "Source"), "guesses and gaps are not shown"


def test_a_language_without_a_catalogue_is_english(folder: Path) -> None:
    use_language("de", folder)

    assert not use_language("tlh", folder)
    assert _("Mode") == "Mode"


def test_the_languages_that_there_are(folder: Path) -> None:
    assert languages(folder) == ("en", "de")


def test_nothing_is_nothing_in_every_language(folder: Path) -> None:
    use_language("de", folder)

    assert _("") == ""
    assert N_("Mode") == "Mode"
