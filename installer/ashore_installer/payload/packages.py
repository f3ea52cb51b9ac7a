"""The process that holds libdnf5: one request on standard input, answers as lines on standard output.

`python -m ashore_installer.payload.packages`. libdnf5 holds the interpreter's lock for whole calls, its scriptlets
write where they like, and what it does can't be stopped from within: hence a process for each request. The engine's
side is `package_process`.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import IO

from ashore_installer.errors import InstallerError
from ashore_installer.payload import package_lists, package_work
from ashore_installer.payload.package_protocol import (
    Answer,
    Done,
    Failed,
    FailureKind,
    PackagesFailed,
    Request,
    Verb,
    answer_line,
    read_request,
)

log = logging.getLogger(__name__)

Tell = Callable[[Answer], None]

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Exit status 0 when the last answer was `Done`, 1 for `Failed`, and a traceback for a bug of ours."""
    _end_with_parent()
    _keep_scratch_files()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    tell = _answers()
    try:
        request = read_request(sys.stdin.read())
        _VERBS[request.verb](request, tell)
    except PackagesFailed as error:
        tell(Failed(kind=error.kind, message=error.message, hint=error.hint, details=error.details))
        return 1
    except InstallerError as error:
        tell(Failed(kind=FailureKind.INPUT, message=error.message, hint=error.hint))
        return 1
    tell(Done())
    return 0


def _end_with_parent() -> None:
    """Nobody would follow or end this process if the engine were killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _keep_scratch_files() -> None:
    """Use the engine's place for scratch files, and don't let scriptlets inherit it: it is not in their root."""
    tempfile.tempdir = os.environ.pop("TMPDIR", None)


def _answers() -> Tell:
    """Where answers go. What else writes to standard output, as programs that rpm runs, comes out on the other one."""
    stream: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.set_inheritable(stream.fileno(), False)
    os.dup2(2, 1)

    def tell(answer: Answer) -> None:
        stream.write(answer_line(answer))
        stream.flush()

    return tell


_VERBS: dict[Verb, Callable[[Request, Tell], None]] = {
    Verb.RESOLVE: package_work.resolve,
    Verb.DOWNLOAD: package_work.download,
    Verb.INSTALL: package_work.install,
    Verb.COLLECT: package_work.collect,
    Verb.BROWSE: package_lists.browse,
    Verb.SEARCH: package_lists.search,
    Verb.KEYS: package_lists.keys,
}


if __name__ == "__main__":
    sys.exit(main())
