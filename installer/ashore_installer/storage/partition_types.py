"""What the types of partitions mean: GPT type GUIDs in lower case and MBR type bytes as `0x83`.

Sources: UEFI Specification 2.10 section 5.3.3, the UAPI group's Discoverable Partitions Specification, and the table
of types in util-linux (include/pt-gpt-partnames.h, include/pt-mbr-partnames.h).
"""

from __future__ import annotations

from ashore_installer.machine import PartitionInfo

ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
BIOS_BOOT = "21686148-6449-6e6f-744e-656564454649"
EXTENDED = frozenset({"0x5", "0xf", "0x85"})

_LINUX_TYPES = {
    "0fc63daf-8483-4772-8e79-3d69d8477de4": "Linux data",
    "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f": "Linux swap",
    "e6d6d379-f507-44c2-a23c-238f2a3df928": "Linux LVM",
    "a19d880f-05fc-4d3b-a006-743f0f84911e": "Linux RAID",
    "4f68bce3-e8cd-4db1-96e7-fbcaf984b709": "Linux root",
    "933ac7e1-2eb4-4f13-b844-0e14e2aef915": "Linux /home",
    "4d21b016-b534-45c2-a9fb-5c16e091fd2d": "Linux /var",
    "3b8f8425-20e0-4f3b-907f-1a25a76f98e8": "Linux /srv",
    "bc13c2ff-59e6-4262-a352-b275fd6f7172": "Linux /boot",
    "ca7d7ccb-63ed-4c53-861c-1742536059cc": "Linux LUKS",
    BIOS_BOOT: "BIOS boot",
    "0x82": "Linux swap",
    "0x83": "Linux data",
    "0x8e": "Linux LVM",
    "0xfd": "Linux RAID",
}
_OTHER_TYPES = {
    ESP: "EFI system partition",
    "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7": "Windows data",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Windows reserved",
    "de94bba4-06d1-4d40-a16a-bfd50179d6ac": "Windows recovery",
    "7c3457ef-0000-11aa-aa11-00306543ecac": "Apple APFS",
    "48465300-0000-11aa-aa11-00306543ecac": "Apple HFS+",
    "0x7": "Windows data",
    "0xb": "FAT32",
    "0xc": "FAT32",
    "0x27": "Windows recovery",
    "0xef": "EFI system partition",
    **dict.fromkeys(EXTENDED, "extended partition"),
}
_LINUX_FORMATS = frozenset(
    {"btrfs", "crypto_LUKS", "ext2", "ext3", "ext4", "f2fs", "linux_raid_member", "LVM2_member", "swap", "xfs"}
)


def kind(partition: PartitionInfo) -> str:
    """What a partition is for, in words, or empty when its type says nothing."""
    return _LINUX_TYPES.get(partition.type, "") or _OTHER_TYPES.get(partition.type, "")


def is_linux(partition: PartitionInfo) -> bool:
    """Whether `clearpart --linux` means this partition: by what is in it and, if nothing is known, by its type."""
    if partition.format:
        return is_linux_format(partition.format)
    return partition.type in _LINUX_TYPES


def is_linux_format(name: str) -> bool:
    """Whether blkid's name of a format is one that only Linux uses."""
    return name in _LINUX_FORMATS


def is_extended(partition: PartitionInfo) -> bool:
    """Whether this is the MBR container of logical partitions."""
    return partition.type in EXTENDED
