"""Custom partitioning: a storage request, seen as rows and as the plan that it makes. Pure.

The planner is the only judge: `picture` draws what `plan_storage` would do, with its problems, and every edit (see
`partition_edits`) is refused where the planner refuses it. So what is on the screen is always the real plan.

The edits work on requests in one form, that of `partition_start.plain_form`: everything is listed, nothing is
automatic, and what goes is named one by one (`Clear.LIST`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ashore_installer.errors import BadInput
from ashore_installer.machine import MachineInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.candidates import candidates
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.clearing_stacks import disk_plans
from ashore_installer.storage.content import default_root_format
from ashore_installer.storage.destinations import destinations
from ashore_installer.storage.layout import layout
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.removals import removals
from ashore_installer.storage.stack import Stack
from ashore_installer.storage_plan import Encryption, Format, StoragePlan
from ashore_installer.storage_request import StorageRequest
from ashore_tui.text import _

SWAP = "swap"
"""What people may write where the mount point stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a request is planned for. `boot_disk` is the draft's."""

    machine: MachineInfo
    image: PayloadInfo
    boot_disk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why an edit can't be made: a sentence, and one thing to try."""

    message: str
    hint: str = ""


Edited = StorageRequest | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants of one thing: a partition, a volume, an array. `size` in bytes, the least if it grows.

    `mount` is a path, `swap`, or empty. `keep` leaves the content of something existing as it is.
    """

    mount: str = ""
    format: Format | None = None
    size: int = 0
    grow: bool = False
    label: str = ""
    encryption: Encryption | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The plan of a request as far as it goes, and why it can't be carried out yet."""

    plan: StoragePlan
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """A custom layout being made: what is asked for now, and the steps that led there."""

    request: StorageRequest
    past: tuple[StorageRequest, ...] = ()

    def then(self, request: StorageRequest) -> Custom:
        return self if request == self.request else Custom(request=request, past=(*self.past, self.request))

    def undone(self) -> Custom:
        return Custom(request=self.past[-1], past=self.past[:-1]) if self.past else self


# --- the planner's answer ------------------------------------------------------------------------------------


def picture(request: StorageRequest, site: Site) -> Picture:
    """What the planner makes of a request. Where it makes nothing, the machine as it is, with the reasons."""
    try:
        plan = drawn(request, site)
    except BadInput as error:
        return Picture(plan=StoragePlan(), problems=problems_of(error))
    found = () if makes_nothing(request) else check_layout(plan, site.machine, site.image)
    return Picture(plan=plan, problems=tuple(map(spoken, found or _nothing(request))))


def drawn(request: StorageRequest, site: Site) -> StoragePlan:
    """The plan, not looked at as a whole; a request that makes nothing still clears. Raises BadInput."""
    if makes_nothing(request):
        return _only_cleared(request, site)
    return layout(request, site.machine, site.image, boot_disk=site.boot_disk)


def makes_nothing(request: StorageRequest) -> bool:
    made = (request.partitions, request.arrays, request.volumes, request.btrfs, request.subvolumes, request.mounts)
    return request.automatic is None and not any(made) and not request.shrink and not request.required


def problems_of(error: BadInput) -> tuple[Problem, ...]:
    """The reasons of a refusal, in the words of a screen."""
    found = error.problems if isinstance(error, PlanError) else ()
    return tuple(map(spoken, found or (Problem(field="storage", message=error.message, hint=error.hint),)))


def refusal(error: BadInput) -> Refused:
    first = problems_of(error)[0]
    return Refused(message=first.message, hint=first.hint)


def spoken(problem: Problem) -> Problem:
    """A problem whose hint does not speak of kickstart commands."""
    hint = _SAID.get(problem.hint, lambda: re.sub(r" ?\([^()]*`[^`]*`[^()]*\)", "", problem.hint))()
    return replace(problem, hint="" if "`" in hint else hint)


_SAID = {
    "Add `part / --size=8192 --grow`.": lambda: _("Add a partition with the mount point /."),
    "Use `autopart`, or add `part` lines.": lambda: _("Add a partition with the mount point /."),
}


def _nothing(request: StorageRequest) -> tuple[Problem, ...]:
    if not makes_nothing(request):
        return ()
    message, hint = _("Nothing is asked for yet."), _("Add a partition with the mount point /.")
    return (Problem(field="storage.partitions", message=message, hint=hint),)


def _only_cleared(request: StorageRequest, site: Site) -> StoragePlan:
    """What goes, when nothing is made: the planner has no plan without partitions."""
    if not request.clear_partitions and not request.remove:
        return StoragePlan(zram=request.zram)
    stack = Stack(machine=site.machine, root=default_root_format(request, site.image))
    allowed = frozenset(disk.id for disk in destinations(request, site.machine))
    found = candidates(request, site.machine, boot_disk=site.boot_disk)
    remove, problems = removals(request, site.machine, allowed)
    stack.problems += problems
    plans = disk_plans(stack, found, remove, allowed)
    if stack.problems:
        raise PlanError(stack.problems)
    return stack.plan(plans, remove, request.zram)
