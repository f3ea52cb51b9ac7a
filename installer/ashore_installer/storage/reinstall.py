"""A new system in the place of one that is on the machine, which keeps what people have stored in it. Pure.

Of a traditional Linux its /boot and root are formatted (a btrfs subvolume is removed and made anew) and its /home
stays with its content, which takes a /home of its own. Of an image-mode system nothing is formatted: the root file
system holds other stateroots and the /var of its own, with /home in it, so the new deployment goes beside them. What
else the old system mounted of data (/var, /srv, …) is mounted again then; of a traditional one it stays as it is but is
not mounted, since the new system's users and services need not be the same. Its ESP or BIOS boot partition is used
again, and so is its swap space if there is to be any. Nothing of the disks beside that is touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ashore_installer.machine import ArrayInfo, DiskInfo, Firmware, MachineInfo, PartitionTable, SystemInfo, SystemKind
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.firmware_partitions import existing_bios_boot, existing_esp, is_esp
from ashore_installer.storage.needs import root_minimum
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.resolve import FoundPartition, FoundVolume, by_kernel_name, disks_below
from ashore_installer.storage.reuse import Use, btrfs_on, content_of, merged, reused
from ashore_installer.storage_plan import SWAP, Format
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_installer.units import human

_HOMES = ("/home", "/var/home")
_DATA = ("/home", "/var", "/srv", "/opt", "/root", "/mnt", "/media", "/usr/local")
"""Where the data of an image-mode system can be mounted; the rest of its tree is the image's."""
_ESP_MOUNTS = ("/boot/efi", "/efi", "/boot")
_ROOT_FORMATS = {one.value: one for one in (Format.XFS, Format.EXT4, Format.BTRFS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    """A system that is replaced; `mounts` are its, `others` those of all other systems."""

    system: SystemInfo
    mounts: dict[str, str]
    others: tuple[tuple[str, str], ...]

    @property
    def keeps_root(self) -> bool:
        return self.system.kind is SystemKind.OSTREE


def reinstall(
    request: StorageRequest, automatic: Automatic, machine: MachineInfo, image: PayloadInfo
) -> StorageRequest:
    """The request with explicit lists for a system in the place of the one that `automatic.reinstall` names.

    Raises PlanError when there is no such system, or when what should stay would not.
    """
    _refuse_contradictions(request, automatic)
    old = _old(automatic.reinstall, machine)
    default = Format.XFS if image.install.root_fs_type not in _ROOT_FORMATS else Format(image.install.root_fs_type)
    uses = (
        *_firmware(old, machine),
        *_system(old, automatic.format or default, machine),
        *_swap(old, automatic, machine),
    )
    problems = [
        *_home_problems(old, machine),
        *_device_problems(uses, machine),
        *_shared(uses, old),
        *_room_problems(old, automatic, machine, image),
    ]
    if problems:
        raise PlanError(problems)
    lists = merged([one for use in uses if (one := reused(use, machine))])
    return replace(lists, only_use=request.only_use, ignore=request.ignore, zram=request.zram)


def stateroot_of(request: StorageRequest, machine: MachineInfo) -> str:
    """The stateroot that holds the /var, and with it /home, of the system that is replaced; empty if that is unclear.

    A new deployment in another stateroot would not see what it keeps.
    """
    name = request.automatic.reinstall if request.automatic else ""
    found = [one for one in _linux(machine) if name in ("*", one.name)] if name else []
    return found[0].stateroots[0] if len(found) == 1 and len(found[0].stateroots) == 1 else ""


def _refuse_contradictions(request: StorageRequest, automatic: Automatic) -> None:
    if request.clear is not Clear.NONE or request.shrink or request.remove:
        message = "A reinstallation uses the partitions that are there, but some of them are to be removed or shrunk."
        raise PlanError((_problem(message, "Leave out one of the two."),))
    if automatic.encryption:
        message = "A reinstallation can't encrypt what is on the disk already."
        raise PlanError((_problem(message, "Erase the disk for an encrypted system, or reinstall without it."),))


def _problem(message: str, hint: str) -> Problem:
    return Problem(field="storage.automatic.reinstall", message=message, hint=hint)


# --- the old system ------------------------------------------------------------------------------------------


def _linux(machine: MachineInfo) -> list[SystemInfo]:
    return [one for one in machine.systems if one.kind in (SystemKind.LINUX, SystemKind.OSTREE)]


def _old(name: str, machine: MachineInfo) -> _Old:
    linux = _linux(machine)
    found = [one for one in linux if name in ("*", one.name)]
    if len(found) != 1:
        raise PlanError((_not_one(name, [one.name for one in linux], len(found), machine),))
    others = (mount for one in machine.systems if one is not found[0] for mount in one.mounts)
    return _Old(system=found[0], mounts=dict(found[0].mounts), others=tuple(others))


def _not_one(name: str, known: list[str], count: int, machine: MachineInfo) -> Problem:
    if count:
        what = "are several systems" if name == "*" else f"are {count} systems called {name!r}"
        message = f"There {what} that could be replaced: {', '.join(known)}."
        return _problem(message, "Name the one to replace; of two with the same name, none can be chosen.")
    what = "There is no Linux system" if name == "*" else f"There is no system {name!r}"
    locked = any(part.format == "crypto_LUKS" for disk in machine.disks for part in disk.partitions)
    hint = f"There are: {', '.join(known)}." if known else "Choose another layout."
    if locked and not known:
        hint = "A system in an encrypted partition can't be seen, and not be replaced; choose another layout."
    return _problem(f"{what} on this machine that could be replaced.", hint)


# --- what is used of it --------------------------------------------------------------------------------------


def _firmware(old: _Old, machine: MachineInfo) -> tuple[Use, ...]:
    """Its ESP, else one on the disks of its root; a BIOS boot partition there, which a disk with an MBR needs not."""
    disks = _disks_of(old.system.root, machine)
    if machine.firmware is Firmware.UEFI:
        own = [old.mounts[path] for path in _ESP_MOUNTS if _is_esp(old.mounts.get(path, ""), machine)]
        esps = own or [partition_name(disk, one.number) for disk in disks if (one := existing_esp(disk.partitions))]
        if not esps:
            raise PlanError((_no_loader(old, "EFI system partition with enough room", "UEFI"),))
        return (Use(device=esps[0], mount="/boot/efi", format=Format.EFI),)
    return _bios_boot(old, disks)


def _bios_boot(old: _Old, disks: tuple[DiskInfo, ...]) -> tuple[Use, ...]:
    """On each of the disks: where they hold a mirror, every one of them starts the machine."""
    if any(disk.table is PartitionTable.MSDOS for disk in disks):
        return ()
    found = [partition_name(disk, one.number) for disk in disks if (one := existing_bios_boot(disk.partitions))]
    if not found:
        raise PlanError((_no_loader(old, "BIOS boot partition", "BIOS"),))
    return tuple(Use(device=one, mount="", format=Format.BIOSBOOT) for one in found)


def _no_loader(old: _Old, what: str, firmware: str) -> Problem:
    message = f"This machine boots by {firmware}, and the disk of {old.system.name} has no {what}."
    return _problem(message, "Start the machine in the mode that the old system was installed in, or erase the disk.")


def _is_esp(device: str, machine: MachineInfo) -> bool:
    found = by_kernel_name(device, machine)
    return isinstance(found, FoundPartition) and is_esp(found.part)


def _disks_of(device: str, machine: MachineInfo) -> tuple[DiskInfo, ...]:
    found = by_kernel_name(device.partition(":")[0], machine)
    return disks_below(found, machine) if found else ()


def _system(old: _Old, format: Format, machine: MachineInfo) -> tuple[Use, ...]:  # noqa: A002 (the field's name)
    boot = old.mounts.get("/boot", "")
    own_boot = boot and boot != old.system.root and not _is_esp(boot, machine)
    if old.keeps_root:
        root = [Use(device=old.system.root, mount="/")]
        root += [Use(device=boot, mount="/boot")] if own_boot else []
        return (*root, *(Use(device=device, mount=path) for path, device in old.mounts.items() if _is_data(path)))
    if ":" in old.system.root:
        format = Format.BTRFS  # noqa: A001
    root = [Use(device=old.system.root, mount="/", keep=False, format=format, label="root")]
    root += [Use(device=boot, mount="/boot", keep=False, format=Format.EXT4, label="boot")] if own_boot else []
    return (*root, *(Use(device=old.mounts[path], mount=path) for path in _HOMES if path in old.mounts))


def _is_data(path: str) -> bool:
    return any(path == top or path.startswith(f"{top}/") for top in _DATA)


def _swap(old: _Old, automatic: Automatic, machine: MachineInfo) -> tuple[Use, ...]:
    """Swap space in its volume group or on its disks: what is in it is of no use to anybody after the next start."""
    if not automatic.swap and not automatic.hibernation:
        return ()
    names = _swap_spaces(old.system.root, machine)
    if automatic.hibernation:
        names = [name for name in names if _sizes(name, machine)[0] >= machine.memory]
    if not names:
        message = f"Swap space is wanted, and {old.system.name} has none that could be used again."
        if automatic.hibernation:
            message = f"{old.system.name} has no swap space that could take {human(machine.memory)} of memory."
        raise PlanError((_problem(message, "Leave the swap space out; there can be some in memory (zram)."),))
    return (Use(device=names[0], mount=SWAP, format=Format.SWAP),)


def _swap_spaces(root: str, machine: MachineInfo) -> list[str]:
    found = by_kernel_name(root.partition(":")[0], machine)
    groups = [found.group] if isinstance(found, FoundVolume) else []
    names = [f"{group.name}/{one.name}" for group in groups for one in group.volumes if one.format == SWAP]
    parts = [(disk, one) for disk in _disks_of(root, machine) for one in disk.partitions if one.format == SWAP]
    return names + [partition_name(disk, one.number) for disk, one in parts]


# --- what stands in the way ----------------------------------------------------------------------------------


def _home_problems(old: _Old, machine: MachineInfo) -> list[Problem]:
    """A /home that would go with what is formatted."""
    if old.keeps_root:
        return []
    root, homes = old.system.root, [old.mounts[path] for path in _HOMES if path in old.mounts]
    if not homes or any(_goes_with(home, root, machine) for home in homes):
        message = f"{old.system.name} has no /home that could be kept: it would be lost with the root ({root})."
        if not homes:
            message += " Or it is encrypted, so that it can't be seen."
        return [_problem(message, "Save what is in /home elsewhere, then choose a layout that erases the system.")]
    return []


def _goes_with(device: str, root: str, machine: MachineInfo) -> bool:
    """Whether something is lost when `root` is formatted or, if it is a btrfs subvolume, removed."""
    base, colon, path = root.partition(":")
    other, _, inside = device.partition(":")
    same = btrfs_on(base, machine)
    if device == root or (not colon and (base == other or (same is not None and same == btrfs_on(other, machine)))):
        return True
    in_one = base == other or (same is not None and same == btrfs_on(other, machine))
    return in_one and f"{inside}/".startswith(f"{path}/")


def _device_problems(uses: tuple[Use, ...], machine: MachineInfo) -> list[Problem]:
    found = []
    for use in uses:
        name = use.mount or "The BIOS boot partition"
        thing = by_kernel_name(use.device, machine)
        group = thing.group if isinstance(thing, FoundVolume) else None
        if reused(use, machine) is None:
            message = f"{name} lies on {use.device}, which is encrypted, or is not to be found on this machine."
            found.append(_problem(message, "Choose a layout that erases the disk, or attach what is missing."))
        elif not _disks_of(use.device, machine):
            message = f"{name} lies on {use.device}, and that on something that is encrypted or no partition."
            found.append(_problem(message, "Choose a layout that erases the disk."))
        elif group and group.missing:
            message = f"{name} lies in the volume group {group.name}, of which {group.missing} disks are missing."
            found.append(_problem(message, "Attach them, or choose another layout."))
    return found


def _shared(uses: tuple[Use, ...], old: _Old) -> list[Problem]:
    """What would be formatted though another system needs it."""
    found = []
    for use in uses:
        base, colon, path = use.device.partition(":")
        for mount, device in old.others if not use.keep else ():
            other, _, inside = device.partition(":")
            if base == other and (not colon or f"{inside}/".startswith(f"{path}/")):
                message = f"{use.mount} of {old.system.name} ({use.device}) is {mount} of another system too."
                found.append(_problem(message, "Erase the disk, or leave the systems as they are."))
    return found


def _room_problems(old: _Old, automatic: Automatic, machine: MachineInfo, image: PayloadInfo) -> list[Problem]:
    """Whether the new deployment fits beside what stays; how much that is, is known of what could be shrunk."""
    if not old.keeps_root:
        return []
    content = content_of(old.system.root, machine)
    there = _ROOT_FORMATS.get(content)
    if there is None:
        message = f"The root file system of {old.system.name} is {content or 'unknown'}, and it would have to stay."
        return [_problem(message, "Choose a layout that erases the system.")]
    if automatic.format not in (None, there):
        message = f"The root file system of {old.system.name} stays and is {there}, not {automatic.format}."
        return [_problem(message, "Leave the file system out.")]
    least, free = root_minimum(image, there, holds_boot="/boot" not in old.mounts), _free(old.system.root, machine)
    if free is None or free >= least:
        return []
    message = f"{image.name} needs {human(least)} beside what stays of {old.system.name}, and {human(free)} is free."
    return [_problem(message, "Make room in the old system, or choose a layout that erases it.")]


def _free(device: str, machine: MachineInfo) -> int | None:
    """Bytes that are free in a file system, or None if that is unknown."""
    base = device.partition(":")[0]
    if volume := btrfs_on(base, machine):
        sizes = [_sizes(one, machine)[0] for one in volume.members]
        return max(sum(sizes) - volume.used, 0) if volume.used else None
    size, least = _sizes(base, machine)
    return size - least if least else None


def _sizes(device: str, machine: MachineInfo) -> tuple[int, int]:
    """Of a device: its size, and what its content could be shrunk to, 0 if that is unknown."""
    found = by_kernel_name(device, machine)
    if isinstance(found, FoundPartition):
        return found.part.size, found.part.minimum
    if isinstance(found, FoundVolume):
        return found.volume.size, found.volume.minimum
    return (found.size if isinstance(found, ArrayInfo) else 0), 0
