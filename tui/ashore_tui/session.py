"""From a draft to a running installation: what `ashore install` and the live system's start have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.facts import Facts
from ashore_installer.journal import follow
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Draft, InstallPlan, Problem
from ashore_tui.engine import Engine, Progress, Running
from ashore_tui.plain import PlainFace

if TYPE_CHECKING:
    from ashore_installer.engine import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan that passed every check, and what it was made for."""

    plan: InstallPlan
    machine: MachineInfo
    image: Facts


def prepare(
    draft: Draft, machine: MachineInfo, engine: Engine, progress: Progress = lambda _done, _total: None
) -> Prepared:
    """The checked plan of a draft. Raises BadInput with everything that is wrong; nothing has been written."""
    resolved, image = engine.resolve(draft, progress, machine)
    return checked(engine.finalize(resolved, machine, image), machine, image, engine)


def checked(plan: InstallPlan, machine: MachineInfo, image: Facts, engine: Engine) -> Prepared:
    """The plan, if it can be carried out. Raises BadInput with all problems."""
    problems = engine.check(plan, machine, image)
    if problems:
        raise refusal(problems)
    return Prepared(plan=plan, machine=machine, image=image)


def refusal(problems: Sequence[Problem]) -> BadInput:
    """All problems as one; where they have different hints, each stands below its problem."""
    hints = tuple(dict.fromkeys(one.hint for one in problems if one.hint))
    if len(hints) < 2:
        return BadInput("\n".join(one.message for one in problems), "".join(hints))
    return BadInput("\n".join(f"{one.message}\n  {one.hint}".rstrip() for one in problems))


def request_of(prepared: Prepared) -> Request:
    """What the engine is asked to do, with the plan as a kickstart for the target's records."""
    from ashore_installer.engine import Request

    return Request(
        plan=prepared.plan,
        machine=prepared.machine,
        payload=prepared.image,
        kickstart=record(prepared.plan),
    )


def record(plan: InstallPlan) -> str:
    """The plan as a kickstart without its passwords, or a comment where kickstart has no words for it."""
    from ashore_kickstart.write import kickstart_from_plan

    try:
        return kickstart_from_plan(plan)
    except BadInput as error:
        reason = " ".join(error.message.split())
        return f"# {reason}\n# The plan is saved as JSON beside this file.\n"


def watch(running: Running, face: PlainFace) -> int:
    """Show the installation until it ends, and give its exit status.

    ^C stops it as long as nothing was written; after that it is the caller's, and the installation goes on.
    """
    try:
        face.follow(follow(running.journal, running.alive))
    except KeyboardInterrupt:
        if face.writing:
            raise
        running.cancel()
        face.output.line("Stopping ...")
        face.follow(follow(running.journal, running.alive))
    status = running.wait()
    if face.status is None:
        face.died(status, running.log)
        return ExitStatus.FAILED
    return face.status
