"""Everything that a storage plan makes or keeps, as the requests that it comes from."""

from __future__ import annotations

from typing import Any

from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    BtrfsPlan,
    EncryptionPlan,
    Format,
    GroupPlan,
    MountPlan,
    PartitionPlan,
    StoragePlan,
    VolumeKind,
    VolumePlan,
)
from ashore_installer.storage_request import (
    ArrayRequest,
    BtrfsRequest,
    GroupRequest,
    PartitionRequest,
    SubvolumeRequest,
    VolumeRequest,
)

_Owner = ArrayPlan | GroupPlan | BtrfsPlan
_PREFIXES = {Format.LVMPV: "pv.", Format.RAID: "raid.", Format.BTRFS: "btrfs."}
_SAID = (Format.SWAP, Format.BIOSBOOT, Format.EFI)
"""Formats of what is kept that the mount point says; the others are found on the disks."""
_READ_BY_FIRMWARE = ("/boot", "/boot/efi")


def disk_word(id: str) -> str:  # noqa: A002 (the field's name)
    """How a disk is named in a kickstart: by its link below /dev/disk, else by the kernel's name."""
    return f"disk/{id}" if "/" in id else id


def partition_word(disk: str, number: int) -> str:
    """A partition by its disk's stable name (`disk/by-id/…-part2`), or by the kernel's (`vda2`, `nvme0n1p2`)."""
    if "/" in disk:
        return f"{disk_word(disk)}-part{number}"
    return f"{disk}{'p' if disk[-1:].isdigit() else ''}{number}"


