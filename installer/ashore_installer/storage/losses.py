"""What a plan destroys, for the summary that people confirm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashore_installer.machine import (
    ArrayInfo,
    BtrfsInfo,
    DiskInfo,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    SystemInfo,
    SystemKind,
    VolumeInfo,
)
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.fate import Gone, gone
from ashore_installer.storage.found import array_of, same_uuid, volume_of
from ashore_installer.storage.partition_types import ESP, kind
from ashore_installer.storage.plan_names import volume_name
from ashore_installer.storage_plan import DiskPlan, StoragePlan
from ashore_installer.units import human

_LUKS = "crypto_LUKS"
_ESP_TYPES = (ESP, "0xef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that will be gone.

    For what is on a disk, `disk` is the disk's id and `number` that of a partition, 0 for the disk's content as a
    whole; for everything else `disk` is empty. `name` is the kernel's (`vda`, `vda2`, `md127`), `vg`, `vg/lv`, or that
    of a system; `size` in bytes, 0 if unknown; `text` a whole sentence.
    """

    disk: str
    number: int
    name: str
    size: int
    text: str
    kind: str = ""
    """What the partition's type says it is for, or what the thing is, in words."""
    format: str = ""
    """blkid's name of what is in it."""
    label: str = ""


def losses(plan: StoragePlan, machine: MachineInfo) -> tuple[Loss, ...]:
    """Everything that `plan` destroys.

    First the operating systems that will not start any more. Then disk by disk; each disk with a new table has one line
    of its own before its partitions. Then what lies across disks: arrays, groups with their volumes, btrfs volumes with
    their subvolumes. Raises BadInput when a disk of the plan is not in the machine.
    """
    lost = gone(plan, machine)
    return (
        *(loss for system in machine.systems for loss in _system(system, machine, lost)),
        *(loss for disk in plan.disks for loss in _of_disk(plan, disk, machine.disk(disk.id))),
        *(loss for array in machine.arrays for loss in _array(array, plan, machine, lost)),
        *(loss for group in machine.groups for loss in _group(group, plan, lost, machine)),
        *(loss for volume in machine.btrfs for loss in _btrfs(volume, lost)),
    )


# --- systems -------------------------------------------------------------------------------------------------


def _system(system: SystemInfo, machine: MachineInfo, lost: Gone) -> Iterator[Loss]:
    mounts = [(path, device) for path, device in system.mounts if _is_lost(device, machine, lost)]
    if not mounts:
        mounts = [("its boot loader", one) for one in _foreign_esp(system, machine) if one in lost.devices]
    if not mounts:
        return
    if "/" in dict(mounts):
        text = f"{system.name} on {system.root} is lost."
    else:
        text = f"{system.name} on {system.root} stays, but loses {', '.join(f'{path} ({on})' for path, on in mounts)}."
    yield Loss(disk="", number=0, name=system.name, size=0, text=text, kind="operating system")


def _foreign_esp(system: SystemInfo, machine: MachineInfo) -> tuple[str, ...]:
    """The ESPs beside a system that has no fstab to name the one that it starts from."""
    if system.kind not in (SystemKind.WINDOWS, SystemKind.MACOS):
        return ()
    names = [[(partition_name(disk, one.number), one) for one in disk.partitions] for disk in machine.disks]
    own = next((parts for parts in names if system.root in dict(parts)), [])
    return tuple(name for name, one in own if one.type in _ESP_TYPES)


def _is_lost(device: str, machine: MachineInfo, lost: Gone) -> bool:
    """Whether a device of `SystemInfo.mounts` is lost: `vda3`, `vg/home`, `vda3:subvolume`."""
    node, _, path = device.partition(":")
    if node in lost.devices:
        return True
    volume = next((one for one in machine.btrfs if node in one.members), None)
    if volume is None:
        return False
    return volume in lost.btrfs or (bool(path) and _takes_along(path, volume, lost))


def _takes_along(path: str, volume: BtrfsInfo, lost: Gone) -> bool:
    """Whether a subvolume is removed, by itself or with the one that it is in."""
    names = [name for uuid, name in lost.subvolumes if same_uuid(uuid, volume.uuid)]
    return any(path == name or path.startswith(f"{name}/") for name in names)


# --- disks ---------------------------------------------------------------------------------------------------


def _of_disk(storage: StoragePlan, plan: DiskPlan, disk: DiskInfo) -> Iterator[Loss]:
    if plan.table:
        yield _whole(disk)
        yield from (_partition(disk, partition) for partition in disk.partitions)
        return
    formats = {
        one.existing.number: one.format
        for one in storage.partitions
        if one.disk == plan.id and one.existing and not one.keep
    }
    for partition in disk.partitions:
        if partition.number in plan.remove:
            yield _partition(disk, partition)
        elif partition.number in formats:
            yield _partition(disk, partition, formats[partition.number])


