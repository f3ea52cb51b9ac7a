"""The automatic ways to use disks, as a form that a person fills in, and as the request that it means. Pure.

Every form has a request, and the request gives the same form again; a request that no form means (custom partitions, a
kickstart's own `part` lines) gives none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ashore_installer.machine import DiskInfo, MachineInfo, SystemInfo, SystemKind
from ashore_installer.storage.destinations import is_named, unusable
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import Automatic, Clear, Scheme, ShrinkRequest, StorageRequest
from ashore_tui.flow.state import Flow, with_storage
from ashore_tui.text import _


class Way(StrEnum):
    ERASE = "erase"
    """Everything on the disks goes."""
    FREE = "free"
    """What is on the disks stays; the system takes the space that is free, or becomes free by shrinking."""
    REPLACE = "replace"
    """The system takes the place of one that is there, whose /home stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """`disks` are ids; which of several boots is the draft's `boot_disk`. `replaces` goes with `Way.REPLACE` only."""

    way: Way = Way.ERASE
    disks: tuple[str, ...] = ()
    replaces: str = ""
    shrink: tuple[ShrinkRequest, ...] = ()
    """Partitions that make room, for `Way.FREE` only."""
    scheme: Scheme = Scheme.PLAIN
    format: Format | None = None
    """The root file system; None is the image's own choice. `Scheme.BTRFS` has no other."""
    home: bool = False
    swap: bool = False
    encryption: Encryption | None = None


def request_of(form: Destination, machine: MachineInfo) -> StorageRequest:
    """What the form means, in the engine's words."""
    if form.way is Way.REPLACE:
        automatic = Automatic(reinstall=form.replaces, format=form.format)
        return StorageRequest(automatic=automatic)
    automatic = Automatic(
        scheme=form.scheme,
        format=None if form.scheme is Scheme.BTRFS else form.format,
        encryption=form.encryption,
        home=form.home,
        swap=form.swap,
    )
    if form.way is Way.FREE:
        # Only a disk without any content gets a new table: `zero_mbr` never touches one that holds something, but an
        # unreadable table counts as nothing.
        empty = all(_is_blank(machine, word) for word in form.disks)
        return StorageRequest(only_use=form.disks, shrink=form.shrink, zero_mbr=empty, automatic=automatic)
    return StorageRequest(
        only_use=form.disks, clear=Clear.ALL, zero_mbr=True, new_table=True, automatic=automatic
    )  # fmt: skip


def with_destination(flow: Flow, form: Destination) -> Flow:
    """The flow with what the form means, and the disk that the machine starts from: of several the first.

    One that a kickstart named stays as long as the disks are the same.
    """
    before = form_of(flow.storage, flow.machine)
    kept = flow.draft.boot_disk if before is not None and before.disks == form.disks else ""
    first = form.disks[0] if len(form.disks) > 1 else ""
    return with_storage(flow, request_of(form, flow.machine), boot_disk=kept or first)


def form_of(request: StorageRequest | None, machine: MachineInfo) -> Destination | None:
    """The form that means this request on this machine, or None. Disks come back as ids."""
    if request is None or request.automatic is None:
        return None
    automatic = request.automatic
    form = Destination(
        way=_way(request),
        disks=() if automatic.reinstall else _chosen(request, machine),
        replaces=automatic.reinstall,
        shrink=request.shrink,
        scheme=automatic.scheme,
        format=automatic.format,
        home=automatic.home,
        swap=automatic.swap,
        encryption=automatic.encryption,
    )
    plain = replace(request, only_use=form.disks, clear_disks=(), zero_mbr=False, new_table=False)
    meant = replace(request_of(form, machine), zero_mbr=False, new_table=False)
    return form if plain == meant else None


def _way(request: StorageRequest) -> Way:
    if request.automatic and request.automatic.reinstall:
        return Way.REPLACE
    return Way.ERASE if request.clear is Clear.ALL else Way.FREE


def _chosen(request: StorageRequest, machine: MachineInfo) -> tuple[str, ...]:
    """Ids of the disks that are named; `clear_disks` counts as naming, and a request that names none means all."""
    words = request.only_use or request.clear_disks
    ordered = [disk for word in words for disk in usable(machine) if is_named(disk, (word,))]
    return tuple(dict.fromkeys(disk.id for disk in ordered or usable(machine)))


def _is_blank(machine: MachineInfo, word: str) -> bool:
    disk = next((one for one in machine.disks if one.is_named(word)), None)
    return disk is not None and disk.table is None and not disk.format


# --- what a machine lets one choose --------------------------------------------------------------------------


def usable(machine: MachineInfo) -> tuple[DiskInfo, ...]:
    """The disks that can be installed on."""
    return tuple(disk for disk in machine.disks if not unusable(disk))


def replaceable(machine: MachineInfo) -> tuple[SystemInfo, ...]:
    """The systems that a new one can take the place of; of two with the same name none can be named."""
    linux = [one for one in machine.systems if one.kind in (SystemKind.LINUX, SystemKind.OSTREE)]
    names = [one.name for one in linux]
    return tuple(one for one in linux if names.count(one.name) == 1)


def usual_disks(machine: MachineInfo) -> tuple[str, ...]:
    """The disk to propose: the only one, else the largest that is fixed. Proposed is not chosen."""
    found: Sequence[DiskInfo] = usable(machine)
    fixed = [disk for disk in found if not disk.removable] or found
    return (max(fixed, key=lambda disk: disk.size).id,) if fixed else ()


def way_text(way: Way) -> str:
    return {
        Way.ERASE: _("Erase the disk and use all of it"),
        Way.FREE: _("Keep what is there and use free space"),
        Way.REPLACE: _("Replace a system and keep its /home"),
    }[way]
