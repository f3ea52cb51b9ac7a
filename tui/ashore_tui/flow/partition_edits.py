"""Edits of a custom layout: each gives a new request, or says why not. Pure.

Requests are in the form of `partition_start.plain_form`. The planner judges every result: an edit that it can't place
is refused in its words. What only the whole layout lacks (a root file system, an ESP) is no reason to refuse an edit;
the picture says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ashore_installer.storage.content import default_root_format
from ashore_installer.storage.needs import MINIMUM, align_up, boot_size, esp_size, root_minimum
from ashore_installer.storage.overhead import LUKS_HEADER
from ashore_installer.storage_plan import Format, RaidLevel
from ashore_installer.storage_request import (
    ArrayRequest,
    BtrfsRequest,
    GroupRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import MiB
from ashore_tui.flow.partition_lists import judged
from ashore_tui.flow.partition_rows import Row
from ashore_tui.flow.partition_start import plain_form
from ashore_tui.flow.partitions import SWAP, Edited, Refused, Site, Wish
from ashore_tui.text import _

_MEMBER_OVERHEAD = 8 * MiB
"""A physical volume's metadata, and what its last extent does not fill."""
_SMALLEST_MEMBER = 256 * MiB


_USUAL = 512 * MiB
"""The least size of something that takes all that is left, and that nothing else is known of."""


def sized(wish: Wish, site: Site) -> Wish:
    """The wish with a size where a person gave none: all that is left, but the usual size of what the machine boots.

    What takes all that is left has a least size, by which it shares the room with others of that kind.
    """
    if wish.size or not wish.grow:
        return wish
    if wish.format is Format.BIOSBOOT:
        return replace(wish, size=MINIMUM[Format.BIOSBOOT], grow=False)
    if wish.mount == "/boot/efi" or wish.format is Format.EFI:
        return replace(wish, size=esp_size(max((one.size for one in site.machine.disks), default=0)), grow=False)
    if wish.mount == "/boot":
        return replace(wish, size=boot_size(site.image), grow=False)
    if wish.mount == "/":
        root = wish.format or default_root_format(StorageRequest(), site.image)
        return replace(wish, size=root_minimum(site.image, root, holds_boot=True))
    return replace(wish, size=_USUAL)


# --- what is made --------------------------------------------------------------------------------------------


def add_partition(request: StorageRequest, site: Site, disk: str, wish: Wish) -> Edited:
    """A partition on the disk with this id, in the free room where it fits."""
    new = PartitionRequest(disk=disk, **words(wish))
    return judged(request, _with(request, site, (disk,), partitions=(new,)), site, wish)


def add_volume(
    request: StorageRequest,
    site: Site,
    group: str,
    name: str,
    wish: Wish,
    disks: Sequence[str] = (),
) -> Edited:
    """A logical volume. A group that is not there is made on `disks` (ids), its members encrypted if the volume is."""
    known = group in {one.name for one in request.groups}
    there = any(one.name == group for one in site.machine.groups) and group not in request.remove
    volume = VolumeRequest(name=name, group=group, **words(wish if known or there else replace(wish, encryption=None)))
    if known:
        return judged(request, _with(request, site, (), volumes=(volume,)), site, wish)
    if there:
        kept = GroupRequest(name=group, keep=True)
        return judged(request, _with(request, site, (), groups=(kept,), volumes=(volume,)), site, wish)
    if not disks:
        return Refused(message=_("The volume group {name} needs at least one disk.").format(name=group))
    least = wish.size + _MEMBER_OVERHEAD if len(disks) == 1 else _SMALLEST_MEMBER
    members = _members(request, "pv", disks, Wish(size=least, grow=True, encryption=wish.encryption), Format.LVMPV)
    made = GroupRequest(name=group, members=tuple(one.name for one in members))
    result = _with(request, site, disks, partitions=members, groups=(made,), volumes=(volume,))
    return judged(request, result, site, wish)


def add_array(
    request: StorageRequest,
    site: Site,
    name: str,
    level: RaidLevel,
    disks: Sequence[str],
    wish: Wish,
    *,
    group: str = "",
    spares: int = 0,
) -> Edited:
    """An array with a member on each disk; `wish.size` is that of a member. With `group` it carries that new group."""
    members = _members(request, "raid", disks, Wish(size=wish.size, grow=wish.grow), Format.RAID)
    fields = words(replace(wish, size=0, grow=False))
    made: dict[str, Any] = {"partitions": members}
    if group:
        member = _free_name(request, "pv")
        fields = {"format": Format.LVMPV, "member": member, "encryption": wish.encryption}
        made["groups"] = (GroupRequest(name=group, members=(member,)),)
    array = ArrayRequest(
        name=name, level=level, members=tuple(one.name for one in members), spares=spares, **fields
    )  # fmt: skip
    made["arrays"] = (array,)
    return judged(request, _with(request, site, disks, **made), site, wish)


