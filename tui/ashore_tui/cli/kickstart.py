"""`ashore kickstart`: check kickstarts, list what is supported, convert between kickstarts and plans."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ashore_installer import codec
from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.plan import Draft, InstallPlan
from ashore_tui.cli.install import with_image
from ashore_tui.outputs import stream_output
from ashore_tui.report import OutputReport
from ashore_tui.session import prepare
from ashore_tui.terminal import Session

# --- check ---------------------------------------------------------------------------------------------------


def check(options: argparse.Namespace, session: Session) -> int:
    from ashore_kickstart.commands import table

    if options.commands:
        session.terminal.say(table().rstrip())
        return ExitStatus.DONE
    if not options.files:
        raise BadInput("No kickstart was named.", "See `ashore kickstart check --help`.")
    results = [_check(name, session) for name in options.files]
    return ExitStatus.DONE if all(results) else ExitStatus.BAD_INPUT


def _check(name: str, session: Session) -> bool:
    """Whether all of it can be followed; each line that can't is shown."""
    from ashore_kickstart.read import problems_of
    from ashore_tui.cli.files import read_kickstart

    file = read_kickstart(name)
    problems = problems_of(file.text)
    said: set[str] = set()
    for problem in problems:
        session.terminal.say(f"{file.name}:{problem.line}: {problem.message}")
        if problem.hint and problem.hint not in said:
            session.terminal.say(f"    {problem.hint}")
            said.add(problem.hint)
    if not problems:
        session.terminal.say(f"{file.name}: every line can be followed.")
    return not problems


# --- convert -------------------------------------------------------------------------------------------------


def convert(options: argparse.Namespace, session: Session) -> int:
    from ashore_tui.cli.files import read_any

    if options.with_passwords and not options.output:
        raise BadInput("Passwords are not shown on a terminal.", "Name a file with -o.")
    found = read_any(options.file)
    target = options.to or _other_form(options.file)
    text = _text(_as_plan(found, options, session) if target == "plan" else found, target, options.with_passwords)
    if options.output:
        _save(options.output, text, private=options.with_passwords)
    else:
        session.terminal.say(text.rstrip())
    return ExitStatus.DONE


def _other_form(name: str) -> str:
    path = Path(name)
    is_json = path.is_file() and path.read_text(encoding="utf-8", errors="replace").lstrip().startswith("{")
    return "kickstart" if is_json else "draft"


def _as_plan(found: Draft | InstallPlan, options: argparse.Namespace, session: Session) -> InstallPlan:
    from ashore_tui.cli.files import read_machine

    if isinstance(found, InstallPlan):
        return found
    machine = read_machine(options.machine) if options.machine else session.engine.probe()
    report = OutputReport(output=stream_output(session.terminal.err))
    return prepare(with_image(found, options), machine, session.engine, report.progress).plan


def _text(value: Draft | InstallPlan, target: str, reveal: bool) -> str:
    from ashore_kickstart.from_plan import draft_of
    from ashore_kickstart.write import kickstart_from_draft

    draft = draft_of(value) if isinstance(value, InstallPlan) and target != "plan" else value
    if isinstance(draft, Draft) and target == "kickstart":
        return kickstart_from_draft(draft, reveal_secrets=reveal)
    return codec.to_json(draft, reveal_secrets=reveal)


def _save(path: Path, text: str, *, private: bool) -> None:
    """Write the file; a private one can be read by its owner only, also if it was there before."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            if private:
                os.fchmod(descriptor, 0o600)
            stream.write(text)
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.", "Name another file with -o.") from error
