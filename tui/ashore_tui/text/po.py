"""Reads catalogues of translations as translators write them: `.po` files.

They are read at run time, straight from the source tree, an installed wheel or the live system, so no compiled file has
to be made, shipped or kept in step. Format: gettext's manual, "The Format of PO Files" and "… of GNU MO Files".
"""

from __future__ import annotations

import ast
import gettext
import re
import struct
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) +(?=\")")
_MAGIC = 0x950412DE
_HEAD = 7 * 4


def read_po(path: Path) -> dict[str, str]:
    """Texts and their translations; plural forms are joined by NUL, as gettext has them. Empty ones are left out.

    Fuzzy entries (guesses of a tool that nobody has looked at) and obsolete ones are left out too. The empty text has
    the header. Raises ValueError for what is no catalogue.
    """
    found: dict[str, str] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.splitlines()
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        parts = dict(_parts(line for line in lines if line and not line.startswith("#")))
        if "msgid" not in parts:
            continue
        forms = [text for key, text in parts.items() if key.startswith("msgstr")]
        if all(forms):
            key = "\0".join(filter(None, (parts["msgid"], parts.get("msgid_plural"))))
            found[key] = "\0".join(forms)
    return found


def _parts(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    keyword, text = "", ""
    for line in lines:
        head = _KEYWORD.match(line)
        if head:
            if keyword:
                yield keyword, text
            keyword, text, line = head[1], "", line[head.end() :]
        text += str(ast.literal_eval(line))
    if keyword:
        yield keyword, text


def translations(texts: Mapping[str, str]) -> gettext.GNUTranslations:
    """The catalogue that gettext makes of them, with the plural rule of the header."""
    return gettext.GNUTranslations(BytesIO(_compiled(texts)))


def _compiled(texts: Mapping[str, str]) -> bytes:
    """The same as a `.mo` file: a head, two tables of lengths and places, and all texts, each with a NUL behind it."""
    keys = sorted(texts)
    blobs = [text.encode() for text in (*keys, *(texts[key] for key in keys))]
    tables, content, place = b"", b"", _HEAD + 8 * len(blobs)
    for blob in blobs:
        tables += struct.pack("<2I", len(blob), place + len(content))
        content += blob + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(keys), _HEAD, _HEAD + 8 * len(keys), 0, _HEAD + 8 * len(blobs))
    return head + tables + content
