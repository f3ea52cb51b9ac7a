"""`ashore install`: carry out a kickstart or a plan on this machine, or show what would be done."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ashore_installer import codec
from ashore_installer.errors import BadInput, Cancelled, ExitStatus
from ashore_installer.package_plan import PackagePayload
from ashore_installer.plan import Draft, Finish, InstallPlan, PayloadRequest
from ashore_tui.engine import Running
from ashore_tui.outputs import stream_output
from ashore_tui.plain import PlainFace, final_line
from ashore_tui.recovery import take_recovery_keys
from ashore_tui.report import OutputReport
from ashore_tui.session import Prepared, checked, prepare, request_of, watch
from ashore_tui.summary import loss_lines, plan_lines
from ashore_tui.terminal import Session


def run(options: argparse.Namespace, session: Session) -> int:
    _check_options(options)
    if options.follow:
        return _show_until_the_end(session.engine.attach(), session)
    prepared = _prepared(options, session)
    if options.dry_run:
        return _show(prepared, session, as_json=options.json)
    if not session.engine.privileged:
        raise BadInput("Only root can install.", "Try `sudo ashore install`, or add --dry-run.")
    _confirm(prepared, session, sure=options.yes)
    status = _show_until_the_end(session.engine.start(request_of(prepared)), session)
    if status == ExitStatus.DONE and prepared.plan.finish is not Finish.WAIT:
        session.terminal.say(f"The kickstart asks for {prepared.plan.finish}: run `systemctl {prepared.plan.finish}`.")
    return status


def _check_options(options: argparse.Namespace) -> None:
    if options.machine and not options.dry_run:
        raise BadInput("--machine only goes with --dry-run.", "Add --dry-run, or leave --machine out.")
    if options.json and not options.dry_run:
        raise BadInput("--json only goes with --dry-run.", "Add --dry-run, or leave --json out.")
    if options.plan and (options.image or options.target_imgref):
        raise BadInput("A plan already names its image.", "Leave --image and --target-imgref out.")


# --- the plan ------------------------------------------------------------------------------------------------


def _prepared(options: argparse.Namespace, session: Session) -> Prepared:
    from ashore_tui.cli.files import draft_of, read_kickstart, read_machine, read_plan

    report = OutputReport(output=stream_output(session.terminal.err))
    machine = read_machine(options.machine) if options.machine else None
    if options.plan:
        plan = read_plan(options.plan)
        _, image = session.engine.resolve(draft_again(plan), report.progress)
        return checked(plan, machine or session.engine.probe(), image, session.engine)
    draft = with_image(draft_of(read_kickstart(options.kickstart)), options)
    return prepare(draft, machine or session.engine.probe(), session.engine, report.progress)


def draft_again(plan: InstallPlan) -> Draft:
    """A draft of what a plan installs, to find out what that is."""
    if isinstance(plan.payload, PackagePayload):
        return Draft(packages=plan.payload)
    return Draft(payload=PayloadRequest(source=plan.image.source, target=plan.image.target))


def with_image(draft: Draft, options: argparse.Namespace) -> Draft:
    """The draft with the image of the command line, which takes the place of packages too.

    A new image's own name is the default for its updates. Raises BadInput for a target without an image.
    """
    payload = draft.payload
    if options.image:
        payload, draft = replace(payload, source=options.image, target=""), replace(draft, packages=None)
    elif options.target_imgref and draft.packages is not None:
        raise BadInput("Packages are to be installed, and they have no image.", "Leave --target-imgref out.")
    if options.target_imgref:
        payload = replace(payload, target=options.target_imgref)
    return replace(draft, payload=payload)


def _show(prepared: Prepared, session: Session, *, as_json: bool) -> int:
    if as_json:
        session.terminal.say(codec.to_json(prepared.plan).rstrip())
        return ExitStatus.DONE
    for line in plan_lines(prepared.plan, prepared.image, prepared.machine):
        session.terminal.say(line)
    session.terminal.say("Steps:")
    for number, title in enumerate(session.engine.steps(prepared.plan), 1):
        session.terminal.say(f"  {number:2}. {title}")
    session.terminal.say("This was a dry run: nothing was written.")
    return ExitStatus.DONE


def _confirm(prepared: Prepared, session: Session, *, sure: bool) -> None:
    """Ask the person before the first write. Raises Cancelled, or BadInput where nobody can be asked."""
    for line in plan_lines(prepared.plan, prepared.image, prepared.machine):
        session.terminal.say(line)
    if sure:
        return
    if not session.terminal.interactive:
        raise BadInput("Nobody can be asked whether the disks may be changed.", "Add --yes if they may.")
    lost = len(loss_lines(prepared.plan, prepared.machine))
    question = f"All of the above will be destroyed ({lost} entries)." if lost else "Nothing will be destroyed."
    if session.terminal.ask(f"\n{question} Type yes to install: ").strip().lower() != "yes":
        raise Cancelled


# --- the installation ----------------------------------------------------------------------------------------


def _show_until_the_end(running: Running, session: Session) -> int:
    face = PlainFace(output=stream_output(session.terminal.out))
    try:
        status = watch(running, face)
    except KeyboardInterrupt:
        session.terminal.say("\nThe disks are being written, so the installation goes on without this command.")
        session.terminal.say("To see it again: ashore install --follow")
        return ExitStatus.CANCELLED
    for line in take_recovery_keys(running.log.parent):
        session.terminal.say(line)
    session.terminal.say(final_line(status))
    return status
