"""Screens as plain text files, one a screen and size: what they looked like when somebody looked at them.

With `ASHORE_UPDATE_SNAPSHOTS=1` in the environment the files are written instead of compared; look at the difference
before it is committed.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).with_name("snapshots")
UPDATE = "ASHORE_UPDATE_SNAPSHOTS"


def assert_snapshot(name: str, text: str) -> None:
    """Compare `text` with the file of that name, line by line."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.write_text(text, encoding="utf-8")
        return
    assert path.is_file(), f"there is no snapshot {path.name}: run the test with {UPDATE}=1, and look at it"
    wanted = path.read_text(encoding="utf-8")
    lines = difflib.unified_diff(wanted.splitlines(), text.splitlines(), path.name, "now", lineterm="")
    assert text == wanted, "\n".join((f"the screen {name} has changed:", *lines))
