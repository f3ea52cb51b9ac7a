from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.units import MiB
from ashore_tui.progress import WINDOW, Pace, duration, progress_text


def pace(*samples: tuple[float, int]) -> Pace:
    made = Pace()
    for time, done in samples:
        made = made.after(time, done)
    return made


def test_the_rate_is_that_of_the_last_seconds() -> None:
    made = pace((0, 0), (10, 1000), (20, 1100), (25, 1150))

    assert made.rate == 10
    assert made.left(1250) == 10


def test_nobody_knows_the_rate_at_once() -> None:
    assert pace((0, 0)).rate is None
    assert pace((0, 0), (0.5, 100)).rate is None
    assert pace((0, 0), (0.5, 100)).left(200) is None


def test_work_that_stands_still_has_no_end() -> None:
    assert pace((0, 0), (5, 0)).left(100) is None


def test_work_that_begins_again_forgets_what_was_before() -> None:
    assert pace((0, 0), (10, 1000), (11, 0), (13, 20)).rate == 10


def test_a_long_pause_keeps_one_sample_before_it() -> None:
    assert pace((0, 0), (100, 1000)).rate == 10


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 100)), min_size=1, max_size=50))
def test_only_a_window_of_samples_is_kept(steps: list[tuple[float, int]]) -> None:
    time, done, made = 0.0, 0, Pace()
    for seconds, more in steps:
        time, done = time + seconds, done + more
        made = made.after(time, done)

    assert made.samples[-1].done == done
    assert made.samples[-1].time - made.samples[0].time <= WINDOW
    assert made.rate is None or made.rate >= 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (-3, "0 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_line_of_bytes() -> None:
    made = pace((0, 0), (10, 100 * MiB))

    assert progress_text(100 * MiB, 400 * MiB, "bytes", made) == (
        " 25 % [##        ] 100.0 MiB of 400.0 MiB, 10.0 MiB/s, 30 s left"
    )


def test_a_line_of_other_things() -> None:
    assert progress_text(3, 3, "files", Pace()) == "100 % [##########] 3 of 3 files"


def test_a_total_of_nothing() -> None:
    assert progress_text(0, 0, "bytes", Pace()).startswith("  0 % [")


def test_the_widest_line_fits_into_a_console_with_its_indent() -> None:
    done = 10 * 1000 * 1024
    line = progress_text(done, 3000 * MiB, "bytes", pace((0, 0), (10, done)))
    assert "KiB/s" in line
    assert "min" in line
    assert len(line) <= 80 - 8
