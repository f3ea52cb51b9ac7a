"""Volume groups and logical volumes as they are wanted: on a stack of planned members."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.storage.existing import free_room, kept_group
from ashore_installer.storage.lvm_sizes import EXTENT, usable
from ashore_installer.storage.present import Present
from ashore_installer.storage.stack import Stack
from ashore_installer.storage.volumes import Space, add_volumes
from ashore_installer.storage_plan import GroupPlan
from ashore_installer.storage_request import GroupRequest, StorageRequest
from ashore_installer.units import KiB, human


def add_groups(stack: Stack, present: Present, request: StorageRequest) -> None:
    """Plan every group of the request with its volumes; what is wrong goes to the stack's problems.

    The name of an existing group can be had again if that is removed; whether it goes is seen when all is planned.
    """
    names: set[str] = set()
    for field, group in _groups(request):
        if group.name in names:
            stack.refuse(field, f"Two volume groups are called {group.name}.", "Rename one of them.")
        else:
            space = _kept(stack, present, request, group, field) if group.keep else _new_group(stack, group, field)
            if space:
                add_volumes(stack, present, request, space)
        names.add(group.name)
    for number, volume in enumerate(request.volumes):
        if volume.group not in names:
            message = f"The logical volume {volume.name} is in the group {volume.group}, which nothing makes."
            hint = f"Add `volgroup {volume.group} …`."
            stack.refuse(f"storage.volumes[{number}]", message, hint)


def _groups(request: StorageRequest) -> Iterator[tuple[str, GroupRequest]]:
    """Every group with its field, also those that stay and are only named by volumes that are there already."""
    yield from ((f"storage.groups[{number}]", group) for number, group in enumerate(request.groups))
    said = {group.name for group in request.groups}
    for number, volume in enumerate(request.volumes):
        if volume.existing and volume.group not in said:
            said.add(volume.group)
            yield f"storage.volumes[{number}]", GroupRequest(name=volume.group, keep=True, line=volume.line)


def _kept(
    stack: Stack, present: Present, request: StorageRequest, group: GroupRequest, field: str
) -> Space | None:  # fmt: skip
    found = kept_group(stack, present, group, field)
    if found is None:
        return None
    info, plan = found
    return Space(
        plan=plan,
        room=free_room(present, info, group, request.remove),
        field=field,
        disks=frozenset(),
        used=frozenset(one.name for one in info.volumes if f"{info.name}/{one.name}" not in request.remove),
        info=info,
    )


def _new_group(stack: Stack, request: GroupRequest, field: str) -> Space | None:
    extent, members = request.extent or EXTENT, stack.found(request.members)
    if not request.members:
        message = f"The volume group {request.name} has no members."
        stack.refuse(field, message, "Name at least one physical volume (`pv.01`).")
        return None
    if extent < KiB or (extent & (extent - 1) and extent % (128 * KiB)):
        message = f"The volume group {request.name} can't have extents of {human(extent)}."
        stack.refuse(field, message, "Use a power of two, such as 4 MiB.")
        return None
    if len(members) < len(request.members):
        return None
    rooms = [usable(one.size, extent, array=one.array, stripe=one.stripe) for one in members]
    if not all(rooms):
        message = f"A member of the volume group {request.name} is smaller than one extent of {human(extent)}."
        stack.refuse(field, message, "Give it more room.")
        return None
    room = sum(rooms)
    reserved = -(-max(request.reserved, room * request.reserved_percent // 100) // extent) * extent
    plan = GroupPlan(
        id=stack.names.take(request.name),
        name=request.name,
        members=tuple(one.id for one in members),
        extent=extent,
        reserved=reserved,
    )
    stack.groups.append(plan)
    disks = frozenset(disk for one in members for disk in one.disks)
    return Space(plan=plan, room=room - reserved, field=field, disks=disks)
