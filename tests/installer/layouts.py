"""Short words for tests of layouts: machines with several disks, requests, and plans as rows."""

from __future__ import annotations

import pytest

from ashore_installer.machine import DiskInfo, Firmware, MachineInfo
from ashore_installer.secret import Secret
from ashore_installer.storage.layout import layout
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_plan import Encryption, Format, RaidLevel, StoragePlan, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    BtrfsRequest,
    Clear,
    GroupRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.values import an_image

IMAGE = an_image()
LUKS = Encryption(passphrase=Secret("open it"))


def machine(disks: int = 1, size: int = 20 * GiB, **changes: object) -> MachineInfo:
    """A BIOS machine with blank disks `vda`, `vdb`, …, of one size, and 4 GiB of memory."""
    found = tuple(
        DiskInfo(name=f"vd{letter}", ids=(f"by-id/{letter}",), size=size, transport="virtio")
        for letter in "abcdefgh"[:disks]
    )
    given = {"firmware": Firmware.BIOS, "memory": 4 * GiB, "disks": found, **changes}
    return MachineInfo(architecture="amd64", **given)  # type: ignore[arg-type]


def part(mount: str = "", size: int = 0, **rest: object) -> PartitionRequest:
    """A request with its size in MiB; members are named by the word that stands for the mount point."""
    name = mount if mount.startswith(("pv.", "raid.", "btrfs.")) else ""
    return PartitionRequest(mount="" if name else mount, name=name, size=size * MiB, **rest)  # type: ignore[arg-type]


def raid(mount: str, level: str, *members: str, **rest: object) -> ArrayRequest:
    member = mount if mount.startswith(("pv.", "btrfs.")) else ""
    return ArrayRequest(mount="" if member else mount, member=member, level=RaidLevel(level), members=members, **rest)  # type: ignore[arg-type]


def group(name: str = "vg", *members: str, **rest: object) -> GroupRequest:
    return GroupRequest(name=name, members=members, **rest)  # type: ignore[arg-type]


def lv(name: str, mount: str = "", size: int = 0, **rest: object) -> VolumeRequest:
    """A volume of the group `vg` with its size in MiB."""
    given = {"group": "vg", **rest}
    return VolumeRequest(name=name, mount=mount, size=size * MiB, **given)  # type: ignore[arg-type]


def pool(name: str, size: int = 0, **rest: object) -> VolumeRequest:
    return lv(name, "", size, kind=VolumeKind.POOL, **rest)


def thin(name: str, mount: str, size: int = 0, **rest: object) -> VolumeRequest:
    return lv(name, mount, size, kind=VolumeKind.THIN, **{"pool": "pool", **rest})


def erase(*things: object, **rest: object) -> StorageRequest:
    """Everything may go; `things` are requests of all kinds."""
    lists = {
        "partitions": PartitionRequest,
        "arrays": ArrayRequest,
        "groups": GroupRequest,
        "volumes": VolumeRequest,
        "btrfs": BtrfsRequest,
        "subvolumes": SubvolumeRequest,
    }
    found = {name: tuple(one for one in things if isinstance(one, kind)) for name, kind in lists.items()}
    return StorageRequest(**{"clear": Clear.ALL, "zero_mbr": True, **found, **rest})  # type: ignore[arg-type]


def plan(request: StorageRequest, on: MachineInfo | None = None, **rest: str) -> StoragePlan:
    return layout(request, on or machine(), IMAGE, **rest)


def refused(request: StorageRequest, on: MachineInfo | None = None, **rest: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        plan(request, on, **rest)
    return caught.value


def blocks(plan: StoragePlan) -> list[tuple[str, str, float]]:
    """Every block as (id, format, MiB)."""
    return [(one.id, one.format.value, one.size / MiB) for one in plan.blocks()]


def sizes(plan: StoragePlan) -> dict[str, float]:
    """MiB of every block by its id."""
    return {id: size for id, _, size in blocks(plan)}  # noqa: A001


def formats(plan: StoragePlan) -> dict[str, Format]:
    return {one.id: one.format for one in plan.blocks()}
