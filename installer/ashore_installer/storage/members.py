"""What partitions, arrays and logical volumes are members of: who names whom."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.plan import Problem
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import StorageRequest


def purposes(request: StorageRequest) -> dict[str, Format]:
    """The format that each member must have, by its name (`pv.01`)."""
    return {name: format for _, _, name, format in _uses(request)}  # noqa: A001


def arrays_of(request: StorageRequest) -> dict[str, str]:
    """Which array a partition is a member of, as that array's field: its members must lie on different disks."""
    return {
        name: f"storage.arrays[{number}]" for number, array in enumerate(request.arrays) for name in array.members
    }  # fmt: skip


def member_problems(request: StorageRequest) -> Iterator[Problem]:
    """Members that nobody makes, that are used twice or by nobody, and names that two things have.

    Members of existing things need not be named by those.
    """
    offered = list(_offers(request))
    names = [name for _, name in offered]
    used: set[str] = set()
    kept = {one.name for one in request.partitions if one.keep} | {one.member for one in request.arrays if one.keep}
    for field, user, name, _ in _uses(request):
        if name not in names:
            message = f"{user} has a member {name}, which nothing makes."
            yield Problem(field=field, message=message, hint=f"Add `part {name} …`, or take it off the list.")
        if name in used:
            message = f"{name} is named as a member twice."
            yield Problem(field=field, message=message, hint="A member belongs to one thing only.")
        used.add(name)
    for field, name in offered:
        if names.count(name) > 1 and names.index(name) == offered.index((field, name)):
            yield Problem(field=field, message=f"Two things have the name {name}.", hint="Rename one of them.")
        if name not in used and name not in kept:
            message = f"{name} is a member of nothing."
            yield Problem(field=field, message=message, hint="Name it in a volume group, an array or a btrfs volume.")


def _offers(request: StorageRequest) -> Iterator[tuple[str, str]]:
    """Field and name of everything that can be a member."""
    for number, partition in enumerate(request.partitions):
        if partition.name:
            yield f"storage.partitions[{number}]", partition.name
    for number, array in enumerate(request.arrays):
        if array.member:
            yield f"storage.arrays[{number}]", array.member
    for number, volume in enumerate(request.volumes):
        if volume.member:
            yield f"storage.volumes[{number}]", volume.member


def _uses(request: StorageRequest) -> Iterator[tuple[str, str, str, Format]]:
    """Field and words for the user, the member's name, and what the member must hold."""
    for number, array in enumerate(request.arrays):
        for name in array.members:
            called = array.name or array.mount or array.member or number + 1
            yield f"storage.arrays[{number}]", f"The array {called}", name, Format.RAID
    for number, group in enumerate(request.groups):
        for name in group.members:
            yield f"storage.groups[{number}]", f"The volume group {group.name}", name, Format.LVMPV
    for number, volume in enumerate(request.btrfs):
        for name in volume.members:
            yield f"storage.btrfs[{number}]", f"The btrfs volume {volume.name}", name, Format.BTRFS
