"""The line mode on a real terminal: looks at the machine, and goes the way with the person who is there."""

from __future__ import annotations

import sys
from dataclasses import replace
from getpass import getpass
from io import TextIOWrapper
from typing import TextIO

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.plan import Draft
from ashore_tui.engine import Engine, Running
from ashore_tui.flow.evaluate import begin
from ashore_tui.lines import ending
from ashore_tui.lines.ending import Finisher
from ashore_tui.lines.face import LineFace
from ashore_tui.lines.prompt import Ask, Prompt
from ashore_tui.outputs import line_output
from ashore_tui.report import Meter
from ashore_tui.text import _


def terminal_prompt(out: TextIO, ask: Ask = input) -> Prompt:
    """A prompt on this process's terminal, or on the pipe that stands for it: that shows nothing by itself."""
    if isinstance(out, TextIOWrapper):
        out.reconfigure(errors="replace")  # a terminal that can't show a letter shows another one
    return Prompt(output=line_output(out), ask=ask, ask_secret=getpass if sys.stdin.isatty() else ask)


def run_lines(
    engine: Engine,
    finish: Finisher | None,
    person: Prompt,
    *,
    draft: Draft | None = None,
    kickstart: str = "",
    rehearsal: bool = False,
) -> int:
    """The whole installation in lines; the exit status. An installation that runs already is shown instead.

    `draft` is what the kickstart with the name `kickstart` says. `finish` restarts the machine or powers it off,
    None where it isn't ours.
    Raises InstallerError when the machine can't be looked at.
    """
    running = _running(engine)
    if running:
        person.say(_("An installation is running already. This is it:"))
        return _followed(running, person)
    person.say(_("Looking at this machine ..."))
    flow = begin(engine, draft, kickstart=kickstart, progress=Meter(output=person.output).show)
    return LineFace(engine=engine, prompt=person, finish=finish, flow=replace(flow, rehearsal=rehearsal)).run()


def _running(engine: Engine) -> Running | None:
    try:
        found = engine.attach()
    except BadInput:
        return None
    return found if found.alive() else None


def _followed(running: Running, person: Prompt) -> int:
    try:
        return ending.follow(running, person)
    except KeyboardInterrupt:
        person.say(_("The installation goes on without this program."))
        return ExitStatus.CANCELLED
