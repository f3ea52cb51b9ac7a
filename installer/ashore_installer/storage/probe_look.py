"""Looks into the file systems on the disks without changing a byte: which systems they hold, how small they can get.

A mount can write even when it is read-only: journals are replayed, ext4 clears its list of orphans. So journals are
left alone (`noload`, `norecovery`, `nologreplay`), and ext4's device is made read-only as long as it is mounted.
NTFS is read by ntfs-3g's programs, which open it read-only. What is mounted already is looked at where it is mounted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ashore_installer.machine import BtrfsInfo, SystemInfo
from ashore_installer.storage.probe_btrfs import FORMAT as BTRFS
from ashore_installer.storage.probe_btrfs import Subvolume, parse_subvolumes
from ashore_installer.storage.probe_names import DeviceNames
from ashore_installer.storage.probe_sizes import EXT, NTFS, btrfs_minimum, unmounted_minimum
from ashore_installer.storage.probe_systems import (
    FstabEntry,
    linux_in,
    linux_system,
    locked_windows,
    macos,
    windows,
)
from ashore_installer.storage.probe_tools import Seeing, ask, succeeds
from ashore_installer.storage.records import BlockRecord, MountRecord, mounted

_OPTIONS = {"xfs": "ro,norecovery,nouuid", "vfat": "ro", BTRFS: "ro,subvolid=5,rescue=nologreplay"}
_EXT_OPTIONS = "ro,noload"
_APPLE = ("apfs", "hfsplus")
_BITLOCKER = "BitLocker"
_ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
_TOP = 5
"""Id of the subvolume that is the top of every btrfs volume (btrfs-subvolume(8))."""


@dataclass(kw_only=True)
class Inside:
    """What was found. `minima` by kernel name."""

    systems: list[SystemInfo] = field(default_factory=list)
    minima: dict[str, int] = field(default_factory=dict)
    btrfs: list[BtrfsInfo] = field(default_factory=list)


def subvolumes_only(
    seeing: Seeing, records: Sequence[BlockRecord], names: DeviceNames, volumes: Sequence[BtrfsInfo]
) -> Inside:
    """Look into btrfs volumes, and there for subvolumes only."""
    mounts = seeing.mounts()
    found = Inside(btrfs=[_shown(volume, names, mounts) for volume in volumes])
    for number, volume in enumerate(volumes):
        with _top(seeing, records, names, volume, found.btrfs[number]) as (top, _):
            if top:
                found.btrfs[number] = _with_paths(found.btrfs[number], _subvolumes(seeing, top))
    return found


def look_inside(
    seeing: Seeing, records: Sequence[BlockRecord], names: DeviceNames, volumes: Sequence[BtrfsInfo]
) -> Inside:
    """Look into everything that is not part of something else. A file system that can't be mounted is passed over."""
    mounts = seeing.mounts()
    found = Inside(btrfs=[_shown(volume, names, mounts) for volume in volumes])
    for number, volume in enumerate(volumes):
        with _top(seeing, records, names, volume, found.btrfs[number]) as (top, device):
            if top and device:
                subvolumes = _subvolumes(seeing, top)
                found.btrfs[number] = _with_paths(found.btrfs[number], subvolumes)
                found.minima[device.name] = btrfs_minimum(seeing.run, str(top), volume.members, device.size)
                _look_at_subvolumes(seeing, top, subvolumes, device, names, found)
    for one in (one for one in records if one.format and one.format != BTRFS):
        places = mounted(one, mounts)
        if not places:
            found.minima[one.name] = unmounted_minimum(seeing.run, f"/dev/{one.name}", one.format, one.size)
        _look_at(seeing, one, names, found, places[:1])
    found.systems += _locked(seeing, records, names, found)
    found.systems.sort(key=lambda system: system.root)
    return found


def _look_at(seeing: Seeing, device: BlockRecord, names: DeviceNames, found: Inside, places: Sequence[str]) -> None:
    name = names.name(device)
    if device.format in _APPLE:
        found.systems.append(macos(name))
    elif device.format == NTFS and not places:
        found.systems += [windows(name)] if _has_windows(seeing, device) else []
    elif device.format in (*EXT, "xfs"):
        with _seen(seeing, device, places) as top:
            if top and (root := linux_in(top)):
                found.systems.append(linux_system(root, name, _Meaning(names, device, found.btrfs)))


@contextmanager
def _seen(seeing: Seeing, device: BlockRecord, places: Sequence[str] = (), more: str = "") -> Iterator[Path | None]:
    """Where the device is mounted, or is for the time of the block; None if it can't be mounted."""
    if places:
        yield Path(places[0])
        return
    kind = "ext4" if device.format in EXT else device.format
    options = _OPTIONS.get(kind, _EXT_OPTIONS) + more
    with _unwritable(seeing, device, needed=kind == "ext4"):
        if not succeeds(
            seeing.run, "mount", "--types", kind, "--options", options, f"/dev/{device.name}", seeing.place
        ):
            yield None
            return
        try:
            yield seeing.place
        finally:
            ask(seeing.run, "umount", seeing.place)


