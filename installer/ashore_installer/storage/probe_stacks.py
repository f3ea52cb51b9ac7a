"""All that lies on the disks, found in one go: what does not run is started read-only, looked at, and stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ashore_installer.machine import ArrayInfo, BtrfsInfo, DiskInfo, GroupInfo, SystemInfo
from ashore_installer.storage.probe_btrfs import shown
from ashore_installer.storage.probe_disks import disks_from, parts_of
from ashore_installer.storage.probe_look import Inside, look_inside, subvolumes_only
from ashore_installer.storage.probe_lvm import activated, groups_from, reports
from ashore_installer.storage.probe_names import DeviceNames
from ashore_installer.storage.probe_raid import arrays_from, examined, started
from ashore_installer.storage.probe_tools import Seeing
from ashore_installer.storage.records import BlockRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """What `MachineInfo` says of storage."""

    disks: tuple[DiskInfo, ...]
    arrays: tuple[ArrayInfo, ...] = ()
    groups: tuple[GroupInfo, ...] = ()
    btrfs: tuple[BtrfsInfo, ...] = ()
    systems: tuple[SystemInfo, ...] = ()


def look(seeing: Seeing, swaps: Sequence[str], *, briefly: bool = False) -> Stacks:
    """All that is on the disks. What did not run before does not run afterwards.

    Nothing is written to the disks.

    `briefly` leaves out the systems, and how far file systems can be shrunk.

    Raises InstallerError when a program is missing that knows what is there.
    """
    asleep, mounts = seeing.records(), seeing.mounts()
    disks = disks_from(asleep, mounts, swaps)
    superblocks = examined(seeing, asleep)
    with started(seeing, asleep, superblocks) as ours:
        found = reports(seeing, seeing.records())
        with activated(seeing, found):
            awake = seeing.records()
            inside = _inside(seeing, awake, disks, ours, briefly=briefly)
    arrays = arrays_from(awake, mounts, superblocks, ours)
    return Stacks(
        disks=tuple(_with_minima(disk, asleep, inside.minima) for disk in disks),
        arrays=arrays,
        groups=groups_from(found, awake, mounts, ours, inside.minima),
        btrfs=tuple(inside.btrfs),
        systems=tuple(inside.systems),
    )


def _inside(
    seeing: Seeing, records: Sequence[BlockRecord], disks: Sequence[DiskInfo], ours: Mapping[str, str], *,
    briefly: bool,
) -> Inside:  # fmt: skip
    """What is in the file systems that lie on disks; those of the running system and its medium are its own."""
    names = frozenset(disk.name for disk in disks if not disk.medium and not disk.busy.endswith("yet"))
    records = [one for one in records if _bottom(one, records) & names]
    look_at = subvolumes_only if briefly else look_inside
    return look_at(seeing, records, DeviceNames(records, ours), shown(seeing, records))


def _bottom(device: BlockRecord, records: Sequence[BlockRecord]) -> frozenset[str]:
    """Names of the disks that a device lies on."""
    below = [
        one
        for one in records
        if one.name == device.disk or one.name in device.slaves or device.backing_file in one.nodes
    ]
    return frozenset().union(*(_bottom(one, records) for one in below)) if below else frozenset({device.name})


def _with_minima(disk: DiskInfo, records: Sequence[BlockRecord], minima: Mapping[str, int]) -> DiskInfo:
    names = {part.number: one.name for part, one in zip(disk.partitions, parts_of(disk.name, records), strict=True)}
    found = (replace(part, minimum=minima.get(names[part.number], 0)) for part in disk.partitions)
    return replace(disk, partitions=tuple(found))
