"""How much swap space a machine gets when nobody says."""

from __future__ import annotations

from ashore_installer.storage.needs import align_up
from ashore_installer.units import GiB

_SHARE = 10
"""Swap takes at most one part in this many of the room there is."""


def swap_size(memory: int, *, room: int = 0, hibernation: bool = False) -> int:
    """Bytes of swap space on a disk, for a machine with `memory`; `room` 0 is no limit.

    Red Hat's recommendation (RHEL 9, "Managing storage devices", recommended system swap space), which Anaconda
    follows too: twice the memory up to 2 GiB, as much up to 8 GiB, half of it up to 64 GiB, then 4 GiB for good. It
    takes a tenth of the room at most. For hibernation the whole memory comes on top and the room does not count:
    what does not fit must be refused, since such a system would lose its memory.
    """
    size = _for_memory(memory)
    if hibernation:
        return align_up(memory + size)
    return align_up(min(size, room // _SHARE) if room else size)


def _for_memory(memory: int) -> int:
    if memory <= 2 * GiB:
        return 2 * memory
    if memory <= 8 * GiB:
        return memory
    return memory // 2 if memory <= 64 * GiB else 4 * GiB
