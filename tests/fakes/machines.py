"""Recorded machines: `tests/machines/*.json`, each a MachineInfo."""

from __future__ import annotations

from pathlib import Path

from ashore_installer import codec
from ashore_installer.machine import MachineInfo
from ashore_installer.storage.destinations import unusable

FOLDER = Path(__file__).parents[1] / "machines"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def recorded(name: str) -> MachineInfo:
    """The machine of that name, as `probe()` gave it."""
    return codec.from_json((FOLDER / f"{name}.json").read_text(encoding="utf-8"), MachineInfo, name)


INSTALLABLE = tuple(name for name in NAMES if not all(map(unusable, recorded(name).disks)))
"""Those with a disk that can be installed on; the others have none, or the medium only."""
