"""A plan while it grows: from partitions up to arrays, LUKS devices, volume groups and btrfs volumes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.content import Content
from ashore_installer.storage.overhead import LUKS_HEADER
from ashore_installer.storage.wanted import Names
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    BtrfsPlan,
    DiskPlan,
    EncryptionPlan,
    Existing,
    Format,
    GroupPlan,
    MountPlan,
    PartitionPlan,
    Removal,
    StoragePlan,
    SubvolumePlan,
    VolumePlan,
    ZramPlan,
)

_Block = TypeVar("_Block", bound=BlockPlan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A block that something else can be made of: its id, or that of the LUKS device on it.

    `stripe` is that of the array it is or lies on, `disks` are the ids of those below.
    """

    id: str
    size: int
    disks: frozenset[str]
    array: bool = False
    stripe: int = 0


@dataclass(slots=True, kw_only=True)
class Stack:
    """Everything that is planned so far; `members` goes by the names of the request (`pv.01`)."""

    machine: MachineInfo
    root: Format
    names: Names = field(default_factory=Names)
    partitions: list[PartitionPlan] = field(default_factory=list)
    arrays: list[ArrayPlan] = field(default_factory=list)
    encrypted: list[EncryptionPlan] = field(default_factory=list)
    groups: list[GroupPlan] = field(default_factory=list)
    volumes: list[VolumePlan] = field(default_factory=list)
    btrfs: list[BtrfsPlan] = field(default_factory=list)
    subvolumes: list[SubvolumePlan] = field(default_factory=list)
    mounts: list[MountPlan] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, field: str, message: str, hint: str) -> None:
        self.problems.append(Problem(field=field, message=message, hint=hint))

    def holding(self, block: _Block, content: Content) -> tuple[_Block, Member]:
        """`block` with what it holds, LUKS if that is encrypted, and what lies on it."""
        own = replace(block, format=content.format, label=content.label, mkfs=content.mkfs)
        if content.encryption is None:
            self.mount(block.id, content.mount, content.options)
            return own, Member(id=block.id, size=block.size, disks=frozenset())
        opened = EncryptionPlan(
            id=self.names.take(f"{block.id}-luks"),
            size=block.size - LUKS_HEADER.get(content.encryption.luks, LUKS_HEADER["luks2"]),
            format=content.format,
            label=content.label,
            mkfs=content.mkfs,
            device=block.id,
            name="",
            encryption=content.encryption,
            keep=block.keep,
            existing=_opened(block) if block.keep else None,
        )
        self.encrypted.append(opened)
        self.mount(opened.id, content.mount, content.options)
        sealed = replace(block, format=Format.LUKS, label="", mkfs="")
        return sealed, Member(id=opened.id, size=opened.size, disks=frozenset())

    def add_partition(self, block: PartitionPlan, content: Content, name: str) -> None:
        block, member = self.holding(block, content)
        self.partitions.append(block)
        if name:
            self.members[name] = replace(member, disks=frozenset({block.disk}))

    def mount(self, device: str, path: str, options: str) -> None:
        """Record where something is mounted, if it is."""
        if path:
            self.mounts.append(MountPlan(device=device, path=path, options=options))

    def found(self, names: Iterable[str]) -> tuple[Member, ...]:
        """The members of these names that could be planned; that others are missing has been said already."""
        return tuple(self.members[name] for name in names if name in self.members)

    def plan(
        self, disks: tuple[DiskPlan, ...], remove: tuple[Removal, ...] = (), zram: ZramPlan | None = None
    ) -> StoragePlan:
        """All of it. Mounts stand each after the one it is in, swap at the end."""
        mounts = sorted(self.mounts, key=lambda mount: (not mount.path.startswith("/"), mount.path))
        return StoragePlan(
            disks=disks,
            remove=remove,
            partitions=tuple(self.partitions),
            arrays=tuple(self.arrays),
            encrypted=tuple(self.encrypted),
            groups=tuple(self.groups),
            volumes=tuple(self.volumes),
            btrfs=tuple(self.btrfs),
            subvolumes=tuple(self.subvolumes),
            mounts=tuple(mounts),
            zram=zram,
        )


def _opened(block: BlockPlan) -> Existing | None:
    """The LUKS device that is on a block already: its size is that of the block as it is now."""
    if block.existing is None:
        return None
    size = block.existing.size - LUKS_HEADER["luks2"]
    return Existing(name=f"LUKS on {block.existing.name}", size=size, uuid=block.existing.content)
