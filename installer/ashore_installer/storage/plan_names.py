"""How messages name the things of a storage plan: their place in the plan, and what people call them."""

from __future__ import annotations

from ashore_installer.storage_plan import StoragePlan, VolumePlan
from ashore_installer.units import human

_TUPLES = ("disks", "partitions", "arrays", "encrypted", "groups", "volumes", "btrfs", "subvolumes")


def fields(storage: StoragePlan) -> tuple[tuple[str, str], ...]:
    """Pairs of an id and its place in the plan (`storage.partitions[2]`), for everything that has an id."""
    return tuple(
        (one.id, f"storage.{name}[{number}]") for name in _TUPLES for number, one in enumerate(getattr(storage, name))
    )


def field_of(storage: StoragePlan, id: str) -> str:  # noqa: A002 (the field's name)
    """The place in the plan of the thing with this id."""
    return dict(fields(storage)).get(id, "storage")


def called(storage: StoragePlan, id: str) -> str:  # noqa: A002 (the field's name)
    """What people call it: where it is mounted, else its name, else what it is made of."""
    mounted = next((mount.path for mount in storage.mounts if mount.device == id), "")
    return mounted or own_name(storage, id)


def own_name(storage: StoragePlan, id: str) -> str:  # noqa: A002 (the field's name)
    """The name of a thing itself: `vg/home`, `md127`, the id of a new partition."""
    for group in storage.groups:
        if group.id == id:
            return f"the volume group {group.name}"
    for volume in storage.volumes:
        if volume.id == id:
            return volume_name(storage, volume)
    for array in storage.arrays:
        if array.id == id:
            return f"the array {array.name or (array.existing and array.existing.name) or id}"
    for one in storage.encrypted:
        if one.id == id:
            return one.name or f"the encrypted device of {own_name(storage, one.device)}"
    return next((one.existing.name for one in storage.partitions if one.id == id and one.existing), id)


def volume_name(storage: StoragePlan, volume: VolumePlan) -> str:
    """LVM's name of a logical volume: `vg/home`."""
    group = next((group.name for group in storage.groups if group.id == volume.group), "?")
    return f"{group}/{volume.name}"


def apart(one: int, other: int) -> tuple[str, str]:
    """Two sizes for one sentence, in bytes where rounding would make them the same."""
    if one != other and human(one) == human(other):
        return f"{one} bytes", f"{other} bytes"
    return human(one), human(other)
