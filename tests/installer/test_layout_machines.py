"""Automatic layouts on recorded machines, as whole plans: what is made where, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from ashore_installer.machine import MachineInfo
from ashore_installer.secret import Secret
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_plan import Encryption, Format, StoragePlan
from ashore_installer.storage_request import Automatic, Clear, Scheme, ShrinkRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import INSTALLABLE, recorded
from tests.fakes.values import an_image

IMAGE = an_image()
LOCKED = Encryption(passphrase=Secret("a passphrase"))


def erase(scheme: Scheme, *only_use: str, **rest: Any) -> StorageRequest:
    return StorageRequest(
        only_use=only_use, clear=Clear.ALL, zero_mbr=True, automatic=Automatic(scheme=scheme, **rest)
    )  # fmt: skip


def beside(scheme: Scheme = Scheme.PLAIN, **rest: Any) -> StorageRequest:
    return StorageRequest(automatic=Automatic(scheme=scheme), **rest)


def again(**rest: Any) -> StorageRequest:
    return StorageRequest(automatic=Automatic(reinstall="*", **rest))


def rows(plan: StoragePlan, machine: MachineInfo) -> list[str]:
    """Every block of the plan: `disk@MiB+MiB name format`, or `name format MiB`; a `=` marks what keeps its content."""
    names = {disk.id: disk.name for disk in machine.disks}
    where = {one.id: f"{names[one.disk]}@{one.start // MiB}+{one.size // MiB}" for one in plan.partitions}
    return [
        f"{where.get(one.id, '')} {one.id}{'=' if one.keep else ''} {one.format}".strip()
        + ("" if one.id in where else f" {one.size // MiB}")
        for one in plan.blocks()
    ]


WHOLE = [
    (
        "laptop-linux-luks", erase(Scheme.LVM, encryption=LOCKED, home=True),
        ["nvme0n1@1+1024 efi efi", "nvme0n1@1025+1024 boot ext4", "nvme0n1@2049+486337 pv.01 luks",
         "pv.01-luks lvmpv 486321", "debian-root xfs 71680", "debian-home xfs 414640"],
    ),
    (
        "laptop-linux-luks", erase(Scheme.BTRFS, encryption=LOCKED, home=True),
        ["nvme0n1@1+1024 efi efi", "nvme0n1@1025+1024 boot ext4", "nvme0n1@2049+486337 btrfs.01 luks",
         "btrfs.01-luks btrfs 486321"],
    ),
    (
        "tiny-disk", erase(Scheme.LVM),
        ["vda@1+1 biosboot biosboot", "vda@2+1024 boot ext4", "vda@1026+2045 pv.01 lvmpv", "debian-root xfs 2044"],
    ),
    (
        "sata-16tb", erase(Scheme.PLAIN, "sda"),
        ["sda@1+1 biosboot biosboot", "sda@2+1024 boot ext4", "sda@1026+15258621 root xfs"],
    ),
    (
        "nvme-4kn", erase(Scheme.LVM, "nvme0n1", "nvme1n1"),
        ["nvme0n1@1+1024 efi efi", "nvme0n1@1025+1024 boot ext4", "nvme0n1@2049+3660781 pv.01 lvmpv",
         "nvme1n1@1+3662829 pv.02 lvmpv", "debian-root xfs 7323608"],
    ),
    (
        "laptop-windows", beside(shrink=(ShrinkRequest(existing="nvme0n1p3", size=200 * GiB),)),
        ["nvme0n1@1+260 nvme0n1p1= efi", "nvme0n1@277+204800 nvme0n1p3= ntfs", "nvme0n1@205077+1024 boot ext4",
         "nvme0n1@206101+281260 root xfs"],
    ),
    (
        "dual-boot", beside(Scheme.BTRFS, clear=Clear.LINUX),
        ["nvme0n1@1+260 nvme0n1p1= efi", "nvme0n1@462067+1024 boot ext4", "nvme0n1@463091+513671 btrfs.01 btrfs"],
    ),
    (
        "dual-boot", beside(Scheme.LVM, clear=Clear.LIST, clear_partitions=("nvme0n1p5", "nvme0n1p6")),
        ["nvme0n1@1+260 nvme0n1p1= efi", "nvme0n1@462067+1024 boot ext4", "nvme0n1@463091+68608 pv.01 lvmpv",
         "debian-root xfs 68604"],
    ),
    (
        "sata-16tb", beside(shrink=(ShrinkRequest(existing="sdb1", size=100 * GiB),)),
        ["sdb@1+102400 sdb1= ntfs", "sdb@102401+1024 boot ext4", "sdb@103425+125511 root xfs"],
    ),
    (
        "sata-16tb", beside(),
        ["sda@4194305+1 biosboot biosboot", "sda@4194306+1024 boot ext4", "sda@4195330+11064317 root xfs"],
    ),
    (
        "dual-boot", again(swap=True),
        ["nvme0n1@1+260 nvme0n1p1= efi", "nvme0n1@462067+61440 nvme0n1p5 xfs",
         "nvme0n1@531699+445062 nvme0n1p7= ext4", "nvme0n1@523507+8192 nvme0n1p6= swap"],
    ),
    (
        "laptop-btrfs-fedora", again(),
        ["nvme0n1@1+600 nvme0n1p1= efi", "nvme0n1@601+1024 nvme0n1p2 ext4", "nvme0n1@1625+952243 nvme0n1p3= btrfs"],
    ),
    (
        "ostree-home", again(),
        ["nvme0n1@1+512 nvme0n1p1= efi", "nvme0n1@1537+242660 nvme0n1p3= ext4", "nvme0n1@513+1024 nvme0n1p2= ext4"],
    ),
    (
        "linux-home", again(swap=True),
        ["sda@1+512 sda1= efi", "sda@513+40960 sda2 xfs", "sda@41473+4096 sda3= swap", "sda@45569+198627 sda4= ext4"],
    ),
    (
        "raid-of-four", erase(Scheme.BTRFS),
        ["sda@1+1024 efi efi", "sda@1025+1024 boot ext4", "sda@2049+3813398 btrfs.01 btrfs"],
    ),
    (
        "many-disks", erase(Scheme.LVM, "nvme0n1", "nvme1n1", encryption=LOCKED),
        ["nvme0n1@1+1024 efi efi", "nvme0n1@1025+1024 boot ext4", "nvme0n1@2049+455813 pv.01 luks",
         "nvme1n1@1+457861 pv.02 luks", "pv.01-luks lvmpv 455797", "pv.02-luks lvmpv 457845",
         "debian-root xfs 913640"],
    ),
    (
        "many-disks", beside(zero_mbr=True),
        ["sdu@1+1024 efi efi", "sdu@1025+1024 boot ext4", "sdu@2049+17164286 root xfs"],
    ),
    (
        "server-md", again(),
        ["sda@1+1 sda1= biosboot", "sdb@1+1 sdb1= biosboot", "sda@2+1024 sda2= raid", "sdb@2+1024 sdb2= raid",
         "sda@1026+952842 sda3= raid", "sdb@1026+952842 sdb3= raid", "boot ext4 1023", "pv= lvmpv 952710",
         "rl_srv1-root xfs 71680", "rl_srv1-home= xfs 614400"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "expected"), WHOLE)
def test_what_is_made_where(name: str, request_: StorageRequest, expected: list[str]) -> None:
    machine = recorded(name)
    plan = plan_storage(request_, machine, IMAGE)
    assert sorted(rows(plan, machine)) == sorted(expected)


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("name", INSTALLABLE)
def test_the_default_uses_all_of_a_disk_for_the_root(name: str, scheme: Scheme) -> None:
    """But what firmware and /boot take, and a thin pool's metadata."""
    machine = recorded(name)
    plan = plan_storage(erase(scheme), machine, IMAGE)
    root = plan.mount("/")
    assert root
    device = plan.block_of(root.device)
    below = plan.partitions_below(root.device)
    assert device
    size = machine.disk(below[0].disk).size
    assert device.size >= sum(one.size for one in below) * 99 // 100 - 12 * MiB
    assert sum(one.size for one in below) >= size - 2 * GiB - 4 * MiB


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("name", ["laptop-linux-luks", "nvme-4kn", "qemu-bios-virtio", "sata-16tb"])
def test_nothing_but_what_the_machine_boots_from_is_in_the_clear(name: str, scheme: Scheme) -> None:
    plan = plan_storage(erase(scheme, encryption=LOCKED, home=True, swap=True), recorded(name), IMAGE)
    bare = {one.format for one in plan.partitions} - {Format.LUKS}
    assert bare <= {Format.EFI, Format.BIOSBOOT, Format.EXT4}
    assert [one.id for one in plan.partitions if one.format is Format.EXT4] == ["boot"]
    assert {"/", "/home", "swap"} <= {mount.path for mount in plan.mounts}


