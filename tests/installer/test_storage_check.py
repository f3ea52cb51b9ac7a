"""Checks of plans that come from elsewhere, or that a machine has outrun."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import Firmware, PartitionInfo, PartitionTable
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.storage.check import check_storage
from ashore_installer.storage.labels import label_problem
from ashore_installer.storage.needs import boot_minimum, root_minimum
from ashore_installer.storage_plan import DiskPlan, Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import GiB, MiB
from tests.fakes.packages import some_packages
from tests.fakes.values import DISK, a_machine, a_plan, a_storage_plan, an_image

PLAN = a_storage_plan()
BIOSBOOT, BOOT, ROOT = PLAN.partitions


def messages(plan: InstallPlan, **machine: object) -> list[str]:
    return [problem.message for problem in check_storage(plan, a_machine(**machine), an_image())]


def with_parts(*parts: PartitionPlan, mounts: tuple[MountPlan, ...] = PLAN.mounts) -> InstallPlan:
    return a_plan(storage=replace(PLAN, partitions=parts, mounts=mounts))


def test_a_good_plan_has_no_problem() -> None:
    assert messages(a_plan()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 21 * GiB}, "the plan was made for"),
        ({"medium": True}, "it is the medium"),
        ({"read_only": True}, "it is read-only"),
        ({"busy": "vda1 is mounted at /mnt"}, "it is in use: vda1 is mounted at /mnt"),
        ({"ids": ("by-id/other",)}, "is not in this machine"),
    ],
)
def test_the_disk_must_be_the_one_that_was_planned(change: dict[str, object], words: str) -> None:
    (message,) = messages(a_plan(), disks=(replace(DISK, **change),))  # type: ignore[arg-type]
    assert words in message


def test_a_table_that_is_kept_must_exist() -> None:
    disk = DiskPlan(id=DISK.id, name="vda", size=DISK.size)
    (message,) = messages(a_plan(storage=replace(PLAN, disks=(disk,))))
    assert "has no partition table, and the plan makes none" in message


def test_partitions_to_remove_must_exist() -> None:
    disk = DiskPlan(id=DISK.id, name="vda", size=DISK.size, remove=(3, 1))
    (message,) = messages(a_plan(storage=replace(PLAN, disks=(disk,))))
    assert message == "The disk vda has no partition 1, 3 to remove."


def test_kept_partitions_are_not_written_over() -> None:
    old = PartitionInfo(number=1, start=GiB, size=GiB)
    disk = replace(DISK, table=PartitionTable.GPT, partitions=(old,))
    plan = replace(PLAN, disks=(DiskPlan(id=DISK.id, name="vda", size=DISK.size),))
    assert messages(a_plan(storage=plan), disks=(disk,)) == [
        "boot and the existing partition vda1 overlap on vda.",
        "root and the existing partition vda1 overlap on vda.",
    ]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((BIOSBOOT, replace(BOOT, start=1 * MiB), ROOT), "biosboot and boot overlap on vda."),
        ((BIOSBOOT, BOOT, replace(ROOT, size=19 * GiB)), "root does not lie between"),
        ((BIOSBOOT, replace(BOOT, start=2 * MiB + 512), ROOT), "boot does not lie between"),
        ((replace(BIOSBOOT, start=0), BOOT, ROOT), "biosboot does not lie between"),
        ((BIOSBOOT, BOOT, replace(ROOT, disk="by-id/other")), "root is on 'by-id/other', which is no disk"),
        ((BIOSBOOT, BOOT, BOOT, ROOT), "'boot' stands twice in the plan's partitions."),
        ((BIOSBOOT, ROOT), "/boot is on 'boot', which is nothing of the plan."),
        ((BIOSBOOT, BOOT, replace(ROOT, size=1 * GiB)), "The file system / is too small: it has 1.0 GiB, and Debian"),
        ((BIOSBOOT, replace(BOOT, size=64 * MiB), ROOT), "/boot is too small: it has 64.0 MiB, and the kernels of two"),
        ((BIOSBOOT, replace(BOOT, label="a label that is long"), ROOT), "label 'a label that is long' of /boot is too"),
        ((BIOSBOOT, replace(BOOT, format=Format.EFI), ROOT), "efi can't be mounted at /boot."),
        ((BIOSBOOT, replace(BOOT, format=Format.SWAP), ROOT), "swap can't be mounted at /boot."),
    ],
)
def test_wrong_partitions(parts: tuple[PartitionPlan, ...], words: str) -> None:
    assert any(words in message for message in messages(with_parts(*parts)))


@pytest.mark.parametrize(
    ("label", "format_", "words"),
    [
        ("seventeen letters", Format.EXT4, "is too long: ext4 takes 16 bytes"),
        ("ärgerlichstes", Format.XFS, "is too long: xfs takes 12 bytes"),
        ("my root", Format.XFS, "has a space"),
        ("my root", Format.EXT4, ""),
        ("my root", Format.EFI, ""),
        ("a/b", Format.EFI, "has characters that FAT does not take"),
        ("a\nb", Format.BTRFS, "can't be printed"),
        ("x", Format.BIOSBOOT, "is too long: biosboot takes 0 bytes"),
    ],
)
def test_labels(label: str, format_: Format, words: str) -> None:
    assert label_problem(label, format_).startswith(words)
    assert bool(label_problem(label, format_)) is bool(words)


@pytest.mark.parametrize("path", ["/usr", "/etc", "/data", "relative", "/var/../etc", "/var//x", "/home/a b", "/var\n"])
def test_mount_points_that_cant_be(path: str) -> None:
    home = PartitionPlan(id="home", disk=DISK.id, start=19 * GiB + 2 * MiB, size=512 * MiB, format=Format.XFS)
    root = replace(ROOT, size=17 * GiB)
    mounts = (*PLAN.mounts, MountPlan(device="home", path=path))
    assert len(messages(with_parts(BIOSBOOT, BOOT, root, home, mounts=mounts))) == 1


@pytest.mark.parametrize("path", ["/var", "/home", "/var/lib/containers", "/srv/data", "/usr/local", "/tmp"])
def test_mount_points_of_an_image_that_can_be(path: str) -> None:
    home = PartitionPlan(id="home", disk=DISK.id, start=19 * GiB + 2 * MiB, size=512 * MiB, format=Format.XFS)
    mounts = (*PLAN.mounts, MountPlan(device="home", path=path))
    assert messages(with_parts(BIOSBOOT, BOOT, replace(ROOT, size=17 * GiB), home, mounts=mounts)) == []


def test_firmware_needs_its_partition_on_the_boot_disk() -> None:
    other = replace(DISK, name="vdb", ids=("by-id/virtio-disk1",))
    disks = (*PLAN.disks, DiskPlan(id=other.id, name="vdb", size=other.size, table=PartitionTable.GPT))
    plan = a_plan(storage=replace(PLAN, disks=disks), boot=BootPlan(disks=(other.id,)))
    assert messages(plan, disks=(DISK, other)) == [
        "The boot loader is to go on the disk vdb, and no BIOS boot partition is planned there."
    ]
    assert messages(a_plan(boot=BootPlan(disks=("by-id/none",)))) == [
        "The boot loader is to go on by-id/none, which is no disk of the plan."
    ]


def test_a_plan_for_another_machine_is_refused_and_does_not_crash() -> None:
    (message, boot) = messages(a_plan(storage=replace(PLAN, partitions=(BOOT, ROOT))), disks=())
    assert message == "The disk by-id/virtio-disk0 (vda, 20.0 GiB) is not in this machine."
    assert "no BIOS boot partition is planned there" in boot


def test_uefi_needs_an_esp() -> None:
    assert messages(a_plan(), firmware=Firmware.UEFI)[0].endswith("no EFI system partition is planned.")


def test_an_mbr_needs_no_bios_boot_partition_and_takes_none() -> None:
    disk = replace(DISK, table=PartitionTable.MSDOS)
    storage = replace(PLAN, disks=(DiskPlan(id=DISK.id, name="vda", size=DISK.size),))
    assert messages(a_plan(storage=replace(storage, partitions=(BOOT, ROOT))), disks=(disk,)) == []
    assert messages(a_plan(storage=storage), disks=(disk,)) == [
        "A BIOS boot partition needs a GPT, and vda has an MBR."
    ]


def test_an_esp_on_4k_sectors_is_larger() -> None:
    disk = replace(DISK, sector_size=4096)
    efi = replace(BIOSBOOT, id="efi", format=Format.EFI, start=19 * GiB + 2 * MiB, size=100 * MiB)
    mounts = (*PLAN.mounts, MountPlan(device="efi", path="/boot/efi"))
    plan = with_parts(BOOT, replace(ROOT, size=17 * GiB), efi, mounts=mounts)
    assert messages(plan, firmware=Firmware.UEFI) == []
    (message,) = messages(plan, firmware=Firmware.UEFI, disks=(disk,))
    assert message == "/boot/efi has 100.0 MiB; efi needs at least 260.0 MiB."


def test_an_empty_plan_says_that_there_is_no_root() -> None:
    found = check_storage(a_plan(storage=StoragePlan()), a_machine(), an_image())
    assert "There is no root file system." in [problem.message for problem in found]


@pytest.mark.parametrize(
    ("root", "usr", "expected"),
    [
        (2, 11, []),
        (14, 9, ["The file system /usr is too small: it has 9.0 GiB, and Lagoon Linux 1 needs"]),
        (1, 11, ["The file system / is too small: it has 1.0 GiB, and Lagoon Linux 1 needs"]),
    ],
)
def test_a_separate_usr_takes_what_the_packages_are(root: int, usr: int, expected: list[str]) -> None:
    parts = (
        replace(ROOT, size=root * GiB),
        PartitionPlan(id="usr", disk=DISK.id, start=ROOT.start + root * GiB, size=usr * GiB, format=Format.EXT4),
    )
    mounts = (*PLAN.mounts, MountPlan(device="usr", path="/usr"))
    disk = replace(DISK, size=40 * GiB)
    plan = a_plan(
        storage=replace(
            PLAN,
            disks=(replace(PLAN.disks[0], size=disk.size),),
            partitions=(BIOSBOOT, BOOT, *parts),
            mounts=mounts,
        )
    )
    found = check_storage(plan, a_machine(disks=(disk,)), some_packages(unpacked_size=10 * GiB))

    told = [one.message for one in found if "too small" in one.message]
    assert len(told) == len(expected)
    assert all(message.startswith(start) for message, start in zip(told, expected, strict=True))


@pytest.mark.parametrize("format_", [Format.XFS, Format.EXT4, Format.BTRFS])
def test_needs_rise_with_the_image(format_: Format) -> None:
    small, large = an_image(unpacked_size=GiB), an_image(unpacked_size=10 * GiB)
    assert root_minimum(small, format_, holds_boot=False) >= 1.15 * GiB / 0.97
    assert root_minimum(large, format_, holds_boot=False) > 11.5 * GiB
    assert root_minimum(small, format_, holds_boot=True) > root_minimum(small, format_, holds_boot=False)
    assert boot_minimum(small, format_) >= 104 * MiB
