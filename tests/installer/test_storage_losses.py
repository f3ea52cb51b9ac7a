"""What a plan destroys, in the sentences that people confirm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import PartitionTable
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.losses import losses
from ashore_installer.storage_plan import DiskPlan, Kind, Removal, StoragePlan
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import recorded
from tests.fakes.storage import SDA, SDB, changed, old_machine, old_plan
from tests.fakes.values import an_image


def texts(request: StorageRequest, machine: str) -> list[str]:
    info = recorded(machine)
    return [loss.text for loss in losses(plan_storage(request, info, an_image()), info)]


ERASE = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic())


def test_erasing_windows_names_each_partition() -> None:
    disk = "476.9 GiB SKHynix_HFS512GDE9X084N, nvme, serial 4YA7N0123, /dev/nvme0n1 [by-id/nvme-eui.ace42e0017aabbcc]"
    system, whole, *parts = texts(ERASE, "laptop-windows")
    assert system == "Windows on nvme0n1p3 is lost."
    assert whole == f"{disk} is erased. It loses its partition table and every partition on it."
    assert [part.removesuffix(" is deleted with everything in it.") for part in parts] == [
        "nvme0n1p1 (260.0 MiB, EFI system partition, vfat, “SYSTEM”, “EFI system partition”)",
        "nvme0n1p2 (16.0 MiB, Windows reserved, “Microsoft reserved partition”)",
        "nvme0n1p3 (400.0 GiB, Windows data, ntfs, “Windows”, “Basic data partition”)",
        "nvme0n1p4 (1.0 GiB, Windows recovery, ntfs, “Recovery”, “Basic data partition”)",
    ]


def test_only_what_goes_is_named() -> None:
    info = recorded("medium-on-usb")
    plan = plan_storage(StorageRequest(clear=Clear.LINUX, automatic=Automatic()), info, an_image())
    found = losses(plan, info)
    assert [(loss.name, loss.number, loss.label, loss.format, loss.kind) for loss in found] == [
        ("nvme0n1p2", 2, "boot", "ext4", "Linux data"),
        ("nvme0n1p3", 3, "fedora", "btrfs", "Linux data"),
    ]


def test_free_space_costs_nothing() -> None:
    assert texts(StorageRequest(automatic=Automatic()), "laptop-windows") == []


def test_content_without_a_table_is_named_or_called_unknown() -> None:
    assert texts(replace(ERASE, only_use=("sdc",)), "server-raid")[0].endswith("It loses its LVM2_member content.")
    assert "whatever is on it is lost" in texts(ERASE, "qemu-bios-virtio")[0]


# --- what lies across disks ----------------------------------------------------------------------------------

KEEP_A = DiskPlan(id=SDA.id, name="sda", size=SDA.size)
KEEP_B = DiskPlan(id=SDB.id, name="sdb", size=SDB.size)
DEBIAN = "Debian 13 on vg/root stays, but loses "
GROUP = (
    "The volume group vg on sda3 (20.0 GiB, 2 volumes) is removed.",
    "The logical volume vg/root (10.0 GiB, xfs) is removed with everything in it.",
    "The logical volume vg/home (5.0 GiB, ext4, “home”) is removed with everything in it.",
)


def removing(*removals: Removal, sda: tuple[int, ...] = (), sdb: tuple[int, ...] = ()) -> StoragePlan:
    return StoragePlan(disks=(replace(KEEP_A, remove=sda), replace(KEEP_B, remove=sdb)), remove=removals)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (removing(), ()),
        (
            removing(sda=(4,)),
            (
                "Windows 11 on sda4 is lost.",
                "sda4 (20.0 GiB, ntfs, “Windows”) is deleted with everything in it.",
            ),
        ),
        (
            removing(sda=(3,)),
            (
                "Debian 13 on vg/root is lost.",
                "sda3 (20.0 GiB, LVM2_member) is deleted with everything in it.",
                *GROUP,
            ),
        ),
        (removing(Removal(kind=Kind.GROUP, name="vg", uuid="vg-1")), ("Debian 13 on vg/root is lost.", *GROUP)),
        (
            removing(Removal(kind=Kind.VOLUME, name="vg/home", uuid="lv-2")),
            (f"{DEBIAN}/home (vg/home).", GROUP[2]),
        ),
        (
            removing(Removal(kind=Kind.ARRAY, name="md127", uuid="a1:a1")),
            (
                f"{DEBIAN}/boot (md127).",
                "The RAID1 array boot on sda2 and sdb1 (2.0 GiB, ext4) is removed with everything in it.",
            ),
        ),
        (
            removing(Removal(kind=Kind.SUBVOLUME, name="home", on="bt-1")),
            (
                f"{DEBIAN}/srv (sdb2:home).",
                "The subvolume home of the btrfs volume “data” on sdb2 is removed with everything in it.",
            ),
        ),
        (
            removing(sdb=(2,)),
            (
                f"{DEBIAN}/srv (sdb2:home).",
                "sdb2 (20.0 GiB, btrfs, “data”) is deleted with everything in it.",
                "The btrfs volume “data” on sdb2 is lost with 3.0 GiB of data and the subvolumes home, snapshots.",
            ),
        ),
        (removing(sdb=(3,)), ("sdb3 (20.0 GiB, encrypted) is deleted with everything in it.",)),
        (
            changed(old_plan(), "home", keep=False),
            (
                f"{DEBIAN}/boot (md127), /home (vg/home).",
                "The RAID1 array boot on sda2 and sdb1 (2.0 GiB, ext4) is formatted as ext4; everything in it is lost.",
                "The logical volume vg/home (5.0 GiB, ext4, “home”) is formatted as ext4; everything in it is lost.",
            ),
        ),
        (
            changed(old_plan(), "windows", keep=False),
            (
                "Windows 11 on sda4 is lost.",
                f"{DEBIAN}/boot (md127).",
                "sda4 (20.0 GiB, ntfs, “Windows”) is formatted as ntfs; everything in it is lost.",
                "The RAID1 array boot on sda2 and sdb1 (2.0 GiB, ext4) is formatted as ext4; everything in it is lost.",
            ),
        ),
    ],
)
def test_everything_that_stands_on_what_goes_is_told(plan: StoragePlan, told: tuple[str, ...]) -> None:
    assert tuple(loss.text for loss in losses(plan, old_machine())) == told


def test_an_erased_disk_takes_what_lies_across_disks_along() -> None:
    plan = StoragePlan(disks=(replace(KEEP_A, table=PartitionTable.GPT), KEEP_B))
    found = losses(plan, old_machine())
    assert [loss.name for loss in found] == [
        *("Windows 11", "Debian 13"),
        *("sda", "sda1", "sda2", "sda3", "sda4"),
        *("md127", "vg", "vg/root", "vg/home"),
    ]
    assert [loss.size for loss in found if not loss.disk and loss.size] == [2046 * MiB, 20476 * MiB, 10 * GiB, 5 * GiB]


def test_windows_loses_its_boot_loader_with_the_esp() -> None:
    """It has no fstab that would name the ESP, so the one beside it is taken for its own."""
    info = recorded("laptop-windows")
    disk = info.disks[0]
    plan = StoragePlan(disks=(DiskPlan(id=disk.id, name=disk.name, size=disk.size, remove=(1,)),))
    assert losses(plan, info)[0].text == "Windows on nvme0n1p3 stays, but loses its boot loader (nvme0n1p1)."
