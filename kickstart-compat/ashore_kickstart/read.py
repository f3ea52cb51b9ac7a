"""A kickstart as a Draft: all of it, or every line that can't be followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ashore_installer.plan import Draft
from ashore_kickstart import (
    read_btrfs,
    read_lvm,
    read_network,
    read_part,
    read_payload,
    read_raid,
    read_repositories,
    read_storage,
    read_system,
)
from ashore_kickstart.commands import COMMANDS
from ashore_kickstart.parse import Command, Parsed, parse
from ashore_kickstart.problems import KickstartError, LineProblem, Refused
from ashore_kickstart.read_packages import with_packages
from ashore_kickstart.references import joined
from ashore_kickstart.support import Level

Reader = Callable[[Draft, Command], Draft]

READERS: Mapping[str, Reader] = {
    **read_storage.READERS,
    **read_part.READERS,
    **read_raid.READERS,
    **read_lvm.READERS,
    **read_btrfs.READERS,
    **read_payload.READERS,
    **read_repositories.READERS,
    **read_system.READERS,
    **read_network.READERS,
}
"""What each supported command does to a draft. Users are made before their keys, wherever the lines stand."""

_REPEATABLE = frozenset(
    ["part", "partition", "raid", "volgroup", "logvol", "btrfs", "mount", "user", "group", "sshkey", "network", "repo"]
)
_SAME = dict.fromkeys(("reboot", "poweroff", "halt", "shutdown"), "the end of the installation")
_LAST = ("sshkey",)


def draft_from_text(text: str, name: str) -> Draft:
    """The draft in the kickstart `text`; `name` is what to call the file. Raises KickstartError with every problem."""
    draft, problems = _read(parse(text))
    if problems:
        raise KickstartError(name, problems)
    return draft


def problems_of(text: str) -> tuple[LineProblem, ...]:
    """Every line of the kickstart `text` that can't be followed, in their order; empty when it can."""
    _, problems = _read(parse(text))
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _read(parsed: Parsed) -> tuple[Draft, list[LineProblem]]:
    problems = list(parsed.problems)
    draft = Draft(scripts=parsed.scripts)
    seen: dict[str, int] = {}
    for command in sorted(parsed.commands, key=lambda command: command.name in _LAST):
        if COMMANDS[command.name].support.level is not Level.SUPPORTED:
            continue
        try:
            _once(command, seen)
            draft = READERS[command.name](draft, command)
        except Refused as refused:
            problems.append(refused.problem)
    draft, wrong = with_packages(draft, parsed)
    problems += wrong
    if draft.storage and not problems:
        # What a refused line would have made is missing, so that other lines would seem to refer to nothing.
        storage, more = joined(draft.storage)
        return replace(draft, storage=storage), list(more)
    return draft, problems


def _once(command: Command, seen: dict[str, int]) -> None:
    """In other installers the last of several lines wins without a word; here nothing is dropped."""
    what = _SAME.get(command.name, command.name)
    first = seen.setdefault(what, command.line)
    if command.name not in _REPEATABLE and first != command.line:
        raise Refused(command.line, f"line {first} has already set {what}.", "Remove one of the two lines.")
