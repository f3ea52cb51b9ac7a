"""What libdnf5 and its solver say, in words that a person understands.

The sentences of the solver are those of libdnf5's PKG_PROBLEMS_DICT (dnf5, libdnf5/base/solver_problems.cpp): one
problem a paragraph, each line a step of the argument, the first of which may only say that there is a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"nothing provides (?P<what>.+) needed by (?P<who>\S+) from \S+",
        "the package {who} needs {what}, which no repository has",
    ),
    (
        r"package (?P<who>\S+) from \S+ requires (?P<what>.+), but none of the providers can be installed",
        "the package {who} needs {what}, and nothing that provides it can be installed",
    ),
    (
        r"package (?P<who>\S+) from \S+ conflicts with (?P<what>.+) provided by (?P<other>\S+) from \S+",
        "the package {who} conflicts with {other}",
    ),
    (r"package (?P<who>\S+) from \S+ conflicts with .+ provided by itself", "the package {who} conflicts with itself"),
    (
        r"package (?P<who>\S+) from \S+ (?:implicitly )?obsoletes (?P<what>.+) provided by (?P<other>\S+) from \S+",
        "the package {who} replaces {other}",
    ),
    (
        r"cannot install both (?P<who>\S+) from \S+ and (?P<other>\S+) from \S+",
        "the packages {who} and {other} exclude each other",
    ),
    (
        r"package (?P<who>\S+) from \S+ is filtered out by exclude filtering",
        "the package {who} is excluded",
    ),
    (
        r"package (?P<who>\S+) from \S+ is filtered out by modular filtering",
        "the package {who} belongs to a module, and modules are not supported",
    ),
    (
        r"package (?P<who>\S+) from \S+ does not have a compatible architecture",
        "the package {who} is for another architecture",
    ),
    (r"(?P<who>\S+) from \S+ has inferior architecture", "the package {who} is for a lesser architecture"),
    (r"nothing provides requested (?P<what>.+)", "no repository has {what}"),
    (r"package (?P<what>\S+) does not exist", "no repository has {what}"),
)
_EMPTY = ("conflicting requests", "unsupported request", "some dependency problem", "problem with installed package")


def missing_package(name: str, known: Iterable[str]) -> str:
    """A sentence for a name that no repository has, with names that look like it."""
    close = get_close_matches(name, sorted(known), n=2, cutoff=0.75)
    if any(letter in name for letter in "*?["):
        return f"No package matches {name}."
    if name.startswith("/"):
        return f"No package has the file {name}."
    if close:
        return f"No repository has the package {name}: did you mean {' or '.join(close)}?"
    return f"No repository has the package {name}."


def missing_group(name: str, known: Iterable[str], *, environment: bool = False) -> str:
    """A sentence for a group or an environment that no repository has."""
    close = " or ".join(get_close_matches(name, sorted(known), n=2, cutoff=0.6))
    if environment:
        missing = f"No repository has the environment {name}."
        return f"No repository has the environment {name}: did you mean {close}?" if close else missing
    missing = f"No repository has the group {name}."
    return f"No repository has the group {name}: did you mean {close}?" if close else missing


def excluded_package(name: str) -> str:
    return f"The package {name} is wanted, and excluded too."


def solver_sentences(text: str) -> tuple[str, ...]:
    """The problems in what the solver said, a sentence each: what is wanted, why not, and why that."""
    found: list[str] = []
    for paragraph in re.split(r"^\s*Problem(?: \d+)?: ", text, flags=re.MULTILINE):
        lines = [line.strip().removeprefix("- ") for line in paragraph.splitlines()]
        words = [_in_words(line) for line in lines if line and line not in _EMPTY]
        if words:
            found.append(_sentence(words))
    return tuple(dict.fromkeys(found))


def _in_words(line: str) -> str:
    for pattern, words in _WORDS:
        match = re.fullmatch(pattern, line)
        if match:
            return words.format(**match.groupdict())
    return line


def _sentence(words: list[str]) -> str:
    text = "; ".join(dict.fromkeys(words))
    return text[0].upper() + text[1:] + "."
