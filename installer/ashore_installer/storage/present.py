"""What is on the machine already, put into a plan with everything that it lies on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

from ashore_installer.machine import ArrayInfo, BtrfsInfo, GroupInfo
from ashore_installer.storage.content import Content
from ashore_installer.storage.md_sizes import stripe
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage.resolve import Found, FoundPartition, FoundVolume, by_kernel_name, disks_below, thing_name
from ashore_installer.storage.stack import Member, Stack
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    Existing,
    Format,
    GroupPlan,
    PartitionPlan,
    RaidLevel,
    VolumeKind,
    VolumePlan,
)

_FORMATS = {
    "crypto_LUKS": Format.LUKS,
    "LVM2_member": Format.LVMPV,
    "linux_raid_member": Format.RAID,
    **{
        one.value: one
        for one in Format
        if one not in (Format.EFI, Format.BIOSBOOT, Format.LUKS, Format.LVMPV, Format.RAID)
    },
}
_KINDS = {"thin": VolumeKind.THIN, "thin-pool": VolumeKind.POOL}


def format_of(name: str, type: str = "", mount: str = "") -> Format:  # noqa: A002 (the field's name)
    """What blkid calls `name`, in a partition of this type that is to be mounted there."""
    if name == "vfat" and (type in (ESP, "0xef") or mount == "/boot/efi"):
        return Format.EFI
    if type == BIOS_BOOT:
        return Format.BIOSBOOT
    return _FORMATS.get(name, Format.NONE)


def as_it_is(format: Format) -> Content:  # noqa: A002 (the field's name)
    """Content that stays and that nothing is done with."""
    return Content(mount="", format=format, label="", options="defaults")


@dataclass(slots=True, kw_only=True)
class Present:
    """Adds existing things to a stack, each once; `done` are their members' records by name."""

    stack: Stack
    field: str = ""
    done: dict[str, Member] = dataclasses.field(default_factory=dict)

    def lower(self, name: str) -> Member | None:
        """What a group, array or btrfs volume lies on, by the kernel's name; it stays as it is."""
        if name in self.done:
            return self.done[name]
        found = by_kernel_name(name, self.stack.machine)
        if isinstance(found, FoundPartition):
            return self.partition(found, as_it_is(format_of(found.part.format, found.part.type)), keep=True)
        if isinstance(found, ArrayInfo):
            return self.array(found, as_it_is(format_of(found.format)), keep=True)
        if isinstance(found, FoundVolume):
            group = self.group(found.group, ())
            return self.volume(found, group, as_it_is(format_of(found.volume.format)), keep=True) if group else None
        message = f"{name} is neither a partition nor an array nor a logical volume, so what lies on it can't be used."
        self.stack.refuse(self.field, message, "Choose something else, or let the disk be cleared.")
        return None

    def partition(self, found: FoundPartition, content: Content, *, keep: bool, size: int = 0) -> Member:
        part = found.part
        block = PartitionPlan(
            id=self.stack.names.take(found.name),
            size=size or part.size,
            format=Format.NONE,
            disk=found.disk.id,
            start=part.start,
            keep=keep,
            existing=Existing(
                name=found.name,
                size=part.size,
                uuid=part.id,
                number=part.number,
                format=part.format,
                content=part.uuid,
            ),
        )
        block, member = self.stack.holding(block, content)
        self.stack.partitions.append(block)
        return self._remember(found.name, replace(member, disks=frozenset({found.disk.id})))

    def array(self, found: ArrayInfo, content: Content, *, keep: bool) -> Member | None:
        lower = [self.lower(name) for name in found.members]
        if found.level not in list(RaidLevel):
            message = f"The array {found.name} is {found.level}, which Ashore does not know."
            self.stack.refuse(self.field, message, "Choose another device.")
            return None
        block = ArrayPlan(
            id=self.stack.names.take(found.label or found.name),
            size=found.size,
            format=Format.NONE,
            name=found.label or found.name,
            level=RaidLevel(found.level),
            members=tuple(one.id for one in lower if one),
            spares=max(len(found.members) - found.wanted, 0) if found.wanted else 0,
            metadata=found.metadata,
            keep=keep,
            existing=Existing(
                name=found.name, size=found.size, uuid=found.uuid, format=found.format, content=found.content
            ),
        )
        block, member = self.stack.holding(block, content)
        self.stack.arrays.append(block)
        disks = frozenset(disk.id for disk in disks_below(found, self.stack.machine))
        width = stripe(block.level, found.wanted or len(found.members), 0)
        return self._remember(found.name, replace(member, disks=disks, array=member.id == block.id, stripe=width))

    def group(self, found: GroupInfo, more: tuple[str, ...]) -> GroupPlan | None:
        """The plan of a group that stays; `more` are ids of new members."""
        known = next((one for one in self.stack.groups if one.existing and one.name == found.name), None)
        if known:
            return known
        lower = [self.lower(name) for name in found.members]
        if found.missing or not all(lower):
            if found.missing:
                message = f"The volume group {found.name} lacks {found.missing} of its disks."
                self.stack.refuse(self.field, message, "Attach them, or remove the group.")
            return None
        plan = GroupPlan(
            id=self.stack.names.take(found.name),
            name=found.name,
            members=tuple(dict.fromkeys((*(one.id for one in lower if one), *more))),
            extent=found.extent,
            existing=Existing(name=found.name, size=found.size, uuid=found.uuid),
        )
        self.stack.groups.append(plan)
        return plan

    def volume(
        self, found: FoundVolume, group: GroupPlan, content: Content, *, keep: bool, size: int = 0
    ) -> Member | None:
        pool = ""
        if found.volume.pool:
            lower = self._pool(found, group)
            if lower is None:
                return None
            pool = lower.id
        volume = found.volume
        block = VolumePlan(
            id=self.stack.names.take(f"{group.name}-{volume.name}"),
            size=size or volume.size,
            format=Format.NONE,
            group=group.id,
            name=volume.name,
            kind=_KINDS.get(volume.kind, VolumeKind.LINEAR),
            pool=pool,
            keep=keep,
            existing=Existing(
                name=found.name, size=volume.size, uuid=volume.uuid, format=volume.format, content=volume.content
            ),
        )
        block, member = self.stack.holding(block, content)
        self.stack.volumes.append(block)
        disks = frozenset(disk.id for disk in disks_below(found, self.stack.machine))
        return self._remember(found.name, replace(member, disks=disks))

    def _pool(self, found: FoundVolume, group: GroupPlan) -> Member | None:
        """The pool of a thin volume, which stays."""
        name = f"{group.name}/{found.volume.pool}"
        if name in self.done:
            return self.done[name]
        pool = next((one for one in found.group.volumes if one.name == found.volume.pool), None)
        if pool is None:
            self.stack.refuse(self.field, f"The thin volume {found.name} has lost its pool.", "Choose another device.")
            return None
        return self.volume(FoundVolume(group=found.group, volume=pool), group, as_it_is(Format.NONE), keep=True)

    def btrfs(self, found: BtrfsInfo) -> BtrfsPlan | None:
        known = next((one for one in self.stack.btrfs if one.existing and one.existing.uuid == found.uuid), None)
        if known:
            return known
        lower = [self.lower(name) for name in found.members]
        if len(found.members) < found.wanted or not all(lower):
            message = f"The btrfs volume {thing_name(found)} has {len(found.members)} of its {found.wanted} devices."
            if len(found.members) < found.wanted:
                self.stack.refuse(self.field, message, "Attach the others.")
            return None
        plan = BtrfsPlan(
            id=self.stack.names.take(found.label or f"btrfs-{found.uuid[:8]}"),
            members=tuple(one.id for one in lower if one),
            label=found.label,
            existing=Existing(name=thing_name(found), uuid=found.uuid, format="btrfs", content=found.uuid),
        )
        self.stack.btrfs.append(plan)
        return plan

    def single(self, found: BtrfsInfo) -> Found | None:
        """The device of a btrfs volume that has only one."""
        if found.wanted == 1 and len(found.members) == 1:
            return by_kernel_name(found.members[0], self.stack.machine)
        message = f"The btrfs volume {thing_name(found)} has several devices."
        self.stack.refuse(self.field, message, "Name one of its devices, or the volume as a btrfs volume.")
        return None

    def _remember(self, name: str, member: Member) -> Member:
        self.done[name] = member
        return member
