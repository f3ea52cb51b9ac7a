"""What a person sees of a bug of ours: one sentence and a file; never a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from types import TracebackType


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A `sys.excepthook`: the traceback goes into a private file, its name onto stderr."""
    descriptor, path = tempfile.mkstemp(prefix="ashore-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
        traceback.print_exception(kind, error, trace, file=stream)
    print(f"ashore: this is a bug in Ashore ({kind.__name__}). Please report it with {path}.", file=sys.stderr)
