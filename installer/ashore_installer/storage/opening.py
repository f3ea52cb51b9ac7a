"""What is there already and stays: arrays started, groups activated and LUKS devices opened, before blivet looks.

blivet could do it while it looks, but then for every disk of the machine, the plan's or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import ArrayInfo, DiskInfo
from ashore_installer.run import CommandFailed
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage_plan import (
    ArrayPlan,
    BlockPlan,
    EncryptionPlan,
    GroupPlan,
    PartitionPlan,
    StoragePlan,
    VolumePlan,
)

_MAPPED = Path("/dev/mapper")
_WRONG = 2
"""cryptsetup's exit status when no key fits (cryptsetup(8), return codes)."""


def open_what_stays(
    context: Context,
    plan: StoragePlan,
    disks: Mapping[str, DiskInfo],
    arrays: Sequence[ArrayInfo],
    mapped: Path = _MAPPED,
) -> None:
    """Make every existing block of the plan usable, and keep its node in the context. Raises InstallerError.

    Nothing is written but what md notes in its superblocks. `arrays` are those of the machine now, `mapped` is where
    opened devices appear.
    """
    for id in sorted(_existing(plan), key=lambda one: plan_height(plan, one)):  # noqa: A001 (the field's name)
        match _existing(plan)[id]:
            case PartitionPlan() as one:
                number = one.existing.number if one.existing else 0
                context.devices[id] = f"/dev/{partition_name(disks[one.disk], number)}"
            case ArrayPlan() as one:
                context.devices[id] = _start(context, one, arrays)
            case EncryptionPlan() as one:
                context.devices[id] = _open(context, one, mapped)
            case GroupPlan() as one:
                activate(context, one)
            case VolumePlan() as one:
                context.devices[id] = f"/dev/{one.existing.name}" if one.existing else ""


def activate_groups(context: Context, plan: StoragePlan) -> None:
    """Activate again what blivet has deactivated to work on it: logical volumes of groups that stay."""
    for group in plan.groups:
        if group.existing:
            activate(context, group)


def activate(context: Context, group: GroupPlan) -> None:
    """Activate an existing group by its UUID: another one may have its name."""
    uuid = group.existing.uuid if group.existing else ""
    context.run.run(["vgchange", "--quiet", "--activate", "y", "--select", f"vg_uuid={uuid}"])


def plan_height(plan: StoragePlan, id: str) -> int:  # noqa: A002 (the field's name)
    """How many layers something lies above the partitions."""
    return 1 + max((plan_height(plan, lower) for lower in plan.below(id)), default=-1)


def _existing(plan: StoragePlan) -> dict[str, BlockPlan | GroupPlan]:
    things: tuple[BlockPlan | GroupPlan, ...] = (*plan.blocks(), *plan.groups)
    return {one.id: one for one in things if one.existing}


def _start(context: Context, plan: ArrayPlan, arrays: Sequence[ArrayInfo]) -> str:
    """The node of an array, started if it is not running."""
    assert plan.existing is not None
    wanted = _digits(plan.existing.uuid)
    for info in arrays:
        if _digits(info.uuid) == wanted and info.active:
            return f"/dev/{info.name}"
    node = f"/dev/md/{plan.name or plan.id}"  # arrays need no name
    context.run.run(["mdadm", "--assemble", f"--uuid={_colons(wanted)}", node])
    context.run.run(["udevadm", "settle"])
    return node


def _open(context: Context, plan: EncryptionPlan, mapped: Path) -> str:
    assert plan.existing is not None
    below = context.devices[plan.device]
    node = mapped / (plan.name or f"luks-{plan.existing.uuid}")
    if node.exists():
        return str(node)
    if plan.encryption.passphrase is None:
        raise InstallerError(
            f"There is no passphrase for {plan.existing.name or below}.", "Give the one that opens it."
        )
    secret = plan.encryption.passphrase.reveal().encode()
    try:
        context.run.run(["cryptsetup", "open", "--type", "luks", "--key-file", "-", below, node.name], stdin=secret)
    except CommandFailed as error:
        if error.returncode != _WRONG:
            raise
        message = f"The passphrase does not open {below}."
        raise InstallerError(message, "Nothing was written. Give the one that opens it.") from error
    return str(node)


def _digits(uuid: str) -> str:
    return uuid.replace("-", "").replace(":", "").lower()


def _colons(digits: str) -> str:
    """As mdadm writes a UUID."""
    return ":".join(digits[at : at + 8] for at in range(0, len(digits), 8))
