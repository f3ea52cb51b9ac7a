"""Where a person stands on the way to a plan: one frozen value that the faces replace, and never change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import NetworkConnection
from ashore_installer.package_plan import PackagePayload, PackagesInfo, Repository
from ashore_installer.payload.package_protocol import Catalogue
from ashore_installer.payload.trust import Trust
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest, Problem, SystemPlan
from ashore_installer.storage_request import StorageRequest
from ashore_tui.text import N_

Disks = tuple[StorageRequest | None, str]
"""A request for the disks, and the disk that boots."""


class Mode(StrEnum):
    IMAGE = "image"
    """Image mode."""
    TRADITIONAL = "traditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOffer:
    """An image that the medium carries; `source` is read, `target` is what the system updates from (skopeo's names)."""

    source: str
    target: str
    image: ImageInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Everything that was said so far, and what came of it.

    `plan` and `problems` belong to the draft as it is: whatever changes the draft takes them away (`with_draft`), and
    `evaluate.evaluate` makes them anew. `checked` says that this was done.
    """

    machine: MachineInfo
    offers: tuple[ImageOffer, ...] = ()
    repositories: tuple[Repository, ...] = ()
    """Those that are known: of the medium, of the kickstart, and added by the person; the draft has those in use."""
    kept: PackagePayload | None = None
    """What was chosen in traditional mode, while the mode is another."""
    catalogue: Catalogue | None = None
    """What the draft's repositories have, once they were read."""
    browsed: tuple[Repository, ...] = ()
    """The repositories that `catalogue` or `catalogue_problem` is about."""
    catalogue_problem: Problem | None = None
    rehearsal: bool = False
    """The machine is a recorded one, and nothing is ever written."""
    kickstart: str = ""
    """The name of the kickstart that the draft began as, or empty."""
    draft: Draft = field(default_factory=Draft)
    mode: Mode | None = None
    facts: Facts | None = None
    """What the draft's payload is, once it was looked up: an image, or resolved packages."""
    resolved: PackagePayload | None = None
    """In traditional mode, the payload that `facts` are of: with what the machine and its disks need besides."""
    solved_for: Disks | None = None
    """The disks that `resolved` is for."""
    trust: Trust | None = None
    """What is known of the signature of an image in a registry, once it was looked up."""
    source_problem: Problem | None = None
    """Why the draft's payload could not be looked up."""
    connected: tuple[NetworkConnection, ...] = ()
    """The connections that the running system was given; `machine` knows what came of them."""
    network_problem: Problem | None = None
    """Why it could not be given them."""
    no_login: bool = False
    """The person said that nobody has to be able to log in: the image brings its own accounts."""
    plan: InstallPlan | None = None
    problems: tuple[Problem, ...] = ()
    checked: bool = False
    visited: frozenset[str] = frozenset()
    """Ids of the topics that the person has left with "Next"."""

    @property
    def system(self) -> SystemPlan:
        return self.draft.system

    @property
    def storage(self) -> StorageRequest | None:
        return self.draft.storage

    @property
    def offer(self) -> ImageOffer | None:
        """The medium's image that is chosen; None for one from elsewhere."""
        source = self.draft.payload.source
        return next((one for one in self.offers if one.source == source), None)

    @property
    def image(self) -> ImageInfo | None:
        """The image of image mode, once it was looked up."""
        return self.facts if isinstance(self.facts, ImageInfo) else None

    @property
    def packages(self) -> PackagesInfo | None:
        """The packages of traditional mode, once they were resolved."""
        return self.facts if isinstance(self.facts, PackagesInfo) else None

    @property
    def traditional(self) -> str:
        """Why packages can't be installed here, as a sentence to be translated; empty when they can."""
        if self.repositories or any(link.up for link in self.machine.links):
            return ""
        return N_("This medium carries no packages, and no network card is connected.")

    @property
    def needs_catalogue(self) -> bool:
        """Whether `evaluate.browse` has something to do: other repositories are in use than were read."""
        packages = self.draft.packages
        return packages is not None and packages.repositories != self.browsed

    @property
    def whole(self) -> Draft:
        """The draft as plans are made of it: in traditional mode with what is needed besides what was chosen."""
        return replace(self.draft, packages=self.resolved) if self.resolved and self.draft.packages else self.draft

    @property
    def needs_connect(self) -> bool:
        """Whether `evaluate.connect` has something to do: the running system has other connections than were said."""
        return self.connected != self.live_connections

    @property
    def live_connections(self) -> tuple[NetworkConnection, ...]:
        """The connections that the running system is to have too."""
        return tuple(one for one in self.system.network if one.activate)

    @property
    def ready_to_check(self) -> bool:
        """Whether `evaluate` has something to do: enough was said, and it was not looked at yet."""
        known = self.facts is not None and not self.needs_lookup
        return not self.checked and known and self.draft.storage is not None

    @property
    def needs_lookup(self) -> bool:
        """Whether `evaluate.lookup` has something to do: an image or packages were named, and not looked at yet.

        Which packages are needed depends on the disks too; until that is known, what was known before is shown.
        """
        packages = self.draft.packages
        if self.source_problem is not None:
            return False
        if packages is None:
            return bool(self.draft.payload.source) and self.facts is None
        return bool(packages.repositories) and (self.facts is None or self.solved_for != self.disks)

    @property
    def disks(self) -> Disks:
        """What was said about the disks."""
        return self.draft.storage, self.draft.boot_disk


# --- Flow -> Flow, for whatever a face changes ---------------------------------------------------------------


def with_draft(flow: Flow, draft: Draft) -> Flow:
    """The flow with another draft; what was made of the old one is gone. What was looked up stays while it holds."""
    if draft == flow.draft:
        return flow
    same = draft.payload == flow.draft.payload and draft.packages == flow.draft.packages
    failed_again = same and (draft.packages is None or draft.storage == flow.draft.storage)
    return replace(
        flow,
        draft=draft,
        facts=flow.facts if same else None,
        resolved=flow.resolved if same else None,
        trust=flow.trust if same else None,
        source_problem=flow.source_problem if failed_again else None,
        plan=None,
        problems=(),
        checked=False,
    )


def with_system(flow: Flow, system: SystemPlan) -> Flow:
    return with_draft(flow, replace(flow.draft, system=system))


def with_storage(flow: Flow, storage: StorageRequest | None, *, boot_disk: str | None = None) -> Flow:
    """The flow with another request for the disks; `boot_disk` None leaves the choice of the boot disk as it is."""
    disk = flow.draft.boot_disk if boot_disk is None else boot_disk
    return with_draft(flow, replace(flow.draft, storage=storage, boot_disk=disk))


def with_offer(flow: Flow, offer: ImageOffer) -> Flow:
    """Choose an image of the medium: what it is is known already."""
    payload = replace(flow.draft.payload, source=offer.source, target=offer.target)
    chosen = with_draft(flow, replace(flow.draft, payload=payload))
    return replace(chosen, facts=offer.image, trust=None, source_problem=None)


def with_remote(flow: Flow, source: str, *, target: str = "", signed: bool = False) -> Flow:
    """Name an image that is elsewhere (skopeo's name); `evaluate.lookup` finds out what it is."""
    payload: PayloadRequest = replace(flow.draft.payload, source=source, target=target or source, signed=signed)
    return with_draft(flow, replace(flow.draft, payload=payload))


def with_mode(flow: Flow, mode: Mode) -> Flow:
    """The other mode; what was chosen in the one before is kept for who comes back."""
    packages = flow.draft.packages
    if mode is Mode.TRADITIONAL and packages is None:
        chosen = flow.kept or PackagePayload(repositories=flow.repositories)
        flow = with_draft(flow, replace(flow.draft, packages=chosen))
    if mode is Mode.IMAGE and packages is not None:
        flow = replace(with_draft(flow, replace(flow.draft, packages=None)), kept=packages)
        offer = flow.offer or (flow.offers[0] if flow.offers and not flow.draft.payload.source else None)
        flow = with_offer(flow, offer) if offer else flow
    return replace(flow, mode=mode)


def with_findings(flow: Flow, known: Flow) -> Flow:
    """The flow with what the engine found out, which is in `known`; what the person said meanwhile stays."""
    return replace(
        flow,
        machine=known.machine,
        connected=known.connected,
        network_problem=known.network_problem,
        catalogue=known.catalogue,
        browsed=known.browsed,
        catalogue_problem=known.catalogue_problem,
        draft=known.draft,
        facts=known.facts,
        resolved=known.resolved,
        solved_for=known.solved_for,
        trust=known.trust,
        source_problem=known.source_problem,
        plan=known.plan,
        problems=known.problems,
        checked=known.checked,
    )


def with_visit(flow: Flow, topic: str) -> Flow:
    return replace(flow, visited=flow.visited | {topic})