def add_btrfs(
    request: StorageRequest,
    site: Site,
    label: str,
    disks: Sequence[str],
    wish: Wish,
    subvolumes: Sequence[tuple[str, str]] = (),
    *,
    data: str = "",
    metadata: str = "",
) -> Edited:
    """A btrfs volume with a member on each disk; `subvolumes` are pairs of a path and a mount point."""
    name = _unused(label or "btrfs", {one.name for one in request.btrfs})
    size = wish.size or _SMALLEST_MEMBER
    members = _members(request, "btrfs", disks, replace(wish, size=size), Format.BTRFS)
    volume = BtrfsRequest(
        name=name,
        label=label,
        mount=wish.mount,
        members=tuple(one.name for one in members),
        data=data,
        metadata=metadata or ("raid1" if len(disks) > 1 else ""),
    )
    inner = tuple(SubvolumeRequest(volume=name, path=path, mount=mount) for path, mount in subvolumes)
    result = _with(request, site, disks, partitions=members, btrfs=(volume,), subvolumes=inner)
    return judged(request, result, site, wish)


def add_subvolume(request: StorageRequest, site: Site, row: Row, path: str, mount: str) -> Edited:
    """A subvolume in the btrfs volume of a row, new or existing."""
    volume = request.btrfs[row.ref.index].name if row.ref else row.existing
    new = SubvolumeRequest(volume=volume, path=path.strip("/"), mount=mount)
    kept = () if row.ref else (BtrfsRequest(name=volume, keep=True),)
    return judged(request, _with(request, site, (), btrfs=kept, subvolumes=(new,)), site, Wish(mount=mount))


def add_required(request: StorageRequest, site: Site) -> Edited:
    """What the firmware needs to start the machine, and a /boot."""
    return plain_form(replace(request, required=True, required_boot=True), site)


# --- requests ------------------------------------------------------------------------------------------------


def _with(request: StorageRequest, site: Site, disks: Sequence[str], /, **more: Any) -> StorageRequest:
    """The request with more in its lists. A disk without a partition table gets one."""
    bare = [site.machine.disk(one) for one in disks]
    new = (one.name for one in bare if one.table is None and one.name not in request.clear_partitions)
    lists: dict[str, Any] = {name: (*getattr(request, name), *found) for name, found in more.items()}
    return replace(request, clear_partitions=(*request.clear_partitions, *new), **lists)


def words(wish: Wish) -> dict[str, Any]:
    """The fields of a block request. Swap has no mount point there."""
    swap = wish.mount == SWAP or wish.format is Format.SWAP
    return {
        "mount": "" if swap else wish.mount,
        "format": Format.SWAP if swap else wish.format,
        "size": wish.size,
        "grow": wish.grow,
        "label": wish.label,
        "encryption": wish.encryption,
    }


def _members(
    request: StorageRequest, prefix: str, disks: Sequence[str], wish: Wish, format: Format  # noqa: A002
) -> tuple[PartitionRequest, ...]:  # fmt: skip
    """A partition for a member on each of the disks; LUKS takes its own on top."""
    size = align_up(wish.size + (LUKS_HEADER["luks2"] if wish.encryption else 0))
    found: list[PartitionRequest] = []
    for disk in disks:
        name = _free_name(replace(request, partitions=(*request.partitions, *found)), prefix)
        found.append(
            PartitionRequest(name=name, disk=disk, format=format, size=size, grow=wish.grow, encryption=wish.encryption)
        )
    return tuple(found)


def _free_name(request: StorageRequest, prefix: str) -> str:
    taken = {one.name for one in request.partitions} | {one.member for one in request.arrays}
    taken |= {one.member for one in request.volumes}
    return next(name for number in range(1, 1000) if (name := f"{prefix}.{number:02}") not in taken)


def _unused(name: str, taken: set[str]) -> str:
    return next(one for one in (name, *(f"{name}{number}" for number in range(2, 1000))) if one not in taken)
