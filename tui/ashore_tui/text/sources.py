"""The texts that stand in our own sources, inside `_("…")`, `N_("…")` and `n_("…", "…", count)`.

Read from the syntax tree: what `_` is called with inside an f-string is a token of its own only from Python 3.12 on, so
extractors that go by tokens find different texts with different Pythons.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_TEXTS = {"_": 1, "N_": 1, "n_": 2}
"""How many arguments of each function are texts."""


class NotPlain(Exception):
    """A text that is not one literal can't be translated."""


def texts(folder: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each text (with its plural, if any) below `folder`, and the path of its file; some are there twice.

    A text that comes from a table (`_(_WORDS[key])`, `_(self.name)`) is marked with `N_` there. Raises NotPlain for one
    that is put together inside the call.
    """
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = path.relative_to(folder).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TEXTS:
                found = _literals(node, _TEXTS[node.func.id])
                if found and all(found):
                    yield found, place
                elif any(isinstance(one, ast.JoinedStr | ast.BinOp) for one in node.args):
                    raise NotPlain(f"{place}:{node.lineno}: {ast.unparse(node)}")


def _literals(call: ast.Call, count: int) -> tuple[str, ...]:
    found = [one.value for one in call.args[:count] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return tuple(found) if len(found) == count else ()
