"""Automatic layouts as requests: what each scheme asks for, on which disks, with which sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.image import ImageInfo
from ashore_installer.machine import DiskInfo, Firmware, GroupInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.secret import Secret
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.lvm_sizes import EXTENT, pool_metadata
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.schemes import small_chunk
from ashore_installer.storage.swap import swap_size
from ashore_installer.storage_plan import Encryption, Format, VolumeKind
from ashore_installer.storage_request import (
    Automatic,
    BlockRequest,
    Clear,
    PartitionRequest,
    Scheme,
    StorageRequest,
)
from ashore_installer.units import GiB, KiB, MiB, TiB
from tests.fakes.machines import recorded
from tests.fakes.values import a_machine, an_image

LOCKED = Encryption(passphrase=Secret("a passphrase"))
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"


def disk(name: str, size: int, **rest: Any) -> DiskInfo:
    return DiskInfo(name=name, ids=(f"by-id/{name}",), size=size, **rest)


def uefi(*disks: DiskInfo, **rest: Any) -> MachineInfo:
    return a_machine(firmware=Firmware.UEFI, disks=disks, **rest)


def erase(scheme: Scheme, *only_use: str, **rest: Any) -> StorageRequest:
    automatic = Automatic(scheme=scheme, **rest)
    return StorageRequest(only_use=only_use, clear=Clear.ALL, zero_mbr=True, automatic=automatic)


def expanded(request: StorageRequest, machine: MachineInfo | None = None, image: ImageInfo | None = None) -> str:
    """Everything that is asked for, a line each; see `line`."""
    result = expand(request, machine or a_machine(), image or an_image())
    assert result.automatic is None
    groups = [f"group {one.name} of {' '.join(one.members)}" for one in result.groups]
    btrfs = [f"btrfs {one.name} of {' '.join(one.members)} {one.data} {one.metadata}".strip() for one in result.btrfs]
    subvolumes = [f"subvolume {one.path} of {one.volume} at {one.mount}" for one in result.subvolumes]
    blocks = [line(f"{one.disk} {one.name}", one) for one in result.partitions]
    blocks += [line(f"{one.group}/{one.name} {one.kind.value} {one.pool}", one) for one in result.volumes]
    return "\n".join([*blocks, *groups, *btrfs, *subvolumes])


def line(what: str, one: BlockRequest) -> str:
    size = f"{one.size // MiB}{'+' if one.grow else ''}"
    assert one.size % MiB == 0
    words = [what, one.format and one.format.value, one.mount, size, "locked" if one.encryption else ""]
    kept = f"is {one.existing}" if one.existing else ""
    return " ".join(" ".join(filter(None, [*words, kept, "kept" if one.keep else ""])).split())


ROOT = 1314
"""MiB that the image of 1 GiB needs on xfs."""


def test_plain() -> None:
    assert expanded(erase(Scheme.PLAIN)).splitlines() == [
        "by-id/virtio-disk0 biosboot 1",
        "by-id/virtio-disk0 ext4 /boot 1024",
        f"by-id/virtio-disk0 xfs / {ROOT}+",
    ]


def test_plain_with_everything_encrypts_all_but_what_the_machine_boots_from() -> None:
    request = erase(Scheme.PLAIN, home=True, swap=True, encryption=LOCKED)
    assert expanded(request, uefi(disk("nvme0n1", 500 * GiB), memory=16 * GiB)).splitlines() == [
        "by-id/nvme0n1 efi /boot/efi 1024",
        "by-id/nvme0n1 ext4 /boot 1024",
        "by-id/nvme0n1 swap 8208 locked",
        f"by-id/nvme0n1 xfs / {70 * 1024 + 16} locked",
        "by-id/nvme0n1 xfs /home 4112+ locked",
    ]


def test_lvm() -> None:
    assert expanded(erase(Scheme.LVM, swap=True)).splitlines() == [
        "by-id/virtio-disk0 biosboot 1",
        "by-id/virtio-disk0 ext4 /boot 1024",
        f"by-id/virtio-disk0 pv.01 lvmpv {ROOT + 1945 + 8}+",
        "debian/swap linear swap 1945",
        f"debian/root linear xfs / {ROOT}+",
        "group debian of pv.01",
    ]


def test_a_thin_pool_takes_the_group_and_has_metadata_for_small_chunks() -> None:
    result = expand(erase(Scheme.THIN, home=True, swap=True, encryption=LOCKED), a_machine(), an_image())
    swap, pool, root, home = result.volumes
    assert [swap.kind, pool.kind, root.kind, home.kind] == [
        VolumeKind.LINEAR, VolumeKind.POOL, VolumeKind.THIN, VolumeKind.THIN,
    ]  # fmt: skip
    assert (pool.name, pool.grow, pool.chunk, pool.metadata) == ("pool00", True, 64 * KiB, 20 * MiB)
    assert {root.pool, home.pool} == {"pool00"}
    assert pool.size == root.size + home.size
    assert result.partitions[-1].encryption == LOCKED
    assert not any(one.encryption for one in (*result.volumes, *result.partitions[:-1]))


def test_btrfs() -> None:
    assert expanded(erase(Scheme.BTRFS, home=True, encryption=LOCKED)).splitlines() == [
        "by-id/virtio-disk0 biosboot 1",
        "by-id/virtio-disk0 ext4 /boot 1024",
        "by-id/virtio-disk0 btrfs.01 btrfs 1564+ locked",
        "btrfs root of btrfs.01",
        "subvolume root of root at /",
        "subvolume home of root at /home",
    ]


def test_btrfs_without_a_home_has_one_subvolume() -> None:
    assert "home" not in expanded(erase(Scheme.BTRFS))


def test_no_boot_leaves_room_for_kernels_in_root() -> None:
    text = expanded(erase(Scheme.PLAIN, boot=False))
    assert "/boot" not in text
    assert f"xfs / {ROOT}+" not in text


# --- several disks -------------------------------------------------------------------------------------------

THREE = (disk("sda", 200 * GiB), disk("sdb", 100 * GiB), disk("sdc", 300 * GiB, transport="usb"))


def members(request: StorageRequest, machine: MachineInfo) -> list[str]:
    result = expand(request, machine, an_image())
    return [one.disk.removeprefix("by-id/") for one in result.partitions if one.name]


@pytest.mark.parametrize("scheme", [Scheme.LVM, Scheme.THIN, Scheme.BTRFS])
def test_all_disks_that_were_named_take_part(scheme: Scheme) -> None:
    assert members(erase(scheme, "sdb", "sda", "sdc"), uefi(*THREE)) == ["sda", "sdb", "sdc"]
    assert members(erase(scheme, "sd[ab]"), uefi(*THREE)) == ["sda", "sdb"]
    assert members(erase(scheme), uefi(*THREE)) == ["sda"]


def test_btrfs_on_several_disks_keeps_its_metadata_twice_and_its_data_once() -> None:
    assert "btrfs root of btrfs.01 btrfs.02 single raid1" in expanded(erase(Scheme.BTRFS, "sda", "sdb"), uefi(*THREE))


def test_firmware_and_boot_are_on_the_first_disk() -> None:
    assert expanded(erase(Scheme.LVM, "sda", "sdb"), uefi(*THREE)).splitlines()[:4] == [
        "by-id/sda efi /boot/efi 1024",
        "by-id/sda ext4 /boot 1024",
        "by-id/sda pv.01 lvmpv 256+",
        "by-id/sdb pv.02 lvmpv 256+",
    ]


def test_the_boot_disk_comes_first() -> None:
    result = expand(erase(Scheme.LVM, "sda", "sdb"), uefi(*THREE), an_image(), boot_disk="sdb")
    assert [one.disk for one in result.partitions] == ["by-id/sdb"] * 3 + ["by-id/sda"]


def test_lvm_does_not_mix_block_sizes() -> None:
    sizes = uefi(disk("sda", 200 * GiB), disk("sdb", 100 * GiB, sector_size=4096))
    advanced = uefi(disk("sda", 200 * GiB), disk("sdb", 100 * GiB, physical_sector_size=4096))
    assert members(erase(Scheme.LVM, "sd*"), sizes) == ["sda"]
    assert members(erase(Scheme.BTRFS, "sd*"), sizes) == ["sda", "sdb"]
    assert members(erase(Scheme.LVM, "sd*"), advanced) == ["sda", "sdb"]
    assert members(erase(Scheme.LVM, "sd*", encryption=LOCKED), advanced) == ["sda"]


# --- sizes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "root", "home"),
    [
        (6 * GiB, None, 0),
        (20 * GiB, 8 * GiB - 1 * GiB, 4096),
        (100 * GiB, 39 * GiB, 4096),
        (16 * TiB, 70 * GiB, 4096),
    ],
)
def test_home_is_made_when_there_is_room(room: int, root: int | None, home: int) -> None:
    result = expand(erase(Scheme.LVM, home=True), uefi(disk("sda", room)), an_image())
    found = {one.name: one for one in result.volumes}
    assert ("home" in found) == bool(home)
    if root is None:
        assert found["root"].grow
    else:
        assert root <= found["root"].size < root + GiB
        assert not found["root"].grow
        assert found["home"].grow


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("size", [8 * 10**9, 3 * TiB, 16 * TiB])
def test_every_size_of_disk_has_one_thing_that_takes_the_rest(scheme: Scheme, size: int) -> None:
    result = expand(erase(scheme), uefi(disk("sda", size)), an_image())
    assert sum(one.grow for one in result.partitions) == 1
    assert sum(one.size for one in result.partitions) < size


def test_a_large_image_makes_a_large_root() -> None:
    request = erase(Scheme.PLAIN, home=True)
    result = expand(request, uefi(disk("sda", 40 * GiB)), an_image(unpacked_size=20 * GiB))
    assert result.partitions[-2].size > 23 * GiB


@pytest.mark.parametrize(
    ("memory", "room", "hibernation", "swap"),
    [
        (1 * GiB, 0, False, 2 * GiB),
        (4 * GiB, 0, False, 4 * GiB),
        (16 * GiB, 0, False, 8 * GiB),
        (512 * GiB, 0, False, 4 * GiB),
        (16 * GiB, 20 * GiB, False, 2 * GiB),
        (2 * GiB, 0, True, 6 * GiB),
        (8 * GiB, 20 * GiB, True, 16 * GiB),
        (512 * GiB, 0, True, 516 * GiB),
    ],
)
def test_swap_follows_the_memory(memory: int, room: int, hibernation: bool, swap: int) -> None:
    assert swap_size(memory, room=room, hibernation=hibernation) == swap


@pytest.mark.parametrize(
    ("data", "chunk"), [(1 * GiB, 64 * KiB), (1 * TiB, 64 * KiB), (2 * TiB, 128 * KiB), (16 * TiB, 1 * MiB)]
)
def test_the_metadata_of_thin_pools_stays_small(data: int, chunk: int) -> None:
    assert small_chunk(data) == chunk
    assert pool_metadata(data, chunk, EXTENT) <= 1 * GiB


# --- what is there already -----------------------------------------------------------------------------------


def test_the_esp_of_another_system_is_used_again() -> None:
    assert expanded(StorageRequest(automatic=Automatic()), recorded("laptop-windows")).splitlines()[0] == (
        "by-id/nvme-eui.ace42e0017aabbcc efi /boot/efi 0 is nvme0n1p1 kept"
    )


def one_partition(**changes: Any) -> MachineInfo:
    part = PartitionInfo(number=1, start=MiB, size=512 * MiB, format="vfat", type=ESP)
    return uefi(disk("sda", 100 * GiB, table=PartitionTable.GPT, partitions=(replace(part, **changes),)))


@pytest.mark.parametrize(
    "changes", [{"size": 60 * MiB}, {"minimum": 500 * MiB}, {"format": ""}, {"type": LINUX}, {"format": "ext4"}]
)
def test_an_esp_that_is_too_small_full_or_none_is_left_alone(changes: dict[str, Any]) -> None:
    first = expand(StorageRequest(automatic=Automatic()), one_partition(**changes), an_image()).partitions[0]
    assert (first.mount, first.existing, first.size) == ("/boot/efi", "", GiB)


def test_an_esp_that_goes_is_not_used_again() -> None:
    request = StorageRequest(automatic=Automatic(), clear=Clear.LIST, clear_partitions=("sda1",))
    assert not expand(request, one_partition(), an_image()).partitions[0].existing


def test_the_bios_boot_partition_is_used_again() -> None:
    machine = replace(one_partition(type=BIOS_BOOT, format="", size=MiB), firmware=Firmware.BIOS)
    first = expand(StorageRequest(automatic=Automatic()), machine, an_image()).partitions[0]
    assert (first.format, first.existing, first.keep) == (Format.BIOSBOOT, "sda1", True)


def test_the_name_of_the_group_is_not_used_yet() -> None:
    machine = a_machine(groups=(GroupInfo(name="debian", uuid="x", size=GiB),))
    assert expand(erase(Scheme.LVM), machine, an_image()).groups[0].name == "debian1"
    assert expand(erase(Scheme.LVM), machine, an_image(os_release={})).groups[0].name == "system"


# --- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (replace(erase(Scheme.PLAIN), partitions=(PartitionRequest(mount="/var", size=GiB),)), "is listed too"),
        (erase(Scheme.BTRFS, format=Format.XFS), "is to be btrfs, but its root file system xfs"),
        (erase(Scheme.LVM, "vdz"), "no disk 'vdz'"),
    ],
)
def test_contradictions_are_refused(request_: StorageRequest, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        expand(request_, a_machine(), an_image())
