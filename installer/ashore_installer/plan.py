"""The installation as values: `InstallPlan` is whole and exact, `Draft` is what a person asked for.

Every front end makes a Draft; `finalize` turns it into an InstallPlan for one machine and one image; the engine
consumes nothing else. Both are JSON through `codec`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ashore_installer.machine import PartitionTable
from ashore_installer.secret import Secret

VERSION = 1


class Format(StrEnum):
    """What a partition is formatted as. `BIOSBOOT` is GRUB's raw partition on GPT disks of BIOS machines."""

    XFS = "xfs"
    EXT4 = "ext4"
    BTRFS = "btrfs"
    EFI = "efi"
    BIOSBOOT = "biosboot"
    SWAP = "swap"


class Finish(StrEnum):
    """What happens after an unattended installation."""

    REBOOT = "reboot"
    POWEROFF = "poweroff"
    HALT = "halt"
    WAIT = "wait"


# --- payload -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePayload:
    """Image mode: a bootable container image that becomes an ostree deployment.

    `source` is read during the installation (skopeo's name: `oci:/run/initramfs/live/ashore/payload:payload`);
    `target` goes into the origin file and is what the installed system updates from (`docker://quay.io/x:y`).
    """

    source: str
    target: str
    signed: bool = False
    """The origin asks for a verified signature on every later update (`ostree-image-signed:`)."""
    stateroot: str = "default"


# --- storage -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskPlan:
    """What happens to one disk. `id` is stable, `name` and `size` (bytes) are those seen when the plan was made."""

    id: str
    name: str
    size: int
    table: PartitionTable | None = None
    """A new partition table of this kind, everything on the disk is lost; None keeps the table."""
    remove: tuple[int, ...] = ()
    """Numbers of partitions that go when the table is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionPlan:
    """A new partition; `start` and `size` in bytes, aligned. `id` is unique in the plan (`root`, `boot`, `efi`)."""

    id: str
    disk: str
    start: int
    size: int
    format: Format
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPlan:
    """Where a device of the plan is mounted in the installed system; `device` is the `id` of a partition.

    `path` is `swap` for swap space.
    """

    device: str
    path: str
    options: str = "defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlan:
    disks: tuple[DiskPlan, ...] = ()
    partitions: tuple[PartitionPlan, ...] = ()
    mounts: tuple[MountPlan, ...] = ()

    def mount(self, path: str) -> MountPlan | None:
        return next((mount for mount in self.mounts if mount.path == path), None)

    def partition(self, id: str) -> PartitionPlan:  # noqa: A002 (the field's name)
        return next(partition for partition in self.partitions if partition.id == id)

    def format_of(self, path: str) -> Format | None:
        mount = self.mount(path)
        return self.partition(mount.device).format if mount else None


# --- the system ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BootPlan:
    """`kargs` are the user's, added after those of the image; `disk` (a disk id) gets the boot loader."""

    disk: str
    kargs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RootAccount:
    """The root account. Without a password, or when locked, nobody logs in as root with one."""

    password: Secret | None = field(default=None)
    """Either plain text or, with `crypted`, a crypt(5) hash."""
    crypted: bool = False
    locked: bool = True
    ssh_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    gecos: str = ""
    groups: tuple[str, ...] = ()
    password: Secret | None = field(default=None)
    crypted: bool = False
    locked: bool = False
    uid: int | None = None
    gid: int | None = None
    shell: str = ""
    home: str = ""
    ssh_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    gid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """Who the installed system is. Empty text leaves what the image has."""

    hostname: str = ""
    locale: str = ""
    keymap: str = ""
    x11_layouts: tuple[str, ...] = ()
    timezone: str = ""
    utc: bool = True
    root: RootAccount = RootAccount()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()


class ScriptPhase(StrEnum):
    PRE = "pre"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script section of a kickstart. `line` is where it stands there, 0 if it came from elsewhere."""

    phase: ScriptPhase
    body: str
    interpreter: str = "/bin/sh"
    chroot: bool = True
    error_on_fail: bool = False
    log: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlan:
    """One installation on one machine, whole: nothing is asked and nothing is guessed any more."""

    version: int = VERSION
    payload: ImagePayload
    storage: StoragePlan
    boot: BootPlan
    system: SystemPlan = SystemPlan()
    scripts: tuple[Script, ...] = ()
    finish: Finish = Finish.WAIT
    eject: bool = False


# --- the draft -----------------------------------------------------------------------------------------------


class Clear(StrEnum):
    """Which existing partitions may be removed to make room (kickstart's `clearpart`)."""

    NONE = "none"
    LINUX = "linux"
    ALL = "all"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionRequest:
    """A partition somebody asked for. Sizes in bytes; `size` is the least with `grow`, `max_size` 0 is no limit."""

    mount: str = ""
    format: Format | None = None
    size: int = 0
    grow: bool = False
    max_size: int = 0
    disk: str = ""
    label: str = ""
    options: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRequest:
    """What may be used and what should be made. Disks are named by words that `DiskInfo.is_named` knows.

    `automatic` makes the default layout (with `root_format` if given); otherwise `partitions` is the layout.
    """

    only_use: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    clear: Clear = Clear.NONE
    clear_disks: tuple[str, ...] = ()
    """Disks that `clear` is limited to; empty means all usable ones."""
    clear_partitions: tuple[str, ...] = ()
    """What goes with `Clear.LIST`: partitions, as `vda2` or `disk/by-id/…-part2`, and all of a disk that is named."""
    zero_mbr: bool = False
    """Disks with an unknown or no partition table may be given one."""
    new_table: bool = False
    automatic: bool = False
    root_format: Format | None = None
    partitions: tuple[PartitionRequest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadRequest:
    """An image to install; all empty means the one that is embedded in the medium."""

    source: str = ""
    target: str = ""
    signed: bool = False
    stateroot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person has said so far; None is what must still be said.

    `lines` maps a field's path (`storage.only_use`) to the line of the kickstart it came from, for messages.
    """

    version: int = VERSION
    payload: PayloadRequest = PayloadRequest()
    storage: StorageRequest | None = None
    boot_disk: str = ""
    kargs: tuple[str, ...] = ()
    system: SystemPlan = SystemPlan()
    scripts: tuple[Script, ...] = ()
    finish: Finish = Finish.WAIT
    eject: bool = False
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a plan can't be carried out. `field` is a path in the Draft or the plan (`storage.only_use`)."""

    field: str
    message: str
    hint: str = ""
