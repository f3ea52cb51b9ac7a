"""Values that must not be seen: passwords, their hashes, passphrases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that is hidden from `repr`, from logs and from every saved plan.

    Only `reveal()` gives it out, so each place that uses the text can be found by that name.
    """

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__
