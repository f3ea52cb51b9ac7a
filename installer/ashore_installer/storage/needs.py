"""How big things must be. All sizes in bytes."""

from __future__ import annotations

from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.storage_plan import Format
from ashore_installer.units import GiB, MiB

ALIGNMENT = MiB
"""Every partition starts and ends at a multiple of this; it suits 4 KiB sectors, RAID stripes and flash blocks."""

MINIMUM = {
    Format.XFS: 300 * MiB,  # mkfs.xfs refuses less since xfsprogs 5.19
    Format.EXT4: 16 * MiB,
    Format.EXT3: 16 * MiB,
    Format.EXT2: 16 * MiB,
    Format.BTRFS: 256 * MiB,
    Format.EFI: 64 * MiB,  # shim, GRUB and firmware updates
    Format.BIOSBOOT: 1 * MiB,
    Format.SWAP: 1 * MiB,
}
EFI_MINIMUM_4K = 260 * MiB
"""FAT32 has at least 65,525 clusters, and a cluster is no smaller than a sector (fatgen103, section 3.5)."""

# What a file system keeps for itself: bytes, and per mille of its size. ext4: inode tables, journal and the 5 % that
# are reserved for root. xfs: the least log. btrfs: duplicated metadata.
_OVERHEAD = {
    **dict.fromkeys((Format.EXT4, Format.EXT3, Format.EXT2), (16 * MiB, 85)),
    Format.XFS: (80 * MiB, 15),
    Format.BTRFS: (256 * MiB, 50),
}

_MARGIN = 115
"""Per cent of an image's unpacked size: block rounding, repository metadata, /etc and /var."""
_MIN_FREE = 3
"""Per cent of the file system that libostree refuses to fill (ostree.repo-config(5), min-free-space-percent)."""
_KERNELS = 2
"""The running system's kernel and initramfs stay beside those of an update (ostree issue 2670)."""


def align_up(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def align_down(size: int) -> int:
    return size // ALIGNMENT * ALIGNMENT


def esp_size(room: int) -> int:
    """An ESP for a disk with `room`: 1 GiB holds unified kernel images too, small disks can't afford it."""
    return 1 * GiB if room >= 16 * GiB else 512 * MiB


def boot_size(image: PayloadInfo) -> int:
    """An ext4 /boot: 1 GiB, more for an image whose kernels would not fit three times."""
    return max(1 * GiB, align_up(_partition_for(3 * (image.kernel_size + image.initramfs_size), Format.EXT4)))


def boot_minimum(image: PayloadInfo, format: Format) -> int:  # noqa: A002 (the field's name)
    """The smallest /boot of this format that still takes one update."""
    return align_up(max(_partition_for(_kernels(image), format), MINIMUM[format]))


def root_minimum(
    image: PayloadInfo,
    format: Format,  # noqa: A002 (the field's name)
    *,
    holds_boot: bool,
    holds_usr: bool = True,
) -> int:
    """The smallest root partition of this format that can take the image; `holds_boot` without a separate /boot.

    Only packages can be without `holds_usr`, where /usr is a file system of its own (`usr_minimum`).
    """
    share = _MARGIN if holds_usr else _MARGIN - 100
    content = image.unpacked_size * share // 100 + (_kernels(image) if holds_boot else 0)
    if isinstance(image, PackagesInfo):
        # They are fetched onto the root first, and libostree, which leaves some of it free, is not there.
        return align_up(max(_partition_for(content + image.download_size, format), MINIMUM[format]))
    return align_up(max(_partition_for(content * 100 // (100 - _MIN_FREE), format), MINIMUM[format]))


def usr_minimum(packages: PackagesInfo, format: Format) -> int:  # noqa: A002 (the field's name)
    """The smallest separate /usr. Metadata has the sizes of packages only, and nearly all of them is in /usr."""
    return align_up(max(_partition_for(packages.unpacked_size, format), MINIMUM[format]))


def _kernels(image: PayloadInfo) -> int:
    return _KERNELS * (image.kernel_size + image.initramfs_size)


def _partition_for(content: int, format: Format) -> int:  # noqa: A002 (the field's name)
    fixed, per_mille = _OVERHEAD.get(format, (0, 10))
    return (content + fixed) * 1000 // (1000 - per_mille)
