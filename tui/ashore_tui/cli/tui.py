"""`ashore` without a command: the screens, or the same in lines; on this machine, or a rehearsal on a recorded one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.medium import MANIFEST, MOUNT_POINT
from ashore_installer.plan import Draft, Finish
from ashore_tui.engine import Engine
from ashore_tui.terminal import Session
from ashore_tui.text import ENGLISH, use_language, use_letters
from ashore_tui.text.letters import letters_of


def run(options: argparse.Namespace, session: Session) -> int:
    engine = _rehearsal(options.rehearse) if options.rehearse else session.engine
    if not engine.privileged:
        raise BadInput(
            "Only root can install.", "Try `sudo ashore`, or rehearse on a recorded machine: `ashore --machine FILE`."
        )
    _speak(session)
    draft = _draft(options.answers)
    if options.plain or os.environ.get("TERM", "") == "dumb":
        return _lines(options, session, engine, draft)
    if not session.terminal.interactive:
        raise BadInput(
            "The screens need a terminal.", "Use --plain, or `ashore install --kickstart FILE` where nobody answers."
        )
    return _screens(options, engine, draft)


def _speak(session: Session) -> None:
    """Begin in the language of the environment, as far as the terminal has its letters."""
    use_letters(letters_of(os.environ, getattr(session.terminal.out, "encoding", None) or "ascii"))
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    use_language(next(filter(None, names), ENGLISH))


def _draft(kickstart: str | None) -> Draft | None:
    """What a kickstart says already; the rest is asked for."""
    if not kickstart:
        return None
    from ashore_tui.cli.files import draft_of, read_kickstart

    return draft_of(read_kickstart(kickstart))


def _rehearsal(machine: Path) -> Engine:
    from ashore_tui.cli.files import read_machine
    from ashore_tui.rehearsal.engine import RehearsalEngine

    return RehearsalEngine(machine=read_machine(machine), state=rehearsal_state(os.environ) / machine.stem)


def rehearsal_state(environ: Mapping[str, str]) -> Path:
    """Where journals of rehearsals lie: a directory that belongs to this user."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    return (Path(runtime) / "ashore" if runtime else Path.home() / ".cache" / "ashore") / "rehearsals"


def _screens(options: argparse.Namespace, engine: Engine, draft: Draft | None) -> int:
    from ashore_tui.app.app import AshoreApp
    from ashore_tui.app.look import look_for
    from ashore_tui.app.setting import Setting

    look = look_for(os.environ, sys.stdout.encoding or "ascii", options.theme or "")
    setting = Setting(look=look, rehearsal=options.rehearse.stem if options.rehearse else "")
    app = AshoreApp(setting, engine, draft=draft, kickstart=options.answers or "", end=_end(options))
    status = app.run()
    return ExitStatus.FAILED if status is None else status


def _lines(options: argparse.Namespace, session: Session, engine: Engine, draft: Draft | None) -> int:
    from ashore_tui.lines.start import run_lines, terminal_prompt

    person = terminal_prompt(session.terminal.out, session.terminal.ask)
    kickstart, rehearsal = options.answers or "", bool(options.rehearse)
    return run_lines(engine, _end(options), person, draft=draft, kickstart=kickstart, rehearsal=rehearsal)


def _end(options: argparse.Namespace) -> Callable[[Finish], None] | None:
    """What restarts the machine: only the live system's is ours to restart."""
    from ashore_installer.run import Commands
    from ashore_tui.finish import Machine

    if options.rehearse or not (MOUNT_POINT / MANIFEST).is_file():
        return None
    return Machine(run=Commands()).finish
