"""Recovery keys of encrypted disks, shown to the person once. The engine leaves them in a directory in memory."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.storage.recovery import KEYS


def take_recovery_keys(state: Path) -> tuple[str, ...]:
    """What to say of the keys below the engine's state directory; the files are gone afterwards.

    The first face that is there at the end says it, and no other: neither the log nor the journal has the keys.
    """
    directory = state / KEYS.name
    files = sorted(directory.iterdir()) if directory.is_dir() else []
    if not files:
        return ()
    lines = [
        "",
        "Recovery keys. Write them down now: they open the disks without a passphrase, and are not shown again.",
    ]
    for file in files:
        lines.append(f"  {file.name}: {file.read_text(encoding='ascii').strip()}")
        file.unlink()
    return (*lines, "")
