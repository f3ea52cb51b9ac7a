"""What this machine is: udev, sysfs and /proc read into a MachineInfo. The one module that imports pyudev."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware, MachineInfo, NetworkLink, this_architecture
from ashore_installer.probe_network import with_network
from ashore_installer.run import Commands, Runner
from ashore_installer.storage.probe_health import failing
from ashore_installer.storage.probe_stacks import Stacks, look
from ashore_installer.storage.probe_tools import Seeing
from ashore_installer.storage.records import BlockRecord, MountRecord, parse_mounts, parse_swaps
from ashore_installer.units import KiB

if TYPE_CHECKING:
    import pyudev

_SECTOR = 512
"""sysfs counts in this unit, whatever a disk's own sectors are."""
_MD_ATTRIBUTES = ("level", "raid_disks", "metadata_version", "array_state")
_SECURE_BOOT = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
"""The variable in the namespace EFI_GLOBAL_VARIABLE (UEFI Specification 2.10, section 3.3)."""


def probe(run: Runner | None = None) -> MachineInfo:
    """This machine now. Nothing is written to its disks, but see `probe_raid` for arrays that do not run.

    Raises InstallerError when udev can't be asked, or when a program is missing that knows what is on the disks.
    """
    system, udev = Path("/"), _udev()
    run = run or Commands()
    stacks = _look(udev, system, run)
    machine = MachineInfo(
        architecture=this_architecture(),
        firmware=firmware(system),
        secure_boot=secure_boot(system),
        memory=memory((system / "proc/meminfo").read_text()),
        consoles=consoles((system / "proc/cmdline").read_text()),
        disks=tuple(replace(disk, failing=failing(run, disk)) for disk in stacks.disks),
        links=tuple(sorted(_links(udev), key=lambda link: link.name)),
        arrays=stacks.arrays,
        groups=stacks.groups,
        btrfs=stacks.btrfs,
        systems=stacks.systems,
        tpm2=tpm2(system),
    )
    return with_network(machine, run)


def probe_storage(machine: MachineInfo, run: Runner | None = None) -> MachineInfo:
    """The machine with what is on its disks now, for a last look before they are changed. Raises as `probe` does.

    Its systems are those that it had, and nobody measures again how far file systems can be shrunk.
    """
    stacks = _look(_udev(), Path("/"), run or Commands(), briefly=True)
    known = {disk.name: disk.failing for disk in machine.disks}
    return replace(
        machine,
        disks=tuple(replace(disk, failing=known.get(disk.name, "")) for disk in stacks.disks),
        arrays=stacks.arrays,
        groups=stacks.groups,
        btrfs=stacks.btrfs,
    )


# --- small facts ---------------------------------------------------------------------------------------------


def firmware(system: Path) -> Firmware:
    """The kernel has /sys/firmware/efi exactly when it was started by UEFI."""
    return Firmware.UEFI if (system / "sys/firmware/efi").is_dir() else Firmware.BIOS


def secure_boot(system: Path) -> bool:
    """Whether the firmware enforces signatures: the byte after the variable's four bytes of attributes is 1."""
    variable = system / "sys/firmware/efi/efivars" / _SECURE_BOOT
    try:
        return variable.read_bytes()[4:5] == b"\x01"
    except FileNotFoundError:
        return False


def tpm2(system: Path) -> bool:
    """The kernel's first TPM speaks version 2 (Linux, Documentation/ABI/stable/sysfs-class-tpm)."""
    return _text(system / "sys/class/tpm/tpm0/tpm_version_major") == "2"


def memory(meminfo: str) -> int:
    """Bytes of memory in the text of /proc/meminfo."""
    total = next(line for line in meminfo.splitlines() if line.startswith("MemTotal:"))
    return int(total.split()[1]) * KiB


def consoles(cmdline: str) -> tuple[str, ...]:
    """The `console=` arguments in the text of /proc/cmdline, in their order."""
    return tuple(word.removeprefix("console=") for word in cmdline.split() if word.startswith("console="))


# --- devices -------------------------------------------------------------------------------------------------


def _udev() -> pyudev.Context:
    try:
        import pyudev
    except ImportError as error:
        raise InstallerError("The disks can't be listed: pyudev is missing.", "Install python3-pyudev.") from error
    try:
        return pyudev.Context()
    except ImportError as error:
        raise InstallerError("The disks can't be listed: libudev is missing.", "Install libudev1.") from error


def _look(udev: pyudev.Context, system: Path, run: Runner, *, briefly: bool = False) -> Stacks:
    """What is on the disks, seen with a directory of our own to mount at."""
    with TemporaryDirectory(prefix="ashore-probe-") as place:
        seeing = Seeing(records=lambda: _records(udev), mounts=lambda: _mounts(system), run=run, place=Path(place))
        return look(seeing, _swaps(system), briefly=briefly)


def _records(udev: pyudev.Context) -> tuple[BlockRecord, ...]:
    return tuple(_record(device) for device in udev.list_devices(subsystem="block"))


def _mounts(system: Path) -> tuple[MountRecord, ...]:
    return parse_mounts((system / "proc/self/mountinfo").read_text(errors="surrogateescape"))


def _swaps(system: Path) -> tuple[str, ...]:
    swaps = system / "proc/swaps"
    return parse_swaps(swaps.read_text()) if swaps.exists() else ()


def _record(device: Any) -> BlockRecord:
    folder = Path(device.sys_path)
    is_partition = device.device_type == "partition"
    return BlockRecord(
        name=device.sys_name,
        number=f"{os.major(device.device_number)}:{os.minor(device.device_number)}",
        size=_integer(folder / "size") * _SECTOR,
        path=device.device_path,
        # sysfs can't have the slash of names like cciss/c0d0.
        disk=folder.parent.name.replace("!", "/") if is_partition else "",
        start=_integer(folder / "start") * _SECTOR,
        sector_size=_integer(folder / "queue/logical_block_size") or _SECTOR,
        physical_sector_size=_integer(folder / "queue/physical_block_size"),
        removable=_integer(folder / "removable") == 1,
        read_only=_integer(folder / "ro") == 1,
        hidden=_integer(folder / "hidden") == 1,
        properties=dict(device.properties),
        links=tuple(sorted(device.device_links)),
        holders=_names(folder / "holders"),
        slaves=_names(folder / "slaves"),
        backing_file=_text(folder / "loop/backing_file"),
        dm=_text(folder / "dm/name"),
        dm_uuid=_text(folder / "dm/uuid"),
        md={name: _text(folder / "md" / name) for name in _MD_ATTRIBUTES if (folder / "md").is_dir()},
    )


def _links(udev: pyudev.Context) -> Iterator[NetworkLink]:
    """Network links with hardware below them: no lo, no bridges."""
    for device in udev.list_devices(subsystem="net"):
        folder = Path(device.sys_path)
        if (folder / "device").exists():
            state = _text(folder / "operstate")
            wireless = device.properties.get("DEVTYPE") == "wlan"
            yield NetworkLink(name=device.sys_name, mac=_text(folder / "address"), up=state == "up", wireless=wireless)


def _text(path: Path) -> str:
    """What a file of sysfs says; empty if the device does not have it, or is gone by now."""
    try:
        return path.read_text(errors="surrogateescape").strip()
    except OSError:
        return ""


def _integer(path: Path) -> int:
    return int(_text(path) or 0)


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in folder.iterdir())) if folder.is_dir() else ()
