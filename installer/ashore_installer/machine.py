"""What a machine has: firmware, disks, memory, network. A value; `probe.py` fills it on a real machine."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.errors import BadInput
from ashore_installer.units import human

VERSION = 1

_OCI_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}


def oci_architecture(machine: str) -> str:
    """OCI's word (Go's GOARCH) for uname's (`x86_64` is `amd64`); others are the same in both."""
    return _OCI_ARCHITECTURES.get(machine, machine)


def this_architecture() -> str:
    """The architecture that this program runs on, in OCI's words."""
    return oci_architecture(platform.machine())


class Firmware(StrEnum):
    BIOS = "bios"
    UEFI = "uefi"


class PartitionTable(StrEnum):
    GPT = "gpt"
    MSDOS = "msdos"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionInfo:
    """A partition as it is on a disk now. `start` and `size` in bytes."""

    number: int
    start: int
    size: int
    type: str = ""
    """GPT type GUID in lower case, or the MBR type as `0x83`."""
    name: str = ""
    format: str = ""
    """What blkid finds in it: `ext4`, `vfat`, `crypto_LUKS`, `LVM2_member`, …"""
    label: str = ""
    uuid: str = ""
    mounted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskInfo:
    """A whole disk. `size` and `sector_size` (logical) in bytes.

    `ids` are names that survive a reboot, best first: links below `/dev/disk`, as `by-id/virtio-abc` or
    `by-path/pci-0000:00:04.0`.
    """

    name: str
    ids: tuple[str, ...]
    size: int
    sector_size: int = 512
    model: str = ""
    serial: str = ""
    transport: str = ""
    removable: bool = False
    read_only: bool = False
    medium: bool = False
    """The medium that the running system was booted from; never a destination."""
    busy: str = ""
    """Why the disk is in use now (a mounted partition, an active array), or empty."""
    table: PartitionTable | None = None
    format: str = ""
    """What blkid finds on the whole disk when it has no partition table."""
    partitions: tuple[PartitionInfo, ...] = ()

    @property
    def id(self) -> str:
        return self.ids[0] if self.ids else self.name

    def describe(self) -> str:
        """One line by which a person tells this disk from the others."""
        facts = [self.model, self.transport, self.serial and f"serial {self.serial}", f"/dev/{self.name}"]
        return f"{human(self.size)} {', '.join(fact for fact in facts if fact)} [{self.id}]"

    def is_named(self, selector: str) -> bool:
        """Whether a user's word means this disk: `vda`, `/dev/vda`, `disk/by-id/…`, `/dev/disk/by-path/…`."""
        word = selector.removeprefix("/dev/").removeprefix("disk/")
        return word == self.name or word in self.ids


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLink:
    name: str
    mac: str
    up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineInfo:
    """A machine at one moment. `memory` in bytes; `architecture` in OCI words (`amd64`)."""

    version: int = VERSION
    architecture: str
    firmware: Firmware
    secure_boot: bool = False
    memory: int
    consoles: tuple[str, ...] = ()
    """`console=` arguments of the running kernel, in their order, such as `tty0` and `ttyS0,115200`."""
    disks: tuple[DiskInfo, ...] = ()
    links: tuple[NetworkLink, ...] = ()

    def disk(self, selector: str) -> DiskInfo:
        """The disk a user's word means. Raises BadInput when there is none."""
        for disk in self.disks:
            if disk.is_named(selector):
                return disk
        known = ", ".join(disk.name for disk in self.disks) or "none at all"
        raise BadInput(f"There is no disk {selector!r} in this machine.", f"The disks are: {known}.")