@contextmanager
def _unwritable(seeing: Seeing, device: BlockRecord, *, needed: bool) -> Iterator[None]:
    if not needed or device.read_only:
        yield
        return
    ask(seeing.run, "blockdev", "--setro", f"/dev/{device.name}")
    try:
        yield
    finally:
        ask(seeing.run, "blockdev", "--setrw", f"/dev/{device.name}")


# --- btrfs ---------------------------------------------------------------------------------------------------


def _shown(volume: BtrfsInfo, names: DeviceNames, mounts: Sequence[MountRecord]) -> BtrfsInfo:
    """The volume, whose members are nodes, with names and mounts."""
    devices = [one for one in map(names.node, volume.members) if one]
    places = dict.fromkeys(where for one in devices for where in mounted(one, mounts))
    return replace(volume, members=tuple(sorted(map(names.name, devices))), mounted=tuple(places))


@contextmanager
def _top(
    seeing: Seeing, records: Sequence[BlockRecord], names: DeviceNames, volume: BtrfsInfo, shown: BtrfsInfo
) -> Iterator[tuple[Path | None, BlockRecord | None]]:
    """The top of a volume, whose members are nodes, and its first device; None if it can't, or must not, be mounted."""
    devices = [one for one in map(names.node, volume.members) if one]
    copies = len([one for one in records if one.format == BTRFS and one.uuid == volume.uuid]) > len(devices)
    # The kernel takes two members with the same number for one that has moved; and a mount shows one subvolume only.
    if not devices or copies or shown.mounted:
        yield None, None
        return
    with _seen(seeing, devices[0], more="" if len(devices) >= volume.wanted else ",degraded") as top:
        yield top, devices[0]


def _subvolumes(seeing: Seeing, top: Path) -> tuple[Subvolume, ...]:
    return parse_subvolumes(ask(seeing.run, "btrfs", "subvolume", "list", "-q", "-u", top))


def _with_paths(volume: BtrfsInfo, subvolumes: Sequence[Subvolume]) -> BtrfsInfo:
    return replace(volume, subvolumes=tuple(one.path for one in subvolumes))


def _look_at_subvolumes(
    seeing: Seeing, top: Path, subvolumes: Sequence[Subvolume], device: BlockRecord, names: DeviceNames, found: Inside
) -> None:
    """A snapshot holds a copy of a system, not one more, unless it is what the volume is mounted by."""
    usual = re.match(r"ID (\d+)", ask(seeing.run, "btrfs", "subvolume", "get-default", top))
    default = int(usual[1]) if usual else _TOP
    for one in (Subvolume(id=_TOP, path="", snapshot=False), *subvolumes):
        if one.snapshot and one.id != default:
            continue
        if root := linux_in(top / one.path):
            place = names.name(device) + (f":{one.path}" if one.path else "")
            meaning = _Meaning(names, device, found.btrfs, {sub.id: sub.path for sub in subvolumes}, default)
            found.systems.append(linux_system(root, place, meaning))


class _Meaning:
    """Names the device, and the subvolume, that a line of the fstab of the system on `root` means."""

    def __init__(
        self, names: DeviceNames, root: BlockRecord, volumes: Sequence[BtrfsInfo],
        subvolumes: dict[int, str] | None = None, default: int = _TOP,
    ) -> None:  # fmt: skip
        self._names = names
        self._root = root
        self._volumes = volumes
        self._subvolumes = subvolumes or {}
        self._default = default

    def __call__(self, entry: FstabEntry) -> str:
        device = self._names.meant(entry.device, self._root)
        if device is None or device.format != BTRFS:
            return self._names.name(device) if device else ""
        volume = next((one for one in self._volumes if one.uuid == device.uuid), None)
        if volume is None or not volume.members:
            return ""
        path = self._path(entry, device)
        return f"{volume.members[0]}:{path}" if path else volume.members[0]

    def _path(self, entry: FstabEntry, device: BlockRecord) -> str:
        if path := entry.option("subvol"):
            return path.strip("/")
        if device.uuid != self._root.uuid:
            return ""
        return self._subvolumes.get(int(entry.option("subvolid") or self._default), "")


# --- Windows -------------------------------------------------------------------------------------------------


def _has_windows(seeing: Seeing, device: BlockRecord) -> bool:
    return succeeds(seeing.run, "ntfsls", "--path", "/Windows/System32", f"/dev/{device.name}")


def _locked(seeing: Seeing, records: Sequence[BlockRecord], names: DeviceNames, found: Inside) -> Iterator[SystemInfo]:
    """Windows that can't be looked into: the first locked partition of a disk that starts Windows by UEFI."""
    disks = dict.fromkeys(one.disk for one in records if one.format == _BITLOCKER and one.disk)
    for disk in disks:
        parts = [one for one in records if one.disk == disk]
        known = {system.root for system in found.systems} & {names.name(one) for one in parts}
        esps = [one for one in parts if one.properties.get("ID_PART_ENTRY_TYPE", "").lower() == _ESP]
        if not known and any(_starts_windows(seeing, esp) for esp in esps):
            yield locked_windows(names.name(next(one for one in parts if one.format == _BITLOCKER)))


def _starts_windows(seeing: Seeing, esp: BlockRecord) -> bool:
    if esp.format != "vfat":
        return False
    with _seen(seeing, esp, mounted(esp, seeing.mounts())) as top:
        return top is not None and (top / "EFI/Microsoft/Boot").is_dir()
