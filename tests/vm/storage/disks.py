"""A disk of a scenario as a value, and how a person writes one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashore_installer.errors import BadInput
from ashore_installer.units import parse_size
from ashore_isogen.qemu.spec import Bus

HOT = (Bus.VIRTIO, Bus.NVME, Bus.SCSI, Bus.USB)
"""QEMU's SATA controller takes no disk while the machine runs."""


class Sectors(StrEnum):
    """Logical and physical sectors: 512 and 512, 512 and 4096, 4096 and 4096 bytes."""

    PLAIN = "512"
    EMULATED = "512e"
    NATIVE = "4kn"


_SIZES = {Sectors.PLAIN: (512, 512), Sectors.EMULATED: (512, 4096), Sectors.NATIVE: (4096, 4096)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpec:
    """A disk to be. `size` in bytes; the image is sparse, so that it may be larger than this host's disks."""

    size: int
    bus: Bus = Bus.VIRTIO
    sectors: Sectors = Sectors.PLAIN
    readonly: bool = False
    wwn: int = 0
    """A world wide name for a SCSI disk; two with the same are paths to one."""

    @property
    def sector_sizes(self) -> tuple[int, int]:
        """Logical and physical."""
        return _SIZES[self.sectors]


def disk_from(text: str) -> DiskSpec:
    """`10G`, `8G:nvme`, `8G:scsi,4kn`, `3T:usb,512e`, `1G:virtio,ro`. Raises BadInput."""
    size, _, rest = text.partition(":")
    words = [word for word in rest.split(",") if word]
    try:
        buses = [Bus(word) for word in words if word in HOT]
        sectors = [Sectors(word) for word in words if word in tuple(Sectors)]
        if len(buses) + len(sectors) + words.count("ro") != len(words) or len(buses) > 1 or len(sectors) > 1:
            raise ValueError(rest)
        return DiskSpec(
            size=parse_size(size),
            bus=buses[0] if buses else Bus.VIRTIO,
            sectors=sectors[0] if sectors else Sectors.PLAIN,
            readonly="ro" in words,
        )
    except ValueError:
        known = ", ".join((*HOT, *Sectors, "ro"))
        raise BadInput(f"{text} is no disk.", f"Write it as 8G:nvme,4kn; after the size may come {known}.") from None
