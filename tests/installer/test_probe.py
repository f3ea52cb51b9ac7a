"""What udev's and the kernel's records become, and that a real machine can be probed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.machine import Firmware, MachineInfo, PartitionTable, oci_architecture
from ashore_installer.probe import consoles, firmware, memory, probe, probe_storage, secure_boot, tpm2
from ashore_installer.storage.probe_disks import disks_from
from ashore_installer.storage.records import BlockRecord, parse_mounts, parse_swaps
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import FakeRunner

NVME = BlockRecord(
    name="nvme0n1",
    number="259:0",
    size=512 * GiB,
    physical_sector_size=4096,
    path="/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1",
    properties={
        "ID_MODEL_ENC": r"Samsung\x20SSD\x20970\x20\x20\x20",
        "ID_SERIAL": "Samsung_SSD_970_S4EV_1",
        "ID_SERIAL_SHORT": "S4EV",
        "ID_PART_TABLE_TYPE": "gpt",
    },
    links=(
        "/dev/disk/by-path/pci-0000:00:1d.0-nvme-1",
        "/dev/disk/by-id/nvme-Samsung_SSD_970_S4EV",
        "/dev/disk/by-id/nvme-eui.0025385b01",
        "/dev/disk/by-diskseq/1",
    ),
)
WINDOWS = BlockRecord(
    name="nvme0n1p3",
    number="259:3",
    disk="nvme0n1",
    start=300 * MiB,
    size=200 * GiB,
    properties={
        "ID_PART_ENTRY_NUMBER": "3",
        "ID_PART_ENTRY_TYPE": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
        "ID_PART_ENTRY_UUID": "9F3C5B1A-0001-4A2B-8C3D-5E6F70819203",
        "ID_PART_ENTRY_NAME": r"Basic\x20data\x20partition",
        "ID_FS_TYPE": "ntfs",
        "ID_FS_LABEL": "W_ndows_C",
        "ID_FS_LABEL_ENC": r"W\xc3\xafndows\x20C",
        "ID_FS_UUID": "01D8",
    },
)
STICK = BlockRecord(
    name="sda",
    number="8:0",
    size=16 * GiB,
    path="/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda",
    removable=True,
    properties={"ID_BUS": "ata", "ID_PART_TABLE_TYPE": "dos", "ID_FS_TYPE": "iso9660"},
    links=("/dev/disk/by-id/usb-Stick_123-0:0", "/dev/disk/by-path/pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0"),
)
STICK_PART = BlockRecord(name="sda1", number="8:1", disk="sda", size=2 * GiB, start=MiB)
LIVE = "36 35 {number} / /run/initramfs/live ro,relatime shared:1 - iso9660 {source} ro\n"


def live_from(number: str, source: str) -> str:
    return LIVE.format(number=number, source=source)


def test_a_disk_has_its_best_stable_name_first() -> None:
    (disk,) = disks_from((NVME,), (), ())
    assert disk.ids == (
        "by-id/nvme-eui.0025385b01",
        "by-id/nvme-Samsung_SSD_970_S4EV",
        "by-path/pci-0000:00:1d.0-nvme-1",
    )
    assert (disk.model, disk.serial, disk.transport) == ("Samsung SSD 970", "S4EV", "nvme")
    assert (disk.sector_size, disk.physical_sector_size) == (512, 4096)
    assert (disk.table, disk.size, disk.busy, disk.medium) == (PartitionTable.GPT, 512 * GiB, "", False)


def test_a_name_of_two_disks_names_neither() -> None:
    clone = replace(NVME, name="nvme1n1", number="259:8")
    assert [disk.ids for disk in disks_from((NVME, clone), (), ())] == [(), ()]


def test_a_name_for_the_content_of_a_disk_is_not_stable() -> None:
    disk = replace(NVME, links=("/dev/disk/by-id/lvm-pv-uuid-x", "/dev/disk/by-path/pci-1"))
    assert disks_from((disk,), (), ())[0].ids == ("by-path/pci-1",)


def test_partitions_have_names_as_people_gave_them() -> None:
    (disk,) = disks_from((WINDOWS, NVME), (), ())
    (partition,) = disk.partitions
    assert (partition.number, partition.start, partition.size) == (3, 300 * MiB, 200 * GiB)
    assert (partition.name, partition.label) == ("Basic data partition", "Wïndows C")
    assert partition.id == "9f3c5b1a-0001-4a2b-8c3d-5e6f70819203"
    assert partition.type == "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"


def test_an_extended_partition_has_the_size_of_its_table_entry() -> None:
    facts = {"ID_PART_ENTRY_NUMBER": "4", "ID_PART_ENTRY_OFFSET": "2048", "ID_PART_ENTRY_SIZE": "4194304"}
    extended = BlockRecord(name="sda4", number="8:4", disk="sda", start=MiB, size=1024, properties=facts)
    (disk,) = disks_from((STICK, extended), (), ())
    assert (disk.partitions[0].start, disk.partitions[0].size) == (MiB, 2 * GiB)


def test_without_udev_the_kernel_says_where_partitions_are() -> None:
    (disk,) = disks_from((STICK, STICK_PART), (), ())
    assert [(p.number, p.start, p.size) for p in disk.partitions] == [(1, MiB, 2 * GiB)]


@pytest.mark.parametrize(
    "name", ["loop0", "ram1", "zram0", "dm-0", "md127", "sr0", "fd0", "nbd3", "mmcblk0boot0", "mmcblk0rpmb"]
)
def test_what_is_no_disk_to_install_on(name: str) -> None:
    assert disks_from((replace(NVME, name=name),), (), ()) == ()


@pytest.mark.parametrize("change", [{"size": 0}, {"hidden": True}])
def test_card_readers_without_card_and_hidden_paths_are_no_disks(change: dict[str, int]) -> None:
    assert disks_from((replace(NVME, **change),), (), ()) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sda", "vda", "nvme0n1", "mmcblk0", "xvda", "dasda", "pmem0"])
def test_what_is_a_disk(name: str) -> None:
    assert [disk.name for disk in disks_from((replace(NVME, name=name),), (), ())] == [name]


def test_usb_is_seen_behind_a_bridge_that_says_ata() -> None:
    assert disks_from((STICK,), (), ())[0].transport == "usb"


# --- the medium ----------------------------------------------------------------------------------------------

LOOP = BlockRecord(name="loop0", number="7:0", size=GiB, backing_file="/run/initramfs/isoscan/x.iso")
MAPPED = BlockRecord(name="dm-0", number="253:0", size=GiB, slaves=("sda1",))
ISOSCAN = "30 29 8:1 / /run/initramfs/isoscan ro - ext4 /dev/sda1 ro\n"


@pytest.mark.parametrize(
    ("mounts", "why"),
    [
        (live_from("8:0", "/dev/sda"), "a hybrid ISO on the whole disk"),
        (live_from("8:1", "/dev/sda1"), "a partition"),
        (live_from("0:55", "/dev/sda1"), "a file system that hides its device number"),
        (live_from("0:55", "/dev/disk/by-id/usb-Stick_123-0:0"), "a link"),
        (ISOSCAN + live_from("7:0", "/dev/loop0"), "an ISO file on a partition"),
        (live_from("253:0", "/dev/mapper/live"), "a mapped device"),
    ],
)
def test_the_medium_is_found_through(mounts: str, why: str) -> None:
    disks = disks_from((NVME, STICK, STICK_PART, LOOP, MAPPED), parse_mounts(mounts), ())
    assert {disk.name: disk.medium for disk in disks} == {"sda": True, "nvme0n1": False}, why


def test_the_medium_in_an_optical_drive_is_no_disk() -> None:
    drive = replace(STICK, name="sr0", number="11:0")
    disks = disks_from((NVME, drive), parse_mounts(live_from("11:0", "/dev/sr0")), ())
    assert [(disk.name, disk.medium) for disk in disks] == [("nvme0n1", False)]


# --- in use --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "mounts", "swaps", "reason"),
    [
        ({}, "", (), ""),
        ({}, "1 0 259:3 / /mnt/my\\040files rw - ntfs /dev/x rw\n", (), "nvme0n1p3 is mounted at /mnt/my files"),
        ({}, "1 0 0:33 / /mnt rw - btrfs /dev/nvme0n1p3 rw\n", (), "nvme0n1p3 is mounted at /mnt"),
        ({}, "", ("/dev/nvme0n1p3",), "nvme0n1p3 is active swap space"),
        ({"holders": ("dm-1",)}, "", (), "nvme0n1p3 is part of the active device dm-1"),
        ({"properties": {"ID_FS_TYPE": "isw_raid_member"}}, "", (), "nvme0n1p3 belongs to a firmware RAID"),
        ({"properties": {"ID_FS_TYPE": "linux_raid_member"}}, "", (), ""),
        ({"properties": {"DM_MULTIPATH_DEVICE_PATH": "1"}}, "", (), "nvme0n1p3 is one path of a multipath device"),
    ],
)
def test_a_disk_in_use_says_why(part: dict[str, object], mounts: str, swaps: tuple[str, ...], reason: str) -> None:
    (disk,) = disks_from((NVME, replace(WINDOWS, **part)), parse_mounts(mounts), swaps)  # type: ignore[arg-type]
    assert disk.busy.startswith(reason)
    assert bool(disk.busy) is bool(reason)


def test_where_partitions_are_mounted() -> None:
    mounts = parse_mounts("1 0 259:3 / /a rw - ntfs x rw\n2 0 259:3 / /b rw - ntfs x rw\n")
    assert disks_from((NVME, WINDOWS), mounts, ())[0].partitions[0].mounted == ("/a", "/b")


def test_swaps_are_read_below_their_header() -> None:
    text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/sda2   partition\t2097148\t0\t-2\n"
    assert parse_swaps(text) == ("/dev/sda2",)
    assert parse_swaps("") == ()


# --- content without a table ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "table", "content"),
    [
        ({}, None, ""),
        ({"ID_PART_TABLE_TYPE": "dos"}, PartitionTable.MSDOS, ""),
        ({"ID_PART_TABLE_TYPE": "gpt", "ID_FS_TYPE": "iso9660"}, PartitionTable.GPT, ""),
        ({"ID_PART_TABLE_TYPE": "mac"}, None, "mac partition table"),
        ({"ID_FS_TYPE": "LVM2_member"}, None, "LVM2_member"),
    ],
)
def test_what_is_on_the_whole_disk(facts: dict[str, str], table: PartitionTable | None, content: str) -> None:
    (disk,) = disks_from((replace(NVME, properties=facts),), (), ())
    assert (disk.table, disk.format) == (table, content)


# --- the machine ---------------------------------------------------------------------------------------------


def test_small_facts() -> None:
    assert oci_architecture("x86_64") == "amd64"
    assert oci_architecture("riscv64") == "riscv64"
    assert memory("MemTotal:        2048 kB\nMemFree: 1 kB\n") == 2 * MiB
    assert consoles("quiet console=tty0 console=ttyS0,115200n8 rd.x\n") == ("tty0", "ttyS0,115200n8")


@pytest.mark.parametrize(("data", "on"), [(b"\x06\0\0\0\x01", True), (b"\x06\0\0\0\0", False), (b"", False)])
def test_firmware_and_secure_boot(tmp_path: Path, data: bytes, on: bool) -> None:
    assert (firmware(tmp_path), secure_boot(tmp_path)) == (Firmware.BIOS, False)
    variables = tmp_path / "sys/firmware/efi/efivars"
    variables.mkdir(parents=True)
    (variables / "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c").write_bytes(data)
    assert (firmware(tmp_path), secure_boot(tmp_path)) == (Firmware.UEFI, on)


def test_this_machine_can_be_probed_and_recorded() -> None:
    run = FakeRunner()
    machine = probe(run)
    assert machine.memory > 64 * MiB
    assert machine.architecture
    assert codec.from_json(codec.to_json(machine), MachineInfo, "the record") == machine
    again = probe_storage(replace(machine, disks=()), run)
    assert [disk.id for disk in again.disks] == [disk.id for disk in machine.disks]
    assert again.systems == machine.systems


def test_a_tpm_of_version_2_counts(tmp_path: Path) -> None:
    assert not tpm2(tmp_path)
    version = tmp_path / "sys/class/tpm/tpm0/tpm_version_major"
    version.parent.mkdir(parents=True)
    for text, counts in (("1\n", False), ("2\n", True)):
        version.write_text(text, encoding="utf-8")
        assert tpm2(tmp_path) is counts
