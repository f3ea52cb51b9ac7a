"""Recovery keys of encrypted disks, shown to the person once. The engine leaves them in a directory in memory."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.storage.recovery import KEYS
from ashore_tui.text import _


def recovery_keys(state: Path) -> tuple[str, ...]:
    """What to say of the keys below the engine's state directory; neither the log nor the journal has them.

    They stay for faces on other consoles: nobody knows before which of them the person sits.
    """
    lines = [f"  {file.name}: {file.read_text(encoding='ascii').strip()}" for file in _files(state)]
    if not lines:
        return ()
    return (
        "",
        _("Recovery keys. Write them down now: they open the disks without a passphrase, and are not shown again."),
        *lines,
        "",
    )


def forget_recovery_keys(state: Path) -> None:
    """Remove the keys, once a person has gone on from where they were shown."""
    for file in _files(state):
        file.unlink(missing_ok=True)


def take_recovery_keys(state: Path) -> tuple[str, ...]:
    """Both, for a face that is alone and shows them on paper or in a log of the terminal."""
    lines = recovery_keys(state)
    forget_recovery_keys(state)
    return lines


def _files(state: Path) -> list[Path]:
    directory = state / KEYS.name
    return sorted(directory.iterdir()) if directory.is_dir() else []
