"""How large volume groups and what is in them are. All sizes in bytes."""

from __future__ import annotations

from ashore_installer.units import GiB, KiB, MiB

EXTENT = 4 * MiB
"""LVM's own choice."""
_START = 1 * MiB
"""Where LVM puts the first extent: its metadata comes before it (lvm.conf(5), default_data_alignment)."""
_LEAST_METADATA = 4 * MiB
_MOST_METADATA = 16192 * MiB
"""15.81 GiB, dm-thin's limit."""
_LEAST_CHUNK = 64 * KiB
_ADDRESSABLE = 17455015526400
"""Data that chunks of 64 KiB can address with the most metadata (blivet, devicelibs/lvm.py)."""
LARGEST_CHUNK = 1 * GiB


def usable(member: int, extent: int, *, array: bool, stripe: int) -> int:
    """Bytes of whole extents that a physical volume has.

    On an `array`, blivet takes twice the usual start away; below one (also with LUKS between) LVM moves the start to
    a whole `stripe` unless that divides 1 MiB (LVM2, lib/metadata/pv_manip.c).
    """
    start = -(-_START // stripe) * stripe if stripe and _START % stripe else _START
    return max(member - max(start, 2 * _START if array else 0), 0) // extent * extent


def extents_up(size: int, extent: int) -> int:
    """The least whole extents, at least one, that hold `size`."""
    return max(-(-size // extent), 1) * extent


def pool_chunk(size: int) -> int:
    """The chunk of a thin pool with `size` bytes of data when nobody says (blivet's rule)."""
    return min(-(-size // _ADDRESSABLE) * _LEAST_CHUNK, LARGEST_CHUNK)


def pool_metadata(size: int, chunk: int, extent: int) -> int:
    """The metadata that such a pool needs: 64 bytes for each chunk (libblockdev, bd_lvm_get_thpool_meta_size)."""
    least = min(max(-(-size * 64 // chunk), _LEAST_METADATA), _MOST_METADATA)
    return extents_up(least, extent)
