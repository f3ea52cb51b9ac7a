"""Byte progress of programs that don't tell it: what they have written is measured while they run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_isogen.report import Report

INTERVAL = 0.2


@contextmanager
def watched(measure: Callable[[], int], total: int, report: Report) -> Iterator[None]:
    """Report what `measure` gives, in bytes of `total`, while the block runs; all of it when the block ends well.

    A `total` of 0 means that nobody knows it; then nothing is reported.
    """
    if total <= 0:
        yield
        return
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(measure, total, report, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    report.progress(total, total)


def _watch(measure: Callable[[], int], total: int, report: Report, ended: threading.Event) -> None:
    while not ended.wait(INTERVAL):
        report.progress(min(measure(), total), total)


def file_size(path: Path) -> int:
    """Bytes in the file, 0 while there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def tree_size(directory: Path) -> int:
    """Bytes in all files below the directory, as far as they are still there when they are looked at."""
    return sum(file_size(Path(parent, name)) for parent, _, names in os.walk(directory) for name in names)
