"""Where a person stands on the way to a plan: one frozen value that the faces replace, and never change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.payload.trust import Trust
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest, Problem, SystemPlan
from ashore_installer.storage_request import StorageRequest


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
    traditional: str = ""
    """Why packages can't be installed with this medium, as a sentence; empty when they can."""
    rehearsal: bool = False
    """The machine is a recorded one, and nothing is ever written."""
    kickstart: str = ""
    """The name of the kickstart that the draft began as, or empty."""
    draft: Draft = field(default_factory=Draft)
    mode: Mode | None = None
    image: ImageInfo | None = None
    """What the draft's payload is, once it was looked up."""
    trust: Trust | None = None
    """What is known of the signature of an image in a registry, once it was looked up."""
    source_problem: Problem | None = None
    """Why the draft's payload could not be looked up."""
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
    def ready_to_check(self) -> bool:
        """Whether `evaluate` has something to do: enough was said, and it was not looked at yet."""
        return not self.checked and self.image is not None and self.draft.storage is not None

    @property
    def needs_lookup(self) -> bool:
        """Whether `evaluate.lookup` has something to do: an image was named, and not looked at yet."""
        return bool(self.draft.payload.source) and self.image is None and self.source_problem is None


# --- Flow -> Flow, for whatever a face changes ---------------------------------------------------------------


def with_draft(flow: Flow, draft: Draft) -> Flow:
    """The flow with another draft; what was made of the old one is gone. The image stays while the payload does."""
    if draft == flow.draft:
        return flow
    same = draft.payload == flow.draft.payload
    return replace(
        flow,
        draft=draft,
        image=flow.image if same else None,
        trust=flow.trust if same else None,
        source_problem=flow.source_problem if same else None,
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
    return replace(chosen, image=offer.image, trust=None, source_problem=None)


def with_remote(flow: Flow, source: str, *, target: str = "", signed: bool = False) -> Flow:
    """Name an image that is elsewhere (skopeo's name); `evaluate.lookup` finds out what it is."""
    payload: PayloadRequest = replace(flow.draft.payload, source=source, target=target or source, signed=signed)
    return with_draft(flow, replace(flow.draft, payload=payload))


def with_mode(flow: Flow, mode: Mode) -> Flow:
    return replace(flow, mode=mode)


def with_visit(flow: Flow, topic: str) -> Flow:
    return replace(flow, visited=flow.visited | {topic})
