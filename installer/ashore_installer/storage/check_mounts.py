"""Checks of mount points, and of what the installed system must be able to open and read for them."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.machine import MachineInfo, SystemKind
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.found import disk_of
from ashore_installer.storage.plan_names import field_of
from ashore_installer.storage_plan import SWAP, Format, MountPlan, StoragePlan, VolumeKind

ROOT_FORMATS = (Format.XFS, Format.EXT4, Format.BTRFS, Format.EXT3, Format.EXT2)
BOOT_FORMATS = ROOT_FORMATS
_UNMOUNTABLE = frozenset({Format.BIOSBOOT, Format.LUKS, Format.LVMPV, Format.RAID, Format.NTFS, Format.NONE})

_FIXED = ("/", "/boot", "/boot/efi")
# In image mode the system's own tree is read-only and comes from the image: what can be separate is what lies in the
# stateroot's /var, also by the links that bootable images have at these names, and /tmp.
_SEPARATE = ("/var", "/home", "/root", "/srv", "/opt", "/mnt", "/media", "/usr/local", "/tmp")

# Of a system made of packages: needed before other file systems are mounted, links into /usr, or mounted anyway.
_STARTS = ("/etc", "/bin", "/sbin", "/lib", "/lib64", "/dev", "/proc", "/sys", "/run", "/var/run", "/lost+found")

_DRIVERS = {
    "virtio": "virtio",
    "nvme": "nvme",
    "ata": "ahci",
    "sata": "ahci",
    "scsi": "scsi",
    "sas": "scsi",
    "usb": "usb",
}
_EXT = (Format.EXT2, Format.EXT3)
_PROGRAMS = {
    "crypt": ("systemd-cryptsetup", "open encrypted devices"),
    "lvm": ("lvm", "open logical volumes"),
    "thin": ("thin", "open thin volumes"),
    "raid": ("mdadm", "assemble arrays"),
    "tpm2": ("systemd-cryptenroll", "put a key into the TPM"),
}
"""For words of `image.INITRAMFS_WORDS`: the one of `image.PROGRAMS` that does it later, and what it does."""


def check_mounts(storage: StoragePlan, machine: MachineInfo, image: PayloadInfo) -> tuple[Problem, ...]:
    """Why something can't be mounted where the plan says, by a system like `image`."""
    whole = isinstance(image, PackagesInfo)
    return (
        *_mount_points(storage, whole=whole),
        *_root(storage, machine, whole=whole),
        *_initramfs(storage, machine, image),
        *_later(storage, image),
    )


def _mount_points(storage: StoragePlan, *, whole: bool) -> Iterator[Problem]:
    """With `whole` the system is made of packages, and any directory but those that it starts from can be separate."""
    paths = [mount.path for mount in storage.mounts if mount.path != SWAP]
    for path in dict.fromkeys(path for path in paths if paths.count(path) > 1):
        yield _problem(f"The mount point {path} is used twice.", "Remove one of the two.")
    for mount in storage.mounts:
        block = storage.block_of(mount.device)
        if block:
            yield from _mount_point(mount, block.format, whole=whole)
        if any(letter.isspace() for letter in mount.options) or not mount.options.isprintable() or not mount.options:
            message = f"The mount options of {mount.path}, {mount.options!r}, can't be written into /etc/fstab."
            yield _problem(message, "Separate options by commas only.")


def _mount_point(mount: MountPlan, format: Format, *, whole: bool) -> Iterator[Problem]:  # noqa: A002 (the field's name)
    if (mount.path == SWAP) != (format is Format.SWAP) or format in _UNMOUNTABLE:
        yield _problem(f"{format} can't be mounted at {mount.path}.", "Choose a file system.")
    elif mount.path != SWAP and (mount.path == "/boot/efi") != (format is Format.EFI):
        yield _problem(f"{format} can't be mounted at {mount.path}.", "The ESP is at /boot/efi.")
    elif mount.path != SWAP and not _is_plain_path(mount.path):
        yield _problem(f"{mount.path!r} is no mount point.", "Write a path from / on, without dots.")
    elif mount.path != SWAP and whole:
        if _is_start(mount.path):
            message = f"The system starts from {mount.path}, which can't be a file system of its own."
            yield _problem(message, "Leave it on the root file system.")
    elif mount.path != SWAP and not _can_be_separate(mount.path):
        message = f"{mount.path} is part of the image and can't be a file system of its own."
        yield _problem(message, f"These and what is below them can: {', '.join(_SEPARATE)}.")


def _can_be_separate(path: str) -> bool:
    return path in _FIXED or any(path == top or path.startswith(f"{top}/") for top in _SEPARATE)


def _is_start(path: str) -> bool:
    return any(path == top or path.startswith(f"{top}/") for top in _STARTS)


def _is_plain_path(path: str) -> bool:
    parts = path.split("/")
    if path == "/":
        return True
    plain = parts[0] == "" and all(part and part not in (".", "..") for part in parts[1:])
    return plain and path.isprintable() and not any(letter.isspace() or letter in '\\"' for letter in path)


