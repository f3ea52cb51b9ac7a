"""What screens tell the app. Screens change nothing themselves and don't know each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_protocol import KeyInfo, Matched
from ashore_installer.plan import Finish
from ashore_tui.app.run_state import RunState
from ashore_tui.engine import Running
from ashore_tui.flow.state import Flow


@dataclass
class Edit(Message):
    """Replace the flow by what `change` makes of it."""

    change: Callable[[Flow], Flow]


@dataclass
class Next(Message):
    """The person is done with a topic."""

    topic: str


@dataclass
class Open(Message):
    """Show a topic."""

    topic: str


@dataclass
class Back(Message):
    """Show the topic before this one."""

    topic: str


@dataclass
class Overview(Message):
    """Show all topics."""


@dataclass
class Speak(Message):
    """Show the screens in another language, as far as they are translated."""

    locale: str


@dataclass
class Begin(Message):
    """The person has seen the plan and agreed to it."""


@dataclass
class CancelRun(Message):
    """Stop the installation, as long as nothing was written."""


@dataclass
class AskTags(Message):
    """Ask the registry of the image `source` for its tags."""

    source: str


@dataclass
class AskPackages(Message):
    """Look for packages that have all of `words`."""

    words: tuple[str, ...]


@dataclass
class AskKeys(Message):
    """Read the keys that a repository names."""

    repository: Repository


@dataclass
class StartAgain(Message):
    """Go back from an installation that failed."""


@dataclass
class OpenLog(Message):
    """Show the engine's log."""


@dataclass
class SaveLogs(Message):
    """Put the logs into a file."""


@dataclass
class LeaveAshore(Message):
    """End the program, and the machine as `finish` says; None asks first."""

    finish: Finish | None = None


# --- what workers tell the app -------------------------------------------------------------------------------


@dataclass
class FlowBegun(Message):
    """The machine and the medium were looked at."""

    flow: Flow


@dataclass
class Evaluated(Message):
    """What the engine makes of `before`."""

    before: Flow
    after: Flow


@dataclass
class TagsListed(Message):
    """The tags beside that of the image `source`, or why they are not known."""

    source: str
    tags: tuple[str, ...] = ()
    problem: str = ""


@dataclass
class PackagesFound(Message):
    """The packages that have all of `words`, or why they are not known."""

    words: tuple[str, ...]
    matched: Matched | None = None
    problem: str = ""


@dataclass
class KeysRead(Message):
    """The keys of a repository, or why they are not known."""

    repository: Repository
    keys: tuple[KeyInfo, ...] = ()
    problem: str = ""


@dataclass
class RunStarted(Message):
    """An installation runs; `joined` if it was started by somebody else, or by this program before it was killed."""

    running: Running
    joined: bool


@dataclass
class RunChanged(Message):
    """The installation went on. Only the last of several waiting ones is of interest."""

    state: RunState

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunChanged)


@dataclass
class EngineDied(Message):
    """The engine ended without saying how: it was killed, or has a bug."""

    status: int


@dataclass
class LogRead(Message):
    """The engine's log, or a sentence about why it can't be read."""

    text: str


@dataclass
class LogsSaved(Message):
    """The logs are in the file `path` now."""

    path: Path


@dataclass
class Refused(Message):
    """Work for the app could not be done."""

    message: str
    hint: str