def test_shrinking_leaves_all_foreign_partitions_and_the_table() -> None:
    machine = recorded("dual-boot")
    request = beside(Scheme.LVM, shrink=(ShrinkRequest(existing="UUID=A4D6E8F00A1B2C3D", size=250 * GiB),))
    plan = plan_storage(request, machine, IMAGE)
    assert [(disk.table, disk.remove) for disk in plan.disks] == [(None, ())]
    assert {one.existing.number for one in plan.partitions if one.existing} == {1, 3}
    assert plan.partition("nvme0n1p3").size == 250 * GiB
    assert plan.partition("boot").start == 277 * MiB + 250 * GiB


def test_a_disk_of_an_array_is_not_erased_without_the_other() -> None:
    with pytest.raises(PlanError, match=r"The array md126 would lose a part, but also lies on sdb3"):
        plan_storage(erase(Scheme.LVM, "sda"), recorded("server-md"), IMAGE)
    plan = plan_storage(erase(Scheme.LVM), recorded("server-md"), IMAGE)
    assert [(disk.name, bool(disk.table), disk.remove) for disk in plan.disks] == [
        ("sda", True, ()),
        ("sdb", False, (2, 3)),
    ]


def test_a_reinstallation_on_btrfs_removes_one_subvolume() -> None:
    plan = plan_storage(again(), recorded("laptop-btrfs-fedora"), IMAGE)
    assert [(one.name, one.on) for one in plan.remove] == [("root", "6f1d2c3b-4a59-4867-9758-6a4b3c2d1e0f")]
    assert [(one.path, one.existing) for one in plan.subvolumes] == [("root", False), ("home", True)]
    assert not any(disk.table or disk.remove for disk in plan.disks)


def test_there_is_no_room_beside_a_full_disk() -> None:
    with pytest.raises(PlanError, match="There is no room for"):
        plan_storage(beside(), recorded("ostree-home"), IMAGE)
