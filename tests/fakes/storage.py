"""Whole storage plans for tests, and the machines that they fit: everything at once, and everything there already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashore_installer.machine import (
    ArrayInfo,
    BtrfsInfo,
    DiskInfo,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    PartitionTable,
    SystemInfo,
    SystemKind,
    VolumeInfo,
)
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    DiskPlan,
    Encryption,
    EncryptionPlan,
    Existing,
    Format,
    GroupPlan,
    MountPlan,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    SubvolumePlan,
    VolumeKind,
    VolumePlan,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.values import a_machine

EXTENT = 4 * MiB
_WITH_IDS = ("disks", "partitions", "arrays", "encrypted", "groups", "volumes", "btrfs", "subvolumes")
SDA = DiskInfo(name="sda", ids=("by-id/ata-a",), size=100 * GiB, transport="ata", serial="a")
SDB = DiskInfo(name="sdb", ids=("by-id/ata-b",), size=100 * GiB, transport="ata", serial="b")


def changed(plan: StoragePlan, which: str, /, **changes: Any) -> StoragePlan:
    """The plan with other fields of the thing with this id."""
    new: dict[str, Any] = {
        name: tuple(replace(one, **changes) if one.id == which else one for one in getattr(plan, name))
        for name in _WITH_IDS
    }
    return replace(plan, **new)


def without(plan: StoragePlan, *ids: str) -> StoragePlan:
    """The plan without these things, and without their mounts."""
    left: dict[str, Any] = {name: tuple(one for one in getattr(plan, name) if one.id not in ids) for name in _WITH_IDS}
    return replace(plan, **left, mounts=tuple(mount for mount in plan.mounts if mount.device not in ids))


# --- everything new: mirrors on two disks, LUKS and LVM on one, btrfs and a thin pool beside it --------------------


def _part(id: str, disk: DiskInfo, start: int, size: int, format: Format) -> PartitionPlan:  # noqa: A002
    return PartitionPlan(id=id, disk=disk.id, start=start * MiB, size=size * MiB, format=format)


def new_machine(**changes: Any) -> MachineInfo:
    """Two empty disks of 100 GiB in a BIOS machine with a TPM."""
    return a_machine(disks=(SDA, SDB), tpm2=True, **changes)


def new_plan() -> StoragePlan:
    """/boot and an encrypted volume group on mirrors of two disks; btrfs over both disks; a thin pool in the group."""
    return StoragePlan(
        disks=tuple(DiskPlan(id=one.id, name=one.name, size=one.size, table=PartitionTable.GPT) for one in (SDA, SDB)),
        partitions=tuple(part for disk in (SDA, SDB) for part in _parts(disk)),
        arrays=(
            ArrayPlan(id="boot", name="boot", level=RaidLevel.RAID1, members=("sda-boot", "sdb-boot"), metadata="1.0",
                      size=1022 * MiB, format=Format.EXT4, label="boot"),
            ArrayPlan(id="pv", name="pv", level=RaidLevel.RAID1, members=("sda-pv", "sdb-pv"),
                      size=60 * GiB, format=Format.LUKS),
        ),
        encrypted=(
            EncryptionPlan(id="pv-luks", name="", device="pv", size=60 * GiB - 16 * MiB, format=Format.LVMPV,
                           encryption=Encryption(passphrase=Secret("a passphrase"))),
        ),
        groups=(GroupPlan(id="vg", name="vg", members=("pv-luks",), extent=EXTENT),),
        volumes=(
            VolumePlan(id="root", group="vg", name="root", size=30 * GiB, format=Format.XFS),
            VolumePlan(id="swap", group="vg", name="swap", size=2 * GiB, format=Format.SWAP),
            VolumePlan(id="pool", group="vg", name="pool", size=20 * GiB, format=Format.NONE, kind=VolumeKind.POOL,
                       metadata=32 * MiB),
            VolumePlan(id="var", group="vg", name="var", size=20 * GiB, format=Format.XFS, kind=VolumeKind.THIN,
                       pool="pool"),
        ),
        btrfs=(BtrfsPlan(id="data", members=("sda-data", "sdb-data"), label="data", data="raid1", metadata="raid1"),),
        subvolumes=(SubvolumePlan(id="home", volume="data", path="home"),),
        mounts=(
            MountPlan(device="root", path="/"),
            MountPlan(device="boot", path="/boot"),
            MountPlan(device="home", path="/home"),
            MountPlan(device="var", path="/var"),
            MountPlan(device="swap", path="swap"),
        ),
    )  # fmt: skip


def _parts(disk: DiskInfo) -> tuple[PartitionPlan, ...]:
    return (
        _part(f"{disk.name}-bios", disk, 1, 1, Format.BIOSBOOT),
        _part(f"{disk.name}-boot", disk, 2, 1024, Format.RAID),
        _part(f"{disk.name}-pv", disk, 1026, 61 * 1024, Format.RAID),
        _part(f"{disk.name}-data", disk, 1026 + 61 * 1024, 20 * 1024, Format.BTRFS),
    )


# --- everything there already --------------------------------------------------------------------------------------


def _old(number: int, start: int, size: int, format: str, **more: Any) -> PartitionInfo:  # noqa: A002
    return PartitionInfo(number=number, start=start * MiB, size=size * MiB, format=format, **more)


def old_machine(**changes: Any) -> MachineInfo:
    """Two disks with an array, a volume group, a btrfs volume, LUKS, Windows and a Linux, and free space at the end."""
    first = replace(SDA, table=PartitionTable.GPT, partitions=(
        _old(1, 1, 1, "", type="21686148-6449-6e6f-744e-656564454649", id="aaaa-1"),
        _old(2, 2, 2048, "linux_raid_member", uuid="a1:a1", id="aaaa-2"),
        _old(3, 2050, 20480, "LVM2_member", uuid="pv-1", id="aaaa-3"),
        _old(4, 22530, 20480, "ntfs", label="Windows", uuid="W1", id="aaaa-4", minimum=8 * GiB),
    ))  # fmt: skip
    second = replace(SDB, table=PartitionTable.GPT, partitions=(
        _old(1, 2, 2048, "linux_raid_member", uuid="a1:a1", id="bbbb-1"),
        _old(2, 2050, 20480, "btrfs", label="data", uuid="bt-1", id="bbbb-2"),
        _old(3, 22530, 20480, "crypto_LUKS", uuid="lu-1", id="bbbb-3"),
    ))  # fmt: skip
    volumes = (
        VolumeInfo(name="root", uuid="lv-1", size=10 * GiB, format="xfs", content="fs-1"),
        VolumeInfo(name="home", uuid="lv-2", size=5 * GiB, format="ext4", content="fs-2", label="home", minimum=GiB),
    )
    return a_machine(
        disks=(first, second),
        arrays=(ArrayInfo(name="md127", uuid="a1:a1", level="raid1", size=2046 * MiB, label="boot", wanted=2,
                          members=("sda2", "sdb1"), format="ext4", content="fs-3"),),
        groups=(GroupInfo(name="vg", uuid="vg-1", size=20476 * MiB, free=5116 * MiB, extent=EXTENT,
                          members=("sda3",), volumes=volumes),),
        btrfs=(BtrfsInfo(uuid="bt-1", label="data", members=("sdb2",), used=3 * GiB,
                         subvolumes=("home", "snapshots")),),
        systems=(
            SystemInfo(name="Windows 11", kind=SystemKind.WINDOWS, mounts=(("/", "sda4"),)),
            SystemInfo(name="Debian 13", kind=SystemKind.LINUX, mounts=(
                ("/", "vg/root"), ("/boot", "md127"), ("/home", "vg/home"), ("/srv", "sdb2:home"))),
        ),
        **changes,
    )  # fmt: skip


def old_plan() -> StoragePlan:
    """A new root beside everything that `old_machine` has: /boot formatted anew, /home kept, Windows shrunk."""
    sda, sdb = SDA.id, SDB.id
    return StoragePlan(
        disks=(DiskPlan(id=sda, name="sda", size=SDA.size), DiskPlan(id=sdb, name="sdb", size=SDB.size)),
        partitions=(
            PartitionPlan(id="raid-a", disk=sda, start=2 * MiB, size=2048 * MiB, format=Format.RAID, keep=True,
                          existing=Existing(name="sda2", number=2, size=2048 * MiB, uuid="aaaa-2",
                                            format="linux_raid_member", content="a1:a1")),
            PartitionPlan(id="raid-b", disk=sdb, start=2 * MiB, size=2048 * MiB, format=Format.RAID, keep=True,
                          existing=Existing(name="sdb1", number=1, size=2048 * MiB, uuid="bbbb-1",
                                            format="linux_raid_member", content="a1:a1")),
            PartitionPlan(id="pv", disk=sda, start=2050 * MiB, size=20480 * MiB, format=Format.LVMPV, keep=True,
                          existing=Existing(name="sda3", number=3, size=20480 * MiB, uuid="aaaa-3",
                                            format="LVM2_member", content="pv-1")),
            PartitionPlan(id="windows", disk=sda, start=22530 * MiB, size=10240 * MiB, format=Format.NTFS, keep=True,
                          existing=Existing(name="sda4", number=4, size=20480 * MiB, uuid="aaaa-4", format="ntfs",
                                            content="W1")),
            PartitionPlan(id="disk2", disk=sdb, start=2050 * MiB, size=20480 * MiB, format=Format.BTRFS, keep=True,
                          existing=Existing(name="sdb2", number=2, size=20480 * MiB, uuid="bbbb-2", format="btrfs",
                                            content="bt-1")),
            PartitionPlan(id="crypt", disk=sdb, start=22530 * MiB, size=20480 * MiB, format=Format.LUKS, keep=True,
                          existing=Existing(name="sdb3", number=3, size=20480 * MiB, uuid="bbbb-3",
                                            format="crypto_LUKS", content="lu-1")),
            PartitionPlan(id="root", disk=sda, start=43010 * MiB, size=20 * GiB, format=Format.XFS, label="root"),
        ),
        arrays=(
            ArrayPlan(id="boot", name="boot", level=RaidLevel.RAID1, members=("raid-a", "raid-b"), size=2046 * MiB,
                      format=Format.EXT4,
                      existing=Existing(name="md127", size=2046 * MiB, uuid="a1:a1", format="ext4", content="fs-3")),
        ),
        encrypted=(
            EncryptionPlan(id="opened", name="", device="crypt", size=20464 * MiB, format=Format.EXT4,
                           existing=Existing(name="sdb3", uuid="lu-1", size=20464 * MiB), keep=True,
                           encryption=Encryption(passphrase=Secret("old"))),
        ),
        groups=(GroupPlan(id="vg", name="vg", members=("pv",), extent=EXTENT,
                          existing=Existing(name="vg", uuid="vg-1", size=20476 * MiB)),),
        volumes=(
            VolumePlan(id="home", group="vg", name="home", size=4 * GiB, format=Format.EXT4, keep=True,
                       existing=Existing(name="vg/home", size=5 * GiB, uuid="lv-2", format="ext4", content="fs-2")),
            VolumePlan(id="more", group="vg", name="more", size=5 * GiB, format=Format.EXT4),
        ),
        btrfs=(BtrfsPlan(id="data", members=("disk2",), label="data",
                         existing=Existing(name="data", uuid="bt-1")),),
        subvolumes=(
            SubvolumePlan(id="srv", volume="data", path="home", existing=True),
            SubvolumePlan(id="new", volume="data", path="new"),
        ),
        mounts=(
            MountPlan(device="root", path="/"),
            MountPlan(device="boot", path="/boot"),
            MountPlan(device="home", path="/home"),
            MountPlan(device="srv", path="/srv"),
            MountPlan(device="new", path="/var/new"),
            MountPlan(device="more", path="/var/more"),
            MountPlan(device="opened", path="/mnt"),
        ),
    )  # fmt: skip
