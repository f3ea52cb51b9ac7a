"""What a person sees of a bug of ours: one sentence and a file; never a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from types import TracebackType


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A `sys.excepthook`: the traceback goes into a private file, its name onto stderr."""
    print(f"ashore: {_saved(kind, error, trace)}", file=sys.stderr)


def bug_sentence() -> str:
    """The sentence about the exception that is being handled, whose traceback goes into a private file."""
    kind, error, trace = sys.exc_info()
    if kind is None or error is None:
        raise RuntimeError("no exception is being handled")
    return _saved(kind, error, trace)


def _saved(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    descriptor, path = tempfile.mkstemp(prefix="ashore-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
        traceback.print_exception(kind, error, trace, file=stream)
    return f"this is a bug in Ashore ({kind.__name__}). Please report it with {path}."