def _root(storage: StoragePlan, machine: MachineInfo, *, whole: bool) -> Iterator[Problem]:
    root, boot = storage.format_of("/"), storage.format_of("/boot")
    if root is None:
        yield _problem("There is no root file system.", "Add `part / --size=8192 --grow`.")
    elif root not in ROOT_FORMATS:
        yield _problem(f"The root file system can't be {root}.", "Use xfs, ext4, ext3, ext2 or btrfs.")
    if boot and boot not in BOOT_FORMATS:
        yield _problem(f"/boot can't be {boot}.", "Use ext4: libostree needs symbolic links.")
    if _is_kept(storage, "/") and whole:
        message = "The root file system is to stay as it is, and packages are only installed into an empty one."
        yield _problem(message, "Let it be formatted.")
    elif _is_kept(storage, "/") and not _has_stateroots(storage, machine):
        message = (
            "The root file system is to stay as it is, and there is no system in image mode on it to stand beside."
        )
        yield _problem(message, "Let it be formatted.")
    elif _is_kept(storage, "/boot") and not _is_kept(storage, "/") and _boots_another(storage, machine):
        message = "/boot is to stay as it is, with boot entries of a system whose root is another one."
        yield _problem(message, "Let /boot be formatted, or use another partition for it.")


def _is_kept(storage: StoragePlan, path: str) -> bool:
    """Whether a file system stays with what is in it. A new subvolume of a volume that stays is new."""
    mount = storage.mount(path)
    subvolume = next((one for one in storage.subvolumes if mount and one.id == mount.device), None)
    if mount is None or subvolume:
        return bool(subvolume and subvolume.existing)
    volume = next((one for one in storage.btrfs if one.id == mount.device), None)
    block = storage.block_of(mount.device)
    return bool(volume.existing if volume else block and block.keep)


def _boots_another(storage: StoragePlan, machine: MachineInfo) -> bool:
    """Whether the /boot of the plan is that of a system that is on the disks."""
    mount = storage.mount("/boot")
    block = storage.block_of(mount.device) if mount else None
    name = block.existing.name if block and block.existing else ""
    return any(dict(one.mounts).get("/boot", "").partition(":")[0] == name for one in machine.systems if name)


def _has_stateroots(storage: StoragePlan, machine: MachineInfo) -> bool:
    """Whether the root that stays is that of a system in image mode, whose other stateroots stay with it."""
    mount = storage.mount("/")
    block = storage.block_of(mount.device) if mount else None
    name = block.existing.name if block and block.existing else ""
    roots = {one.root.partition(":")[0] for one in machine.systems if one.kind is SystemKind.OSTREE}
    return bool(name) and name in roots


# --- what the installed system can open ----------------------------------------------------------------------


def early_needs(storage: StoragePlan, machine: MachineInfo) -> dict[str, str]:
    """What an initramfs must be able to do to mount the root: words of `INITRAMFS_WORDS`, each with what it means."""
    root = storage.mount("/")
    return _needed(storage, root.device, machine) if root else {}


def _initramfs(storage: StoragePlan, machine: MachineInfo, image: PayloadInfo) -> Iterator[Problem]:
    """Before the root is mounted there is only what the image's initramfs brings. An unread one is not judged."""
    root = storage.mount("/")
    if root is None or not image.initramfs:
        return
    for word, what in sorted(early_needs(storage, machine).items()):
        if word not in image.initramfs:
            message = f"The initramfs of {image.name} can't {what}, and the root file system needs that."
            hint = "Take another layout, or an image whose initramfs has it."
            yield Problem(field=field_of(storage, root.device), message=message, hint=hint)


def _needed(storage: StoragePlan, device: str, machine: MachineInfo) -> dict[str, str]:
    """Words of `image.INITRAMFS_WORDS` for a mount's device, each with what it means."""
    needed = _opened(storage, device)
    block = storage.block_of(device)
    if block:
        name = Format.EXT4 if block.format in _EXT else block.format
        needed[name.value] = f"mount {name}"
    for partition in storage.partitions_below(device):
        disk = disk_of(partition.disk, machine)
        driver = _DRIVERS.get(disk.transport) if disk else None
        if disk and driver:
            needed.setdefault(driver, f"find {disk.transport} disks such as {disk.name}")
    return needed


def _opened(storage: StoragePlan, device: str) -> dict[str, str]:
    """What has to be opened for something: a word, and what it means."""
    found: dict[str, str] = {}
    for one in storage.encrypted:
        if one.id == device:
            found["crypt"] = "open encrypted devices"
            if one.encryption.tpm2:
                found["tpm2"] = "use a key in the TPM"
    for volume in storage.volumes:
        if volume.id == device:
            found["lvm"] = "open logical volumes"
            if volume.kind is VolumeKind.THIN:
                found["thin"] = "open thin volumes"
    if any(array.id == device for array in storage.arrays):
        found["raid"] = "assemble RAID arrays"
    for lower in storage.below(device):
        found |= _opened(storage, lower)
    return found


def _later(storage: StoragePlan, image: PayloadInfo) -> Iterator[Problem]:
    """What is mounted after the root is opened by the image's own programs."""
    if not image.programs:
        return
    for mount in storage.mounts:
        for word in _opened(storage, mount.device):
            program, what = _PROGRAMS[word]
            if program not in image.programs and (mount.path != "/" or word == "tpm2"):
                message = f"{image.name} has no {program} to {what}, and {mount.path} needs it."
                yield _problem(message, "Take another layout, or an image that has it.")


def _problem(message: str, hint: str) -> Problem:
    return Problem(field="storage.mounts", message=message, hint=hint)
