"""Recorded machines: `tests/machines/*.json`, each a MachineInfo."""

from __future__ import annotations

from pathlib import Path

from ashore_installer import codec
from ashore_installer.machine import MachineInfo

FOLDER = Path(__file__).parents[1] / "machines"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def recorded(name: str) -> MachineInfo:
    """The machine of that name, as `probe()` gave it."""
    return codec.from_json((FOLDER / f"{name}.json").read_text(encoding="utf-8"), MachineInfo, name)
