"""What Ashore does with each command, option and section of the kickstart language. Data only; pure.

Everything that is not listed as supported or as needing no action is refused by name and line, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    SUPPORTED = "supported"
    NO_EFFECT = "accepted"
    """What it asks for is the case anyway; the note says why."""
    REFUSED = "not supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What becomes of a command, an option or a section. `note` says what it means here, or why not."""

    level: Level
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSupport:
    """A command with all its options by their first names; positional arguments are part of the command."""

    name: str
    support: Support
    options: Mapping[str, Support]

    def option(self, name: str) -> Support:
        """Options that a newer kickstart language has and this table doesn't are refused."""
        return self.options.get(name, Support(level=Level.REFUSED, note="not known to this version of Ashore"))


def supported(
    name: str,
    note: str = "",
    *,
    options: str = "",
    notes: Mapping[str, str] | None = None,
    no_effect: Mapping[str, str] | None = None,
    refused: Mapping[str, str] | None = None,
) -> CommandSupport:
    """A command that is followed, with `options`, and those of `notes` with what they mean here.

    `no_effect` and `refused` map the reason to names, separated by spaces.
    """
    table = {option: Support(level=Level.SUPPORTED) for option in options.split()}
    table |= {option: Support(level=Level.SUPPORTED, note=note) for option, note in (notes or {}).items()}
    table.update(_each(no_effect or {}, Level.NO_EFFECT))
    table.update(_each(refused or {}, Level.REFUSED))
    return CommandSupport(name=name, support=Support(level=Level.SUPPORTED, note=note), options=table)


def accepted(name: str, note: str, *, options: str = "") -> CommandSupport:
    """A command whose wish is fulfilled without doing anything, with these options."""
    table = dict(_each({note: options}, Level.NO_EFFECT))
    return CommandSupport(name=name, support=Support(level=Level.NO_EFFECT, note=note), options=table)


def refused(note: str, names: str) -> tuple[CommandSupport, ...]:
    """Commands that are refused whatever their options."""
    support = Support(level=Level.REFUSED, note=note)
    return tuple(CommandSupport(name=name, support=support, options={}) for name in names.split())


def family(names: str, template: CommandSupport) -> tuple[CommandSupport, ...]:
    """Commands with other names and the same options."""
    return tuple(
        CommandSupport(name=name, support=template.support, options=template.options) for name in names.split()
    )


def _each(reasons: Mapping[str, str], level: Level) -> Iterator[tuple[str, Support]]:
    for note, names in reasons.items():
        for name in names.split():
            yield name, Support(level=level, note=note)
