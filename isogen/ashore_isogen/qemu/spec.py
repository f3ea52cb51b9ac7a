"""A virtual machine as a value, and the QEMU command line that makes it.

`argv` is pure: the same machine gives the same words. Facts are from QEMU's manual (system/invocation, system/images)
and hold for QEMU 6.2 and later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ashore_installer.units import GiB, MiB

BINARY = "qemu-system-x86_64"


class Firmware(StrEnum):
    """How the machine starts. `SECURE` is UEFI with Secure Boot on and Microsoft's keys enrolled."""

    BIOS = "bios"
    UEFI = "uefi"
    SECURE = "secure"


class Accelerator(StrEnum):
    """`KVM` runs the guest on the processor; `TCG` translates its code, about twenty times slower."""

    KVM = "kvm"
    TCG = "tcg"


TRANSLATED_CPUS = 1
"""Processors of a translated machine that must not crash.

Linux changes its own code while it runs. With several processors QEMU (7.2) sometimes lets one of them run what another
has just replaced, and the kernel ends with `Oops: int3`.
"""


class Bus(StrEnum):
    VIRTIO = "virtio"
    NVME = "nvme"
    SATA = "sata"
    SCSI = "scsi"
    USB = "usb"


class DiskFormat(StrEnum):
    RAW = "raw"
    QCOW2 = "qcow2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A disk image. `boot` is its place in the firmware's boot order, 1 first, 0 last and unnamed."""

    path: Path
    format: DiskFormat = DiskFormat.RAW
    bus: Bus = Bus.VIRTIO
    serial: str = ""
    readonly: bool = False
    boot: int = 0
    scratch: bool = False
    """Nobody needs the data after a crash of this host: QEMU never waits for the real disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A disc in a SATA drive (or, with `usb`, a stick with the same bytes)."""

    path: Path
    usb: bool = False
    boot: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """UEFI firmware: the program and this machine's own copy of the variable store."""

    code: Path
    variables: Path
    format: DiskFormat = DiskFormat.RAW
    secure: bool = False
    """The firmware runs in system management mode, so that the guest can't write the variables behind its back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A kernel that QEMU loads by itself, without firmware menus or boot loader."""

    kernel: Path
    initrd: Path | None = None
    append: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """The first serial port is this terminal, shared with QEMU's monitor (Ctrl-A C)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A serial port that QEMU connects to the unix socket at `path`, where somebody listens already."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A TCP port of the guest that can be reached at 127.0.0.1:`host` on this machine."""

    host: int
    guest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A whole virtual machine. `memory` in bytes. Without `flash` it is a BIOS machine."""

    memory: int = 2 * GiB
    cpus: int = 2
    flash: Flash | None = None
    disks: tuple[Disk, ...] = ()
    medium: Medium | None = None
    kernel: Kernel | None = None
    serial: tuple[Terminal | Socket, ...] = ()
    monitor: Path | None = None
    """QEMU connects its QMP monitor to the unix socket at this path, where somebody listens already."""
    network: bool = True
    forwards: tuple[Forward, ...] = ()
    window: bool = False
    reboot: bool = True
    """False: QEMU ends where the guest would start again."""


def argv(machine: Machine, accelerator: Accelerator) -> tuple[str, ...]:
    """The command that runs `machine`."""
    words = [BINARY, *_board(machine, accelerator), *_screen(machine), *_network(machine), *_serial(machine)]
    for number, disk in enumerate(machine.disks):
        words += _disk(disk, number)
    if machine.medium:
        words += _medium(machine.medium)
    if machine.kernel:
        words += _kernel(machine.kernel)
    if machine.monitor:
        words += ["-chardev", f"socket,id=monitor,path={_option(machine.monitor)},server=off"]
        words += ["-mon", "chardev=monitor,mode=control"]
    return (*words, *([] if machine.reboot else ["-no-reboot"]))


def _board(machine: Machine, accelerator: Accelerator) -> Iterator[str]:
    board = "q35"
    if machine.flash:
        yield from _flash(machine.flash)
        board += ",pflash0=firmware,pflash1=variables" + (",smm=on" if machine.flash.secure else "")
    yield from ("-machine", board)
    if accelerator is Accelerator.KVM:
        yield from ("-accel", "kvm", "-cpu", "host")
    else:
        yield from ("-accel", "tcg,thread=multi", "-cpu", "max")
    yield from ("-m", str(machine.memory // MiB), "-smp", str(machine.cpus), "-nodefaults")
    # Guests wait for random numbers at their first boot otherwise; USB is for sticks and the keyboard of a window.
    yield from ("-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb", "-device", "usb-kbd,bus=usb.0")


def _flash(flash: Flash) -> Iterator[str]:
    yield from ("-blockdev", _node("firmware", flash.code, flash.format, readonly=True))
    yield from ("-blockdev", _node("variables", flash.variables, flash.format))
    if flash.secure:
        yield from ("-global", "driver=cfi.pflash01,property=secure,value=on")
        # Sleeping (S3) and a variable store in system management mode exclude each other in OVMF.
        yield from ("-global", "ICH9-LPC.disable_s3=1")


def _screen(machine: Machine) -> tuple[str, ...]:
    return ("-vga", "std") if machine.window else ("-vga", "std", "-display", "none")


def _network(machine: Machine) -> tuple[str, ...]:
    if not machine.network:
        return ()
    forwards = "".join(f",hostfwd=tcp:127.0.0.1:{port.host}-:{port.guest}" for port in machine.forwards)
    # Without its ROM the card is no boot device: a machine with nothing to boot says so at once.
    return ("-netdev", f"user,id=net{forwards}", "-device", "virtio-net-pci,netdev=net,romfile=")


def _serial(machine: Machine) -> Iterator[str]:
    for number, port in enumerate(machine.serial):
        name = f"serial{number}"
        if isinstance(port, Terminal):
            yield from ("-chardev", f"stdio,id={name},mux=on,signal=off", "-mon", f"chardev={name},mode=readline")
        else:
            yield from ("-chardev", f"socket,id={name},path={_option(port.path)},server=off")
        yield from ("-serial", f"chardev:{name}")


def _disk(disk: Disk, number: int) -> Iterator[str]:
    name = f"disk{number}"
    yield from ("-blockdev", _node(name, disk.path, disk.format, readonly=disk.readonly, scratch=disk.scratch))
    options = f"drive={name}" + (f",serial={_escaped(disk.serial)}" if disk.serial else "")
    options += f",bootindex={disk.boot}" if disk.boot else ""
    match disk.bus:
        case Bus.VIRTIO:
            yield from ("-device", f"virtio-blk-pci,{options}")
        case Bus.NVME:
            # A drive without a serial number is refused.
            yield from ("-device", f"nvme,{options}" + ("" if disk.serial else f",serial={name}"))
        case Bus.SATA:
            yield from ("-device", f"ide-hd,bus=ide.{number},{options}")
        case Bus.SCSI:
            yield from (
                "-device",
                f"virtio-scsi-pci,id=scsi{number}",
                "-device",
                f"scsi-hd,bus=scsi{number}.0,{options}",
            )
        case Bus.USB:
            yield from ("-device", f"usb-storage,bus=usb.0,{options}")


def _medium(medium: Medium) -> Iterator[str]:
    yield from ("-blockdev", _node("medium", medium.path, DiskFormat.RAW, readonly=True))
    boot = f",bootindex={medium.boot}" if medium.boot else ""
    # The q35 board has six SATA ports; disks take them from the first on, the drive has the last.
    device = "usb-storage,bus=usb.0,removable=on" if medium.usb else "ide-cd,id=cdrom,bus=ide.5"
    yield from ("-device", f"{device},drive=medium{boot}")


def _kernel(kernel: Kernel) -> Iterator[str]:
    yield from ("-kernel", str(kernel.kernel))
    if kernel.initrd:
        yield from ("-initrd", _option(kernel.initrd))
    if kernel.append:
        yield from ("-append", kernel.append)


def _node(name: str, path: Path, kind: DiskFormat, *, readonly: bool = False, scratch: bool = False) -> str:
    """A `-blockdev` argument. JSON, because there any path is just text."""
    cache = {"cache": {"no-flush": True}} if scratch else {}
    file = {"driver": "file", "filename": str(path), "discard": "unmap", **cache}
    node = {"driver": kind.value, "node-name": name, "read-only": readonly, "discard": "unmap", "file": file, **cache}
    return json.dumps(node, ensure_ascii=False)


def _option(path: Path) -> str:
    return _escaped(str(path))


def _escaped(text: str) -> str:
    """Text as a value in a comma separated option."""
    return text.replace(",", ",,")
