"""The machine that is booted once, frozen, and thawed for every scenario. Both need the very same words for QEMU."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ashore_installer.units import GiB
from ashore_isogen.qemu.firmware import flash_for
from ashore_isogen.qemu.spec import Firmware, Kernel, Machine
from tests.vm.media import SAME_ADDRESSES, STEADY_CLOCK
from tests.vm.storage.inside import NAME

PORTS = 12
"""Disks that can be plugged in: PCI Express hot-plugs into root ports, which must be there from the start."""
SCSI = "scsi.0"
USB = "usb.0"
SQUASHFS, KERNEL, INITRD, STATE, VARIABLES = "rootfs.squashfs", "vmlinuz", "initrd.img", "state", "frozen-variables"

KARGS = (
    "root=live:/dev/sr0",
    "rd.live.image",
    "rd.overlay",
    "loop.max_loop=0",
    "console=ttyS0,115200",
    "quiet",
    "systemd.tty.term.ttyS0=dumb",
    "systemd.mask=ashore-live.service",
    "ashore.shell",
    STEADY_CLOCK,
    SAME_ADDRESSES,
)


def port(number: int) -> str:
    """The bus of a root port, from 0 on."""
    return f"port{number}"


def frozen_machine(firmware: Firmware, entry: Path, directory: Path) -> Machine:
    """The machine, with the files of `entry`. Its UEFI variables are made in `directory`, as they were when it froze.

    It names a kernel also when it is thawed: QEMU has memory for the program that loads one.
    """
    kernel = Kernel(kernel=entry / KERNEL, initrd=entry / INITRD, append=" ".join(KARGS))
    flash = flash_for(firmware, directory)
    if flash and (entry / VARIABLES).exists():
        shutil.copyfile(entry / VARIABLES, flash.variables)
    return Machine(memory=2 * GiB, cpus=1, flash=flash, kernel=kernel, network=False, reboot=False)


def devices(entry: Path, socket: Path) -> Iterator[str]:
    """QEMU's words for what every such machine has beside a `Machine`: the live system's disc, ports, our line."""
    file = {"driver": "file", "filename": str(entry / SQUASHFS)}
    medium: dict[str, Any] = {"driver": "raw", "node-name": "live", "read-only": True, "file": file}
    yield from ("-blockdev", json.dumps(medium))
    yield from ("-device", "virtio-scsi-pci,id=scsi", "-device", f"scsi-cd,bus={SCSI},drive=live")
    for number in range(PORTS):
        yield from ("-device", f"pcie-root-port,id={port(number)},chassis={number + 1},slot={number + 1}")
    yield from ("-chardev", f"socket,id=lab,path={socket},server=off")
    yield from ("-device", "virtio-serial-pci", "-device", f"virtserialport,chardev=lab,name={NAME}")
