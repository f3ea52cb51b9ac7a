"""`ashore completion`: a shell's completion script, made from the parser."""

from __future__ import annotations

import argparse

from ashore_installer.errors import ExitStatus
from ashore_tui.cli.parser import build_parser
from ashore_tui.terminal import Session


def run(options: argparse.Namespace, session: Session) -> int:
    import shtab

    session.terminal.say(shtab.complete(build_parser(), shell=options.shell))
    return ExitStatus.DONE
