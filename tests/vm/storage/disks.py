"""Disks of scenarios: what a person writes for one, and QEMU's words to plug it in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ashore_installer.errors import BadInput
from ashore_installer.units import parse_size
from ashore_isogen.qemu.spec import Bus
from tests.vm.storage.machine import USB, port

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

    @property
    def sector_size(self) -> int:
        return _SIZES[self.sectors][0]


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


def block_node(name: str, path: Path, spec: DiskSpec) -> dict[str, Any]:
    """The arguments of `blockdev-add`. Nobody needs the data after a crash of this host, so nothing is ever flushed."""
    options = {"discard": "unmap", "cache": {"no-flush": True}}
    file = {"driver": "file", "filename": str(path), **options}
    return {"driver": "raw", "node-name": f"{name}-image", "read-only": spec.readonly, "file": file, **options}


def devices(name: str, number: int, spec: DiskSpec) -> Iterator[dict[str, Any]]:
    """The arguments of each `device_add` for the disk in place `number`, with the serial number `name`.

    A SCSI disk brings its controller: beside the live system's disc it would interrupt what is read from there.
    """
    logical, physical = _SIZES[spec.sectors]
    common: dict[str, Any] = {"id": name, "drive": f"{name}-image", "serial": name}
    common |= {"logical_block_size": logical, "physical_block_size": physical}
    match spec.bus:
        case Bus.VIRTIO:
            yield {"driver": "virtio-blk-pci", "bus": port(number), **common}
        case Bus.NVME:
            yield {"driver": "nvme", "bus": port(number), **common}
        case Bus.SCSI:
            yield {"driver": "virtio-scsi-pci", "bus": port(number), "id": f"{name}-controller"}
            yield {"driver": "scsi-hd", "bus": f"{name}-controller.0", **common}
        case Bus.USB:
            yield {"driver": "usb-storage", "bus": USB, **common}
        case Bus.SATA:
            raise BadInput("QEMU can't plug in SATA disks.", f"Use one of {', '.join(HOT)}.")
