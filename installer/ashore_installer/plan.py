"""The installation as values: `InstallPlan` is whole and exact, `Draft` is what a person asked for.

Every front end makes a Draft; `finalize` turns it into an InstallPlan for one machine and one image; the engine
consumes nothing else. Both are JSON through `codec`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ashore_installer.network_plan import NetworkConnection
from ashore_installer.package_plan import PackagePayload
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import StorageRequest

VERSION = 1


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


Payload = ImagePayload | PackagePayload


# --- the system ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BootPlan:
    """`kargs` are the user's, added after those of the image; `disks` (ids) get the boot loader, the first boots first.

    There are several where the system lies on a RAID that survives one of them.
    """

    disks: tuple[str, ...]
    kargs: tuple[str, ...] = ()
    leave_order: bool = False
    """The firmware's boot order stays as it is; the new entry is added at its end."""
    timeout: int | None = None
    """Seconds that the boot loader's menu waits; None leaves what the boot loader has."""


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
    network: tuple[NetworkConnection, ...] = ()
    """Cards without one of these do what the system does by itself."""


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
    payload: Payload
    storage: StoragePlan
    boot: BootPlan
    system: SystemPlan = SystemPlan()
    scripts: tuple[Script, ...] = ()
    finish: Finish = Finish.WAIT
    eject: bool = False

    @property
    def image(self) -> ImagePayload:
        """The image to install, for what is only done in image mode."""
        if not isinstance(self.payload, ImagePayload):
            raise TypeError("the plan has no image")
        return self.payload


# --- the draft -----------------------------------------------------------------------------------------------


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
    packages: PackagePayload | None = None
    """Traditional mode, if there is one; `payload` then has no effect."""
    storage: StorageRequest | None = None
    boot_disk: str = ""
    leave_boot_order: bool = False
    boot_timeout: int | None = None
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
