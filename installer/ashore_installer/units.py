"""Sizes in bytes, and how people write them."""

from __future__ import annotations

import re

KiB = 1 << 10
MiB = 1 << 20
GiB = 1 << 30
TiB = 1 << 40

_SUFFIXES = {"": 1, "k": KiB, "m": MiB, "g": GiB, "t": TiB}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


def human(size: int) -> str:
    """A size in bytes for people, with binary units: `human(3 * GiB) == "3.0 GiB"`."""
    for unit, factor in (("TiB", TiB), ("GiB", GiB), ("MiB", MiB), ("KiB", KiB)):
        if abs(size) >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def parse_size(text: str) -> int:
    """Bytes from `20G`, `512 MiB`, `1.5t` or a plain number of bytes. Units are binary. ValueError if it is no size."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size")
    return int(float(match[1]) * _SUFFIXES[match[2].lower()])
