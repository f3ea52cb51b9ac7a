"""`ashore`: the command."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence

from ashore_installer.errors import ExitStatus, InstallerError
from ashore_tui.bugs import report_bug
from ashore_tui.cli.parser import build_parser, refuse_mixture
from ashore_tui.terminal import Session

Run = Callable[[argparse.Namespace, Session], int]


def main(arguments: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Carry out one command and give its exit status. Without `arguments`, those of this process."""
    if arguments is None:
        sys.excepthook = report_bug
        _end_by_signals()
    session = session or Session()
    try:
        status = _run(arguments, session)
        session.terminal.out.flush()
    except BrokenPipeError:
        # Who read the output has seen enough. What Python still holds goes nowhere, or it would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), session.terminal.out.fileno())
        return ExitStatus.DONE
    return status


def _run(arguments: Sequence[str] | None, session: Session) -> int:
    try:
        options = build_parser().parse_args(arguments)
        refuse_mixture(options)
        if options.verbose:
            logging.basicConfig(level=logging.INFO, stream=session.terminal.err, format="%(message)s")
        return _function(options.run)(options, session)
    except InstallerError as error:
        print(f"ashore: {error}", file=session.terminal.err)
        return error.status
    except KeyboardInterrupt:
        print("ashore: cancelled.", file=session.terminal.err)
        return ExitStatus.CANCELLED


def _end_by_signals() -> None:
    """`kill`, or a terminal that goes away, ends a command as ^C does: what was half made is removed.

    Signals that are ignored stay so, as under nohup.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _function(name: str) -> Run:
    """What carries out a command: `install:run` is `run` of ashore_tui.cli.install, imported only now."""
    module, _, function = name.partition(":")
    found: Run = getattr(importlib.import_module(f"ashore_tui.cli.{module}"), function)
    return found


if __name__ == "__main__":
    sys.exit(main())
