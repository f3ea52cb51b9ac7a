"""Repositories and keys that lie on this machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit


def local_path(address: str) -> Path | None:
    """The file or directory of this machine that an address names, if it names one (`file:`)."""
    parts = urlsplit(address)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
