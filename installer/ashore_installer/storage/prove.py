"""All that was made on the disks, read again and compared with the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.storage.prove_stacks import (
    DETAIL,
    GROUPS,
    VOLUMES,
    array_differences,
    btrfs_differences,
    btrfs_facts,
    group_differences,
    luks_differences,
    parse_export,
    parse_report,
    volume_differences,
)
from ashore_installer.storage.readback import difference, has_uuid, read_back
from ashore_installer.storage.subvolumes import TOP, top_of
from ashore_installer.storage_plan import ArrayPlan, BtrfsPlan, EncryptionPlan, StoragePlan, VolumeKind, VolumePlan


def prove_storage(context: Context, plan: StoragePlan) -> None:
    """Raise InstallerError with everything that is not as planned; keep the UUIDs of what was found in the context."""
    wrong = [*_blocks(context, plan), *_arrays(context, plan), *_luks(context, plan), *_lvm(context, plan)]
    for volume in plan.btrfs:
        wrong += _btrfs(context, plan, volume)
    if wrong:
        raise InstallerError("\n".join(["The disks are not what was planned:", *wrong]), "See the log, and try again.")


def _blocks(context: Context, plan: StoragePlan) -> Iterator[str]:
    for block in plan.blocks():
        if isinstance(block, VolumePlan) and block.kind is VolumeKind.POOL:
            continue  # it has no node of its own
        facts = read_back(context.run, context.devices[block.id])
        if text := difference(plan, block, facts):
            yield text
        if has_uuid(block):
            known = context.uuids.setdefault(block.id, facts.get("UUID", ""))
            if known != facts.get("UUID", ""):
                yield f"{block.id} has another UUID than before."
    for id in (*(one.id for one in plan.btrfs), *(one.id for one in plan.subvolumes)):  # noqa: A001 (the field's name)
        if below := plan.block_of(id):
            context.uuids[id] = context.uuids.get(below.id, "")


def _arrays(context: Context, plan: StoragePlan) -> Iterator[str]:
    for array in plan.arrays:
        node = context.devices[array.id]
        facts = parse_export(context.run.run([*DETAIL, node]))
        context.own_uuids[array.id] = facts.get("MD_UUID", "")
        yield from array_differences(array, facts, context.devices)
        yield from _at_least(context, array)


def _luks(context: Context, plan: StoragePlan) -> Iterator[str]:
    for one in plan.encrypted:
        node = context.devices[one.device]
        context.own_uuids[one.id] = context.uuids.get(one.device, "")
        if one.existing:
            continue
        version = read_back(context.run, node).get("VERSION", "")
        dump: dict[str, Any] = {}
        if version == "2":
            dump = json.loads(context.run.run(["cryptsetup", "luksDump", "--dump-json-metadata", node]))
        yield from luks_differences(one, version, dump)
        yield from _at_least(context, one)


def _at_least(context: Context, block: ArrayPlan | EncryptionPlan) -> Iterator[str]:
    size = int(context.run.run(["blockdev", "--getsize64", context.devices[block.id]]))
    if size < block.size:
        yield f"{block.id} has {size} bytes, and not {block.size}."


def _lvm(context: Context, plan: StoragePlan) -> Iterator[str]:
    if not plan.groups:
        return
    groups = parse_report(context.run.run(GROUPS), "vg")
    volumes = parse_report(context.run.run(VOLUMES), "lv")
    for group in plan.groups:
        context.own_uuids[group.id] = next((row["vg_uuid"] for row in groups if row["vg_name"] == group.name), "")
        yield from group_differences(group, groups, context.devices)
    names = {group.id: group.name for group in plan.groups} | {one.id: one.name for one in plan.volumes}
    for one in plan.volumes:
        group_name = names[one.group]
        own = [row for row in volumes if (row["vg_name"], row["lv_name"]) == (group_name, one.name)]
        context.own_uuids[one.id] = own[0]["lv_uuid"] if own else ""
        pool = names.get(one.pool, "") if one.kind is VolumeKind.THIN else ""
        yield from volume_differences(one, group_name, pool, volumes)


def _btrfs(context: Context, plan: StoragePlan, volume: BtrfsPlan) -> Iterator[str]:
    node = context.devices[volume.members[0]]
    with top_of(context, node, f"ro,{TOP}") as place:
        show = context.run.run(["btrfs", "filesystem", "show", node])
        usage = context.run.run(["btrfs", "filesystem", "df", place])
        listed = context.run.run(["btrfs", "subvolume", "list", place])
    yield from btrfs_differences(volume, plan, btrfs_facts(show, usage, listed), context.devices)
