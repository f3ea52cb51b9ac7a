"""Layouts on recorded machines: what is planned, in MiB, and what is refused in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionTable
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_plan import Format, StoragePlan
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB, MiB, TiB
from tests.fakes.machines import INSTALLABLE, NAMES, recorded
from tests.fakes.values import DISK, a_machine, an_image

IMAGE = an_image()
ERASE = StorageRequest(clear=Clear.ALL, new_table=True, zero_mbr=True, automatic=Automatic())


def erase(*disks: str, **changes: object) -> StorageRequest:
    return StorageRequest(
        only_use=disks, clear=Clear.ALL, new_table=True, zero_mbr=True, **{"automatic": Automatic(), **changes}  # type: ignore[arg-type]
    )  # fmt: skip


def part(mount: str = "", size: int = 0, **rest: object) -> PartitionRequest:
    """A request with its size in MiB."""
    return PartitionRequest(mount=mount, size=size * MiB, **rest)  # type: ignore[arg-type]


def rows(plan: StoragePlan) -> list[tuple[str, str, int, int]]:
    """Each partition as (id, format, start MiB, size MiB)."""
    return [(one.id, one.format.value, one.start // MiB, one.size // MiB) for one in plan.partitions]


def refusal(request: StorageRequest, machine: MachineInfo) -> PlanError:
    with pytest.raises(PlanError) as caught:
        plan_storage(request, machine, IMAGE)
    return caught.value


# --- the automatic layout ------------------------------------------------------------------------------------


def test_bios_has_a_bios_boot_partition() -> None:
    plan = plan_storage(ERASE, recorded("qemu-bios-virtio"), IMAGE)
    assert rows(plan) == [("biosboot", "biosboot", 1, 1), ("boot", "ext4", 2, 1024), ("root", "xfs", 1026, 19453)]
    assert [(mount.path, mount.device, mount.options) for mount in plan.mounts] == [
        ("/", "root", "defaults"),
        ("/boot", "boot", "defaults"),
    ]
    assert [(disk.name, disk.table) for disk in plan.disks] == [("vda", PartitionTable.GPT)]


def test_uefi_has_an_esp() -> None:
    plan = plan_storage(ERASE, recorded("qemu-uefi-nvme"), IMAGE)
    assert rows(plan) == [("efi", "efi", 1, 1024), ("boot", "ext4", 1025, 1024), ("root", "xfs", 2049, 30718)]
    assert plan.mounts[-1].path == "/boot/efi"
    assert plan.mounts[-1].options == "umask=0077,shortname=winnt"


def test_a_small_disk_has_a_small_esp_and_the_rest_is_root() -> None:
    machine = recorded("tiny-disk")
    plan = plan_storage(ERASE, machine, an_image(unpacked_size=GiB))
    assert rows(plan)[-1] == ("root", "xfs", 1026, 2045)


def test_a_huge_disk_with_4k_sectors_is_used_whole() -> None:
    plan = plan_storage(erase("sda"), recorded("server-raid"), IMAGE)
    root = plan.partition("root")
    assert root.start + root.size == 16 * 1024 * GiB - MiB


@pytest.mark.parametrize(
    ("asked", "of_image", "result"),
    [
        (None, "", Format.XFS),
        (None, "btrfs", Format.BTRFS),
        (None, "zfs", Format.XFS),
        (Format.EXT4, "btrfs", Format.EXT4),
    ],
)
def test_the_root_format_is_the_requests_then_the_images_then_xfs(
    asked: Format | None, of_image: str, result: Format
) -> None:
    image = an_image()
    install = type(image.install)(root_fs_type=of_image)
    request = erase("vda", automatic=Automatic(format=asked))
    plan = plan_storage(request, recorded("qemu-bios-virtio"), an_image(install=install))
    assert plan.format_of("/") is result


def test_boot_grows_with_the_kernels_of_the_image() -> None:
    image = an_image(kernel_size=20 * MiB, initramfs_size=700 * MiB)
    plan = plan_storage(ERASE, recorded("qemu-bios-virtio"), image)
    assert plan.partition("boot").size > 3 * 720 * MiB


def test_the_medium_and_cards_are_left_alone() -> None:
    plan = plan_storage(ERASE, recorded("medium-on-usb"), IMAGE)
    assert [disk.name for disk in plan.disks] == ["nvme0n1"]


def test_several_disks_the_one_with_most_room_is_used_and_the_other_stays() -> None:
    plan = plan_storage(ERASE, recorded("two-sata"), IMAGE)
    assert [disk.name for disk in plan.disks] == ["sda"]


def test_disks_that_were_named_are_all_cleared() -> None:
    plan = plan_storage(erase("sda", "sdb"), recorded("two-sata"), IMAGE)
    assert [(disk.name, disk.table) for disk in plan.disks] == [
        ("sda", PartitionTable.GPT),
        ("sdb", PartitionTable.GPT),
    ]
    assert {one.disk for one in plan.partitions} == {plan.disks[0].id}


def test_the_boot_disk_is_preferred() -> None:
    plan = plan_storage(ERASE, recorded("two-sata"), IMAGE, boot_disk="sdb")
    assert [disk.name for disk in plan.disks] == ["sdb"]


def test_a_boot_disk_that_must_not_be_used_is_refused() -> None:
    with pytest.raises(PlanError, match=r"boot loader can't go on .*SD Card.* it is read-only"):
        plan_storage(ERASE, recorded("medium-on-usb"), IMAGE, boot_disk="sdb")


@pytest.mark.parametrize("name", INSTALLABLE)
def test_every_recorded_machine_with_a_disk_can_be_installed_on(name: str) -> None:
    assert plan_storage(ERASE, recorded(name), an_image(unpacked_size=GiB)).mount("/")


def test_machines_without_a_disk_say_so() -> None:
    assert sorted(set(NAMES) - set(INSTALLABLE)) == ["no-disk", "usb-stick-only"]
    for name in sorted(set(NAMES) - set(INSTALLABLE)):
        with pytest.raises(PlanError, match=r"^There is no disk to install on\."):
            plan_storage(ERASE, recorded(name), IMAGE)


# --- beside other systems ------------------------------------------------------------------------------------


def test_free_space_beside_windows() -> None:
    plan = plan_storage(StorageRequest(automatic=Automatic()), recorded("laptop-windows"), IMAGE)
    assert rows(plan) == [
        ("nvme0n1p1", "efi", 1, 260),
        ("boot", "ext4", 409877, 1024),
        ("root", "xfs", 410901, 487361 - 410901),
    ]
    assert (plan.disks[0].table, plan.disks[0].remove) == (None, ())


def test_linux_partitions_go_and_windows_stays() -> None:
    plan = plan_storage(StorageRequest(clear=Clear.LINUX, automatic=Automatic()), recorded("medium-on-usb"), IMAGE)
    assert plan.disks[0].remove == (2, 3)
    assert rows(plan)[:2] == [("nvme0n1p1", "efi", 1, 600), ("boot", "ext4", 601, 1024)]


def test_an_mbr_that_stays_takes_four_primary_partitions() -> None:
    request = StorageRequest(
        only_use=("sda",), clear=Clear.LINUX, partitions=(part("/boot", 1024), part("/", 9000, grow=True))
    )
    plan = plan_storage(request, recorded("two-sata"), IMAGE)
    assert plan.disks[0].remove == (2, 3, 5, 6)
    assert rows(plan) == [("boot", "ext4", 102401, 1024), ("root", "xfs", 103425, 953869 - 103425)]


def test_the_automatic_layout_on_an_mbr_that_stays_has_no_bios_boot_partition() -> None:
    request = StorageRequest(only_use=("sda",), clear=Clear.LINUX, automatic=Automatic())
    assert [row[0] for row in rows(plan_storage(request, recorded("two-sata"), IMAGE))] == ["boot", "root"]


def test_an_mbr_without_free_entries_is_refused() -> None:
    parts = (part("/boot", 1024), part("/", 9000), part("/var", 9000), part("/home", 9000))
    error = refusal(StorageRequest(only_use=("sda",), clear=Clear.LINUX, partitions=parts), recorded("two-sata"))
    assert "no entry left for /boot in the partition table" in error.message


def test_listed_partitions_go() -> None:
    words = ("nvme0n1p4", "/dev/disk/by-id/nvme-eui.ace42e0017aabbcc-part3")
    request = StorageRequest(clear=Clear.LIST, clear_partitions=words, automatic=Automatic())
    plan = plan_storage(request, recorded("laptop-windows"), IMAGE)
    assert plan.disks[0].remove == (3, 4)
    assert rows(plan)[:2] == [("nvme0n1p1", "efi", 1, 260), ("boot", "ext4", 277, 1024)]


def test_a_removed_extended_partition_takes_its_logical_ones_along() -> None:
    request = StorageRequest(
        only_use=("sda",), clear=Clear.LIST, clear_partitions=("sda3",), partitions=(part("/", 9000),)
    )
    assert plan_storage(request, recorded("two-sata"), IMAGE).disks[0].remove == (3, 5, 6)


# --- explicit partitions -------------------------------------------------------------------------------------


def explicit(*parts: PartitionRequest, machine: str = "qemu-bios-virtio", **rest: object) -> StoragePlan:
    request = erase(automatic=None, partitions=parts, **rest)
    return plan_storage(request, recorded(machine), IMAGE)


BIOSBOOT = part("biosboot", 1)


def test_partitions_keep_the_order_of_the_request_and_boot_ones_stand_first() -> None:
    plan = explicit(part("/", 8192), part("swap", 2048), part("/boot", 1024), BIOSBOOT)
    assert rows(plan) == [
        ("root", "xfs", 1026, 8192),
        ("swap", "swap", 9218, 2048),
        ("boot", "ext4", 2, 1024),
        ("biosboot", "biosboot", 1, 1),
    ]
    assert [mount.path for mount in plan.mounts] == ["/", "/boot", "swap"]


def test_what_grows_shares_in_proportion_up_to_its_limit() -> None:
    plan = explicit(
        BIOSBOOT,
        part("/", 4000, grow=True),
        part("/var", 2000, grow=True),
        part("/home", 1000, grow=True, max_size=1500 * MiB),
    )
    sizes = {one.id: one.size // MiB for one in plan.partitions}
    assert sizes["home"] == 1500
    assert sizes["root"] + sizes["var"] == 20 * 1024 - 2 - 1 - 1500
    assert sizes["root"] == pytest.approx(2 * sizes["var"], abs=2)


def test_names_labels_and_options_are_kept() -> None:
    parts = (part("/", 8192, label="rootfs", options="noatime"), part("/var/lib/", 2000), part("/var-lib", 400))
    error = refusal(erase(automatic=None, partitions=(BIOSBOOT, *parts)), recorded("qemu-bios-virtio"))
    assert "/var-lib is part of the image" in error.message
    plan = explicit(BIOSBOOT, *parts[:2], part("swap", 100), part("swap", 200))
    assert [one.id for one in plan.partitions] == ["biosboot", "root", "var-lib", "swap", "swap2"]
    assert plan.partition("root").label == "rootfs"
    assert plan.mounts[0].options == "noatime"
    assert plan.mounts[1].path == "/var/lib"


def test_a_size_that_is_no_whole_mib_is_rounded_up() -> None:
    odd = PartitionRequest(mount="/", size=8192 * MiB + 1)
    assert rows(explicit(BIOSBOOT, odd))[1] == ("root", "xfs", 2, 8193)


def test_partitions_go_on_the_disks_they_ask_for() -> None:
    plan = explicit(
        part("/home", 1000, grow=True, disk="sdb"),
        part("/", 9000, disk="disk/by-id/ata-WDC_WD10EZEX-00BN5A0_WD-WCC3F1234567"),
        part("biosboot", 1, disk="/dev/sda"),
        machine="two-sata",
    )
    disks = {disk.id: disk.name for disk in plan.disks}
    assert {one.id: disks[one.disk] for one in plan.partitions} == {"home": "sdb", "root": "sda", "biosboot": "sda"}


def test_a_wildcard_may_name_the_disk() -> None:
    plan = explicit(part("biosboot", 1), part("/", 9000, disk="disk/by-id/ata-Samsung*"), machine="two-sata")
    assert {one.disk for one in plan.partitions} == {"by-id/wwn-0x5002538d40a1b2c3"}


def test_partitions_without_a_disk_follow_root() -> None:
    plan = explicit(BIOSBOOT, part("/boot", 1024), part("/", 9000, disk="sdb"), machine="two-sata")
    assert {one.disk for one in plan.partitions} == {"by-id/wwn-0x5002538d40a1b2c3"}


def test_a_partition_that_does_not_fit_beside_root_goes_on_the_next_disk() -> None:
    plan = explicit(BIOSBOOT, part("/", 200_000, disk="sdb"), part("/var", 100_000), machine="two-sata")
    assert plan.partition("var").disk == "by-id/wwn-0x50014ee2b5c3d4e5"


# --- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "request_", "field", "words"),
    [
        ("qemu-bios-virtio", erase("vdz"), "storage.only_use", "There is no disk 'vdz'"),
        ("qemu-bios-virtio", StorageRequest(automatic=Automatic(), ignore=("vdb",)), "storage.ignore", "no disk 'vdb'"),
        (
            "qemu-bios-virtio",
            StorageRequest(automatic=Automatic(), ignore=("vd*",)),
            "storage.ignore",
            "it may not be used",
        ),
        ("medium-on-usb", erase("sda"), "storage.only_use", "it is the medium that this system was started from"),
        ("medium-on-usb", erase("sdb"), "storage.only_use", "it is read-only"),
        ("server-raid", erase("sdb"), "storage.only_use", "it is in use: sdb2 is part of the active device md127"),
        ("tiny-disk", erase("vdb"), "storage.only_use", "it has only 64.0 MiB"),
        (
            "qemu-bios-virtio",
            StorageRequest(automatic=Automatic(), clear=Clear.ALL),
            "storage.zero_mbr",
            "has no partition table that can be read",
        ),
        (
            "server-raid",
            StorageRequest(only_use=("sdc",), automatic=Automatic(), zero_mbr=True),
            "storage.clear",
            "holds LVM2_member, without a partition table",
        ),
        (
            "server-raid",
            StorageRequest(only_use=("sdd",), automatic=Automatic(), zero_mbr=True, clear=Clear.LINUX),
            "storage.clear",
            "holds mac partition table",
        ),
        (
            "laptop-windows",
            StorageRequest(automatic=Automatic(), clear=Clear.LIST, clear_partitions=("nvme0n1p9",)),
            "storage.clear_partitions",
            "no partition 'nvme0n1p9'",
        ),
        (
            "server-raid",
            StorageRequest(automatic=Automatic(), zero_mbr=True, clear=Clear.LIST, clear_partitions=("sdb1",)),
            "storage.clear_partitions",
            "it is in use",
        ),
        (
            "two-sata",
            erase("sdb", automatic=None, partitions=(part("/", 9000, disk="sda"),)),
            "storage.partitions[0].disk",
            "must not be used",
        ),
        (
            "two-sata",
            StorageRequest(only_use=("sda",), automatic=Automatic()),
            "storage.partitions[1]",
            "There is no entry left for /",
        ),
        ("qemu-bios-virtio", erase(automatic=None), "storage.partitions", "which partitions to make"),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(part("/"),)),
            "storage.partitions[0]",
            "The size of / is missing",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(part("/", 9000, grow=True, max_size=MiB),)),
            "storage.partitions[0]",
            "may not be larger than 1.0 MiB",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(part("", 9000),)),
            "storage.partitions[0]",
            "neither a mount point nor a format",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(part("/", 90_000),)),
            "storage.partitions[0]",
            "There is no room for /: it needs 87.9 GiB, and 20.0 GiB is free",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(part("/", 9000),)),
            "storage.partitions",
            "no BIOS boot partition is planned",
        ),
        (
            "qemu-uefi-nvme",
            erase(automatic=None, partitions=(part("/", 9000),)),
            "storage.partitions",
            "no EFI system partition is planned",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(BIOSBOOT, part("/home", 9000))),
            "storage.mounts",
            "There is no root file system",
        ),
        (
            "qemu-bios-virtio",
            erase(automatic=None, partitions=(BIOSBOOT, part("/", 9000), part("/", 9000))),
            "storage.mounts",
            "The mount point / is used twice",
        ),
    ],
)
def test_refused(machine: str, request_: StorageRequest, field: str, words: str) -> None:
    error = refusal(request_, recorded(machine))
    assert words in error.message
    assert error.problems[0].field == field
    assert error.problems[0].hint


def test_an_image_that_does_not_fit_is_refused_before_anything_else_happens() -> None:
    with pytest.raises(PlanError, match=r"There is no room for /: it needs 24\.\d GiB, and 19\.0 GiB is free"):
        plan_storage(ERASE, recorded("qemu-bios-virtio"), an_image(unpacked_size=20 * GiB))


def test_disks_that_nobody_named_are_passed_over_when_they_need_a_permission_that_was_not_given() -> None:
    plan = plan_storage(StorageRequest(automatic=Automatic(), clear=Clear.ALL), recorded("two-sata"), IMAGE)
    assert [disk.name for disk in plan.disks] == ["sda"]


def test_all_problems_come_at_once() -> None:
    error = refusal(erase("vdx", "vdy"), recorded("qemu-bios-virtio"))
    assert [problem.message for problem in error.problems] == [
        "There is no disk 'vdx' in this machine.",
        "There is no disk 'vdy' in this machine.",
    ]
    assert error.status == 2


# --- MBRs ----------------------------------------------------------------------------------------------------


def mbr(*parts: PartitionRequest, machine: str = "qemu-bios-virtio") -> StoragePlan:
    return plan_storage(
        erase(automatic=None, partitions=parts, table=PartitionTable.MSDOS), recorded(machine), IMAGE
    )  # fmt: skip


def test_a_new_mbr_takes_four_primary_partitions() -> None:
    plan = mbr(part("/", 8192), part("/boot", 1024), part("/home", 500), part("/srv", 1, grow=True))
    assert plan.disks[0].table is PartitionTable.MSDOS
    assert rows(plan) == [
        ("root", "xfs", 1025, 8192),
        ("boot", "ext4", 1, 1024),
        ("home", "xfs", 9217, 500),
        ("srv", "xfs", 9717, 20480 - 9717),
    ]


def test_more_partitions_lie_in_an_extended_one() -> None:
    parts = [part("/", 8192), part("/home", 500, primary=True), part("/srv", 500), part("/var", 600), part("/opt", 700)]
    assert rows(mbr(*parts, part("/boot", 1024))) == [
        ("root", "xfs", 1525, 8192),
        ("home", "xfs", 1, 500),
        ("srv", "xfs", 9718, 500),
        ("var", "xfs", 10219, 600),
        ("opt", "xfs", 10820, 700),
        ("boot", "ext4", 501, 1024),
        ("extended-vda", "none", 9717, 1803),
    ]


def test_what_grows_leaves_room_for_the_records_of_logical_partitions() -> None:
    parts = [part(f"/srv/{number}", 300) for number in range(4)]
    plan = mbr(part("/", 9000, grow=True), *parts)
    ends = [one.start + one.size for one in plan.partitions]
    assert max(ends) == 20 * GiB
    assert plan.partition("root").size == (20480 - 1 - 1200 - 2) * MiB


@pytest.mark.parametrize(
    ("disk", "parts", "field", "words"),
    [
        (
            DISK,
            [part(f"/srv/{number}", 300, primary=True) for number in range(4)] + [part("/", 9000)],
            "storage.partitions[3]",
            "4 partitions of 20.0 GiB virtio",
        ),
        (replace(DISK, size=3 * TiB), [part("/", 9000)], "storage.table", "An MBR can't address more than 2.0 TiB"),
    ],
)
def test_an_mbr_that_can_not_be(disk: DiskInfo, parts: list[PartitionRequest], field: str, words: str) -> None:
    request = erase(automatic=None, partitions=tuple(parts), table=PartitionTable.MSDOS)
    error = refusal(request, a_machine(disks=(disk,)))
    assert words in error.message
    assert error.problems[0].field == field
