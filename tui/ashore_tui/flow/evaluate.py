"""What the engine makes of a flow: the machine, the image, the plan and its problems. Each call may take a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_protocol import PackagesFailed
from ashore_installer.plan import Draft, Problem
from ashore_tui.engine import Engine, Progress
from ashore_tui.flow.state import Flow, ImageOffer, Mode, with_draft, with_mode, with_offer


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
    offers, known, draft = offers_of(engine, progress), engine.repositories(), draft or Draft()
    named = draft.packages.repositories if draft.packages else ()
    flow = Flow(
        machine=machine or engine.probe(),
        offers=offers,
        repositories=(*named, *(one for one in known if one.id not in {other.id for other in named})),
        rehearsal=rehearsal,
        kickstart=kickstart,
        draft=draft,
        mode=Mode.TRADITIONAL if draft.packages else _usual_mode(offers, known),
    )
    if flow.mode is Mode.TRADITIONAL:
        return settle(with_mode(flow, Mode.TRADITIONAL), engine, progress)
    if not draft.payload.source and offers:
        flow = _embedded(flow, offers[0])
    return lookup(connect(flow, engine), engine, progress)


def _usual_mode(offers: Sequence[ImageOffer], known: Sequence[Repository]) -> Mode:
    """What the medium is for: a medium with packages alone is for traditional mode."""
    return Mode.TRADITIONAL if known and not offers else Mode.IMAGE


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
    if not isinstance(image, ImageInfo):
        raise TypeError("a draft without packages was resolved to packages")
    return (ImageOffer(source=draft.payload.source, target=draft.payload.target, image=image),)


def connect(flow: Flow, engine: Engine) -> Flow:
    """Give the running system the connections that were said for it too; what is elsewhere is looked for anew then."""
    if not flow.needs_connect:
        return flow
    flow = replace(flow, connected=flow.live_connections, network_problem=None, source_problem=None)
    try:
        return replace(flow, machine=engine.connect(flow.connected, flow.machine))
    except InstallerError as error:
        problem = Problem(field="system.network", message=error.message, hint=error.hint)
        return replace(flow, network_problem=problem)


def browse(flow: Flow, engine: Engine) -> Flow:
    """Read what the repositories in use have to choose from."""
    packages = flow.draft.packages
    if packages is None or not flow.needs_catalogue:
        return flow
    flow = replace(flow, browsed=packages.repositories, catalogue=None, catalogue_problem=None)
    if not packages.repositories:
        return flow
    try:
        return replace(flow, catalogue=engine.browse(packages))
    except InstallerError as error:
        problem = Problem(field="packages", message=error.message, hint=error.hint)
        return replace(flow, catalogue_problem=problem)


def lookup(flow: Flow, engine: Engine, progress: Progress = _quiet) -> Flow:
    """Find out what was named, over the network if need be. The flow as it is when there is nothing to do."""
    if not flow.needs_lookup:
        return flow
    try:
        draft, facts = engine.resolve(flow.draft, progress, flow.machine)
    except InstallerError as error:  # a program that is missing or was killed is no bad input
        return replace(flow, facts=None, source_problem=_source_problem(flow, error))
    if not isinstance(facts, ImageInfo):
        return replace(flow, facts=facts, resolved=draft.packages, solved_for=flow.disks, source_problem=None)
    source, image = draft.payload.source, facts
    trust = engine.trust(source, image) if source.startswith("docker://") else None
    return replace(with_draft(flow, draft), facts=image, trust=trust, source_problem=None)


def _source_problem(flow: Flow, error: InstallerError) -> Problem:
    """What is wrong with packages can be several things, each a line."""
    details = error.details if isinstance(error, PackagesFailed) else ()
    field = "packages" if flow.draft.packages else "payload.source"
    return Problem(field=field, message="\n".join((error.message, *details)), hint=error.hint)


def evaluate(flow: Flow, engine: Engine) -> Flow:
    """The flow with its plan and all that is wrong with it; as it is when something must be said first."""
    if not flow.ready_to_check or flow.facts is None:
        return flow
    from ashore_tui.flow.partitions import problems_of, spoken  # the storage model: not before a disk is chosen

    try:
        plan = engine.finalize(flow.whole, flow.machine, flow.facts)
    except BadInput as error:
        return replace(flow, plan=None, problems=problems_of(error), checked=True)
    problems = tuple(map(spoken, engine.check(plan, flow.machine, flow.facts)))
    return replace(flow, plan=plan, problems=problems, checked=True)


def has_work(flow: Flow) -> bool:
    """Whether `settle` has something to do."""
    return flow.needs_connect or flow.needs_catalogue or flow.needs_lookup or flow.ready_to_check


def settle(flow: Flow, engine: Engine, progress: Progress = _quiet) -> Flow:
    """Everything that the engine can say of the flow as it is now."""
    return evaluate(lookup(browse(connect(flow, engine), engine), engine, progress), engine)


def again(flow: Flow, engine: Engine) -> Flow:
    """The same answers on the machine as it is now: after an installation that failed, its disks are others."""
    return evaluate(replace(flow, machine=engine.probe(), plan=None, problems=(), checked=False), engine)
