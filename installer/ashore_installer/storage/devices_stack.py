"""New devices of a plan as blivet's actions: partitions, and what is built on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage.devices_existing import existing_group, the_disk
from ashore_installer.storage.devices_formats import btrfs_options, new_format
from ashore_installer.storage.partition_types import ESP
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    BtrfsPlan,
    EncryptionPlan,
    Format,
    GroupPlan,
    PartitionPlan,
    StoragePlan,
    VolumeKind,
    VolumePlan,
)


@dataclass(kw_only=True)
class Stack:
    """blivet's devices for the things of a plan by their ids, those that are there and those that will be.

    `devices` are blocks, `groups` volume groups, `btrfs` new btrfs volumes. `disks` are nodes by the ids of disks.
    """

    plan: StoragePlan
    storage: Any
    disks: Mapping[str, str]
    devices: dict[str, Any]
    groups: dict[str, Any] = field(default_factory=dict)
    btrfs: dict[str, Any] = field(default_factory=dict)

    def make_partitions(self) -> None:
        """Requests for new partitions, by place on the disk, so that they are numbered as they lie."""
        nodes = {disk.id: the_disk(self.storage, disk, self.disks[disk.id]) for disk in self.plan.disks}
        for one in sorted(self.plan.partitions, key=lambda one: (one.disk, one.start, -one.size)):
            if one.existing is None:
                self.devices[one.id] = self._partition(one, nodes[one.disk])
                self.storage.create_device(self.devices[one.id])

    def make_the_rest(self) -> None:
        """New formats of what stays, then everything that is built on partitions, from below."""
        for block in self.plan.blocks():
            if block.existing and not block.keep:
                self._format(block)
        for one in (*self.plan.arrays, *self.plan.encrypted, *self.plan.volumes):
            self._block(one.id)
        for group in self.plan.groups:
            self._group(group.id)
        for volume in self._btrfs_volumes():
            self._btrfs(volume)

    # --- partitions --------------------------------------------------------------------------------------------

    def _partition(self, one: PartitionPlan, disk: Any) -> Any:
        from blivet.size import Size

        sector = disk.format.parted_device.sectorSize
        return self.storage.new_partition(
            parents=[disk],
            start=one.start // sector,
            end=(one.start + one.size) // sector - 1,
            size=Size(one.size),
            weight=0,  # blivet's weights are for layouts without exact places
            fmt=new_format(self.plan, one, sector),
            part_type=self._kind(one, disk),
            part_type_uuid=self._type_guid(one, disk),
        )

    def _kind(self, one: PartitionPlan, disk: Any) -> int | None:
        """Whether a partition of an MBR is primary, extended or logical; GPT has one kind only."""
        import parted

        if disk.format.label_type != "msdos":
            return None
        sector = disk.format.parted_device.sectorSize
        found = disk.format.extended_partition
        spans = [(other.start, other.start + other.size) for other in self.plan.partitions if _holds(other, one)]
        spans += [(found.geometry.start * sector, (found.geometry.end + 1) * sector)] if found else []
        if any(_holds(one, other) for other in self.plan.partitions):
            return int(parted.PARTITION_EXTENDED)
        inside = any(start <= one.start < end for start, end in spans)
        return int(parted.PARTITION_LOGICAL if inside else parted.PARTITION_NORMAL)

    def _type_guid(self, one: PartitionPlan, disk: Any) -> Any:
        """Members of an array with an ESP are ESPs for the firmware, which knows nothing of arrays."""
        from uuid import UUID

        mirrored = any(array.format is Format.EFI and one.id in array.members for array in self.plan.arrays)
        return UUID(ESP) if mirrored and disk.format.label_type == "gpt" else None

    # --- what lies on them -------------------------------------------------------------------------------------

    def _format(self, block: BlockPlan) -> None:
        """A new format for something that is there already; what it held is to be removed by now."""
        from blivet.deviceaction import ActionCreateFormat

        if block.format is not Format.NONE:
            device = self.devices[block.id]
            action = ActionCreateFormat(device, new_format(self.plan, block, device.sector_size))
            self.storage.devicetree.actions.add(action)

    def _block(self, id: str) -> Any:  # noqa: A002 (the field's name)
        """The device of a block, made with all that is below it if need be."""
        if id not in self.devices:
            self.devices[id] = self._made(self.plan.block(id))
            self.storage.create_device(self.devices[id])
        return self.devices[id]

    def _made(self, block: BlockPlan) -> Any:
        match block:
            case ArrayPlan():
                return self._array(block)
            case EncryptionPlan():
                return self._opened(block)
            case VolumePlan():
                return self._volume(block)
            case _:
                raise InstallerError(f"{block.id} was not made.", "See the log.")

    def _array(self, plan: ArrayPlan) -> Any:
        from blivet.size import Size

        members = [self._block(member) for member in plan.members]
        return self.storage.new_mdarray(
            name=plan.name or plan.id,
            level=plan.level.value,
            parents=members,
            total_devices=len(members),
            member_devices=len(members) - plan.spares,
            metadata_version=plan.metadata,
            chunk_size=Size(plan.chunk) if plan.chunk else None,
            fmt=new_format(self.plan, plan, members[0].sector_size),
        )

    def _opened(self, plan: EncryptionPlan) -> Any:
        from blivet.devices import LUKSDevice

        below = self._block(plan.device)
        form = new_format(self.plan, plan, below.sector_size)
        return LUKSDevice(plan.name or f"luks-{plan.device}", parents=[below], fmt=form)

    def _group(self, id: str) -> Any:  # noqa: A002 (the field's name)
        from blivet.deviceaction import ActionAddMember
        from blivet.size import Size

        if id in self.groups:
            return self.groups[id]
        plan = next(one for one in self.plan.groups if one.id == id)
        members = [self._block(member) for member in plan.members]
        if plan.existing:
            group = existing_group(self.storage, plan)
            for member in members:
                if member not in group.pvs:
                    self.storage.devicetree.actions.add(ActionAddMember(group, member))
        else:
            group = self.storage.new_vg(name=plan.name, parents=members, pe_size=Size(plan.extent))
            group.reserved_space = Size(plan.reserved)
            # blivet only guesses the sizes of new arrays, too low for what the plan has room for: a group that can grow
            # is not held to the guess. The plan's sizes are proven before and after, and LVM makes no larger ones.
            group.req_grow = self._on_arrays(plan)
            self.storage.create_device(group)
        self.groups[id] = group
        return group

    def _on_arrays(self, plan: GroupPlan) -> bool:
        arrays, left = {one.id for one in self.plan.arrays}, list(plan.members)
        while left:
            lower = left.pop()
            if lower in arrays:
                return True
            left += self.plan.below(lower)
        return False

    def _volume(self, plan: VolumePlan) -> Any:
        from blivet.size import Size

        group = self._group(plan.group)
        if plan.kind is VolumeKind.POOL:
            sizes = {"metadata_size": Size(plan.metadata)} if plan.metadata else {}
            chunk = {"chunk_size": Size(plan.chunk)} if plan.chunk else {}
            return self.storage.new_lv(
                name=plan.name, parents=[group], size=Size(plan.size), thin_pool=True, **sizes, **chunk
            )
        thin = plan.kind is VolumeKind.THIN
        parent = self._block(plan.pool) if thin else group
        form = new_format(self.plan, plan, self._sector(group))
        return self.storage.new_lv(name=plan.name, parents=[parent], size=Size(plan.size), thin_volume=thin, fmt=form)

    def _sector(self, group: Any) -> int:
        return int(group.pvs[0].sector_size)

    # --- btrfs -------------------------------------------------------------------------------------------------

    def _btrfs_volumes(self) -> list[BtrfsPlan]:
        """The new ones of the plan, and one for each single block that holds btrfs and is not part of any."""
        taken = {member for volume in self.plan.btrfs for member in volume.members}
        alone = [
            BtrfsPlan(id=block.id, members=(block.id,), label=block.label, mkfs=block.mkfs)
            for block in self.plan.blocks()
            if block.format is Format.BTRFS and block.id not in taken and not block.keep
        ]
        return [*(one for one in self.plan.btrfs if not one.existing), *alone]

    def _btrfs(self, plan: BtrfsPlan) -> None:
        members = [self._block(member) for member in plan.members]
        self.btrfs[plan.id] = self.storage.new_btrfs(
            name=plan.label or plan.id,  # blivet's own word for it
            parents=members,
            create_options=btrfs_options(plan),
            fmt_args={"label": plan.label or None},
        )
        self.storage.create_device(self.btrfs[plan.id])


def _holds(outer: PartitionPlan, inner: PartitionPlan) -> bool:
    """Whether `outer` is the extended partition around `inner`."""
    return (
        outer.disk == inner.disk
        and outer.id != inner.id
        and outer.start <= inner.start
        and inner.start + inner.size <= outer.start + outer.size
    )
