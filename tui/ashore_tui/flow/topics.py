"""The topics of an installation, in their order, and the way through them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.plan import Problem
from ashore_tui.flow import status as of
from ashore_tui.flow.fields import system_problems
from ashore_tui.flow.state import Flow, Mode
from ashore_tui.flow.status import Kind, TopicStatus
from ashore_tui.text import N_, _


class TopicId(StrEnum):
    WELCOME = "welcome"
    MODE = "mode"
    SOURCE = "source"
    DESTINATION = "destination"
    ACCOUNTS = "accounts"
    HOSTNAME = "hostname"
    TIME = "time"
    NETWORK = "network"
    BOOT = "boot"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing to decide. `shown` topics are on everybody's way; others only when something is missing or wrong."""

    id: TopicId
    name: str
    explanation: str
    shown: bool = False

    @property
    def title(self) -> str:
        return _(self.name)

    @property
    def help(self) -> str:
        """What F1 says."""
        return _(self.explanation)

    def status(self, flow: Flow) -> TopicStatus:
        return status_of(self.id, flow)


TOPICS = (
    Topic(
        id=TopicId.WELCOME,
        name=N_("Language and keyboard"),
        explanation=N_(
            "The language of the installed system, and the layout of its keyboard. Without a choice the system keeps "
            "what the image has. The screens here change to the language at once, as far as they are translated."
        ),
        shown=True,
    ),
    Topic(
        id=TopicId.MODE,
        name=N_("Mode"),
        explanation=N_(
            "Image mode puts a whole, tested system image on the disk; updates replace the image, and a bad one can be "
            "rolled back. Traditional mode installs packages one by one, and updates them one by one."
        ),
        shown=True,
    ),
    Topic(
        id=TopicId.SOURCE,
        name=N_("Source"),
        explanation=N_(
            "What to install. In image mode an image: one that is on this medium, or one in a registry that is fetched "
            "over the network; the installed system updates from the image's own name. In traditional mode packages: "
            "an environment, groups and single packages from repositories, with all that belongs to them."
        ),
    ),
    Topic(
        id=TopicId.DESTINATION,
        name=N_("Destination"),
        explanation=N_(
            "The disks to install on, and what happens to what is on them. Nothing is written before you have seen the "
            "whole plan and agreed to it."
        ),
        shown=True,
    ),
    Topic(
        id=TopicId.ACCOUNTS,
        name=N_("Accounts"),
        explanation=N_(
            "Who can log in: the root account, and users with a password or with ssh keys. An administrator is in the "
            "group whose members may become root."
        ),
        shown=True,
    ),
    Topic(
        id=TopicId.HOSTNAME,
        name=N_("Host name"),
        explanation=N_("The name of this machine in its network. Without one the system keeps what the image has."),
    ),
    Topic(
        id=TopicId.TIME,
        name=N_("Time zone"),
        explanation=N_(
            "Where the machine is, for the time of day it shows. Other systems on this machine, such as Windows, may "
            "want the hardware clock in local time."
        ),
    ),
    Topic(
        id=TopicId.NETWORK,
        name=N_("Network"),
        explanation=N_(
            "The network cards of this machine: by DHCP, with addresses given by hand, or off. A card that is not set "
            "up here is left to the installed system, which mostly asks DHCP. Settings can be used at once too, so "
            "that images and packages can be fetched."
        ),
    ),
    Topic(
        id=TopicId.BOOT,
        name=N_("Boot options"),
        explanation=N_("Arguments for the kernel of the installed system, after those that its image brings."),
    ),
    Topic(
        id=TopicId.SUMMARY,
        name=N_("Summary"),
        explanation=N_(
            "The whole plan: what is destroyed, what is made, every step in its order and every check with its result. "
            "The installation begins only when you say so."
        ),
        shown=True,
    ),
)


def topic(id: str) -> Topic:  # noqa: A002 (the field's name)
    return next(one for one in TOPICS if one.id == id)


def statuses(flow: Flow) -> tuple[tuple[Topic, TopicStatus], ...]:
    """All topics with their state, for the hub."""
    return tuple((one, one.status(flow)) for one in TOPICS)


# --- the way -------------------------------------------------------------------------------------------------


