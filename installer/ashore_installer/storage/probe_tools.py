"""Asks programs about disks. What fails for one disk must not hide the others; a missing program must not either."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed, Runner
from ashore_installer.storage.records import BlockRecord, MountRecord

log = logging.getLogger(__name__)

_NOT_FOUND = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeing:
    """By what the disks are looked at: udev's records and the mounts at that moment, and programs."""

    records: Callable[[], tuple[BlockRecord, ...]]
    mounts: Callable[[], tuple[MountRecord, ...]]
    run: Runner
    place: Path
    """A directory of our own where file systems can be mounted."""

    def settled(self) -> tuple[BlockRecord, ...]:
        """The records once udev has looked at what has just appeared."""
        self.run.run(["udevadm", "settle"])
        return self.records()


def ask(run: Runner, *argv: str | os.PathLike[str]) -> str:
    """What a program says on stdout, also when it failed for a part of what it was asked for; that is logged.

    Raises InstallerError when the program is missing: what it knows would go unseen.
    """
    try:
        return run.run(argv)
    except CommandFailed as error:
        _report(error)
        return error.stdout


def succeeds(run: Runner, *argv: str | os.PathLike[str]) -> bool:
    """Whether a program ends well. Raises InstallerError when it is missing."""
    try:
        run.run(argv)
    except CommandFailed as error:
        _report(error)
        return False
    return True


def _report(error: CommandFailed) -> None:
    if error.returncode == _NOT_FOUND:
        message = f"The disks can't be looked at: the program {error.argv[0]} is missing."
        raise InstallerError(message, "Install it and try again.") from error
    log.warning("%s", error.message)
