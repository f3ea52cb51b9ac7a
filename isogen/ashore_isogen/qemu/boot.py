"""`ashore iso boot`: start an ISO in QEMU, in this terminal or in a window."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.units import GiB, MiB, human, parse_size
from ashore_isogen.cache import Cache
from ashore_isogen.qemu.firmware import flash_for
from ashore_isogen.qemu.probe import accelerator, require_qemu
from ashore_isogen.qemu.restart import EndWatch
from ashore_isogen.qemu.spec import (
    TRANSLATED_CPUS,
    Accelerator,
    Disk,
    DiskFormat,
    Firmware,
    Machine,
    Medium,
    Terminal,
    argv,
)

log = logging.getLogger(__name__)

DISK_SIZE = 20 * GiB
LEAST_MEMORY = 512 * MiB
CPUS = 2

_ISO_MAGIC = (0x8001, b"CD001")
"""ECMA-119, 8.1: the first volume descriptor is in sector 16; its identifier starts at its second byte."""
_QCOW2_MAGIC = b"QFI\xfb"


@dataclass(frozen=True, slots=True, kw_only=True)
class BootRequest:
    """What `ashore iso boot` was asked for. `memory` in bytes.

    `disk` is the size in bytes of a new disk that is thrown away afterwards, or a file (raw or qcow2) that stays.
    """

    iso: Path
    firmware: Firmware = Firmware.UEFI
    disk: int | Path = DISK_SIZE
    memory: int = 2 * GiB
    cpus: int | None = None
    """None is a choice for this host: two, or one where KVM does not work."""
    window: bool = False
    usb: bool = False
    """The ISO is a USB stick instead of a disc."""


def disk_from(text: str) -> int | Path:
    """The value of `--disk`: `20G` is a size, anything else a file; `./20G` is one too."""
    try:
        return parse_size(text)
    except ValueError:
        return Path(text)


def boot(request: BootRequest) -> int:
    """Run the machine until the guest powers off or the person quits, and give QEMU's exit status.

    Raises BadInput for files that are no ISO or no disk, InstallerError when QEMU or its firmware is missing.
    """
    check(request)
    require_qemu()
    with ExitStack() as stack:
        # The disk may grow to many GiB; /tmp may be in memory.
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ashore-boot-", dir="/var/tmp")))
        how = accelerator(Cache.of_user().top)
        machine = machine_for(request, scratch, how)
        print(_introduction(request, how), flush=True)
        return _run(argv(machine, how)) if how is Accelerator.KVM else _run_translated(machine, scratch)


def check(request: BootRequest) -> None:
    """Raises BadInput when the request can't work, before anything is made."""
    if not _has(request.iso, *_ISO_MAGIC):
        raise BadInput(f"{request.iso} is not an ISO image.", "Make one with `ashore iso build`.")
    if request.memory < LEAST_MEMORY:
        raise BadInput(
            f"{human(request.memory)} of memory is not enough.", f"Give it {human(LEAST_MEMORY)} or more."
        )  # fmt: skip
    if request.cpus is not None and request.cpus < 1:
        raise BadInput("A machine without processors can't run.", "Give it one or more.")
    if isinstance(request.disk, int):
        if request.disk < MiB:
            raise BadInput(f"A disk of {human(request.disk)} is too small.", "Write sizes like 20G.")
    elif request.disk.is_dir() or not request.disk.absolute().parent.is_dir():
        raise BadInput(f"{request.disk} can't be a disk image.", "Name a file in a directory that exists.")


def machine_for(request: BootRequest, scratch: Path, how: Accelerator) -> Machine:
    """The machine, with the files it needs made in the directory `scratch` (and the disk, if it does not exist)."""
    path = scratch / "disk.raw" if isinstance(request.disk, int) else request.disk
    if not path.exists():
        with path.open("xb") as file:
            os.truncate(file.fileno(), request.disk if isinstance(request.disk, int) else DISK_SIZE)
    # An empty disk first: what gets installed starts at the next boot, as it would on a real machine.
    disk_first = is_blank(path)
    disk = Disk(
        path=path,
        format=DiskFormat.QCOW2 if _has(path, 0, _QCOW2_MAGIC) else DiskFormat.RAW,
        serial="ashore-disk",
        boot=1 if disk_first else 2,
        scratch=isinstance(request.disk, int),
    )
    return Machine(
        memory=request.memory,
        cpus=request.cpus or (CPUS if how is Accelerator.KVM else TRANSLATED_CPUS),
        flash=flash_for(request.firmware, scratch),
        disks=(disk,),
        medium=Medium(path=request.iso, usb=request.usb, boot=2 if disk_first else 1),
        serial=() if request.window else (Terminal(),),
        window=request.window,
    )


def is_blank(path: Path) -> bool:
    """Is the first MiB of a raw disk all zeros, so that nothing can boot from it?"""
    with path.open("rb") as file:
        return not any(file.read(MiB))


def _introduction(request: BootRequest, how: Accelerator) -> str:
    lines = [f"Booting {request.iso} ({request.firmware}, {human(request.memory)} of memory)."]
    if how is Accelerator.TCG:
        lines.append("KVM does not work here, so the machine is translated: a boot takes about a minute.")
    if isinstance(request.disk, int):
        lines.append(f"Its disk of {human(request.disk)} is thrown away at the end; keep one with --disk FILE.")
    if request.window:
        lines.append("Close the window to quit.")
    else:
        lines.append("To quit, press Ctrl-A and then X. Ctrl-A and then C is QEMU's monitor.")
    return "\n".join(lines)


def _run_translated(machine: Machine, scratch: Path) -> int:
    """A new QEMU for every start of the guest.

    In an old one, memory that held translated code before is so slow to write that GRUB would take minutes.
    """
    monitor = scratch / "monitor"
    words = argv(replace(machine, monitor=monitor, reboot=False), Accelerator.TCG)
    while True:
        with EndWatch(monitor) as watch:
            status = _run(words)
        if not watch.restarted:
            return status


def _run(words: tuple[str, ...]) -> int:
    """QEMU with this terminal as its own; the common command runner keeps a program's output to itself."""
    log.info("run: %s", words)
    try:
        status = subprocess.run(words, check=False).returncode
    except KeyboardInterrupt:
        return ExitStatus.CANCELLED
    if status != 0:
        raise InstallerError("QEMU could not run the machine.", "See its message above.")
    return ExitStatus.DONE


def _has(path: Path, offset: int, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(len(magic)) == magic
    except OSError:
        return False
