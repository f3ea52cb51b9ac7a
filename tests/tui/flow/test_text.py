from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_tui.flow.topics import topic
from ashore_tui.text import ENGLISH, N_, _, languages, n_, use_language

TEXTS = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n",
    "Mode": "Art der Installation",
    "One topic is open\0{count} topics are open": "Ein Thema ist offen\0{count} Themen sind offen",
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use_language(ENGLISH)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of German (the format: gettext's manual, "The Format of GNU MO Files")."""
    ids, strings = sorted(TEXTS), [TEXTS[one] for one in sorted(TEXTS)]
    blobs = [text.encode() + b"\0" for text in (*ids, *strings)]
    start = 28 + 16 * len(ids)
    places = [(len(blob) - 1, start + sum(map(len, blobs[:at]))) for at, blob in enumerate(blobs)]
    head = struct.pack("<7I", 0x950412DE, 0, len(ids), 28, 28 + 8 * len(ids), 0, 0)
    content = head + b"".join(struct.pack("<2I", *place) for place in places) + b"".join(blobs)
    target = tmp_path / "de" / "LC_MESSAGES"
    target.mkdir(parents=True)
    (target / "ashore.mo").write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("language", ["de", "de_DE.UTF-8", "de_AT"])
def test_texts_are_shown_in_the_language_from_now_on(folder: Path, language: str) -> None:
    title = topic("mode").title

    assert use_language(language, folder)

    assert (title, topic("mode").title) == ("Mode", "Art der Installation")
    counted = n_("One topic is open", "{count} topics are open", 3)
    assert counted == "{count} Themen sind offen"
    assert _("not in the catalogue") == "not in the catalogue"


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
