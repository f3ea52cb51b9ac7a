"""The place a medium is written to: checked first, written under another name, there at last all at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.units import human


def check_output(output: Path) -> None:
    """Raise BadInput unless a file can be made (or replaced) here."""
    if output.is_dir():
        raise BadInput(f"{output} is a directory.", f"Name a file in it, as {output / 'ashore.iso'}.")
    if output.exists() and not output.is_file():
        raise BadInput(
            f"{output} is not a regular file.", "Write an .iso file first, then copy it to a device with dd."
        )
    if not output.parent.is_dir():
        raise BadInput(f"There is no directory {output.parent}.", "Make it first, or name another place.")
    if not os.access(output.parent, os.W_OK | os.X_OK):
        raise BadInput(f"You may not write into {output.parent}.", "Name another place.")


def check_space(directory: Path, needed: int) -> None:
    """Raise BadInput if the file system of `directory` has no room for so many bytes."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise BadInput(
            f"{directory} has {human(free)} of free space, but {human(needed)} are needed.",
            "Free some, or name a place on another disk.",
        )


@contextmanager
def work_beside(output: Path) -> Iterator[Path]:
    """A directory beside `output` that only we can enter; it is gone afterwards, in each case."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{output.name[:100]}.", dir=output.parent) as directory:
            yield Path(directory)
    except PermissionError as error:
        raise BadInput(f"{error.filename or output.parent}: {error.strerror}.", "Name another place.") from error


def create(path: Path, *, private: bool) -> None:
    """Make an empty file, which only its owner may read if it is private; else the umask decides."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if private else 0o666))
