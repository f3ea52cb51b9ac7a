"""What is free on a disk once what may go has gone (kickstart's clearpart and zerombr)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ashore_installer.machine import DiskInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import is_listed, is_named
from ashore_installer.storage.needs import ALIGNMENT, align_down, align_up
from ashore_installer.storage.partition_types import is_extended, is_linux, is_linux_format
from ashore_installer.storage_request import Clear, StorageRequest
from ashore_installer.units import human

MSDOS_SECTORS = 1 << 32
"""An MBR entry counts sectors in 32 bits."""
_GPT_ENTRIES = 16 * 1024
"""Bytes of the array of 128 entries that is repeated, with one sector of header, at the end of a disk."""

_LOGICAL = 59
"""Partitions of a new MBR: three primary ones and 56 logical ones, as many as parted makes in the extended one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Free space on a disk, aligned; bytes from the disk's beginning."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedDisk:
    """A disk as it will be when what may go has gone.

    `new_table` replaces the partition table; otherwise the partitions numbered in `remove` go. `entries` is how many
    more partitions its table can take. `asked` means that a person named this disk to be cleared, so that it is
    cleared even if nothing is put there.
    """

    disk: DiskInfo
    table: PartitionTable
    new_table: bool
    remove: tuple[int, ...] = ()
    gaps: tuple[Gap, ...]
    entries: int
    asked: bool = False

    @property
    def room(self) -> int:
        """The largest gap: what can be had in one piece."""
        return max((gap.size for gap in self.gaps), default=0)


def cleared(disk: DiskInfo, request: StorageRequest) -> ClearedDisk | Problem:
    """What `clear`, `zero_mbr` and `new_table` make of one destination, or why it can't be used.

    Unlike Anaconda, which clears every disk it sees, clearing is a permission: a disk that nobody named (`clear_disks`,
    `only_use`) and that gets no new partition is left alone.
    """
    covered = not request.clear_disks or is_named(disk, request.clear_disks)
    named = is_named(disk, (*request.clear_disks, *request.only_use))
    if request.clear is Clear.LIST and any(disk.is_named(word) for word in request.clear_partitions):
        return _with_new_table(disk, request, asked=True)
    if disk.table is None:
        return _without_table(disk, request, covered=covered, asked=named and covered)
    if request.clear is Clear.ALL and covered:
        return _with_new_table(disk, request, asked=named)
    remove = _removable(disk, request, covered=covered)
    asked = bool(remove) and (named or request.clear is Clear.LIST)
    if request.new_table and covered and len(remove) == len(disk.partitions):
        return _with_new_table(disk, request, asked=asked)
    return _with_kept_table(disk, remove, asked=asked)


def gaps(disk: DiskInfo, table: PartitionTable, kept: Iterable[PartitionInfo]) -> tuple[Gap, ...]:
    """The free space between the partitions that stay, from 1 MiB on to the backup of a GPT or the end of an MBR."""
    position, found = ALIGNMENT, []
    last = last_usable(disk, table)
    for partition in sorted(kept, key=lambda partition: partition.start):
        found.append(Gap(start=position, end=min(align_down(partition.start), last)))
        position = max(position, align_up(partition.start + partition.size))
    found.append(Gap(start=position, end=last))
    return tuple(gap for gap in found if gap.size >= ALIGNMENT)


def last_usable(disk: DiskInfo, table: PartitionTable) -> int:
    """The aligned byte at which the last partition must end."""
    if table is PartitionTable.GPT:
        return align_down(disk.size - disk.sector_size - _GPT_ENTRIES)
    return align_down(min(disk.size, MSDOS_SECTORS * disk.sector_size))


def free_entries(table: PartitionTable, kept: Sequence[PartitionInfo]) -> int:
    """How many partitions can be added: 128 in a GPT, four primary ones in an MBR."""
    if table is PartitionTable.GPT:
        return 128 - len(kept)
    return 4 - sum(partition.number <= 4 for partition in kept)


def _without_table(disk: DiskInfo, request: StorageRequest, *, covered: bool, asked: bool) -> ClearedDisk | Problem:
    """A disk without a partition table: blank, unreadable, or one file system from its first byte on."""
    if disk.format:
        linux = request.clear is Clear.LINUX and is_linux_format(disk.format)
        if covered and (request.clear is Clear.ALL or linux):
            return _with_new_table(disk, request, asked=asked)
        return Problem(
            field="storage.clear",
            message=f"The whole disk {disk.describe()} holds {disk.format}, without a partition table.",
            hint="Allow it to be cleared (`clearpart --all`) or choose another disk.",
        )
    if request.zero_mbr or (request.new_table and covered):
        return _with_new_table(disk, request, asked=asked and request.clear is Clear.ALL)
    return Problem(
        field="storage.zero_mbr",
        message=f"The disk {disk.describe()} has no partition table that can be read.",
        hint="If nothing on it is needed, allow a new one (`zerombr`).",
    )


def _removable(disk: DiskInfo, request: StorageRequest, *, covered: bool) -> tuple[int, ...]:
    """Numbers of the partitions that go. An MBR's extended partition goes with the last logical one, and takes all."""
    if request.clear is Clear.LINUX and covered:
        gone = {partition.number for partition in disk.partitions if is_linux(partition)}
    elif request.clear is Clear.LIST:
        gone = {part.number for part in disk.partitions if is_listed(disk, part.number, request.clear_partitions)}
    else:
        return ()
    containers = {partition.number for partition in disk.partitions if is_extended(partition)}
    logical = {partition.number for partition in disk.partitions if partition.number > 4} if containers else set()
    if logical and (containers & gone or logical <= gone):
        gone |= containers | logical
    return tuple(sorted(gone))


def _with_new_table(disk: DiskInfo, request: StorageRequest, *, asked: bool) -> ClearedDisk | Problem:
    table = request.table or PartitionTable.GPT
    if table is PartitionTable.MSDOS and disk.size > MSDOS_SECTORS * disk.sector_size:
        most = human(MSDOS_SECTORS * disk.sector_size)
        return Problem(
            field="storage.table",
            message=f"An MBR can't address more than {most} of the disk {disk.describe()}.",
            hint="Let it have a GPT (leave the kind of the table out).",
        )
    return ClearedDisk(
        disk=disk,
        table=table,
        new_table=True,
        gaps=gaps(disk, table, ()),
        entries=_LOGICAL if table is PartitionTable.MSDOS else free_entries(table, ()),
        asked=asked,
    )


def _with_kept_table(disk: DiskInfo, remove: tuple[int, ...], *, asked: bool) -> ClearedDisk:
    table = disk.table or PartitionTable.GPT
    kept = [partition for partition in disk.partitions if partition.number not in remove]
    return ClearedDisk(
        disk=disk,
        table=table,
        new_table=False,
        remove=remove,
        gaps=gaps(disk, table, kept),
        entries=free_entries(table, kept),
        asked=asked,
    )
