"""The logs of an installation, as text and as one file to keep: for both faces."""

from __future__ import annotations

import tarfile
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_tui.flow.fields import Wrong
from ashore_tui.text import _

DEFAULT = "/tmp/ashore-logs.tar.gz"
_MOST = 2 << 20
"""Bytes of a log that are shown: its end."""


def read_log(path: Path) -> str:
    """The end of the log, or a sentence about why it can't be read."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _MOST))
            return stream.read().decode(errors="replace")
    except OSError as error:
        return _("The log {path} can't be read: {reason}.").format(path=path, reason=error.strerror)


def save_logs(files: tuple[Path, ...], target: Path) -> Path:
    """Put those of `files` that are there into the archive `target` (tar with gzip). Raises InstallerError."""
    try:
        with tarfile.open(target, "w:gz") as archive:
            for file in files:
                if file.exists():
                    archive.add(file, arcname=f"ashore-logs/{file.name}")
        target.chmod(0o600)
    except OSError as error:
        raise InstallerError(
            _("The logs can't be saved as {path}: {reason}.").format(path=target, reason=error.strerror),
            _("Choose a place that can be written to, such as a mounted USB stick."),
        ) from error
    return target


def file_name(text: str) -> Path | Wrong:
    """The path of a file that can be written, as far as its directory says."""
    path = Path(text.strip())
    if not path.is_absolute():
        return Wrong(_("Write a path that begins with a slash."))
    if path.is_dir():
        return Wrong(_("{path} is a directory: add a name for the file.").format(path=path))
    if not path.parent.is_dir():
        return Wrong(_("There is no directory {path}.").format(path=path.parent))
    return path
