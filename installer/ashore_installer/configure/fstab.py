"""/etc/fstab of the installed system: a pure function of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import Format, MountPlan, StoragePlan

DEFAULTS = "defaults"
_TYPES = {Format.EFI: "vfat"}
_CHECKED = (Format.EXT4, Format.EFI)
"""File systems that fsck looks at when the machine starts; xfs and btrfs check themselves when they are mounted."""
_HEADER = "# Written by Ashore. The root file system is mounted by the initramfs and needs no line (ostree)."


def fstab(existing: str, storage: StoragePlan, uuids: Mapping[str, str], real_path: Callable[[str], str]) -> str:
    """The text with a line for everything that is mounted beside the root.

    `existing` is the image's own fstab: its lines stay, unless they are for a mount point of the plan. `real_path`
    follows the links of the new system (`/home` is `/var/home` there): systemd wants mount points without links.
    Raises InstallerError when a file system has no UUID.
    """
    ours = [_line(mount, storage, uuids, real_path) for mount in storage.mounts if mount.path != "/"]
    points = {line.split()[1] for line in ours} | {"/"}
    kept = [line for line in existing.splitlines() if line != _HEADER and not _is_for(line, points)]
    return "".join(f"{line}\n" for line in (*kept, _HEADER, *ours))


def _line(mount: MountPlan, storage: StoragePlan, uuids: Mapping[str, str], real_path: Callable[[str], str]) -> str:
    kind = storage.partition(mount.device).format
    uuid = uuids.get(mount.device)
    if not uuid:
        raise InstallerError(f"The file system {mount.path} has no UUID.", "See the log for what mkfs said.")
    if kind is Format.SWAP:
        return f"UUID={uuid} none swap {mount.options} 0 0"
    options = ",".join(_options(mount, kind))
    check = 2 if kind in _CHECKED else 0
    return f"UUID={uuid} {real_path(mount.path)} {_TYPES.get(kind, kind)} {options} 0 {check}"


def _options(mount: MountPlan, kind: Format) -> Iterator[str]:
    if mount.path == "/boot" and mount.options == DEFAULTS:
        # As bootc writes it (lib/src/install.rs): only libostree writes there, and it remounts it for that.
        yield "ro"
        return
    yield mount.options
    if kind is Format.EFI:
        # Nothing of the running system needs the ESP: a machine that lost it should still come up.
        yield "nofail"


def _is_for(line: str, points: set[str]) -> bool:
    words = line.split()
    return len(words) > 1 and not words[0].startswith("#") and words[1] in points
