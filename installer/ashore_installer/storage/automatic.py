"""Automatic layouts: from `Automatic` to explicit requests, for one machine and one image. Pure.

The firmware's partition and an ext4 /boot of at least 1 GiB stand first and are never encrypted: every GRUB can read
them. What is left is the root's:

* `plain`: partitions, on one disk.
* `lvm`: a volume group with a logical volume for each file system.
* `thinp`: the same with a thin pool; swap is a linear volume beside it.
* `btrfs`: a volume with the subvolumes `root` and, if there is to be a /home, `home`; swap is a partition.

**Disks.** One: that of the boot loader, else one on which a person has room made, else the one with the most room. LVM
and btrfs span all disks that `only_use` names, with a member on each that has a GiB free; LVM only those with the same
block size, since it refuses to mix them. **Sizes.** Root takes everything. With `home`, root gets 40 % of the room, at
most 70 GiB and at least what the image needs, and /home the rest, if that is at least 4 GiB; else there is no /home of
its own. **Swap**: none unless asked for (images bring zram), then what `swap_size` says. **Encryption** is that of each
member of a volume group or btrfs volume; with `plain`, of root, /home and swap each.

Where a partition table stays, an ESP or a BIOS boot partition on the disk of the boot loader is used again as it is.
"""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionTable
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.candidates import candidates
from ashore_installer.storage.clearing import ClearedDisk
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.firmware_partitions import existing_bios_boot, existing_esp
from ashore_installer.storage.needs import MINIMUM, boot_size, esp_size, root_minimum
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.reinstall import reinstall
from ashore_installer.storage.schemes import Ground, Sizes, overhead, requests_of, whole_extents
from ashore_installer.storage.shrink import after_shrinking, shrink_requests
from ashore_installer.storage.swap import swap_size
from ashore_installer.storage.wanted import default_root_format
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, PartitionRequest, Scheme, StorageRequest
from ashore_installer.units import GiB

_WORTHWHILE = 1 * GiB
"""Room for which a disk is made part of a volume group or btrfs volume."""
_ROOT_MOST = 70 * GiB
_ROOT_PERCENT = 40
_HOME_LEAST = 4 * GiB


def expand(request: StorageRequest, machine: MachineInfo, image: PayloadInfo, *, boot_disk: str = "") -> StorageRequest:
    """The request with explicit lists instead of `automatic` and `shrink`; what it allows to go is unchanged.

    Raises PlanError when no disk can be used, when a partition can't be shrunk, or when a system can't be replaced (see
    `reinstall`). Whether the layout fits is not said here but where it is placed.
    """
    shrunk = shrink_requests(request, machine)
    automatic = request.automatic
    if automatic is None:
        return replace(request, shrink=(), partitions=(*request.partitions, *shrunk))
    _refuse_contradictions(request, automatic)
    if automatic.reinstall:
        return reinstall(request, automatic, machine, image)
    chosen = _chosen(request, automatic, shrunk, after_shrinking(shrunk, machine), boot_disk)
    base = (*_firmware(machine, chosen[0]), *_boot(automatic, image, chosen[0]))
    lists = requests_of(automatic.scheme, _ground(automatic, chosen, base, machine, image, request))
    return replace(
        request,
        automatic=None,
        shrink=(),
        required=False,
        partitions=(*base, *lists.partitions, *shrunk),
        groups=lists.groups,
        volumes=lists.volumes,
        btrfs=lists.btrfs,
        subvolumes=lists.subvolumes,
    )


def _refuse_contradictions(request: StorageRequest, automatic: Automatic) -> None:
    listed = (request.partitions, request.arrays, request.groups, request.volumes, request.btrfs, request.subvolumes)
    if any(listed) or request.mounts:
        message = "The layout is to be automatic, but something to be made is listed too."
        raise PlanError((_problem(message, "Leave out one of the two."),))
    if automatic.scheme is Scheme.BTRFS and automatic.format not in (None, Format.BTRFS):
        message = f"The automatic layout is to be btrfs, but its root file system {automatic.format}."
        raise PlanError((_problem(message, "Choose another scheme, or leave the file system out."),))


def _problem(message: str, hint: str) -> Problem:
    return Problem(field="storage.automatic", message=message, hint=hint)


# --- disks ---------------------------------------------------------------------------------------------------


