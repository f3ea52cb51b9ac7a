"""How far, how fast, how long still: pure arithmetic and text, for every face and for `ashore iso build`."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.units import human
from ashore_tui.text import _, said

WINDOW = 15.0
"""Seconds of the past that the rate is taken from: long enough to be steady, short enough to follow a change."""
_LEAST = 1.0
"""Seconds before a rate means anything."""
_BAR = 10
"""Wide enough to be seen; the whole line must fit into 80 columns with its indent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`done` units of the work, at `time` in seconds of a clock that never goes back."""

    time: float
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How one piece of work has gone lately."""

    samples: tuple[Sample, ...] = ()

    def after(self, time: float, done: int) -> Pace:
        """The pace with one more sample. Work that begins again from less forgets what was before."""
        kept = self.samples if not self.samples or done >= self.samples[-1].done else ()
        recent = tuple(sample for sample in kept if time - sample.time <= WINDOW)
        return Pace(samples=(*(recent or kept[-1:]), Sample(time=time, done=done)))

    @property
    def rate(self) -> float | None:
        """Units a second, or None as long as nobody can know."""
        if len(self.samples) < 2:
            return None
        first, last = self.samples[0], self.samples[-1]
        seconds = last.time - first.time
        return (last.done - first.done) / seconds if seconds >= _LEAST else None

    def left(self, total: int) -> float | None:
        """Seconds until `total` is reached at this rate, or None when that is unknown."""
        if not self.rate or not self.samples:
            return None
        return max(0.0, (total - self.samples[-1].done) / self.rate)


def progress_text(done: int, total: int, unit: str, pace: Pace) -> str:
    """One line: ` 45 % [####      ] 143.2 MiB of 318.0 MiB, 12.3 MiB/s, 14 s left`."""
    part = min(1.0, done / total) if total > 0 else 0.0
    filled = int(part * _BAR)
    bar = "#" * filled + " " * (_BAR - filled)
    return f"{int(part * 100):3} % [{bar}] {amounts(done, total, unit, pace)}"


def amounts(done: int, total: int, unit: str, pace: Pace) -> str:
    """What there is besides the bar: `143.2 MiB of 318.0 MiB, 12.3 MiB/s, 14 s left`."""
    text = _("{done} of {total}") if unit == "bytes" else _("{done} of {total} {unit}")
    facts = [text.format(done=_amount(done, unit), total=_amount(total, unit), unit=said(unit))]
    rate, left = pace.rate, pace.left(total)
    if rate and unit == "bytes":
        facts.append(f"{human(int(rate))}/s")
    if left is not None and done < total:
        facts.append(_("{time} left").format(time=duration(left)))
    return ", ".join(facts)


def _amount(count: int, unit: str) -> str:
    return human(count) if unit == "bytes" else str(count)


def duration(seconds: float) -> str:
    """Seconds for people: `8 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    if whole < 3600:
        text = _("{minutes} min {seconds} s") if whole % 60 else _("{minutes} min")
        return text.format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole % 3600 // 60)
