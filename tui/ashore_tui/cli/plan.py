"""`ashore plan`: look at a plan, and find out whether it can be carried out."""

from __future__ import annotations

import argparse

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.plan import Draft, InstallPlan
from ashore_tui.cli.install import draft_again, with_image
from ashore_tui.outputs import stream_output
from ashore_tui.report import OutputReport
from ashore_tui.session import checked, prepare
from ashore_tui.storage_text import storage_lines
from ashore_tui.summary import plan_lines
from ashore_tui.terminal import Session


def show(options: argparse.Namespace, session: Session) -> int:
    from ashore_kickstart.write import kickstart_from_draft
    from ashore_tui.cli.files import read_any, read_machine

    plan = read_any(options.file)
    if isinstance(plan, InstallPlan):
        machine = read_machine(options.machine) if options.machine else None
        for line in plan_lines(plan, machine=machine):
            session.terminal.say(line)
    elif options.machine:
        raise BadInput("--machine only goes with a plan.", "Try `ashore plan check` with the kickstart.")
    else:
        session.terminal.say(kickstart_from_draft(plan).rstrip())
    return ExitStatus.DONE


def check(options: argparse.Namespace, session: Session) -> int:
    from ashore_tui.cli.files import read_any, read_machine

    plan = read_any(options.file)
    machine = read_machine(options.machine) if options.machine else session.engine.probe()
    report = OutputReport(output=stream_output(session.terminal.err))
    if isinstance(plan, Draft):
        prepared = prepare(with_image(plan, options), machine, session.engine, report.progress)
    else:
        named = with_image(draft_again(plan), options)
        _, image = session.engine.resolve(named, report.progress)
        prepared = checked(plan, machine, image, session.engine)
    for line in storage_lines(prepared.plan, prepared.machine):
        session.terminal.say(line)
    session.terminal.say(f"{options.file} can be carried out on this machine.")
    return ExitStatus.DONE
