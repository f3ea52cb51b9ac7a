"""Sentences with values in them, recognised and said in another language.

The engine writes English: into its journal, its log, the records on the target. It imports no face, and its journal
can be read by a face in any language. So the faces recognise its sentences: a catalogue has them with `{names}` where
values stand ("The disk {name} is gone."), and what stands there in a sentence is put into the translation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter

LEAST = 6
"""Letters that a template must have besides its values; with fewer it is a word, and only looked for in values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """`pieces` are the letters between the values."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    translation: str

    def values(self, text: str) -> dict[str, str] | None:
        """What stands where the names are, or None for another sentence."""
        if not (text.startswith(self.pieces[0]) and text.endswith(self.pieces[-1])):
            return None
        if not all(piece in text for piece in self.pieces):
            return None
        pattern = "(.+?)".join(map(re.escape, self.pieces))
        found = re.fullmatch(pattern, text)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The sentences of a catalogue, those with the most letters of their own first."""

    exact: Mapping[str, str] = field(default_factory=dict)
    templates: Sequence[_Template] = ()

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Templates:
        """From texts and their translations."""
        known = [_parsed(text, translation) for text, translation in texts.items() if text]
        return cls(
            exact={one.pieces[0]: one.translation.format() for one in known if not one.names},
            templates=sorted((one for one in known if one.names), key=lambda one: -_letters(one)),
        )

    def said(self, text: str) -> str:
        """Each line of `text` in the other language, or as it is."""
        return "\n".join(self._line(line) for line in text.split("\n")) if self.exact or self.templates else text

    def _line(self, line: str) -> str:
        text = line.strip()
        start = line[: len(line) - len(line.lstrip())]
        return start + self._sentence(text, LEAST) if text else line

    def _sentence(self, text: str, least: int) -> str:
        if text in self.exact:
            return self.exact[text]
        for one in self.templates:
            if _letters(one) < least:
                break
            values = one.values(text)
            if values is not None:
                return one.translation.format(**{name: self._value(value) for name, value in values.items()})
        return self._two(text) or text

    def _value(self, value: str) -> str:
        """A value can be a word of the engine's, or a part of a sentence with values of its own."""
        spoken = self._sentence(value, 1)
        if spoken == value and ", " in value:
            return ", ".join(self._sentence(part, 1) for part in value.split(", "))
        return spoken

    def _two(self, text: str) -> str:
        """Two sentences in one line, such as what is lost and what that means."""
        first, stop, second = text.partition(". ")
        if not stop:
            return ""
        halves = (f"{first}.", second)
        spoken = [self._sentence(half, LEAST) for half in halves]
        return " ".join(spoken) if all(new != old for new, old in zip(spoken, halves, strict=True)) else ""


def _parsed(text: str, translation: str) -> _Template:
    pieces, names = [""], []
    for literal, name, _spec, _conversion in Formatter().parse(text):
        pieces[-1] += literal
        if name is not None:
            names.append(name)
            pieces.append("")
    return _Template(pieces=tuple(pieces), names=tuple(names), translation=translation)


def _letters(template: _Template) -> int:
    return sum(map(len, template.pieces))


def names_in(text: str) -> Iterator[str]:
    """The names of the values in a text."""
    return (name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None)