def first_topic(flow: Flow) -> Topic:
    """Where a person begins: with a kickstart, at what it leaves open."""
    if flow.kickstart:
        return next((one for one in _open(flow)), TOPICS[-1])
    return TOPICS[0]


def next_topic(flow: Flow, current: str) -> Topic:
    """Where "Next" leads from a topic: on, past what is settled and not on everybody's way.

    Who was at the summary already, and came back to change one thing, goes from there to what is open, else back to
    the summary. After the summary comes nothing: it stays.
    """
    if TopicId.SUMMARY in flow.visited:
        return next(iter(_open(flow)), TOPICS[-1])
    later = TOPICS[_number(current) + 1 :]
    return next((one for one in later if _is_on_the_way(one, flow)), TOPICS[-1])


def previous_topic(flow: Flow, current: str) -> Topic | None:
    """Where "Back" leads: the topic before on the way; None before the first."""
    earlier = reversed(TOPICS[: _number(current)])
    return next((one for one in earlier if one.id in flow.visited or _is_on_the_way(one, flow)), None)


def _is_on_the_way(one: Topic, flow: Flow) -> bool:
    """A medium's image may be the only one; packages are chosen by everybody."""
    chosen = one.id is TopicId.SOURCE and flow.mode is Mode.TRADITIONAL
    return one.shown or chosen or not one.status(flow).settled


def begin_allowed(flow: Flow) -> bool:
    """Whether the installation may begin: every topic is settled, and the plan passed every check."""
    return flow.plan is not None and flow.checked and not flow.problems and not list(_open(flow))


def _open(flow: Flow) -> Iterator[Topic]:
    return (one for one in TOPICS[:-1] if one.status(flow).kind in (Kind.TODO, Kind.WRONG))


def _number(id: str) -> int:  # noqa: A002 (the field's name)
    return [one.id for one in TOPICS].index(TopicId(id))


# --- whose a problem is --------------------------------------------------------------------------------------


_FIELDS = (
    ("payload", TopicId.SOURCE),
    ("packages", TopicId.SOURCE),
    ("storage", TopicId.DESTINATION),
    ("boot_disk", TopicId.DESTINATION),
    ("boot.disk", TopicId.DESTINATION),
    ("boot", TopicId.BOOT),
    ("kargs", TopicId.BOOT),
    ("system.hostname", TopicId.HOSTNAME),
    ("system.locale", TopicId.WELCOME),
    ("system.keymap", TopicId.WELCOME),
    ("system.timezone", TopicId.TIME),
    ("system.network", TopicId.NETWORK),
    ("system", TopicId.ACCOUNTS),
)


def topic_of(problem: Problem) -> TopicId:
    """The topic where a problem is put right; what no topic can change (scripts) is the summary's."""
    return next((where for prefix, where in _FIELDS if _below(problem.field, prefix)), TopicId.SUMMARY)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))


def status_of(id: TopicId, flow: Flow) -> TopicStatus:  # noqa: A002 (the field's name)
    """The state of a topic: what is missing comes before what is wrong, for it may be the reason."""
    if id is TopicId.SUMMARY:
        return of.summary(flow, tuple(one.status(flow) for one in TOPICS[:-1]), problems_of(flow, id))
    plain = _STATUSES[id](flow)
    wrong = (*plain.problems, *problems_of(flow, id))
    return of.wrong(wrong) if wrong and plain.kind is not Kind.TODO else plain


def problems_of(flow: Flow, id: TopicId) -> tuple[Problem, ...]:  # noqa: A002 (the field's name)
    """What is wrong at a topic. The system's own settings are looked at before there is a plan, too."""
    known = flow.problems if flow.plan else (*flow.problems, *system_problems(flow.system, flow.facts))
    return tuple(one for one in known if topic_of(one) is id)


_STATUSES = {
    TopicId.WELCOME: of.welcome,
    TopicId.MODE: of.mode,
    TopicId.SOURCE: of.source,
    TopicId.DESTINATION: of.destination,
    TopicId.ACCOUNTS: of.accounts,
    TopicId.HOSTNAME: of.hostname,
    TopicId.TIME: of.time,
    TopicId.NETWORK: of.network,
    TopicId.BOOT: of.boot,
}
