"""What the makers of media tell while they work."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    """Where news go: a terminal, a log, a test's list. Progress may come from another thread, five times a second."""

    def note(self, text: str) -> None:
        """A line worth showing: what begins now, what was decided."""
        ...

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        """How far the work that was noted last has come."""
        ...


class Quiet:
    """For those who don't want to know."""

    def note(self, text: str) -> None:
        pass

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        pass
