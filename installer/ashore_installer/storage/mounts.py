"""Mounting, with the undo registered where it is done, and where the volumes of a deployment are mounted."""

from __future__ import annotations

import logging
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed
from ashore_installer.storage_plan import SWAP, MountPlan, StoragePlan

log = logging.getLogger(__name__)

PHYSICAL = ("/", "/boot", "/boot/efi")
"""Mount points of the physical root; all others belong to a deployment."""
MODES = {"/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o700, "/var/roothome": 0o700}
"""Modes of mount points that others than 0755 have (systemd's tmpfiles.d, Fedora's filesystem package)."""
_LINKS = 40
"""As many symbolic links as the kernel follows (path_resolution(7))."""


def mount(context: Context, source: str, where: Path, *, options: str = "") -> None:
    """Mount `source` at the directory `where`; it is unmounted, with all below it, when the installation ends.

    `options` are those of fstab; `defaults` says nothing. Raises CommandFailed.
    """
    context.run.run(["mount", *_options(options), source, where])
    context.cleanup.callback(unmount, context, where)


def unmount(context: Context, where: Path) -> None:
    """Unmount `where` and all below it; if something still uses it, as soon as it no longer does."""
    try:
        context.run.run(["umount", "--recursive", where])
    except CommandFailed as error:
        log.warning("unmounting %s later: %s", where, error)
        context.run.run(["umount", "--recursive", "--lazy", where])


def physical_mounts(plan: StoragePlan) -> tuple[MountPlan, ...]:
    """The mounts of the physical root, each after the one it stands in."""
    return tuple(sorted((one for one in plan.mounts if one.path in PHYSICAL), key=lambda one: one.path))


def deployment_mounts(plan: StoragePlan) -> tuple[MountPlan, ...]:
    """The mounts below a deployment's root: all but the physical ones and swap."""
    return tuple(one for one in plan.mounts if one.path not in PHYSICAL and one.path != SWAP)


def all_mounts(plan: StoragePlan) -> tuple[MountPlan, ...]:
    """All mounts but swap, each after the one it stands in."""
    return tuple(sorted((one for one in plan.mounts if one.path != SWAP), key=lambda one: one.path))


def device_of(context: Context, plan: StoragePlan, device: str) -> str:
    """The node to mount for the id of a block, a btrfs volume or a subvolume."""
    block = plan.block_of(device)
    return context.devices[block.id if block else device]


def options_of(plan: StoragePlan, mount: MountPlan, *, only_place: bool = False) -> str:
    """The options of a mount, with its subvolume; `only_place` leaves out all others."""
    subvolume = next((one for one in plan.subvolumes if one.id == mount.device), None)
    words = [] if only_place else [one for one in mount.options.split(",") if one not in ("", "defaults")]
    if subvolume and not any(one.startswith(("subvol=", "subvolid=")) for one in words):
        words = [*words, f"subvol={subvolume.path}"]
    return ",".join(words)


def is_new(plan: StoragePlan, device: str) -> bool:
    """Whether the file system (or subvolume) with this id is made by the plan; else its content stays."""
    for subvolume in plan.subvolumes:
        if subvolume.id == device:
            return not subvolume.existing
    for volume in plan.btrfs:
        if volume.id == device:
            return volume.existing is None
    block = plan.block_of(device)
    return block is None or not block.keep


def place_in_deployment(path: str, deployment: Path, var: Path) -> Path:
    """The directory of the physical root that the installed system will see as `path`.

    `/var` of a deployment is `var` of its stateroot, and images link `/home` and others into it; links are followed
    as if the deployment were the root, so none leads out. Raises InstallerError for links that never end.
    """
    left, done, followed = _parts(path), list[str](), 0
    while left:
        done = [*done, left.pop(0)]
        here = _real(done, deployment, var)
        if not here.is_symlink():
            continue
        followed += 1
        if followed > _LINKS:
            raise InstallerError(f"The image's links at {path} lead nowhere.", "Choose another mount point.")
        link = str(here.readlink())
        before = [] if link.startswith("/") else done[:-1]
        left, done = _parts("/".join([*before, link, *left])), []
    return _real(done, deployment, var)


def make_mount_point(path: str, place: Path) -> None:
    """The directory `place` for the mount point `path`, with the mode that systemd's tmpfiles would give it.

    Outside of the stateroot's /var nothing can be made: a deployment is the image's. Raises InstallerError.
    """
    if place.is_dir():
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir()
        place.chmod(MODES.get(path, 0o755))
    except OSError as error:
        message = f"The image has no directory {path} to mount a file system on, and it can't be made."
        raise InstallerError(message, "Choose a mount point below /var.") from error


def _parts(path: str) -> list[str]:
    """Names from the root on, where `..` never leads above it."""
    parts: list[str] = []
    for name in path.split("/"):
        if name == "..":
            parts = parts[:-1]
        elif name not in ("", "."):
            parts.append(name)
    return parts


def _real(parts: list[str], deployment: Path, var: Path) -> Path:
    if parts[:1] == ["var"]:
        return var.joinpath(*parts[1:])
    return deployment.joinpath(*parts)


def _options(options: str) -> list[str]:
    return ["--options", options] if options not in ("", "defaults") else []
