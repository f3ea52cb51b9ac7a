"""What a person can choose on the destination screen: the disks with all that tells them apart, and the ways. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo
from ashore_installer.storage.destinations import partition_name, unusable
from ashore_installer.storage.needs import align_down, align_up
from ashore_installer.storage.resolve import by_kernel_name, disks_below
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import Scheme, ShrinkRequest, StorageRequest
from ashore_installer.units import GiB, human
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.destination import Destination, Way, form_of, replaceable, usable, usual_disks, way_text
from ashore_tui.text import _, n_, said

CUSTOM = "custom"
"""The value of the way that leads to custom partitions."""
SHRINK = "shrink:"
REPLACE = "replace:"
"""What the values of those ways begin with; a partition or the name of a system follows."""
WORTH_SHRINKING = 8 * GiB
"""Less room than this is not worth the risk of a resize."""


# --- disks ---------------------------------------------------------------------------------------------------


def disk_choices(machine: MachineInfo) -> tuple[Choice, ...]:
    """Every disk by its id, in two lines: what a person reads on its label, and what is on it."""
    return tuple(
        Choice(
            value=disk.id,
            label=f"{disk.name:<9} {human(disk.size):>9}  {disk.model or disk.transport}",
            detail="" if unusable(disk) else ", ".join(_facts(disk, machine)),
            refusal=_refusal(disk),
        )
        for disk in machine.disks
    )


def proposed(machine: MachineInfo) -> str:
    """The disk where the cursor stands first: an empty one if there is one, else the usual one; empty for none."""
    blank = [one.id for one in usable(machine) if not one.partitions and not one.format and not one.removable]
    return next(iter((*blank[:1], *usual_disks(machine))), "")


def chosen(request: StorageRequest | None, machine: MachineInfo) -> tuple[str, ...]:
    """Ids of the disks that a request is about; of custom partitions, those that may be touched."""
    if request is None:
        return ()
    if form := form_of(request, machine):
        return form.disks
    return tuple(disk.id for disk in usable(machine) if disk.name not in request.ignore)


def _refusal(disk: DiskInfo) -> str:
    reason = unusable(disk)
    return _("can't be used: {reason}").format(reason=said(reason)) if reason else ""


def _facts(disk: DiskInfo, machine: MachineInfo) -> Iterator[str]:
    yield what_is_on(disk, machine)
    if disk.serial:
        yield _("serial {number}").format(number=disk.serial)
    if disk.transport and disk.model:
        yield disk.transport
    if disk.removable:
        yield _("removable")
    if disk.failing:
        yield _("FAILING: {reason}").format(reason=disk.failing)


def what_is_on(disk: DiskInfo, machine: MachineInfo) -> str:
    """The systems that are on a disk, by name; else what else is known."""
    systems = [one.name for one in machine.systems if disk in disks_of(one.root, machine)]
    if systems:
        return ", ".join(dict.fromkeys(systems))
    if disk.partitions:
        count = len(disk.partitions)
        text = n_("{count} partition, no system that is known", "{count} partitions, no system that is known", count)
        return text.format(count=count)
    return _("holds {format}").format(format=disk.format) if disk.format else _("empty")


def disks_of(device: str, machine: MachineInfo) -> tuple[DiskInfo, ...]:
    """The disks below a system's device, as `vda3`, `vg/root` or `vda3:root`."""
    found = by_kernel_name(device.partition(":")[0], machine)
    return disks_below(found, machine) if found else ()


# --- ways ----------------------------------------------------------------------------------------------------


def ways(machine: MachineInfo, disks: Sequence[str]) -> tuple[Choice, ...]:
    """What can be done with the chosen disks; of systems and partitions on others nothing is said."""
    own = [disk for disk in machine.disks if disk.id in disks]
    return (
        Choice(value=Way.ERASE, label=way_text(Way.ERASE)),
        Choice(value=Way.FREE, label=way_text(Way.FREE)),
        *(
            Choice(
                value=f"{SHRINK}{name}",
                label=_("Make room: shrink {name}").format(name=name),
                detail=_("{content}, up to {room}").format(
                    content=part.label or part.format, room=human(part.size - part.minimum)
                ),
            )
            for name, part in shrinkable(own)
        ),
        *(
            Choice(value=f"{REPLACE}{one.name}", label=_("Replace {system}, keep its /home").format(system=one.name))
            for one in replaceable(machine)
            if not disks or any(disk in own for disk in disks_of(one.root, machine))
        ),
        Choice(value=CUSTOM, label=_("Custom partitions")),
    )


def shrinkable(disks: Sequence[DiskInfo]) -> Iterator[tuple[str, PartitionInfo]]:
    """Partitions that can give up enough room to be worth it, by name."""
    for disk in disks:
        for part in disk.partitions:
            if part.minimum and part.size - part.minimum >= WORTH_SHRINKING and not part.mounted:
                yield partition_name(disk, part.number), part


def shrink_limits(machine: MachineInfo, name: str) -> tuple[int, int, int]:
    """For a partition: the least it can have, the size to propose (half of what can be freed goes), what it has."""
    part = next(part for known, part in shrinkable(machine.disks) if known == name)
    least = align_up(part.minimum)
    return least, align_down(least + (part.size - least) // 2), part.size


def way_of(form: Destination | None) -> str:
    """The value of the way that a form means."""
    if form is None:
        return CUSTOM
    if form.way is Way.REPLACE:
        return f"{REPLACE}{form.replaces}"
    return f"{SHRINK}{form.shrink[0].existing}" if form.shrink else form.way


def shrunk(name: str, size: int) -> tuple[ShrinkRequest, ...]:
    return (ShrinkRequest(existing=name, size=size),)


# --- settings ------------------------------------------------------------------------------------------------


def scheme_words() -> tuple[tuple[str, str], ...]:
    return (
        (Scheme.PLAIN, _("partitions")),
        (Scheme.LVM, _("LVM volumes")),
        (Scheme.THIN, _("LVM thin volumes")),
        (Scheme.BTRFS, _("btrfs subvolumes")),
    )


def format_words(usual: str) -> tuple[tuple[str, str], ...]:
    """The root file systems; `usual` is what the image asks for."""
    return (
        ("", _("{format}, as the image has it").format(format=usual or Format.XFS)),
        (Format.XFS, "xfs"),
        (Format.EXT4, "ext4"),
        (Format.BTRFS, "btrfs"),
    )


def encryption_words(encryption: Encryption | None) -> str:
    """How the disk is opened, for one line."""
    if encryption is None:
        return ""
    how = [_("passphrase")] if encryption.passphrase else []
    how += [_("TPM with a PIN") if encryption.tpm2.pin else _("TPM")] if encryption.tpm2 else []
    how += [_("recovery key")] if encryption.recovery_key else []
    return ", ".join(how)