def _whole(disk: DiskInfo) -> Loss:
    if disk.table:
        what = "It loses its partition table" + (" and every partition on it" if disk.partitions else "")
    elif disk.format:
        what = f"It loses its {disk.format} content"
    else:
        what = "It has no partition table that can be read; whatever is on it is lost"
    text = f"{disk.describe()} is erased. {what}."
    return Loss(disk=disk.id, number=0, name=disk.name, size=disk.size, text=text, format=disk.format)


def _partition(disk: DiskInfo, partition: PartitionInfo, format: str = "") -> Loss:  # noqa: A002 (the field's name)
    """`format` is the new one of a partition that stays itself; without it the partition goes."""
    name, purpose = partition_name(disk, partition.number), kind(partition)
    content = "encrypted" if partition.format == _LUKS else partition.format
    facts = _facts(partition.size, purpose, content, *_quoted(partition.label, partition.name))
    fate = f"is formatted as {format}; everything in it is lost" if format else "is deleted with everything in it"
    return Loss(
        disk=disk.id,
        number=partition.number,
        name=name,
        size=partition.size,
        text=f"{name} ({facts}) {fate}.",
        kind=purpose,
        format=partition.format,
        label=partition.label or partition.name,
    )


# --- what lies across disks ----------------------------------------------------------------------------------


def _array(array: ArrayInfo, plan: StoragePlan, machine: MachineInfo, lost: Gone) -> Iterator[Loss]:
    on = f"the {array.level.upper()} array {array.label or array.name} on {_listed(array.members)}"
    facts = _facts(array.size, array.format, *_quoted(array.content_label))
    text = ""
    if array in lost.arrays:
        text = f"{on[:1].upper()}{on[1:]} ({facts}) is removed with everything in it."
    elif array.name in lost.devices:
        mine = (one for one in plan.arrays if one.existing and array_of(one.existing, machine) == array)
        text = f"{on[:1].upper()}{on[1:]} ({facts}) is formatted as {next(mine).format}; everything in it is lost."
    if text:
        yield _above("RAID array", array.name, array.size, text, format=array.format, label=array.content_label)


def _group(group: GroupInfo, plan: StoragePlan, lost: Gone, machine: MachineInfo) -> Iterator[Loss]:
    if group in lost.groups:
        missing = f", {group.missing} of its disks missing" if group.missing else ""
        count = f"{len(group.volumes)} volume{'' if len(group.volumes) == 1 else 's'}"
        facts = f"{human(group.size)}, {count}{missing}"
        text = f"The volume group {group.name} on {_listed(group.members)} ({facts}) is removed."
        yield _above("volume group", group.name, group.size, text)
    formats = {
        volume_name(plan, one): one.format
        for one in plan.volumes
        if one.existing and not one.keep and volume_of(one, plan, machine)
    }
    for volume in group.volumes:
        name = f"{group.name}/{volume.name}"
        if name in lost.devices:
            yield _volume(name, volume, formats.get(name, "") if group not in lost.groups else "")


def _volume(name: str, volume: VolumeInfo, format: str) -> Loss:  # noqa: A002 (the field's name)
    what = volume.kind if volume.kind not in ("linear", "") else ""
    facts = _facts(volume.size, what, volume.format, *_quoted(volume.label))
    fate = f"is formatted as {format}; everything in it is lost" if format else "is removed with everything in it"
    text = f"The logical volume {name} ({facts}) {fate}."
    return _above("logical volume", name, volume.size, text, format=volume.format, label=volume.label)


def _btrfs(volume: BtrfsInfo, lost: Gone) -> Iterator[Loss]:
    name = f"“{volume.label}”" if volume.label else volume.uuid
    where = f"the btrfs volume {name} on {_listed(volume.members)}"
    if volume in lost.btrfs:
        used = f"{human(volume.used)} of data" if volume.used else ""
        inside = f"the subvolumes {', '.join(volume.subvolumes)}" if volume.subvolumes else ""
        facts = " and ".join(fact for fact in (used, inside) if fact)
        text = f"{where[:1].upper()}{where[1:]} is lost" + (f" with {facts}." if facts else ".")
        yield _above("btrfs volume", volume.label or volume.uuid, volume.used, text, label=volume.label)
        return
    for path in volume.subvolumes:
        if _takes_along(path, volume, lost):
            text = f"The subvolume {path} of {where} is removed with everything in it."
            yield _above("btrfs subvolume", path, 0, text)


def _above(kind: str, name: str, size: int, text: str, *, format: str = "", label: str = "") -> Loss:  # noqa: A002
    return Loss(disk="", number=0, name=name, size=size, text=text, kind=kind, format=format, label=label)


def _facts(size: int, *facts: str) -> str:
    return ", ".join(fact for fact in (human(size), *facts) if fact)


def _quoted(*labels: str) -> tuple[str, ...]:
    return tuple(f"“{label}”" for label in dict.fromkeys(labels) if label)


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "disks that are missing"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
