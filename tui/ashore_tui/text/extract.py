"""`make catalogue`: collects every text of the faces and of the engine, and brings the translations up to date.

Writes `ashore.pot` and `engine.pot`, and adds what is new to each language's `.po` files; what nothing says any more is
taken out. The result depends on the sources only: it has no dates, no line numbers, and no tool's version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import ashore_installer
import ashore_tui
from ashore_tui.text import DOMAIN, ENGINE, LOCALE
from ashore_tui.text.engine_words import ALL
from ashore_tui.text.sentences import sentences
from ashore_tui.text.sources import texts

FACES = Path(ashore_tui.__file__).parent
_INSTALLER = Path(ashore_installer.__file__).parent
LANGUAGES = ("de", "zh_CN")
_HEADS = {
    "": "",
    "de": '"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n',
    "zh_CN": '"Language: zh_CN\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n',
}
_HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'


@cache
def template(domain: str) -> Catalog:
    """Every text of a domain, untranslated."""
    return _of_faces() if domain == DOMAIN else _of_engine()


def _of_faces() -> Catalog:
    found = Catalog()
    for text, path in texts(FACES):
        found.add(text if len(text) > 1 else text[0], locations=[(path, 0)])
    return found


def _of_engine() -> Catalog:
    found = Catalog()
    for text in ALL:
        found.add(text, locations=[("words", 0)])
    for text, path in sentences(_INSTALLER):
        found.add(text, locations=[(path, 0)])
    return found


def pot(domain: str) -> str:
    """The content of a domain's `.pot` file."""
    return _written(template(domain), "")


def po(domain: str, language: str, folder: Path = LOCALE) -> str:
    """The content of a language's `.po` file: what it has, brought up to date."""
    path = folder / language / f"{domain}.po"
    known = Catalog(locale=language)
    if path.is_file():
        known = read_po(BytesIO(path.read_bytes()), locale=language)
    known.update(template(domain), no_fuzzy_matching=True)
    return _written(known, language)


def _written(catalogue: Catalog, language: str) -> str:
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return f"{_HEAD}{_HEADS[language]}\n{buffer.getvalue().decode()}"


def write_all(folder: Path = LOCALE) -> Iterable[Path]:
    """Bring every file up to date; those that changed."""
    for domain in (DOMAIN, ENGINE):
        targets = {folder / f"{domain}.pot": pot(domain)}
        targets |= {folder / one / f"{domain}.po": po(domain, one, folder) for one in LANGUAGES}
        for path, text in targets.items():
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                yield path


def main() -> int:
    for path in write_all():
        print(path.relative_to(LOCALE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
