"""What LUKS and btrfs leave of the devices that they are on. All sizes in bytes.

LVM's and md's numbers are in `lvm_sizes.py` and `md_sizes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.units import MiB

LUKS_HEADER = {"luks1": 2 * MiB, "luks2": 16 * MiB}
"""Where the data begins: cryptsetup-luksFormat(8), --offset; for LUKS1 with a key of 512 bits.

blivet has the same numbers (devicelibs/crypto.py)."""

_COPIES = {"dup": 2, "raid1": 2, "raid1c3": 3, "raid1c4": 4, "raid10": 2}
_PARITY = {"raid5": 1, "raid6": 2}


def luks_room(size: int, luks: str) -> int:
    """What an encrypted device of `size` leaves."""
    return max(0, size - LUKS_HEADER[luks])


def btrfs_room(profile: str, members: Sequence[int]) -> int:
    """What a btrfs volume of members of these sizes can hold of data with this profile, before its metadata."""
    total, largest = sum(members), max(members, default=0)
    if profile in _PARITY:
        return max(0, min(members, default=0) * (len(members) - _PARITY[profile]))
    copies = _COPIES.get(profile, 1)
    if profile == "dup" or copies == 1:
        return total // copies
    return min(total // copies, (total - largest) // (copies - 1))
