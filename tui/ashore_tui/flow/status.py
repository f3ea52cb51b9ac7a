"""The state of each topic, in one line. Pure; `topics` adds the problems that the engine's checks have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.plan import Problem, RootAccount, SystemPlan, User
from ashore_installer.storage_request import Clear, StorageRequest
from ashore_tui.flow.choices import keymap_table, language_table
from ashore_tui.flow.network import cards, method_words
from ashore_tui.flow.software import chosen_words, resolved_words
from ashore_tui.flow.state import Flow, Mode
from ashore_tui.text import _, n_, said


class Kind(StrEnum):
    DONE = "done"
    TODO = "todo"
    """Something must still be said."""
    WRONG = "wrong"
    """What was said can't be carried out."""
    WAITING = "waiting"
    """For another topic, or for work that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStatus:
    kind: Kind
    text: str
    """One line."""
    problems: tuple[Problem, ...] = ()

    @property
    def settled(self) -> bool:
        return self.kind is Kind.DONE


def done(text: str) -> TopicStatus:
    return TopicStatus(kind=Kind.DONE, text=text)


def todo(text: str) -> TopicStatus:
    return TopicStatus(kind=Kind.TODO, text=text)


def waiting(text: str) -> TopicStatus:
    return TopicStatus(kind=Kind.WAITING, text=text)


def wrong(problems: Sequence[Problem]) -> TopicStatus:
    first = said(problems[0].message.partition("\n")[0])
    more = len(problems) - 1
    text = first if not more else n_("{first} And one more.", "{first} And {more} more.", more)
    return TopicStatus(kind=Kind.WRONG, text=text.format(first=first, more=more), problems=tuple(problems))


# --- the topics ----------------------------------------------------------------------------------------------


def welcome(flow: Flow) -> TopicStatus:
    system = flow.system
    if not (system.locale or system.keymap or system.x11_layouts):
        return done(_("As in the image"))
    text = _("{language}; keyboard: {keyboard}")
    return done(text.format(language=language_name(system), keyboard=keyboard_name(system)))


def language_name(system: SystemPlan) -> str:
    """In English, which every console can show."""
    known = next((one.english for one in language_table() if one.locale == system.locale), system.locale)
    return known or _("as in the image")


def keyboard_name(system: SystemPlan) -> str:
    keymap = system.keymap or ", ".join(system.x11_layouts)
    return next((one.label for one in keymap_table() if one.name == keymap), keymap) or _("as in the image")


def mode(flow: Flow) -> TopicStatus:
    if flow.mode is Mode.IMAGE:
        return done(_("Image mode"))
    if flow.mode is Mode.TRADITIONAL and flow.traditional:
        problem = Problem(field="mode", message=_(flow.traditional), hint=_("Choose image mode."))
        return wrong((problem,))
    return done(_("Traditional")) if flow.mode else todo(_("Choose how the system is installed"))


def source(flow: Flow) -> TopicStatus:
    if flow.mode is None:
        return waiting(_("Choose the mode first"))
    if flow.mode is Mode.TRADITIONAL:
        return _packages(flow)
    if not flow.draft.payload.source:
        return todo(_("Name an image: this medium carries none"))
    if flow.source_problem:
        return wrong((flow.source_problem,))
    if flow.image is None:
        return waiting(_("Looking for {source}").format(source=flow.draft.payload.source))
    version = flow.image.image_version
    name = flow.image.name if flow.image.scanned else flow.draft.payload.source
    text = _("{name}, version {version}").format(name=name, version=version) if version else name
    return done(text if flow.offer is None else _("{image}, from this medium").format(image=text))


def _packages(flow: Flow) -> TopicStatus:
    packages = flow.draft.packages
    if packages is None or not packages.repositories:
        return todo(_("Add a repository that packages come from"))
    unread = [one for one in flow.catalogue.repositories if one.problem] if flow.catalogue else []
    if unread:
        return wrong(tuple(Problem(field="packages", message=one.problem, hint=one.hint) for one in unread))
    if flow.catalogue_problem:
        return wrong((flow.catalogue_problem,))
    if flow.source_problem:
        return wrong((flow.source_problem,))
    if flow.packages is None:
        return waiting(_("Finding out which packages belong to it"))
    return done(f"{chosen_words(packages, flow.catalogue)}: {resolved_words(flow.packages)}")


def destination(flow: Flow) -> TopicStatus:
    request = flow.draft.storage
    if request is None:
        return todo(_("Choose a disk"))
    if request.automatic and request.automatic.encryption and not request.automatic.encryption.passphrase:
        return todo(_("Set the passphrase that opens the disk"))
    if flow.facts is None:
        return waiting(_("What is installed has to be known first"))
    if not flow.checked:
        return waiting(_("Being checked"))
    return done(_destination(request, flow))


def _destination(request: StorageRequest, flow: Flow) -> str:
    disks = _disks(request, flow)
    automatic = request.automatic
    if automatic is None:
        return _("{disks}: partitions as you set them").format(disks=disks)
    locked = _(", encrypted") if automatic.encryption else ""
    if automatic.reinstall:
        return _("{system} is replaced, its /home stays").format(system=automatic.reinstall)
    if request.clear is Clear.ALL:
        return _("Erase {disks}{encrypted}").format(disks=disks, encrypted=locked)
    return _("Free space of {disks}{encrypted}").format(disks=disks, encrypted=locked)


def _disks(request: StorageRequest, flow: Flow) -> str:
    if flow.plan:
        return ", ".join(disk.name for disk in flow.plan.storage.disks)
    return ", ".join(request.only_use) or _("all disks")


def accounts(flow: Flow) -> TopicStatus:
    root, users = flow.system.root, flow.system.users
    found = [_root(root)] if can_log_in(root) else []
    found += [user.name for user in users if can_log_in(user)]
    if found:
        return done(_("{names} can log in").format(names=", ".join(found)))
    if flow.no_login:
        return done(_("None: the image brings its own"))
    return todo(_("Nobody could log in: set a password"))


def _root(root: RootAccount) -> str:
    return "root" if root.password and not root.locked else _("root (ssh)")


def can_log_in(account: RootAccount | User) -> bool:
    """Whether an account has a password that counts, or an ssh key."""
    return bool(account.ssh_keys) or (account.password is not None and not account.locked)


def hostname(flow: Flow) -> TopicStatus:
    return done(flow.system.hostname or _("As in the image"))


def time(flow: Flow) -> TopicStatus:
    zone = flow.system.timezone or _("As in the image")
    return done(zone if flow.system.utc else _("{zone}, hardware clock in local time").format(zone=zone))


def network(flow: Flow) -> TopicStatus:
    links = flow.machine.links
    chosen = [card for card in cards(flow) if card.connection]
    if chosen:
        return done("; ".join(f"{card.link.name}: {method_words(card.connection)}" for card in chosen))
    up = [link.name for link in links if link.up]
    if up:
        return done(_("{names} connected").format(names=", ".join(up)))
    return done(_("Not connected") if links else _("No network card"))


def boot(flow: Flow) -> TopicStatus:
    return done(" ".join(flow.draft.kargs) or _("As in the image"))


def summary(flow: Flow, others: Sequence[TopicStatus], problems: Sequence[Problem]) -> TopicStatus:
    """`others` are the states of all other topics; `problems` those that no other topic has."""
    if problems:
        return wrong(problems)
    left = sum(one.kind in (Kind.TODO, Kind.WRONG) for one in others)
    if left:
        return waiting(n_("One topic is open", "{count} topics are open", left).format(count=left))
    if not flow.checked or flow.plan is None:
        return waiting(_("Being checked"))
    return done(_("Ready to install"))
