"""How far many downloads at once are, as one number of bytes and a rate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ashore_installer.payload.package_protocol import Answer, Progressed

INTERVAL = 0.2
"""Seconds between two answers."""
WINDOW = 5.0
"""Seconds over which a rate is taken."""


@dataclass(kw_only=True)
class Meter:
    """Adds up downloads, which are known by small numbers. `total` in bytes, 0 while it is not known."""

    tell: Callable[[Answer], None]
    total: int = 0
    before: int = 0
    """Bytes that were there already."""
    clock: Callable[[], float] = time.monotonic
    _done: dict[int, int] = field(default_factory=dict)
    _totals: dict[int, int] = field(default_factory=dict)
    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    _count: int = 0
    _told: float = float("-inf")

    def begin(self, total: int) -> int:
        """A download of about `total` bytes starts. Gives its number."""
        self._count += 1
        number = self._count
        self._done[number] = 0
        self._totals[number] = max(total, 0)
        return number

    def reached(self, number: int, done: int, total: int = 0) -> None:
        """A download is at `done` bytes of `total`, which may be known better than when it began."""
        if number in self._done:
            self._done[number] = max(done, 0)
            self._totals[number] = max(total, self._totals[number], done)
        self._say()

    def ended(self, number: int, whole: bool) -> None:
        if whole and number in self._done:
            self._done[number] = self._totals[number]
        self._say()

    def again(self, before: int) -> None:
        """Another try: `before` bytes are there now, and what is missing begins anew."""
        self.before = before
        self._done.clear()
        self._totals.clear()

    def finish(self) -> None:
        """Say the last number, whenever that was said last."""
        self._say(always=True)

    @property
    def done(self) -> int:
        return self.before + sum(self._done.values())

    def _say(self, *, always: bool = False) -> None:
        now = self.clock()
        if not always and now - self._told < INTERVAL:
            return
        self._told = now
        done = self.done
        total = max(self.total or self.before + sum(self._totals.values()), done)
        self.tell(Progressed(done=done, total=total, rate=self._rate(now, done)))

    def _rate(self, now: float, done: int) -> int:
        """Bytes a second. What a second try takes back does not count as negative."""
        self._samples.append((now, done))
        while now - self._samples[0][0] > WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        return max(0, int((done - before) / (now - since))) if now > since else 0
