"""Storage plans with something between the partitions and the root, for tests of what boots from them."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import PartitionTable
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    DiskPlan,
    Encryption,
    EncryptionPlan,
    Format,
    GroupPlan,
    MountPlan,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    SubvolumePlan,
    Tpm2,
    VolumeKind,
    VolumePlan,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.values import DISK

SECOND = "by-id/virtio-disk1"
DISKS = (
    DiskPlan(id=DISK.id, name="vda", size=DISK.size, table=PartitionTable.GPT),
    DiskPlan(id=SECOND, name="vdb", size=DISK.size, table=PartitionTable.GPT),
)
PASSPHRASE = Secret("open sesame")


def part(name: str, kind: Format, *, disk: str = DISK.id, size: int = 2 * GiB) -> PartitionPlan:
    return PartitionPlan(id=name, disk=disk, start=MiB, size=size, format=kind)


def luks_lvm(encryption: Encryption = Encryption(passphrase=PASSPHRASE, tpm2=Tpm2()), name: str = "") -> StoragePlan:  # noqa: B008
    """/boot on a partition; root, swap and home on LVM on LUKS; /srv on a LUKS partition of its own."""
    return StoragePlan(
        disks=DISKS[:1],
        partitions=(
            part("boot", Format.EXT4),
            part("crypt", Format.LUKS),
            part("crypt-srv", Format.LUKS),
        ),
        encrypted=(
            EncryptionPlan(
                id="open", device="crypt", name=name, size=8 * GiB, format=Format.LVMPV, encryption=encryption
            ),
            EncryptionPlan(
                id="srv",
                device="crypt-srv",
                name="",
                size=2 * GiB,
                format=Format.XFS,
                encryption=Encryption(passphrase=PASSPHRASE),
            ),
        ),
        groups=(GroupPlan(id="vg", name="system", members=("open",), extent=4 * MiB),),
        volumes=(
            VolumePlan(id="lv-root", group="vg", name="root", size=4 * GiB, format=Format.XFS),
            VolumePlan(id="lv-swap", group="vg", name="swap", size=1 * GiB, format=Format.SWAP),
            VolumePlan(id="lv-home", group="vg", name="home", size=1 * GiB, format=Format.EXT4),
        ),
        mounts=(
            MountPlan(device="lv-root", path="/"),
            MountPlan(device="boot", path="/boot"),
            MountPlan(device="lv-home", path="/home"),
            MountPlan(device="srv", path="/srv", options="nodev"),
            MountPlan(device="lv-swap", path="swap"),
        ),
    )


LUKS_UUIDS = {
    "boot": "b-1",
    "crypt": "c-1",
    "crypt-srv": "c-2",
    "lv-root": "r-1",
    "lv-swap": "s-1",
    "lv-home": "h-1",
    "srv": "d-1",
}


def thin() -> StoragePlan:
    plan = luks_lvm()
    pool = VolumePlan(id="pool", group="vg", name="pool", size=6 * GiB, format=Format.NONE, kind=VolumeKind.POOL)
    volumes = tuple(replace(one, kind=VolumeKind.THIN, pool="pool") for one in plan.volumes)
    return replace(plan, volumes=(pool, *volumes))


def mirror(*, efi: bool = False) -> StoragePlan:
    """/boot, root and, for UEFI, the ESP on RAID1 of two disks."""
    first = ("efi", Format.EFI, "1.0") if efi else ("", Format.BIOSBOOT, "")
    names = [(first[0] or "biosboot", first[1]), ("boot", Format.EXT4), ("root", Format.XFS)]
    members = {Format.BIOSBOOT: Format.BIOSBOOT}
    partitions = tuple(
        part(f"{name}-{number}", members.get(kind, Format.RAID), disk=disk.id)
        for number, disk in enumerate(DISKS, 1)
        for name, kind in names
    )
    arrays = tuple(
        ArrayPlan(
            id=name, name=name, level=RaidLevel.RAID1, members=(f"{name}-1", f"{name}-2"), size=GiB, format=kind,
            metadata="1.0" if name == "efi" else "1.2",
        )
        for name, kind in names
        if kind is not Format.BIOSBOOT
    )  # fmt: skip
    mounts = {"root": "/", "boot": "/boot", "efi": "/boot/efi"}
    return StoragePlan(
        disks=DISKS,
        partitions=partitions,
        arrays=arrays,
        mounts=tuple(MountPlan(device=array.id, path=mounts[array.id]) for array in arrays),
    )


MIRROR_UUIDS = {"root": "r-1", "boot": "b-1", "efi": "E-1"}
MIRROR_OWN = {
    "root": "0A1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "boot": "11111111:22222222:33333333:44444444",
    "efi": "55555555:66666666:77777777:88888888",
}


def subvolumes(*, boot: bool = True) -> StoragePlan:
    """Root and /home as subvolumes of a btrfs volume; without `boot`, /boot is in the root."""
    partitions = (part("boot", Format.EXT4), part("btrfs-1", Format.BTRFS), part("btrfs-2", Format.BTRFS))
    mounts = (
        MountPlan(device="sub-root", path="/"),
        MountPlan(device="boot", path="/boot"),
        MountPlan(device="sub-home", path="/home", options="compress=zstd:1"),
    )
    return StoragePlan(
        disks=DISKS[:1],
        partitions=partitions,
        btrfs=(BtrfsPlan(id="volume", members=("btrfs-1", "btrfs-2")),),
        subvolumes=(
            SubvolumePlan(id="sub-root", volume="volume", path="root"),
            SubvolumePlan(id="sub-home", volume="volume", path="home"),
        ),
        mounts=mounts if boot else tuple(mount for mount in mounts if mount.path != "/boot"),
    )


BTRFS_UUIDS = {"boot": "b-1", "btrfs-1": "v-1", "btrfs-2": "v-1", "volume": "v-1", "sub-root": "v-1", "sub-home": "v-1"}
