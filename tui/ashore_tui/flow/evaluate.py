"""What the engine makes of a flow: the machine, the image, the plan and its problems. Each call may take a while."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Draft, Problem
from ashore_tui.engine import Engine, Progress
from ashore_tui.flow.partitions import problems_of, spoken
from ashore_tui.flow.state import Flow, ImageOffer, Mode, with_draft, with_offer
from ashore_tui.text import N_


def _quiet(_done: int, _total: int) -> None:
    return None


def begin(
    engine: Engine,
    draft: Draft | None = None,
    *,
    machine: MachineInfo | None = None,
    kickstart: str = "",
    rehearsal: bool = False,
    progress: Progress = _quiet,
) -> Flow:
    """A new flow on the engine's machine, with what its medium offers. `draft` is what a kickstart said already."""
    offers = offers_of(engine, progress)
    flow = Flow(
        machine=machine or engine.probe(),
        offers=offers,
        traditional=N_("This medium carries no packages, and the installer can't install them yet."),
        rehearsal=rehearsal,
        kickstart=kickstart,
        draft=draft or Draft(),
        mode=Mode.IMAGE,
    )
    if not flow.draft.payload.source and offers:
        flow = _embedded(flow, offers[0])
    return lookup(flow, engine, progress)


def _embedded(flow: Flow, offer: ImageOffer) -> Flow:
    """The medium's image by default; a name for updates that the draft has already stays."""
    asked = flow.draft.payload
    chosen = with_offer(flow, offer)
    if not asked.target:
        return chosen
    return replace(chosen, draft=replace(chosen.draft, payload=replace(chosen.draft.payload, target=asked.target)))


def offers_of(engine: Engine, progress: Progress = _quiet) -> tuple[ImageOffer, ...]:
    """The images of the medium that this system was booted from; empty when it was booted from something else."""
    try:
        draft, image = engine.resolve(Draft(), progress)
    except BadInput:
        return ()
    return (ImageOffer(source=draft.payload.source, target=draft.payload.target, image=image),)


def lookup(flow: Flow, engine: Engine, progress: Progress = _quiet) -> Flow:
    """Find out what the named image is, over the network if need be. The flow as it is when there is nothing to do."""
    if not flow.needs_lookup:
        return flow
    try:
        draft, image = engine.resolve(flow.draft, progress)
    except InstallerError as error:  # a program that is missing or was killed is no bad input
        problem = Problem(field="payload.source", message=error.message, hint=error.hint)
        return replace(flow, source_problem=problem)
    source = draft.payload.source
    trust = engine.trust(source, image) if source.startswith("docker://") else None
    return replace(with_draft(flow, draft), image=image, trust=trust, source_problem=None)


def evaluate(flow: Flow, engine: Engine) -> Flow:
    """The flow with its plan and all that is wrong with it; as it is when something must be said first."""
    if not flow.ready_to_check or flow.image is None:
        return flow
    try:
        plan = engine.finalize(flow.draft, flow.machine, flow.image)
    except BadInput as error:
        return replace(flow, plan=None, problems=problems_of(error), checked=True)
    problems = tuple(map(spoken, engine.check(plan, flow.machine, flow.image)))
    return replace(flow, plan=plan, problems=problems, checked=True)


def settle(flow: Flow, engine: Engine, progress: Progress = _quiet) -> Flow:
    """Everything that the engine can say of the flow as it is now."""
    return evaluate(lookup(flow, engine, progress), engine)


def again(flow: Flow, engine: Engine) -> Flow:
    """The same answers on the machine as it is now: after an installation that failed, its disks are others."""
    return evaluate(replace(flow, machine=engine.probe(), plan=None, problems=(), checked=False), engine)