def _chosen(
    request: StorageRequest, automatic: Automatic, shrunk: tuple[PartitionRequest, ...],
    machine: MachineInfo, boot_disk: str,
) -> tuple[ClearedDisk, ...]:  # fmt: skip
    """The disks that get partitions, the one with the boot loader first.

    Who has room made on a disk, by clearing or shrinking, wants the system there and not where more is free.
    """
    made = {one.disk for one in shrunk}
    found = candidates(request, machine, boot_disk=boot_disk)
    named = machine.disk(boot_disk).id if boot_disk else ""
    ranked = sorted(found, key=lambda one: (one.disk.id != named, not one.asked and one.disk.id not in made))
    first, others = ranked[0], ranked[1:]
    if automatic.scheme is Scheme.PLAIN or not request.only_use:
        return (first,)
    others = [one for one in others if one.room >= _WORTHWHILE and one.entries]
    if automatic.scheme is not Scheme.BTRFS:
        encrypted = automatic.encryption is not None
        wanted = _block_size(first.disk, encrypted)
        others = [one for one in others if _block_size(one.disk, encrypted) == wanted]
    return (first, *others)


def _block_size(disk: DiskInfo, encrypted: bool) -> int:
    """Bytes of a block as LVM sees it: LUKS2 takes the physical sectors (cryptsetup-luksFormat(8), --sector-size)."""
    return max(disk.physical_sector_size if encrypted else 0, disk.sector_size)


# --- what firmware and boot loader need ----------------------------------------------------------------------


def _firmware(machine: MachineInfo, site: ClearedDisk) -> tuple[PartitionRequest, ...]:
    """An ESP or a BIOS boot partition; with an MBR, GRUB embeds itself before the first partition."""
    disk = site.disk.id
    kept = () if site.new_table else tuple(one for one in site.disk.partitions if one.number not in site.remove)
    if machine.firmware is Firmware.UEFI:
        found, size = existing_esp(kept), esp_size(site.room)
        wanted = PartitionRequest(mount="/boot/efi", format=Format.EFI, size=size, label="EFI-SYSTEM", disk=disk)
    elif site.table is PartitionTable.MSDOS:
        return ()
    else:
        found, size = existing_bios_boot(kept), MINIMUM[Format.BIOSBOOT]
        wanted = PartitionRequest(format=Format.BIOSBOOT, size=size, disk=disk)
    if found is None:
        return (wanted,)
    return (replace(wanted, size=0, label="", existing=partition_name(site.disk, found.number), keep=True),)


def _boot(automatic: Automatic, image: PayloadInfo, site: ClearedDisk) -> tuple[PartitionRequest, ...]:
    if not automatic.boot:
        return ()
    return (
        PartitionRequest(
            mount="/boot", format=Format.EXT4, size=boot_size(image), label="boot", disk=site.disk.id
        ),
    )  # fmt: skip


# --- sizes ---------------------------------------------------------------------------------------------------


def _ground(
    automatic: Automatic, chosen: tuple[ClearedDisk, ...], base: tuple[PartitionRequest, ...],
    machine: MachineInfo, image: PayloadInfo, request: StorageRequest,
) -> Ground:  # fmt: skip
    scheme = automatic.scheme
    format = Format.BTRFS if scheme is Scheme.BTRFS else default_root_format(request, image)  # noqa: A001
    room = sum(one.room for one in chosen) - sum(one.size for one in base)
    encrypted = automatic.encryption is not None
    usable = room - overhead(scheme, disks=len(chosen), room=max(room, 0), encrypted=encrypted)
    least = root_minimum(image, format, holds_boot=not automatic.boot)
    return Ground(
        disks=tuple(one.disk.id for one in chosen),
        room=max(room, 0),
        sizes=_sizes(automatic, max(usable, 0), least, machine.memory),
        format=format,
        home=automatic.home,
        group=_group_name(machine, image),
        encryption=automatic.encryption,
    )


def _sizes(automatic: Automatic, room: int, least: int, memory: int) -> Sizes:
    wants_swap = automatic.swap or automatic.hibernation
    swap = swap_size(memory, room=room, hibernation=automatic.hibernation) if wants_swap else 0
    if not automatic.home or automatic.scheme is Scheme.BTRFS:
        return Sizes(root=least, swap=swap)
    left = room - swap
    root = max(least, whole_extents(min(_ROOT_MOST, left * _ROOT_PERCENT // 100)))
    home = _HOME_LEAST if left - root >= _HOME_LEAST else 0
    return Sizes(root=root if home else least, home=home, swap=swap)


def _group_name(machine: MachineInfo, image: PayloadInfo) -> str:
    """The system's own name, with a number if a group of this machine has it already, even one that goes."""
    own = "".join(letter for letter in image.os_release.get("ID", "") if letter.isascii() and letter.isalnum())
    name, used = own or "system", {group.name for group in machine.groups}
    return next(one for one in (name, *(f"{name}{i}" for i in range(1, len(used) + 2))) if one not in used)
