"""Compressed swap in memory, which the kickstart language has no words for: `part zram`, and `autopart --zram`."""

from __future__ import annotations

from collections.abc import Mapping

from ashore_installer.storage_plan import ZramPlan
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.words import Value

PLACE = "zram"
"""What stands where the mount point of a partition would."""
_OPTIONS = ("--zram-size", "--zram-algorithm")


def zram(command: Command) -> ZramPlan:
    """What the line asks for, with zram-generator's usual words for what it leaves open."""
    usual = ZramPlan()
    size, algorithm = (command.text(option) for option in _OPTIONS)
    return ZramPlan(size=size or usual.size, algorithm=algorithm or usual.algorithm)


def refuse_zram(command: Command, needed: str) -> None:
    """Refuse the options on a line that asks for no zram."""
    given = [option for option in _OPTIONS if command.has(option)]
    if given:
        raise Refused(command.line, f"{given[0]} says nothing without {needed}.", f"Write {needed}, or remove it.")


def refuse_others(command: Command) -> None:
    """`part zram` makes no partition: no other option says anything."""
    others = [option for option in command.options if option not in _OPTIONS]
    if others:
        raise Refused(command.line, f"{others[0]} says nothing of swap space in memory.", f"Remove {others[0]}.")


def zram_options(plan: ZramPlan) -> Mapping[str, Value]:
    usual = ZramPlan()
    return {
        "--zram-size": "" if plan.size == usual.size else plan.size,
        "--zram-algorithm": "" if plan.algorithm == usual.algorithm else plan.algorithm,
    }
