"""QEMU's words to plug a disk into a running machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ashore_installer.errors import BadInput
from ashore_isogen.qemu.spec import Bus
from tests.vm.storage.disks import HOT, DiskSpec
from tests.vm.storage.machine import USB, port


def block_node(name: str, path: Path, spec: DiskSpec) -> dict[str, Any]:
    """The arguments of `blockdev-add`. Nobody needs the data after a crash of this host, so nothing is ever flushed."""
    options = {"discard": "unmap", "cache": {"no-flush": True}}
    file = {"driver": "file", "filename": str(path), **options}
    return {"driver": "raw", "node-name": f"{name}-image", "read-only": spec.readonly, "file": file, **options}


def devices(name: str, number: int, spec: DiskSpec) -> Iterator[dict[str, Any]]:
    """The arguments of each `device_add` for the disk in place `number`, with the serial number `name`.

    A SCSI disk brings its controller: beside the live system's disc it would interrupt what is read from there.
    """
    logical, physical = spec.sector_sizes
    common: dict[str, Any] = {"id": name, "drive": f"{name}-image", "serial": name}
    common |= {"logical_block_size": logical, "physical_block_size": physical}
    match spec.bus:
        case Bus.VIRTIO:
            yield {"driver": "virtio-blk-pci", "bus": port(number), **common}
        case Bus.NVME:
            yield {"driver": "nvme", "bus": port(number), **common}
        case Bus.SCSI:
            yield {"driver": "virtio-scsi-pci", "bus": port(number), "id": f"{name}-controller"}
            name_of_it = {"wwn": spec.wwn} if spec.wwn else {}
            yield {"driver": "scsi-hd", "bus": f"{name}-controller.0", **common, **name_of_it}
        case Bus.USB:
            yield {"driver": "usb-storage", "bus": USB, **common}
        case Bus.SATA:
            raise BadInput("QEMU can't plug in SATA disks.", f"Use one of {', '.join(HOT)}.")
