"""md arrays as they are wanted: on a stack of planned partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ashore_installer.storage.content import Content, content_of
from ashore_installer.storage.md_sizes import array_size, stripe
from ashore_installer.storage.members import purposes
from ashore_installer.storage.stack import Member, Stack
from ashore_installer.storage.wanted import name_of
from ashore_installer.storage_plan import ArrayPlan, Format, RaidLevel
from ashore_installer.storage_request import ArrayRequest, StorageRequest
from ashore_installer.units import KiB, human

_AT_THE_END = ("/boot", "/boot/efi")
"""What firmware and boot loaders read, who know nothing of md: their file system must begin where the member does."""
_METADATA = ("0.90", "1.0", "1.1", "1.2")


def add_arrays(stack: Stack, request: StorageRequest) -> None:
    """Plan every new array of the request; what is wrong goes to the stack's problems."""
    wanted = purposes(request)
    for number, array in enumerate(request.arrays):
        if array.existing:
            continue
        content = content_of(array, stack.root, wanted.get(array.member))
        _Maker(stack, array, f"storage.arrays[{number}]", content).make()


class _Maker:
    def __init__(self, stack: Stack, request: ArrayRequest, field: str, content: Content) -> None:
        self.stack, self.request, self.field, self.content = stack, request, field, content
        self.called = request.name or content.mount or request.member or "a RAID array"

    def make(self) -> None:
        members = self.stack.found(self.request.members)
        level = self.request.level
        if level is None:
            self._refuse(f"The level of the array {self.called} is missing.", "Say which: RAID1, RAID5, …")
            return
        if len(members) == len(self.request.members) and self._is_sound(level, members):
            self._plan(level, members)

    def _is_sound(self, level: RaidLevel, members: Sequence[Member]) -> bool:
        before = len(self.stack.problems)
        self._check_members(level, members)
        self._check_chunk(level)
        if self.request.metadata and self.request.metadata not in _METADATA:
            message = f"The superblock format {self.request.metadata} of the array {self.called} is not supported."
            self._refuse(message, f"Use one of {', '.join(_METADATA)}.")
        return len(self.stack.problems) == before

    def _check_members(self, level: RaidLevel, members: Sequence[Member]) -> None:
        spares, needed = self.request.spares, level.least_members
        if len(members) - spares < needed:
            message = f"The array {self.called} has {len(members) - spares} members, and {level} needs {needed}."
            self._refuse(message, "Add members, or choose another level.")
        if spares and level is RaidLevel.RAID0:
            self._refuse(f"The array {self.called} is {level}, which has no use for spares.", "Leave them out.")
        disks = [disk for member in members for disk in member.disks]
        for disk in dict.fromkeys(disk for disk in disks if disks.count(disk) > 1):
            message = f"Two members of the array {self.called} are on the disk {self.stack.machine.disk(disk).name}."
            self._refuse(message, "Put each on a disk of its own: the array is to survive the loss of one.")

    def _check_chunk(self, level: RaidLevel) -> None:
        chunk = self.request.chunk
        if chunk and level is RaidLevel.RAID1:
            self._refuse(f"The array {self.called} is {level}, which has no chunks.", "Leave the chunk size out.")
        elif chunk and (chunk < 4 * KiB or chunk & (chunk - 1)):
            message = f"The chunk size {human(chunk)} of the array {self.called} is no power of two from 4 KiB on."
            self._refuse(message, "Leave it out, or use 512 KiB.")

    def _plan(self, level: RaidLevel, members: Sequence[Member]) -> None:
        request, active = self.request, len(members) - self.request.spares
        metadata = request.metadata or ("1.0" if self.content.mount in _AT_THE_END else "1.2")
        sizes = [member.size for member in members]
        # A spare must be able to stand in for any member, and blivet counts it.
        size = array_size(level, [min(sizes)] * active, chunk=request.chunk, metadata=metadata)
        if size <= 0:
            self._refuse(f"The members of the array {self.called} are too small.", "Give each of them more room.")
            return
        id = self.stack.names.take(request.name or request.member or name_of(self.content))  # noqa: A001
        block = ArrayPlan(
            id=id,
            size=size,
            format=Format.NONE,
            name=request.name or id,
            level=level,
            members=tuple(member.id for member in members),
            spares=request.spares,
            metadata=metadata,
            chunk=request.chunk,
        )
        block, top = self.stack.holding(block, self.content)
        self.stack.arrays.append(block)
        if request.member:
            disks = frozenset(disk for member in members for disk in member.disks)
            width = stripe(level, active, request.chunk)
            self.stack.members[request.member] = replace(top, disks=disks, array=top.id == id, stripe=width)

    def _refuse(self, message: str, hint: str) -> None:
        self.stack.refuse(self.field, message, hint)
