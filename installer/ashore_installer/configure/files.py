"""Writing small files of the new system."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ashore_installer.chroot import inside

PUBLIC, PRIVATE = 0o644, 0o600


def write(root: Path, path: str, text: str, mode: int = PUBLIC, owner: tuple[int, int] | None = None) -> Path:
    """Make `path` of the system at `root` a file of its own with this text; give its place in the running system.

    The file is replaced as a whole, so that a hard link into the ostree repository would not be written through, and a
    reader never sees half of it. It and directories that are made on the way belong to whoever runs this, which is
    root, or the file to `owner` (user and group number). What `read` gave of a file that is not UTF-8 is written as it
    was.
    """
    place = inside(root, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".ashore-", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
            if owner:
                os.fchown(stream.fileno(), *owner)
            os.fchmod(stream.fileno(), mode)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return place


def read(root: Path, path: str) -> str:
    """The text of a file of the system at `root`, empty if there is none."""
    place = inside(root, path)
    return place.read_text(encoding="utf-8", errors="surrogateescape") if place.is_file() else ""
