"""Every action of a plan as a sentence, in the order in which it is carried out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ashore_installer.machine import MachineInfo, PartitionTable
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.node_names import node_names
from ashore_installer.storage.partition_types import kind
from ashore_installer.storage.view_words import mounted_after
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    BtrfsPlan,
    DiskPlan,
    EncryptionPlan,
    Format,
    GroupPlan,
    Kind,
    StoragePlan,
    VolumeKind,
    VolumePlan,
)
from ashore_installer.units import human

_TABLES = {PartitionTable.GPT: "GPT", PartitionTable.MSDOS: "MBR"}
_CARRIERS = frozenset({Format.RAID, Format.LVMPV, Format.LUKS, Format.NONE, Format.BIOSBOOT})
"""What is no file system: it is told by what is made of it."""
_PURPOSES = {Format.BIOSBOOT: " for GRUB", Format.EFI: " for the firmware"}


def actions(plan: StoragePlan, machine: MachineInfo) -> tuple[str, ...]:
    """What is done to the disks, a sentence each: what goes, what shrinks, what is made from below, what stays."""
    return _Sentences(plan=plan, machine=machine, names=node_names(plan, machine)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentences:
    plan: StoragePlan
    machine: MachineInfo
    names: Mapping[str, str]

    def all(self) -> tuple[str, ...]:
        plan = self.plan
        return (
            *self._removals(Kind.SUBVOLUME),
            *(self._resize(one, "Shrink") for one in plan.blocks() if _size_change(one) < 0),
            *self._removals(Kind.VOLUME, Kind.GROUP, Kind.ARRAY),
            *(text for disk in plan.disks for text in self._disk(disk)),
            *(
                self._new(one, "partition")
                for one in sorted(plan.partitions, key=lambda one: (one.disk, one.start))
                if not one.existing
            ),
            *(self._resize(one, "Enlarge") for one in plan.partitions if _size_change(one) > 0),
            *(self._array(one) for one in plan.arrays if not one.existing),
            *(self._encryption(one) for one in plan.encrypted),
            *(self._group(one) for one in plan.groups),
            *(self._volume(one) for one in plan.volumes if not one.existing),
            *(self._resize(one, "Enlarge") for one in plan.volumes if _size_change(one) > 0),
            *(text for one in plan.blocks() for text in self._format(one)),
            *(self._btrfs(one) for one in plan.btrfs if not one.existing),
            *(self._subvolume(one.id) for one in plan.subvolumes if not one.existing),
            *self._kept(),
            *self._zram(),
        )

    # --- what goes -------------------------------------------------------------------------------------------

    def _removals(self, *kinds: Kind) -> Iterator[str]:
        """From above: volumes before the groups that they are in, and those before the arrays below."""
        for kind_ in kinds:
            for removal in (one for one in self.plan.remove if one.kind is kind_):
                size = f" ({human(removal.size)})" if removal.size else ""
                yield f"Remove the {removal.kind} {removal.name}{size}"

    def _disk(self, disk: DiskPlan) -> Iterator[str]:
        if disk.table:
            yield f"Erase {disk.name} ({human(disk.size)}) and give it a new {_TABLES[disk.table]} partition table"
        known = disk_of(disk.id, self.machine)
        for number in disk.remove:
            old = next((one for one in known.partitions if one.number == number), None) if known else None
            name = partition_name(known, number) if known else f"partition {number} of {disk.name}"
            facts = [human(old.size), kind(old), old.format, old.label and f"“{old.label}”"] if old else []
            yield f"Delete {name}" + (f" ({', '.join(fact for fact in facts if fact)})" if facts else "")

    # --- sizes -----------------------------------------------------------------------------------------------

    def _resize(self, block: BlockPlan, verb: str) -> str:
        was = block.existing.size if block.existing else 0
        inside = f" with the {block.format} in it" if block.keep and block.format not in _CARRIERS else ""
        return f"{verb} {self.names[block.id]}{inside} from {human(was)} to {human(block.size)}"

    # --- what is made ----------------------------------------------------------------------------------------

    def _new(self, block: BlockPlan, what: str) -> str:
        """A file system is part of the sentence that makes its device, unless something else comes between."""
        name, made = self.names[block.id], self._holding(block)
        return f"Make the {what} {name} ({human(block.size)}){made}"

    def _holding(self, block: BlockPlan) -> str:
        if block.format in _CARRIERS or self._is_btrfs_member(block):
            return _PURPOSES.get(block.format, "")
        label = f" “{block.label}”" if block.label else ""
        where = mounted_after(self.plan, block)
        place = f" for {where}" if where and where != block.format else _PURPOSES.get(block.format, "")
        return f" with {_words(block.format)}{label}{place}"

    def _is_btrfs_member(self, block: BlockPlan) -> bool:
        return any(block.id in volume.members for volume in self.plan.btrfs)

    def _array(self, array: ArrayPlan) -> str:
        count = len(array.members) - array.spares
        spares = self._listed(array.members[count:])
        on = self._listed(array.members[:count]) + (f", with {spares} to spare" if spares else "")
        made = self._holding(array)
        name = array.name or self.names[array.id]
        return f"Make the {array.level.upper()} array {name} ({human(array.size)}) of {on}{made}"

    def _encryption(self, one: EncryptionPlan) -> str:
        below = self.names[one.device]
        if one.existing:
            return f"Open the encrypted device {below}"
        how = one.encryption
        keys = ["the passphrase"] if how.passphrase else []
        keys += ["the TPM with a PIN" if how.tpm2.pin else "the TPM"] if how.tpm2 else []
        keys += ["a recovery key"] if how.recovery_key else []
        keys += ["a backup passphrase"] if how.backup_passphrase else []
        opened = f", to be opened by {_listed(keys)}" if keys else ""
        return f"Encrypt {below} with {how.luks.upper()}{opened}{_joined(self._holding(one))}"

    def _group(self, group: GroupPlan) -> str:
        new = [one for one in group.members if not self.plan.block(one).keep]
        if group.existing is None:
            return f"Make the volume group {group.name} of {self._listed(group.members)}"
        if new:
            return f"Add {self._listed(new)} to the volume group {group.name}"
        return f"Use the volume group {group.name}"

    def _volume(self, volume: VolumePlan) -> str:
        what = {VolumeKind.POOL: "thin pool", VolumeKind.THIN: "thin volume"}.get(volume.kind, "logical volume")
        return self._new(volume, what)

    def _format(self, block: BlockPlan) -> Iterator[str]:
        """What is formatted anew though it stays."""
        opened = isinstance(block, EncryptionPlan) and not block.existing
        if block.existing and not block.keep and not opened:
            made = self._holding(block)
            yield f"Format {self.names[block.id]}{made}" if made else f"Wipe {self.names[block.id]}"

    def _btrfs(self, volume: BtrfsPlan) -> str:
        label = f" “{volume.label}”" if volume.label else ""
        profiles = [
            f"{what} {profile}" for what, profile in (("data", volume.data), ("metadata", volume.metadata)) if profile
        ]
        how = f" ({', '.join(profiles)})" if profiles else ""
        where = next((mount.path for mount in self.plan.mounts if mount.device == volume.id), "")
        place = f" for {where}" if where else ""
        return f"Make the btrfs volume{label} on {self._listed(volume.members)}{how}{place}"

    def _subvolume(self, id: str) -> str:  # noqa: A002 (the field's name)
        where = next((mount.path for mount in self.plan.mounts if mount.device == id), "")
        return f"Make the subvolume {self.names[id]}" + (f" for {where}" if where else "")

    # --- what stays ------------------------------------------------------------------------------------------

    def _kept(self) -> Iterator[str]:
        for mount in self.plan.mounts:
            subvolume = next((one for one in self.plan.subvolumes if one.id == mount.device), None)
            volume = next((one for one in self.plan.btrfs if one.id == mount.device), None)
            block = next((one for one in self.plan.blocks() if one.id == mount.device), None)
            if (subvolume and subvolume.existing) or (volume and volume.existing) or (block and block.keep):
                what = "the subvolume " if subvolume else ""
                yield f"Use {what}{self.names[mount.device]} as it is for {mount.path}"

    def _zram(self) -> Iterator[str]:
        if zram := self.plan.zram:
            yield f"Set up compressed swap space in memory ({zram.size} MiB, {zram.algorithm})"

    def _listed(self, ids: Sequence[str]) -> str:
        return _listed([self.names[one] for one in ids])


def _size_change(block: BlockPlan) -> int:
    return block.size - block.existing.size if block.existing else 0


def _words(format: Format) -> str:  # noqa: A002 (the field's name)
    return {Format.EFI: "vfat", Format.SWAP: "swap space"}.get(format, format.value)


def _joined(made: str) -> str:
    return f", and make {made.removeprefix(' with ')}" if made.startswith(" with ") else made


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
