"""How large md arrays are. All sizes in bytes."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.storage.needs import align_down
from ashore_installer.storage_plan import RaidLevel
from ashore_installer.units import GiB, KiB, MiB

DEFAULT_CHUNK = 512 * KiB
"""mdadm's and blivet's."""
_HEADROOM = 128 * MiB
_SUPERBLOCK = 12 * KiB
_END = 12 * KiB
"""At the end of a member with format 1.0: superblock and log of bad blocks. 0.90 needs less than 128 KiB (md(4))."""
_BLIVET_END = 2 * MiB
"""What blivet counts for it (libblockdev, bd_md_get_superblock_size)."""


def array_size(level: RaidLevel, members: Sequence[int], *, chunk: int = 0, metadata: str = "1.2") -> int:
    """The least that an array of these members (without spares) has, in whole MiB; 0 if they are too small.

    As mdadm lays members out (super1.c, validate_geometry1) and no more than blivet reckons, which checks what stands
    on the array against its own number.
    """
    chunk = 0 if level is RaidLevel.RAID1 else chunk or DEFAULT_CHUNK
    data = min(members) - overhead(min(members), chunk, metadata)
    if chunk:
        data -= data % chunk
    return max(align_down(data * data_members(level, len(members))), 0)


def overhead(member: int, chunk: int, metadata: str) -> int:
    """What md keeps of a member for itself; `chunk` is 0 for mirrors."""
    if metadata in ("0.90", "1.0"):
        return max(member % (4 * KiB) + _END + _bitmap(member), _BLIVET_END)
    headroom = _HEADROOM
    while headroom << 10 > member and (not chunk or headroom // 2 >= 2 * chunk):
        headroom >>= 1
    return -(-(_SUPERBLOCK + _bitmap(member) + headroom) // MiB) * MiB


def data_members(level: RaidLevel, count: int) -> int:
    """How many of the members' sizes an array has; that of an odd RAID 10 is rounded down, as blivet does."""
    lost = {RaidLevel.RAID4: 1, RaidLevel.RAID5: 1, RaidLevel.RAID6: 2}
    if level is RaidLevel.RAID1:
        return 1
    return count // 2 if level is RaidLevel.RAID10 else count - lost.get(level, 0)


def stripe(level: RaidLevel, count: int, chunk: int) -> int:
    """Bytes of a full stripe, which LVM aligns its extents to; 0 for mirrors."""
    return 0 if level is RaidLevel.RAID1 else (chunk or DEFAULT_CHUNK) * data_members(level, count)


def _bitmap(member: int) -> int:
    """The room for the bitmap of writes under way (mdadm, super1.c, choose_bm_space)."""
    if member < 64 * KiB:
        return 0
    if member - 64 * KiB >= 200 * GiB:
        return 128 * KiB
    return 64 * KiB if member - 4 * KiB > 8 * GiB else 4 * KiB
