"""A kickstart as command lines and sections, with the numbers of their lines. Pure; knows no command.

The rules are pykickstart's (pykickstart, parser.py): a line whose first character is `#` is a comment, `%name` opens a
section, `%end` closes it. What only looks like a section inside a script stays text of the script.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ashore_kickstart.problems import LineProblem

INCLUDES = ("%include", "%ksappend")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionText:
    """`header` is the line that opens the section, `body` the lines in it, each with its newline."""

    line: int
    name: str
    header: str
    body: tuple[str, ...]


@dataclass(kw_only=True)
class Scan:
    """What `scan` found, in the order of the file."""

    sections: Collection[str]
    commands: list[CommandLine] = field(default_factory=list)
    texts: list[SectionText] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    _open: tuple[int, str, str] | None = None
    _body: list[str] = field(default_factory=list)

    def take(self, line: int, text: str) -> None:
        word = text.split(maxsplit=1)[0] if text.strip() else ""
        if word in INCLUDES:
            self._refuse_include(line, word)
        elif self._open is None:
            self._outside(line, text, word)
        elif word == "%end":
            self._close()
        elif word in self.sections:
            self.end()
            self._outside(line, text, word)
        else:
            self._body.append(text + "\n")

    def end(self) -> None:
        """The file ends, or another section begins: what is open now was never closed."""
        if self._open:
            line, name, _ = self._open
            self._problem(line, f"the section {name} has no %end.", "Add a line with %end after its last line.")
            self._close()

    def _outside(self, line: int, text: str, word: str) -> None:
        if not word or word.startswith("#"):
            return
        if word == "%end":
            self._problem(line, "%end closes no section.", "Remove the line.")
        elif word.startswith("%"):
            self._open = (line, word, text)
        else:
            self.commands.append(CommandLine(line=line, text=text))

    def _close(self) -> None:
        if self._open:
            line, name, header = self._open
            self.texts.append(SectionText(line=line, name=name, header=header, body=tuple(self._body)))
        self._open, self._body = None, []

    def _refuse_include(self, line: int, word: str) -> None:
        if self._open:
            self._body.append("\n")  # the lines after it keep their numbers
        self._problem(line, f"{word} is not supported yet.", "Put the text of the other file in its place.")

    def _problem(self, line: int, message: str, hint: str) -> None:
        self.problems.append(LineProblem(line=line, message=message, hint=hint))


def scan(text: str, sections: Collection[str]) -> Scan:
    """Split `text`; `sections` are the names (`%post`) that open a section even where another one is not closed."""
    found = Scan(sections=sections)
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        found.take(number, line)
    found.end()
    return found
