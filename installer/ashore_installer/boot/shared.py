"""An ESP that other systems use too: what may be written there, found out before the first write.

A signed GRUB looks for its configuration in one directory, whose name is built into it (EFI/debian). Two systems with
the same one can't share an ESP. If the system that has it now goes away with this installation, ours takes its place;
if it stays, there is no way but an ESP of our own, and the installation is refused while nothing is lost yet.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_installer.boot.efi import BOOT, SHIM
from ashore_installer.boot.esp import esp_block
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import MachineInfo
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.fate import gone
from ashore_installer.storage_plan import PartitionPlan, StoragePlan

_UUID = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{4}-[0-9a-f]{4}\b", re.IGNORECASE
)


def require_free_directory(context: Context, vendor: str) -> None:
    """Raise InstallerError if a kept ESP has the boot loader of a system that stays where ours must go."""
    node = kept_esp(context.plan.storage, context.machine)
    if not node:
        return
    with _look(context, node) as esp:
        text = _configuration(esp / "EFI" / vendor)
    staying = still_there(text, context.plan.storage, context.machine)
    if staying:
        message = (
            f"The EFI system partition {node} has the boot loader of another system in EFI/{vendor}, which starts "
            f"from {staying} and stays; that of the new system must be in the same place."
        )
        raise InstallerError(
            message, "Nothing was written. Let the new system have an EFI system partition of its own."
        )


def kept_esp(storage: StoragePlan, machine: MachineInfo) -> str:
    """The device node that an ESP, whose content stays, has before anything is written; empty if there is none."""
    block = esp_block(storage)
    if not isinstance(block, PartitionPlan) or not block.keep or block.existing is None:
        return ""
    return f"/dev/{partition_name(machine.disk(block.disk), block.existing.number)}"


def still_there(configuration: str, storage: StoragePlan, machine: MachineInfo) -> str:
    """The device of a file system that a GRUB configuration names and that the plan does not do away with, or empty."""
    named = {uuid.lower() for uuid in _UUID.findall(configuration)}
    lost = gone(storage, machine).devices
    return next((name for name, uuid in _contents(machine) if uuid.lower() in named and name not in lost), "")


def may_take_fallback(esp: Path, shim: Path, vendor: Path) -> bool:
    """Whether the path that firmware starts without an entry is free, or has the program that our vendor put there."""
    fallback = esp / BOOT
    if not fallback.is_file():
        return True
    content = fallback.read_bytes()
    own = [shim, esp / vendor / SHIM]
    return any(one.is_file() and one.read_bytes() == content for one in own)


def _contents(machine: MachineInfo) -> Iterator[tuple[str, str]]:
    """Name and UUID of every file system of the machine."""
    for disk in machine.disks:
        yield from ((partition_name(disk, one.number), one.uuid) for one in disk.partitions)
    yield from ((array.name, array.content) for array in machine.arrays)
    for group in machine.groups:
        yield from ((f"{group.name}/{volume.name}", volume.content) for volume in group.volumes)


def _configuration(vendor: Path) -> str:
    file = vendor / "grub.cfg"
    return file.read_text(errors="replace") if file.is_file() else ""


@contextmanager
def _look(context: Context, node: str) -> Iterator[Path]:
    """The file system of a device, mounted for reading only."""
    with tempfile.TemporaryDirectory(prefix="ashore-esp-") as directory:
        context.run.run(("mount", "-o", "ro", node, directory))
        try:
            yield Path(directory)
        finally:
            context.run.run(("umount", directory))
