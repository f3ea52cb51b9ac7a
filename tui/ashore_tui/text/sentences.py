"""The sentences that stand in the engine's sources, as templates: `f"The disk {disk.name} is gone."` and the like.

Read from the syntax tree, without importing anything. A sentence begins with a capital or a value and ends with a full
stop; titles of steps are found by their name. What is put together from parts is in `engine_words`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ashore_tui.text.templates import LEAST

_SENTENCE = re.compile(r"[A-Z{].*[ ].*[.?]", re.DOTALL)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_NO_NAMES = frozenset(
    {"join", "sorted", "map", "str", "len", "human", "describe", "value", "self", "name", "called", "for", "in", "if"}
)
"""Words of an expression that say little about what it is."""


def sentences(folder: Path) -> Iterator[tuple[str, str]]:
    """Each sentence below `folder` with the path of its file, in the order of files and lines; some are there twice."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for text in _of_tree(tree):
            yield text, path.relative_to(folder).as_posix()


def _of_tree(tree: ast.Module) -> Iterator[str]:
    skipped = set(_docstrings(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node) if part is not node}
    named = {id(node) for node in _titles(tree)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = _template(node)
        if id(node) in named or _is_sentence(text):
            yield text


def _is_sentence(text: str) -> bool:
    """Whether a text is one that a person reads as a whole, with enough letters of its own to be recognised by."""
    return bool(_SENTENCE.fullmatch(text)) and "\n" not in text and len(re.sub(r"{\w+}", "", text)) > LEAST


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        for statement in getattr(node, "body", None) or () if not isinstance(node, ast.IfExp | ast.Lambda) else ():
            if isinstance(statement, ast.Expr):
                yield id(statement.value)


def titles(folder: Path) -> Iterator[str]:
    """The titles of all steps below `folder`."""
    for path in sorted(folder.rglob("*.py")):
        yield from map(_template, _titles(ast.parse(path.read_text(encoding="utf-8"))))


def _titles(tree: ast.Module) -> Iterator[ast.Constant]:
    """`title: ClassVar[str] = "…"`."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=ast.Name(id="title"), value=ast.Constant() as title):
                yield title


def _template(node: ast.AST) -> str:
    """The text of a literal, with names in braces where values are; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _escaped(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    text, known = "", set[str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += _escaped(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            name = _name(part.value, known)
            known.add(name)
            text += "{" + name + "}"
    return text


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _name(expression: ast.expr, known: set[str]) -> str:
    """A name for a value, after the last telling word of its expression: `disk.describe()` is `disk`."""
    words = [word for word in _NAME.findall(ast.unparse(expression)) if word not in _NO_NAMES and len(word) > 1]
    name = words[-1] if words else "value"
    return next(one for one in (name, *(f"{name}{number}" for number in range(2, 99))) if one not in known)
