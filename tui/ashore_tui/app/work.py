"""What takes longer than a key may wait: done in threads, which tell the app by messages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.message import Message

from ashore_installer.errors import InstallerError
from ashore_installer.journal import follow
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.plan import Draft
from ashore_tui.app.messages import (
    EngineDied,
    Evaluated,
    FlowBegun,
    KeysRead,
    LogRead,
    LogsSaved,
    PackagesFound,
    Refused,
    RunChanged,
    RunStarted,
    TagsListed,
)
from ashore_tui.app.run_state import RunState, after
from ashore_tui.engine import Engine, Running
from ashore_tui.flow.evaluate import begin, settle
from ashore_tui.flow.state import Flow
from ashore_tui.logs import read_log, save_logs
from ashore_tui.session import Prepared, request_of
from ashore_tui.text import _

Post = Callable[[Message], object]


def look_around(engine: Engine, post: Post, draft: Draft | None, kickstart: str) -> None:
    """Join the installation that runs or has run already; without one, begin a flow on this machine."""
    try:
        running = engine.attach()
    except InstallerError:
        look_again(engine, post, draft, kickstart)
    else:
        post(RunStarted(running, joined=True))


def join_other(engine: Engine, post: Post, known: str) -> None:
    """Join the installation that runs, unless it is the one with the mark `known`. As quick as reading a clock."""
    with suppress(InstallerError):
        running = engine.attach()
        if running.alive() and mark_of(running) != known:
            post(RunStarted(running, joined=True))


def mark_of(running: Running) -> str:
    """What tells an installation from others: each begins a new journal."""
    return str(running.journal.stat().st_ino) if running.journal.exists() else ""


def look_again(engine: Engine, post: Post, draft: Draft | None, kickstart: str) -> None:
    """Begin a flow on this machine."""
    try:
        post(FlowBegun(begin(engine, draft, kickstart=kickstart)))
    except InstallerError as error:
        post(Refused(error.message, error.hint))


def evaluate_flow(engine: Engine, post: Post, flow: Flow) -> None:
    """Set the running system's network up, look the image up, and make the plan."""
    try:
        post(Evaluated(before=flow, after=settle(flow, engine)))
    except InstallerError as error:
        post(Refused(error.message, error.hint))


def list_tags(engine: Engine, post: Post, source: str) -> None:
    """Ask a registry for the tags of an image."""
    try:
        post(TagsListed(source, tags=engine.tags(source)))
    except InstallerError as error:
        post(TagsListed(source, problem=str(error)))


def find_packages(engine: Engine, post: Post, packages: PackagePayload, words: tuple[str, ...]) -> None:
    """Look for packages in the repositories."""
    try:
        post(PackagesFound(words, matched=engine.search(packages, words)))
    except InstallerError as error:
        post(PackagesFound(words, problem=str(error)))


def read_keys(engine: Engine, post: Post, repository: Repository) -> None:
    """Read the keys of a repository, for the person to confirm."""
    try:
        post(KeysRead(repository, keys=engine.keys(PackagePayload(repositories=(repository,)))))
    except InstallerError as error:
        post(KeysRead(repository, problem=str(error)))


def start_run(engine: Engine, post: Post, flow: Flow) -> None:
    """Start the engine with the flow's plan."""
    if flow.plan is None or flow.facts is None:
        raise RuntimeError("the flow has no plan")
    if not engine.privileged:
        post(Refused(_("Only root can install."), _("Leave, and try `sudo ashore`.")))
        return
    try:
        running = engine.start(request_of(Prepared(plan=flow.plan, machine=flow.machine, image=flow.facts)))
    except InstallerError as error:
        post(Refused(error.message, error.hint))
    else:
        post(RunStarted(running, joined=False))


def follow_run(running: Running, post: Post, stopped: Callable[[], bool]) -> None:
    """Tell how the installation goes, until it has ended or the app has no more need to know."""
    state = RunState()
    for entry in follow(running.journal, lambda: running.alive() and not stopped()):
        state = after(state, entry)
        post(RunChanged(state))
    if not state.ended and not stopped():
        post(EngineDied(running.wait()))


def cancel_run(running: Running, post: Post) -> None:
    """Ask the engine to stop. As quick as sending a signal."""
    try:
        running.cancel()
    except InstallerError as error:
        post(Refused(error.message, error.hint))


def show_log(running: Running, post: Post) -> None:
    """Read the engine's log."""
    post(LogRead(read_log(running.log)))


def keep_logs(running: Running, post: Post, target: Path) -> None:
    """Save the log and the journal as one file."""
    try:
        post(LogsSaved(save_logs((running.log, running.journal), target)))
    except InstallerError as error:
        post(Refused(error.message, error.hint))
