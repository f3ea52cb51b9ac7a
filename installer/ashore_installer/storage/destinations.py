"""Which disks a request may use (kickstart's ignoredisk), and the words that people name disks by."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from ashore_installer.machine import DiskInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_request import Clear, StorageRequest
from ashore_installer.units import GiB, human

SMALLEST_DISK = 1 * GiB


def unusable(disk: DiskInfo) -> str:
    """Why a disk can never be an installation destination, as the end of a sentence, or empty."""
    if disk.medium:
        return "it is the medium that this system was started from"
    if disk.read_only:
        return "it is read-only"
    if disk.busy:
        return f"it is in use: {disk.busy}"
    if disk.size < SMALLEST_DISK:
        return f"it has only {human(disk.size)}"
    return ""


def destinations(request: StorageRequest, machine: MachineInfo) -> tuple[DiskInfo, ...]:
    """The disks that the request lets be used. Raises PlanError when a named one is missing or can't be used."""
    problems = [problem for field, word in _words(request) for problem in _word_problems(field, word, request, machine)]
    problems += _list_problems(request, machine)
    if problems:
        raise PlanError(problems)
    allowed = [disk for disk in machine.disks if not unusable(disk) and _is_allowed(disk, request)]
    if not allowed:
        raise PlanError((_no_disk(request, machine),))
    return tuple(allowed)


def is_named(disk: DiskInfo, words: Iterable[str]) -> bool:
    """Whether one of the words means this disk, also with a shell's wildcards (`sd*`, `disk/by-path/pci-*`)."""
    names = (disk.name, *disk.ids)
    return any(disk.is_named(word) or any(fnmatchcase(name, bare(word)) for name in names) for word in words)


def is_listed(disk: DiskInfo, number: int, words: Iterable[str]) -> bool:
    """Whether one of the words means this partition of this disk (`vda2`, `disk/by-id/…-part2`)."""
    names = {partition_name(disk, number), *(f"{name}-part{number}" for name in disk.ids)}
    return any(bare(word) in names for word in words)


def partition_name(disk: DiskInfo, number: int) -> str:
    """The kernel's name of a partition: `vda2`, `nvme0n1p2`."""
    return f"{disk.name}{'p' if disk.name[-1:].isdigit() else ''}{number}"


def bare(word: str) -> str:
    """A device's word without what all of them may begin with."""
    return word.removeprefix("/dev/").removeprefix("disk/")


def _is_allowed(disk: DiskInfo, request: StorageRequest) -> bool:
    if request.only_use and not is_named(disk, request.only_use):
        return False
    return not is_named(disk, request.ignore)


def _words(request: StorageRequest) -> list[tuple[str, str]]:
    """Every word that names a disk, with its field."""
    words = [("storage.only_use", word) for word in request.only_use]
    words += [("storage.ignore", word) for word in request.ignore]
    words += [("storage.clear_disks", word) for word in request.clear_disks]
    words += [(f"storage.partitions[{i}].disk", item.disk) for i, item in enumerate(request.partitions) if item.disk]
    return words


def _word_problems(field: str, word: str, request: StorageRequest, machine: MachineInfo) -> list[Problem]:
    """A word must mean a disk; the disk must be usable if it is named by itself (a wildcard may mean others too)."""
    meant = [disk for disk in machine.disks if is_named(disk, (word,))]
    if not meant:
        return [Problem(field=field, message=f"There is no disk {word!r} in this machine.", hint=_known(machine))]
    if field == "storage.ignore":
        return []
    found = [refused(field, disk) for disk in meant if disk.is_named(word) and unusable(disk)]
    if field.startswith("storage.partitions") and not any(_is_allowed(disk, request) for disk in meant):
        message = f"A partition is wanted on the disk {word!r}, which must not be used."
        found.append(Problem(field=field, message=message, hint="Allow the disk, or choose another one."))
    return found


def _list_problems(request: StorageRequest, machine: MachineInfo) -> list[Problem]:
    """Words of `clear_partitions` that name no partition and no disk, or one that can't be used."""
    field, found = "storage.clear_partitions", []
    for word in request.clear_partitions if request.clear is Clear.LIST else ():
        owners = [
            disk
            for disk in machine.disks
            if disk.is_named(word) or any(is_listed(disk, part.number, (word,)) for part in disk.partitions)
        ]
        if not owners:
            message = f"There is no partition {word!r} in this machine."
            found.append(Problem(field=field, message=message, hint="Name it as vda2 or disk/by-id/…-part2."))
        for disk in owners:
            if unusable(disk):
                found.append(refused(field, disk))
            elif not _is_allowed(disk, request):
                message = f"{word!r} is to be removed, but the disk {disk.describe()} must not be used."
                found.append(Problem(field=field, message=message, hint="Allow the disk, or take it off the list."))
    return found


def refused(field: str, disk: DiskInfo) -> Problem:
    """That a disk was named which can't be a destination."""
    message = f"The disk {disk.describe()} can't be used: {unusable(disk)}."
    return Problem(field=field, message=message, hint="Choose another disk.")


def _known(machine: MachineInfo) -> str:
    return f"The disks of this machine: {', '.join(disk.name for disk in machine.disks) or 'none at all'}."


def _no_disk(request: StorageRequest, machine: MachineInfo) -> Problem:
    seen = [f"  {disk.describe()}: {unusable(disk) or 'it may not be used'}" for disk in machine.disks]
    return Problem(
        field="storage.only_use" if request.only_use else "storage.ignore",
        message="\n".join(["There is no disk to install on.", *seen]),
        hint="Attach a disk, or allow one that is left out." if seen else "Attach a disk.",
    )
