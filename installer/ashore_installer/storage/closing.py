"""Everything of a plan that is active, made inactive again: from the top of the stack down."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from ashore_installer.context import Context
from ashore_installer.run import CommandFailed
from ashore_installer.storage.opening import plan_height
from ashore_installer.storage_plan import ArrayPlan, EncryptionPlan, StoragePlan

log = logging.getLogger(__name__)


def close_all(context: Context, plan: StoragePlan) -> None:
    """Deactivate groups, close LUKS devices and stop arrays. What can't be is left, and told in the log.

    It runs at the end of an installation, and after a failure: then part of it was never made.
    """
    _try(context, "udevadm", "settle")
    for argv in closing_commands(plan, context.uuids, context.devices):
        # udev may just be looking at the device, and then it is busy.
        if not _try(context, *argv):
            _try(context, "udevadm", "settle")
            _try(context, *argv)
    _try(context, "udevadm", "settle")


def closing_commands(plan: StoragePlan, uuids: dict[str, str], devices: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """The commands, each after those for what lies on its device."""
    groups = {one.id: one.name for one in plan.groups}
    arrays = {one.id: one for one in plan.arrays}
    opened = {one.id: one for one in plan.encrypted}
    for name in sorted({*groups, *arrays, *opened}, key=lambda one: (-plan_height(plan, one), one)):
        if name in groups:
            yield "vgchange", "--quiet", "--activate", "n", groups[name]
        elif name in arrays:
            yield "mdadm", "--stop", _array(arrays[name], devices)
        elif node := _opened(opened[name], uuids, devices):
            yield "cryptsetup", "close", node.removeprefix("/dev/mapper/")


def _array(plan: ArrayPlan, devices: dict[str, str]) -> str:
    return devices.get(plan.id, f"/dev/md/{plan.name or plan.id}")


def _opened(plan: EncryptionPlan, uuids: dict[str, str], devices: dict[str, str]) -> str:
    """Empty when nobody knows its name, as it was never made."""
    by_uuid = f"luks-{uuids[plan.device]}" if plan.device in uuids else ""
    return devices.get(plan.id, plan.name or by_uuid)


def _try(context: Context, *argv: str) -> bool:
    """Whether it went well."""
    try:
        context.run.run(argv)
    except CommandFailed as error:
        log.warning("%s", error)
        return False
    return True
