"""One line of a kickstart from values, so that reading it gives the values again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

Value = str | bool | int | tuple[str, ...] | None


class Unsayable(Exception):
    """The kickstart language has no words for this; never leaves the writer."""


def words(command: str, options: Mapping[str, Value], *arguments: str) -> str:
    """The line of `command`. Options that are empty, false or None are left out; True is a switch."""
    line = [command, *(_option(name, value) for name, value in options.items() if _is_given(value))]
    if any(argument.startswith("-") for argument in arguments):
        line.append("--")
    return " ".join((*line, *(quote(argument) for argument in arguments)))


def _is_given(value: Value) -> bool:
    return value is not None and value is not False and value not in ("", ())


def _option(name: str, value: Value) -> str:
    if value is True:
        return name
    return f"{name}={quote(_list(value) if isinstance(value, tuple) else str(value))}"


def _list(items: tuple[str, ...]) -> str:
    for item in items:
        if "," in item or item != item.strip() or not item:
            raise Unsayable(f"{item!r} stands in a list that is separated by commas")
    return ",".join(items)


def quote(text: str) -> str:
    """`text` as one word of a line. No value can hold the end of its line."""
    if any(not character.isprintable() for character in text):
        raise Unsayable(f"{text!r} has a control character")
    return shlex.quote(text)
