"""Random machines for property tests: disks of all kinds, with stacks, other systems and wrecks of both on them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from ashore_installer.machine import (
    ArrayInfo,
    BtrfsInfo,
    DiskInfo,
    Firmware,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    PartitionTable,
    SystemInfo,
    SystemKind,
    VolumeInfo,
)
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import NAMES as RECORDED
from tests.fakes.machines import recorded

NAMES = ("vda", "nvme0n1", "sda")
LINUX, WINDOWS = "0fc63daf-8483-4772-8e79-3d69d8477de4", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
_MSDOS = {LINUX: "0x83", WINDOWS: "0x7", ESP: "0xef", BIOS_BOOT: "0x83"}
CONTENT = (
    "", "ext4", "ntfs", "xfs", "swap", "crypto_LUKS", "LVM2_member", "LVM2_member", "linux_raid_member",
    "linux_raid_member", "btrfs",
)  # fmt: skip
INSTALLED = ("dual-boot", "laptop-btrfs-fedora", "ostree-home", "server-md")
"""Recorded machines with a system that can be replaced."""
_CAN_SHRINK = ("ext4", "ntfs", "btrfs", "vfat")
EXTENT = 4 * MiB


@st.composite
def partitions(draw: st.DrawFn, name: str, size: int, table: PartitionTable) -> tuple[PartitionInfo, ...]:
    """Partitions, often at odd places, that don't overlap and end before the disk's last MiB."""
    found, position = [], 17 * 1024
    odd, first = draw(st.booleans()), draw(st.sampled_from((ESP, BIOS_BOOT, LINUX)))
    most = 4 if table is PartitionTable.MSDOS else 6
    for number in range(1, draw(st.sampled_from((most, most, 2, 1, 0))) + 1):
        start = position + draw(st.sampled_from((0, 0, 5 * GiB))) + (draw(st.integers(0, 2 * GiB)) if odd else 0)
        start = start if odd else -(-start // MiB) * MiB
        length = draw(st.sampled_from((MiB, 300 * MiB, 2 * GiB, 15 * GiB, 40 * GiB))) + (512 * 77 if odd else 0)
        if start + length > size - MiB:
            break
        kind = first if number == 1 else draw(st.sampled_from((LINUX, LINUX, LINUX, WINDOWS)))
        content = {ESP: "vfat", BIOS_BOOT: ""}.get(kind) if kind in (ESP, BIOS_BOOT) else draw(st.sampled_from(CONTENT))
        least = draw(st.sampled_from((0, length // 2))) if content in _CAN_SHRINK else 0
        found.append(
            PartitionInfo(
                number=number,
                start=start,
                size=length,
                type=kind if table is PartitionTable.GPT else _MSDOS[kind],
                format=content or "",
                uuid=f"{name}-{number}-uuid" if content else "",
                id=f"{name}-{number}-part",
                minimum=least,
            )
        )
        position = start + length
    return tuple(found)


@st.composite
def disk(draw: st.DrawFn, name: str) -> DiskInfo:
    sector = draw(st.sampled_from((512, 512, 4096)))
    size = draw(st.sampled_from((3 * GiB, 8 * GiB + 1, 64 * GiB, 64 * GiB, 200 * GiB, 16 * 1024 * GiB)))
    table = draw(st.sampled_from((*(PartitionTable.GPT,) * 4, PartitionTable.MSDOS, None)))
    trouble = draw(st.sampled_from(("",) * 15 + ("removable", "read-only", "medium", "busy")))
    return DiskInfo(
        name=name,
        ids=(f"by-id/{name}-1",),
        size=size // sector * sector,
        sector_size=sector,
        physical_sector_size=draw(st.sampled_from((sector, 4096))),
        removable=trouble == "removable",
        read_only=trouble == "read-only",
        medium=trouble == "medium",
        busy=f"{name} is mounted at /x" if trouble == "busy" else "",
        table=table,
        format=draw(st.sampled_from(("", "", "LVM2_member"))) if table is None else "",
        partitions=draw(partitions(name, size, table)) if table else (),
    )


def machines() -> st.SearchStrategy[MachineInfo]:
    """Any machine, now and then one that there was."""
    return st.one_of(_invented(), _invented(), _invented(), recorded_machines(RECORDED))


@st.composite
def recorded_machines(draw: st.DrawFn, names: tuple[str, ...]) -> MachineInfo:
    """One of these recorded machines, perhaps with something in it that is otherwise."""
    machine = recorded(draw(st.sampled_from(names)))
    changed = draw(st.sampled_from(("", "", "", "firmware", "systems", "last")))
    if changed == "firmware":
        return replace(machine, firmware=draw(st.sampled_from(Firmware)))
    if changed == "systems":
        return draw(_with_systems(machine))
    return replace(machine, disks=machine.disks[:-1] if changed == "last" else machine.disks)


@st.composite
def _invented(draw: st.DrawFn) -> MachineInfo:
    machine = MachineInfo(
        architecture="amd64",
        firmware=draw(st.sampled_from(Firmware)),
        memory=draw(st.sampled_from((GiB, 2 * GiB, 16 * GiB))),
        tpm2=draw(st.booleans()),
        disks=tuple(draw(disk(name)) for name in NAMES[: draw(st.sampled_from((1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 0)))]),
    )
    for add in (_with_array, _with_group, _with_btrfs, _with_systems):
        machine = draw(add(machine))
    return machine


def holding(machine: MachineInfo, content: str) -> list[tuple[str, PartitionInfo]]:
    """Every partition with this content, with its name."""
    pairs = ((disk, one) for disk in machine.disks for one in disk.partitions)
    return [(partition_name(disk, one.number), one) for disk, one in pairs if one.format == content]


@st.composite
def _with_array(draw: st.DrawFn, machine: MachineInfo) -> MachineInfo:
    """A mirror of the first RAID members, complete or not; it may be a physical volume itself."""
    members = holding(machine, "linux_raid_member")[:2]
    if not members:
        return machine
    array = ArrayInfo(
        name="md127",
        uuid="array-uuid",
        level="raid1",
        size=max(min(one.size for _, one in members) // MiB * MiB - 2 * MiB, 0),
        label="old",
        metadata=draw(st.sampled_from(("1.0", "1.2"))),
        members=tuple(name for name, _ in members),
        wanted=2,
        active=len(members) == 2,
        format=draw(st.sampled_from(("ext4", "LVM2_member", ""))),
        content="array-content",
    )
    return replace(machine, arrays=(array,))


@st.composite
def _with_group(draw: st.DrawFn, machine: MachineInfo) -> MachineInfo:
    """A group of all physical volumes, with up to three volumes, one of them perhaps a thin pool with one in it."""
    members = {name: one.size for name, one in holding(machine, "LVM2_member")}
    members |= {one.name: one.size for one in machine.arrays if one.format == "LVM2_member"}
    size = sum(max(one // EXTENT * EXTENT - EXTENT, 0) for one in members.values())
    if not size:
        return machine
    content = draw(st.sampled_from(("ext4", "xfs", "swap", "")))
    each = size // 4 // EXTENT * EXTENT
    volumes = [
        VolumeInfo(
            name=f"lv{number}", uuid=f"lv{number}-uuid", size=each, format=content, content=f"lv{number}-content"
        )
        for number in range(draw(st.integers(0, 2)) if each else 0)
    ]
    if each and draw(st.booleans()):
        volumes += [
            VolumeInfo(name="pool", uuid="pool-uuid", size=each, kind="thin-pool"),
            VolumeInfo(name="thin", uuid="thin-uuid", size=2 * each, kind="thin", pool="pool", format="ext4"),
        ]
    used = sum(one.size for one in volumes if one.kind != "thin")
    group = GroupInfo(
        name="vg",
        uuid="vg-uuid",
        size=size,
        free=size - used,
        extent=EXTENT,
        members=tuple(members),
        missing=draw(st.sampled_from((0, 0, 0, 0, 1))),
        volumes=tuple(volumes),
    )
    return replace(machine, groups=(group,))


@st.composite
def _with_btrfs(draw: st.DrawFn, machine: MachineInfo) -> MachineInfo:
    """One volume for each partition, or one for all of them, whose UUID the partitions have then."""
    members = holding(machine, "btrfs")
    several = len(members) > 1 and draw(st.booleans())
    found = [[name for name, _ in members]] if several else [[name] for name, _ in members]
    if several:
        machine = replace(machine, disks=tuple(_sharing_uuid(one) for one in machine.disks))
    volumes = tuple(
        BtrfsInfo(
            uuid="shared-uuid" if several else next(one.uuid for name, one in members if name == names[0]),
            members=tuple(names),
            wanted=len(names),
            used=GiB,
            subvolumes=("root", "home", "root/inside"),
        )
        for names in found
    )
    return replace(machine, btrfs=volumes)


def _sharing_uuid(disk: DiskInfo) -> DiskInfo:
    return replace(
        disk,
        partitions=tuple(
            replace(one, uuid="shared-uuid") if one.format == "btrfs" else one for one in disk.partitions
        ),
    )  # fmt: skip


@st.composite
def _with_systems(draw: st.DrawFn, machine: MachineInfo) -> MachineInfo:
    """Up to two systems on anything that can hold one."""
    devices = [name for content in ("ext4", "xfs") for name, _ in holding(machine, content)]
    devices += [f"{group.name}/{one.name}" for group in machine.groups for one in group.volumes if one.format]
    devices += [f"{volume.members[0]}:{path}" for volume in machine.btrfs for path in volume.subvolumes]
    devices += [one.name for one in machine.arrays if one.format == "ext4"]
    esps = [name for name, _ in holding(machine, "vfat")]
    found = []
    for name in ("One", "Two")[: draw(st.sampled_from((1, 1, 2, 0))) if devices else 0]:
        mounts = {"/": draw(st.sampled_from(devices)), "/home": draw(st.sampled_from(devices))}
        mounts |= draw(
            st.dictionaries(st.sampled_from(("/boot", "/var", "swap")), st.sampled_from(devices), max_size=1)
        )  # fmt: skip
        if draw(st.booleans()) and esps:
            mounts["/boot/efi"] = esps[0]
        kind = draw(st.sampled_from((SystemKind.LINUX, SystemKind.LINUX, SystemKind.OSTREE)))
        found.append(SystemInfo(name=name, kind=kind, mounts=tuple(mounts.items())))
    return replace(machine, systems=tuple(found))
