"""A storage plan carried out by blivet. The one module that imports blivet, and only when it is used.

What file systems may use is held back to what kernels and boot loaders of older images can read: the image's own
kernel and GRUB must cope with what the newer programs of the live system make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import DiskPlan, Format, PartitionPlan, StoragePlan
from ashore_installer.units import human

_XFS_FEATURES = Path("/usr/share/xfsprogs/mkfs/lts_5.15.conf")
"""xfsprogs' own list of what Linux 5.15 and GRUB 2.06 can read; without it xfsprogs is that old itself."""
_EXT4_FEATURES = "^metadata_csum_seed,^orphan_file,verity"
"""GRUB before 2.12 can't read the first, Linux before 5.15 not write the second; bootc sets the third (composefs)."""
_BTRFS_FEATURES = "^block-group-tree"
"""Linux before 6.1 can't mount it."""


def realise(plan: StoragePlan, disks: Mapping[str, str], tell: Callable[[str], None]) -> dict[str, str]:
    """Make the partitions and file systems of `plan`; give the device node of each partition by its id.

    `disks` are the nodes (`/dev/vda`) of the plan's disks by their ids; `tell` gets a sentence for each action. Blivet
    sees no other disk. Raises InstallerError when blivet refuses or an action fails.
    """
    with _blivet_errors():
        import blivet
        from blivet.partitioning import do_partitioning

        storage = blivet.Blivet()
        storage.exclusive_disks = [Path(node).name for node in disks.values()]
        storage.reset()
        devices = {disk.id: _cleared(storage, disk, disks[disk.id]) for disk in plan.disks}
        requests = {one.id: _requested(storage, one, devices[one.disk]) for one in _in_order(plan)}
        do_partitioning(storage)
        for one in _in_order(plan):
            _prove_place(one, requests[one.id])
            tell(f"Make {requests[one.id].path} ({human(one.size)}, {one.format})")
        storage.do_it(_callbacks(tell))
        return {name: request.path for name, request in requests.items()}


@contextmanager
def _blivet_errors() -> Iterator[None]:
    """What blivet, libblockdev and parted raise, as an InstallerError."""
    try:
        import blivet
        import parted
        from blivet.errors import StorageError
    except (ImportError, RuntimeError) as error:
        raise InstallerError(f"blivet can't be used: {error}", "Start this from an Ashore medium.") from error
    try:
        yield
    except (StorageError, parted.PartedException, blivet.GLib.Error) as error:
        message = f"The disks could not be prepared: {error}"
        raise InstallerError(message, "See the log for what failed; the disk may be faulty or in use.") from error


def _in_order(plan: StoragePlan) -> list[PartitionPlan]:
    """By place on the disk, so that the partitions are numbered as they lie."""
    return sorted(plan.partitions, key=lambda partition: (partition.disk, partition.start))


def _cleared(storage: Any, plan: DiskPlan, node: str) -> Any:
    """The disk's device with actions for what goes: all of it, or the partitions to be removed."""
    from blivet.formats import get_format

    name = Path(node).name
    device = storage.devicetree.get_device_by_name(name)
    if device is None or not device.partitionable:
        raise InstallerError(f"blivet can't partition {node}.", "Choose another disk.")
    if int(device.size) != plan.size:
        raise InstallerError(f"{node} has {int(device.size)} bytes now, and not {plan.size}.", "Make a new plan.")
    if plan.table:
        storage.devicetree.recursive_remove(device)
        storage.format_device(device, get_format("disklabel", device=device.path, label_type=plan.table.value))
        return device
    numbered = {part.parted_partition.number: part for part in storage.partitions if part.disk is device}
    for number in sorted(plan.remove, reverse=True):
        if numbered[number] in storage.devicetree.devices:
            storage.devicetree.recursive_remove(numbered[number])
    return device


def _requested(storage: Any, plan: PartitionPlan, disk: Any) -> Any:
    """The partition's device with actions to make and format it."""
    from blivet.size import Size

    sector = disk.format.parted_device.sectorSize
    name, arguments = _mkfs(plan, sector)
    partition = storage.new_partition(
        parents=[disk],
        start=plan.start // sector,
        end=(plan.start + plan.size) // sector - 1,
        size=Size(plan.size),
        weight=0,  # blivet's weights are for layouts without exact places
        fmt_type=name,
        fmt_args=arguments if plan.format is not Format.BTRFS else {},
    )
    storage.create_device(partition)
    if plan.format is Format.BTRFS:
        options, label = arguments["create_options"], plan.label or None
        storage.create_device(
            storage.new_btrfs(name=plan.id, parents=[partition], create_options=options, fmt_args={"label": label})
        )
    return partition


def _mkfs(plan: PartitionPlan, sector: int) -> tuple[str, dict[str, Any]]:
    """blivet's name of a format, and the arguments of its constructor."""
    options = {
        Format.XFS: f"-c options={_XFS_FEATURES}" if _XFS_FEATURES.exists() else "",
        Format.EXT4: f"-O {_EXT4_FEATURES}",
        Format.BTRFS: f"-O {_BTRFS_FEATURES}",
        # The firmware tells FAT32 by its number of clusters, so on 4 KiB sectors each must be as small as it can be.
        Format.EFI: "-F 32" if sector == 512 else "-F 32 -s 1",
    }.get(plan.format, "")
    arguments: dict[str, Any] = {"create_options": options} if options else {}
    if plan.label:
        arguments["label"] = plan.label
    return plan.format.value, arguments


def _prove_place(plan: PartitionPlan, request: Any) -> None:
    """Before anything is written: blivet must have put the partition exactly where the plan says."""
    geometry = request.parted_partition.geometry
    sector = geometry.device.sectorSize
    found = geometry.start * sector, geometry.length * sector
    if found != (plan.start, plan.size):
        message = f"blivet would make {plan.id} at {found[0]} with {found[1]} bytes, and not at {plan.start}."
        raise InstallerError(message, "Make a new plan, or clear the disk first.")


def _callbacks(tell: Callable[[str], None]) -> Any:
    from blivet.callbacks import create_new_callbacks_register

    return create_new_callbacks_register(create_format_pre=lambda data: tell(data.msg))