class Back:
    """The way back for one plan.

    What lies below an array, a group or a btrfs volume that is kept is not asked for: it is kept with it.
    """

    def __init__(self, plan: StoragePlan) -> None:
        self._plan = plan
        self._opened = {one.device: one for one in plan.encrypted}
        self._mounts = {mount.device: mount for mount in plan.mounts}
        owners: tuple[_Owner, ...] = (*plan.arrays, *plan.groups, *plan.btrfs)
        self._owners = {member: owner for owner in owners for member in owner.members}

    def partitions(self) -> tuple[PartitionRequest, ...]:
        return tuple(self._partition(one) for one in self._plan.partitions if not self._follows(one))

    def arrays(self) -> tuple[ArrayRequest, ...]:
        return tuple(self._array(one) for one in self._plan.arrays if not self._follows(one))

    def groups(self) -> tuple[GroupRequest, ...]:
        return tuple(self._group(one) for one in self._plan.groups)

    def volumes(self) -> tuple[VolumeRequest, ...]:
        return tuple(self._volume(one) for one in self._plan.volumes if not self._follows(one))

    def btrfs(self) -> tuple[BtrfsRequest, ...]:
        return tuple(self._btrfs(one) for one in self._plan.btrfs)

    def subvolumes(self) -> tuple[SubvolumeRequest, ...]:
        names = {one.id: _btrfs_name(one) for one in self._plan.btrfs}
        return tuple(
            SubvolumeRequest(
                volume=names[one.volume],
                path=one.path,
                mount=self._mount(one.id).path,
                options=self._options(one.id),
                keep=one.existing,
            )
            for one in self._plan.subvolumes
        )

    # --- one of each -----------------------------------------------------------------------------------------

    def _partition(self, plan: PartitionPlan) -> PartitionRequest:
        existing = partition_word(plan.disk, plan.existing.number) if plan.existing else ""
        return PartitionRequest(
            **self._block(plan, existing),
            size=plan.size if plan.resized or not plan.existing else 0,
            disk="" if existing else disk_word(plan.disk),
            name=self._member(plan),
        )

    def _array(self, plan: ArrayPlan) -> ArrayRequest:
        usual = "1.0" if self._mount(self._top(plan).id).path in _READ_BY_FIRMWARE else "1.2"
        words = self._block(plan, plan.name if plan.existing else "")
        if plan.existing:
            return ArrayRequest(**words, name=plan.name, member=self._member(plan), level=plan.level)
        return ArrayRequest(
            **words,
            name=plan.name,
            member=self._member(plan),
            level=plan.level,
            members=tuple(self._name(member) for member in plan.members),
            spares=plan.spares,
            chunk=plan.chunk,
            metadata="" if plan.metadata == usual else plan.metadata,
        )

    def _group(self, plan: GroupPlan) -> GroupRequest:
        """Of a group that is kept, only new members are named."""
        new = tuple(one for one in plan.members if plan.existing is None or not self._plan.block(one).keep)
        return GroupRequest(
            name=plan.name,
            members=tuple(self._name(member) for member in new),
            extent=0 if plan.existing else plan.extent,
            reserved=plan.reserved,
            keep=plan.existing is not None,
        )

    def _volume(self, plan: VolumePlan) -> VolumeRequest:
        group = next(one.name for one in self._plan.groups if one.id == plan.group)
        pool = next((one.name for one in self._plan.volumes if one.id == plan.pool), "")
        words = self._block(plan, f"{group}/{plan.name}" if plan.existing else "")
        if plan.kind is VolumeKind.POOL:
            words |= {"format": Format.NONE, "options": ""}
        return VolumeRequest(
            **words,
            size=plan.size if plan.resized or not plan.existing else 0,
            name=plan.name,
            group=group,
            member=self._member(plan),
            kind=plan.kind,
            pool=pool,
            metadata=0 if plan.existing else plan.metadata,
            chunk=0 if plan.existing else plan.chunk,
        )

    def _btrfs(self, plan: BtrfsPlan) -> BtrfsRequest:
        kept = plan.existing is not None
        return BtrfsRequest(
            name=_btrfs_name(plan),
            mount=self._mount(plan.id).path,
            label="" if kept else plan.label,
            data=plan.data,
            metadata=plan.metadata,
            mkfs=plan.mkfs,
            options=self._options(plan.id),
            members=() if kept else tuple(self._name(member) for member in plan.members),
            keep=kept,
        )

    def _block(self, plan: BlockPlan, existing: str) -> dict[str, Any]:
        """The fields of a BlockRequest but its size: what is in the block, or in the LUKS device on it."""
        top = self._top(plan)
        encrypted = isinstance(top, EncryptionPlan)
        path = self._mount(top.id).path
        return {
            "mount": path if path.startswith("/") else "",
            "format": None if plan.keep and not encrypted and top.format not in _SAID else top.format,
            "label": top.label,
            "options": self._options(top.id),
            "mkfs": top.mkfs,
            "existing": existing,
            "keep": plan.keep,
            "resize": plan.resized,
            "encryption": top.encryption if isinstance(top, EncryptionPlan) else None,
        }

    # --- the graph -------------------------------------------------------------------------------------------

    def _top(self, plan: BlockPlan) -> BlockPlan:
        return self._opened.get(plan.id, plan)

    def _mount(self, id: str) -> MountPlan:  # noqa: A002 (the field's name)
        return self._mounts.get(id, MountPlan(device="", path="", options=""))

    def _options(self, id: str) -> str:  # noqa: A002 (the field's name)
        return self._mount(id).options

    def _member(self, plan: BlockPlan) -> str:
        """Its name as a member of something that names it: its id where that is such a name."""
        top = self._top(plan)
        if top.id not in self._owners or top.format not in _PREFIXES:
            return ""
        prefix = _PREFIXES[top.format]
        return plan.id if plan.id.startswith(prefix) else f"{prefix}{plan.id}"

    def _name(self, member: str) -> str:
        """The name of the block that is a member, or that holds the LUKS device which is one."""
        below = next((one.device for one in self._plan.encrypted if one.id == member), member)
        return self._member(self._plan.block(below))

    def _follows(self, plan: BlockPlan) -> bool:
        """Whether it is kept for the sake of something on it, so that nobody has to ask for it."""
        if not plan.keep or plan.resized or self._top(plan).id in self._mounts or plan.id in self._opened:
            return False
        owner = self._owners.get(plan.id)
        if owner is not None and owner.existing is not None:
            return True
        return any(one.pool == plan.id and one.existing for one in self._plan.volumes)


def _btrfs_name(plan: BtrfsPlan) -> str:
    return f"UUID={plan.existing.uuid}" if plan.existing else plan.id
