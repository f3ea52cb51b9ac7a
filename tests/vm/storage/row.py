"""A scenario as a value: disks, what is on them, what is asked for, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.units import GiB
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage.disks import DiskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A block device with something in it, in the words of lsblk; LVM's volumes are `vg/root`.

    An opened LUKS device is `luks:` and what it lies on, an array `md:` and its name. A btrfs volume's subvolumes are
    `vda3:home`. `mount` is where the plan mounts it, `size` in bytes, 0 for a size that is not looked at.
    """

    name: str
    size: int = 0
    format: str = ""
    mount: str = ""
    label: str = ""
    kind: str = "part"
    on: tuple[str, ...] = ()
    """What it lies on, unless that is the disk of a partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A command for bash, run when everything is made and mounted at $TARGET, and all it must say."""

    command: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scenario. `seen` is everything on its disks afterwards, `refused` a part of the message when it can't be."""

    name: str
    kickstart: str
    disks: tuple[DiskSpec, ...] = (DiskSpec(size=20 * GiB),)
    firmware: Firmware = Firmware.BIOS
    prepare: str = ""
    """Commands for bash that make what is on the disks before."""
    between: str = ""
    """Commands for bash between the plan and the first write."""
    image: str = "able"
    """Which recorded image is installed: `able` opens everything, `plain` nothing but file systems on partitions."""
    seen: tuple[Seen, ...] = ()
    looks: tuple[Look, ...] = ()
    refused: str = ""
    quick: bool = False
    """Part of `make test`, for which one frozen machine, that with a BIOS, is made."""
    source: str = ""
    """Which test of the public kickstart-tests asks for the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a look said."""

    command: str
    status: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a row inside the guest. `refused` is the message, empty when everything was made."""

    refused: str = ""
    written: bool = False
    """Whether writing had begun."""
    seen: tuple[Seen, ...] = ()
    said: tuple[Said, ...] = ()
    left: tuple[str, ...] = ()
    """What was still mounted or active after the last step and had not been before."""
    seconds: float = 0.0
