"""Typed access to JSON that others wrote: every wrong or missing value is refused by its name."""

from __future__ import annotations

import json
import re
from typing import Any

from ashore_installer.errors import BadInput

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HINT = "Make or copy the image again; this is not what the OCI image specification describes."


class Fields:
    """A JSON object and what to call it in a message."""

    def __init__(self, data: Any, what: str) -> None:
        if not isinstance(data, dict):
            raise BadInput(f"{what} is not a JSON object.", _HINT)
        self.data: dict[str, Any] = data
        self.what = what

    def text(self, key: str, default: str | None = None) -> str:
        value: str = self._value(key, str, "text", default)
        return value

    def size(self, key: str) -> int:
        """A size in bytes."""
        value: int = self._value(key, int, "a number", None)
        if isinstance(value, bool) or not 0 <= value < 1 << 50:
            raise BadInput(f"{self.what} has the impossible size {value}.", _HINT)
        return value

    def digest(self, key: str = "digest") -> str:
        return checked_digest(self.text(key), self.what)

    def child(self, key: str) -> Fields:
        return Fields(self.data.get(key), f"{key!r} of {self.what}")

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._value(key, list, "a list", None)
        if not all(isinstance(value, str) for value in values):
            raise BadInput(f"{key!r} of {self.what} is not a list of texts.", _HINT)
        return tuple(values)

    def children(self, key: str) -> tuple[Fields, ...]:
        values = self._value(key, list, "a list", None)
        return tuple(Fields(value, f"entry {n} of {key!r} of {self.what}") for n, value in enumerate(values, 1))

    def text_map(self, key: str) -> dict[str, str]:
        """A map of texts; absent and null are empty (as `Labels` of images made without any)."""
        values = self.data.get(key) or {}
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise BadInput(f"{key!r} of {self.what} is not a map of texts.", _HINT)
        return dict(values)

    def _value(self, key: str, kind: type, called: str, default: Any) -> Any:
        value = self.data.get(key, default)
        if not isinstance(value, kind):
            raise BadInput(f"{key!r} of {self.what} is not {called}.", _HINT)
        return value


def checked_digest(text: str, what: str) -> str:
    """`text` if it is a SHA-256 digest; the only kind that libostree's refs and our checks know."""
    if not _DIGEST.fullmatch(text):
        raise BadInput(f"{what} has {text[:100]!r} where a SHA-256 digest belongs.", _HINT)
    return text


def parse_json(content: bytes, what: str) -> Fields:
    """A JSON object, refusing what is not JSON or is nested without end."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{what} is not JSON: {str(error)[:200]}.", _HINT) from error
    return Fields(data, what)
