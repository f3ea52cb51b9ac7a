"""The words of a command line as argparse sees them: options by their first names, and the other words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def split(parser: Any, words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Options with their values (empty for switches), and the other words; unique abbreviations are allowed."""
    actions = {name: action for action in _actions(parser) for name in action.option_strings}
    options: list[tuple[str, str]] = []
    others: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, has_value, value = word.partition("=")
        matches = [name] if name in actions else [known for known in actions if known.startswith(name)]
        if word == "--":
            return options, others + rest
        if not word.startswith("--"):
            others.append(word)
        elif len(matches) == 1:
            action = actions[matches[0]]
            if not has_value and _takes_next(action, rest):
                value = rest.pop(0) if rest else ""
            options.append((action.option_strings[0], value))
    return options, others


def names(parser: Any) -> Iterator[str]:
    """The first names of all options."""
    return (action.option_strings[0] for action in _actions(parser) if action.option_strings)


def _takes_next(action: Any, rest: Sequence[str]) -> bool:
    """Whether the next word is the option's value; one that may go without takes no word that looks like an option."""
    return action.nargs is None or (action.nargs == "?" and bool(rest) and not rest[0].startswith("-"))


def _actions(parser: Any) -> Iterator[Any]:
    return iter(parser._actions)  # noqa: SLF001 (argparse has no public list of its options)
