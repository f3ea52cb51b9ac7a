"""The first half of the language: Mako, with the place of every line kept.

Mako is what lorax uses, so `% if`, `% for`, `${…}`, `<%include …/>`, `##` comments and a `\\` at the end of a line mean
what lorax means by them. A template can hold Python code and is as trusted as a Makefile: templates come with Ashore or
from the person who builds the medium, never from an image or from the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mako.exceptions import MakoException, RichTraceback
from mako.lexer import Lexer
from mako.lookup import TemplateCollection
from mako.parsetree import Code, ControlLine, Expression, IncludeTag, Node, Tag, Text
from mako.template import Template

from ashore_installer.errors import BadInput
from ashore_isogen.template.commands import Where

# Around the place of a line, at its start: control characters that no template has.
_OPEN, _CLOSE = "\x1e", "\x1f"
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*):([0-9]+){_CLOSE}")
_WITH_NAMES = (Code, ControlLine, Expression, Tag)
_LEADING = re.compile(rf"(?:\s*{_MARK.pattern})+")

RenderedLine = tuple[Where, str]


def render(directory: Path, name: str, variables: Mapping[str, object]) -> tuple[RenderedLine, ...]:
    """The lines of the template `name` in `directory` that hold commands, each with the place it was written at.

    Raises BadInput with file and line for a template that is missing, is not Mako or uses an unknown variable.
    """
    templates = _Templates(directory)
    try:
        text = templates.get_template(name).render(**variables)
    except BadInput:
        raise
    except Exception as error:  # the code in a template can raise anything; it is the template's mistake, not ours
        raise _at_fault(error, name, directory) from error
    return tuple(_commands(name, text))


class _Templates(TemplateCollection):  # type: ignore[misc]  # Mako has no types
    """The templates of one directory, every line of theirs marked with its place."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory.resolve()

    def get_template(self, uri: str, relativeto: str | None = None) -> Template:
        path = (self._directory / uri).resolve()
        if not path.is_relative_to(self._directory):
            raise BadInput(f"The template {uri} is outside of {self._directory}.", "Include templates by their name.")
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise BadInput(f"Can't read the template {path}: {error.strerror}.", _included(uri, relativeto)) from error
        marked = _marked(text, path.relative_to(self._directory).as_posix())
        return Template(text=marked, uri=uri, lookup=self, strict_undefined=True)


def _included(uri: str, by: str | None) -> str:
    return f"{by} includes {uri}: check that name." if by else "Check the template's name."


def _marked(text: str, name: str) -> str:
    """`text` with a mark before each line that gives output. Adds no line, so Mako's own line numbers stay right."""
    lines = text.split("\n")
    for number in _lines_with_text(Lexer(text, name).parse()):
        lines[number - 1] = f"{_OPEN}{name}:{number}{_CLOSE}{lines[number - 1]}"
    return "\n".join(lines)


def _lines_with_text(node: Node) -> set[int]:
    """Numbers of the lines that begin as text, as an expression or as an include; a mark elsewhere would break code."""
    found: set[int] = set()
    for child in node.get_children():
        if isinstance(child, Text | Expression | IncludeTag) and child.pos == 1:
            found.add(child.lineno)
        if isinstance(child, Text):
            found.update(child.lineno + i for i, rest in enumerate(child.content.split("\n")) if i and rest.strip())
        found |= _lines_with_text(child)
    return found


def _commands(name: str, text: str) -> Iterator[RenderedLine]:
    where = Where(file=name, line=1)
    for line in text.split("\n"):
        if leading := _LEADING.match(line):
            where = Where(file=leading[1], line=int(leading[2]))
        words = _MARK.sub("", line).strip()
        if words and not words.startswith("#"):
            yield where, words


def _at_fault(error: Exception, name: str, directory: Path) -> BadInput:
    reason = _MARK.sub("", str(error).split("\n", maxsplit=1)[0])
    if isinstance(error, MakoException) and hasattr(error, "lineno"):
        where = Where(file=name, line=error.lineno)
    else:
        where, reason = _place(error, name, directory), f"{type(error).__name__}: {reason}"
    return BadInput(f"{where}: the template can't be read: {reason}", "Correct that line of the template.")


def _place(error: Exception, name: str, directory: Path) -> Where:
    """The innermost template line of an error that was raised by the code in a template."""
    traceback = RichTraceback(error=error, traceback=error.__traceback__)
    file, line = [(name, 1), *((record[4], record[5]) for record in traceback.records if record[4])][-1]
    if line == 0 and (unknown := re.match(r"'(\w+)' is not defined", str(error))):
        # Mako looks all names up before the first line.
        line = _first_use(Lexer((directory / file).read_text(encoding="utf-8"), file).parse(), unknown[1])
    return Where(file=file, line=line)


def _first_use(node: Node, name: str) -> int:
    for child in node.get_children():
        if isinstance(child, _WITH_NAMES) and name in child.undeclared_identifiers():
            return int(child.lineno)
        if line := _first_use(child, name):
            return line
    return 0
