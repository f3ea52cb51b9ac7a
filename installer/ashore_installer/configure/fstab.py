"""/etc/fstab of the installed system: a pure function of the plan.

Everything is named by the UUID of the file system, whatever it lies on: it is the one name that partitions, arrays,
logical volumes and opened LUKS devices have in common, and that stays when disks change places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from ashore_installer.boot.kargs import mount_options
from ashore_installer.boot.stack import below
from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import Format, MountPlan, StoragePlan

DEFAULTS = "defaults"
_TYPES = {Format.EFI: "vfat", Format.NTFS: "ntfs3"}
_CHECKED = (Format.EXT2, Format.EXT3, Format.EXT4, Format.EFI, Format.VFAT)
"""File systems that fsck looks at when the machine starts; xfs and btrfs check themselves when they are mounted."""
_NO_TIMEOUT = "x-systemd.device-timeout=0"
_HEADER = "# Written by Ashore. The root file system is mounted by the initramfs and needs no line (ostree)."
_PLAIN_HEADER = "# Written by Ashore."


def fstab(
    existing: str,
    storage: StoragePlan,
    uuids: Mapping[str, str],
    real_path: Callable[[str], str],
    opened: AbstractSet[str] = frozenset(),
    *,
    plain: bool = False,
) -> str:
    """The text with a line for everything that is mounted beside the root; with `plain`, for the root too.

    `plain` is a system that is no deployment: its own programs write to /boot and to the ESP when they are updated.

    `existing` is the image's own fstab: its lines stay, unless they are for a mount point of the plan. `real_path`
    follows the links of the new system (`/home` is `/var/home` there): systemd wants mount points without links.
    `opened` are the ids of what the initramfs has opened before. Raises InstallerError when something has no UUID.
    """
    mounts = [mount for mount in storage.mounts if plain or mount.path != "/"]
    ours = [_line(mount, storage, uuids, real_path, opened, plain=plain) for mount in mounts]
    points = {line.split()[1] for line in ours} - {"none"} | {"/"}
    devices = {line.split()[0] for line in ours if line.split()[2] == "swap"}
    header = _PLAIN_HEADER if plain else _HEADER
    kept = [line for line in existing.splitlines() if line != header and not _is_ours(line, points, devices)]
    return "".join(f"{line}\n" for line in (*kept, header, *ours))


def _line(
    mount: MountPlan,
    storage: StoragePlan,
    uuids: Mapping[str, str],
    real_path: Callable[[str], str],
    opened: AbstractSet[str],
    *,
    plain: bool,
) -> str:
    block, uuid = storage.block_of(mount.device), uuids.get(mount.device)
    if not uuid or block is None:
        raise InstallerError(f"The file system {mount.path} has no UUID.", "See the log for what mkfs said.")
    options = [*_options(mount, storage, block.format, plain=plain), *_waiting(mount, storage, opened)]
    words = ",".join(option for option in options if option != DEFAULTS) or DEFAULTS
    if block.format is Format.SWAP:
        return f"UUID={uuid} none swap {words} 0 0"
    check = (1 if mount.path == "/" else 2) if block.format in _CHECKED else 0
    return f"UUID={uuid} {_escaped(real_path(mount.path))} {_TYPES.get(block.format, block.format)} {words} 0 {check}"


def _options(mount: MountPlan, storage: StoragePlan, kind: Format, *, plain: bool) -> Iterator[str]:
    yield _escaped(mount_options(mount, storage))
    if plain:
        return
    if mount.path == "/boot" and mount.options == DEFAULTS:
        # As bootc writes it (lib/src/install.rs): only libostree writes there, and it remounts it for that.
        yield "ro"
    if kind is Format.EFI:
        # Nothing of the running system needs the ESP: a machine that lost it should still come up.
        yield "nofail"


def _waiting(mount: MountPlan, storage: StoragePlan, opened: AbstractSet[str]) -> Iterator[str]:
    """While a person types a passphrase, systemd would give up on the file system (DefaultDeviceTimeoutSec=)."""
    locked = {one.id for one in storage.encrypted} - opened
    if locked.intersection(below(storage, mount.device)):
        yield _NO_TIMEOUT


def _escaped(word: str) -> str:
    """fstab(5): fields end at a blank, which is written as an octal number."""
    return word.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")


def _is_ours(line: str, points: set[str], devices: set[str]) -> bool:
    words = line.split()
    return len(words) > 1 and not words[0].startswith("#") and (words[1] in points or words[0] in devices)
