"""Where everything that can be made again is kept: live runtimes, sample images, what was found out about this host."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def directory(environment: Mapping[str, str] = os.environ) -> Path:
    """`$ASHORE_CACHE`, else `$XDG_CACHE_HOME/ashore`, else `~/.cache/ashore`. It may not exist yet."""
    if chosen := environment.get("ASHORE_CACHE"):
        return Path(chosen).absolute()
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home(), ".cache")
    return Path(base, "ashore")
