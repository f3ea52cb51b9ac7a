"""A row per rule of firmware, GRUB, initramfs and mount points; what is allowed has `None` for its message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.image import ImageInfo
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.payload_info import INITRAMFS_WORDS, PROGRAMS
from ashore_installer.plan import BootPlan
from ashore_installer.storage.check import check_layout, check_storage
from ashore_installer.storage.partition_types import BIOS_BOOT
from ashore_installer.storage_plan import (
    ArrayPlan,
    Existing,
    Format,
    MountPlan,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    Tpm2,
    VolumeKind,
)
from ashore_installer.units import GiB, MiB, TiB
from tests.fakes.storage import SDA, SDB, changed, new_machine, new_plan, without
from tests.fakes.values import a_plan, an_image

BIOS = new_plan()
UEFI_MACHINE = replace(new_machine(), firmware=Firmware.UEFI)


def with_esp(size: int = 600 * MiB) -> StoragePlan:
    """The same plan for UEFI: an ESP on the first disk in place of the BIOS boot partitions."""
    plan = without(BIOS, "sda-bios", "sdb-bios")
    esp = PartitionPlan(id="esp", disk=SDA.id, start=90 * GiB, size=size, format=Format.EFI)
    mounts = (*plan.mounts, MountPlan(device="esp", path="/boot/efi"))
    return replace(plan, partitions=(*plan.partitions, esp), mounts=mounts)


def with_mirrored_esp(**changes: Any) -> StoragePlan:
    plan = with_esp()
    member = replace(plan.partition("esp"), format=Format.RAID)
    members = (replace(member, id="esp-a"), replace(member, id="esp-b", disk=SDB.id))
    array = ArrayPlan(id="esp", name="esp", level=RaidLevel.RAID1, members=("esp-a", "esp-b"), metadata="1.0",
                      size=598 * MiB, format=Format.EFI)  # fmt: skip
    partitions = tuple(one for one in plan.partitions if one.id != "esp")
    return replace(plan, partitions=(*partitions, *members), arrays=(*plan.arrays, replace(array, **changes)))


def proves(plan: StoragePlan, message: str | None, machine: MachineInfo, image: ImageInfo | None = None) -> None:
    says([one.message for one in check_layout(plan, machine, image or an_image())], message)


def says(messages: list[str], message: str | None) -> None:
    if message is None:
        assert messages == []
    else:
        assert any(message in text for text in messages), messages


# --- the firmware --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (with_esp(), None),
        (without(with_esp(), "esp"), "This machine boots by UEFI, and no EFI system partition is planned."),
        (with_esp(32 * MiB), "/boot/efi has 32.0 MiB; efi needs at least 64.0 MiB."),
        (changed(with_esp(), "root", format=Format.EFI), "efi can't be mounted at /."),
        (with_mirrored_esp(), None),
        (with_mirrored_esp(metadata="0.90"), None),
        (with_mirrored_esp(metadata="1.2"), "can't read the EFI system partition on an array with metadata 1.2."),
        (with_mirrored_esp(level=RaidLevel.RAID0), "can't read the EFI system partition on the array esp."),
        (with_mirrored_esp(level=RaidLevel.RAID10), "can't read the EFI system partition on the array esp."),
    ],
)
def test_the_firmware_reads_the_esp(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message, UEFI_MACHINE)


@pytest.mark.parametrize(
    ("minimum", "message"),
    [
        (0, None),
        (84 * MiB, None),
        (90 * MiB, "/boot/efi has 10.0 MiB left, too little for one more boot loader."),
    ],
)
def test_an_esp_that_stays_has_room_for_one_more(minimum: int, message: str | None) -> None:
    esp = PartitionInfo(number=1, start=90 * GiB, size=100 * MiB, format="vfat", minimum=minimum)
    disk = replace(SDA, table=PartitionTable.GPT, partitions=(esp,))
    machine = replace(UEFI_MACHINE, disks=(disk, SDB))
    existing = Existing(name="sda1", number=1, size=100 * MiB, format="vfat")
    plan = changed(changed(with_esp(100 * MiB), SDA.id, table=None), "esp", existing=existing, keep=True)
    proves(plan, message, machine)


def test_an_esp_is_no_logical_volume() -> None:
    plan = without(changed(with_esp(), "swap", format=Format.EFI), "esp")
    mounts = tuple(replace(one, path="/boot/efi") if one.device == "swap" else one for one in plan.mounts)
    proves(replace(plan, mounts=mounts), "can't read the EFI system partition on vg/swap.", UEFI_MACHINE)


def test_a_mirror_of_volumes_is_none_for_the_firmware() -> None:
    plan = with_mirrored_esp(members=("swap", "esp-b"))
    plan = without(changed(plan, "swap", format=Format.RAID), "esp-a")
    plan = replace(plan, mounts=tuple(one for one in plan.mounts if one.device != "swap"))
    proves(plan, "can't read the EFI system partition on the array esp.", UEFI_MACHINE)


@pytest.mark.parametrize(
    ("firmware", "plan", "disks", "message"),
    [
        (Firmware.BIOS, BIOS, (SDA.id, SDB.id), None),
        (Firmware.BIOS, without(BIOS, "sdb-bios"), (SDA.id,), None),
        (Firmware.BIOS, without(BIOS, "sdb-bios"), (SDA.id, SDB.id), "the disk sdb, and no BIOS boot partition is"),
        (Firmware.BIOS, without(BIOS, "sda-bios", "sdb-bios"), (SDA.id,), "and no BIOS boot partition is planned."),
        (Firmware.BIOS, BIOS, ("by-id/no",), "The boot loader is to go on by-id/no, which is no disk of the plan."),
        (Firmware.UEFI, with_esp(), (SDA.id,), None),
        (Firmware.UEFI, with_esp(), (SDA.id, SDB.id), "the disk sdb, and no EFI system partition is planned there."),
        (Firmware.UEFI, with_mirrored_esp(), (SDA.id, SDB.id), None),
    ],
)
def test_every_boot_disk_has_what_the_firmware_reads(
    firmware: Firmware, plan: StoragePlan, disks: tuple[str, ...], message: str | None
) -> None:
    machine = replace(new_machine(), firmware=firmware)
    found = check_storage(a_plan(storage=plan, boot=BootPlan(disks=disks)), machine, an_image())
    assert all(problem.hint for problem in found)
    says([one.message for one in found], message)


def test_a_bios_reads_no_large_sectors() -> None:
    large = replace(new_machine(), disks=tuple(replace(one, sector_size=4096) for one in (SDA, SDB)))
    plan = a_plan(storage=BIOS, boot=BootPlan(disks=(SDA.id,)))
    says([one.message for one in check_storage(plan, large, an_image())], "a BIOS reads no sectors of 4096 bytes.")
    plan = a_plan(storage=with_esp(), boot=BootPlan(disks=(SDA.id,)))
    says([one.message for one in check_storage(plan, replace(large, firmware=Firmware.UEFI), an_image())], None)


def test_a_bios_boot_partition_that_is_there_will_do() -> None:
    old = PartitionInfo(number=1, start=MiB, size=MiB, type=BIOS_BOOT)
    first = replace(SDA, table=PartitionTable.GPT, partitions=(old,))
    machine = replace(new_machine(), disks=(first, SDB))
    plan = changed(without(BIOS, "sda-bios"), SDA.id, table=None)
    boot = BootPlan(disks=(SDA.id, SDB.id))
    says([one.message for one in check_storage(a_plan(storage=plan, boot=boot), machine, an_image())], None)
    removed = a_plan(storage=changed(plan, SDA.id, remove=(1,)), boot=boot)
    says([one.message for one in check_storage(removed, machine, an_image())], "the disk sda, and no BIOS boot")


def test_a_bios_boot_partition_is_a_partition() -> None:
    plan = changed(BIOS, "swap", format=Format.BIOSBOOT)
    plan = replace(plan, mounts=tuple(one for one in plan.mounts if one.device != "swap"))
    proves(plan, "GRUB finds no BIOS boot partition in vg/swap.", new_machine())


def test_an_mbr_ends_at_two_tebibytes() -> None:
    disk = replace(SDA, size=4 * TiB)
    machine = replace(new_machine(), disks=(disk, SDB))
    plan = changed(without(BIOS, "sda-bios"), SDA.id, size=disk.size, table=PartitionTable.MSDOS)
    proves(plan, None, machine)
    late = changed(plan, "sda-data", start=3 * TiB)
    proves(late, "sda-data does not lie in the first 2.0 TiB of sda, which is all that an MBR can address.", machine)
    proves(changed(late, SDA.id, table=PartitionTable.GPT), None, machine)


def test_logical_partitions_lie_in_their_extended_one() -> None:
    plan = changed(without(BIOS, "sda-bios"), SDA.id, table=PartitionTable.MSDOS)
    extended = PartitionPlan(id="extended", disk=SDA.id, start=85 * GiB, size=10 * GiB, format=Format.NONE)
    one = PartitionPlan(id="one", disk=SDA.id, start=85 * GiB + MiB, size=GiB, format=Format.XFS)
    two = replace(one, id="two", start=87 * GiB)
    plan = replace(plan, partitions=(*plan.partitions, extended, one, two))
    proves(plan, None, new_machine())
    proves(changed(plan, "two", start=86 * GiB), "one and two overlap on sda.", new_machine())
    proves(changed(plan, "two", start=94 * GiB + 512 * MiB), "two and extended overlap on sda.", new_machine())
    proves(without(plan, "extended"), "The partition table of sda has no room for 5 more partitions.", new_machine())


# --- what GRUB reads -----------------------------------------------------------------------------------------


def boot_on(device: str, **changes: Any) -> StoragePlan:
    """/boot where something else was, and nothing on the array that it was on."""
    mounts = tuple(one for one in BIOS.mounts if one.path != "/boot" and one.device != device)
    plan = replace(BIOS, mounts=(*mounts, MountPlan(device=device, path="/boot")))
    return changed(plan, device, **changes) if changes else plan


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (BIOS, None),
        (changed(BIOS, "boot", level=RaidLevel.RAID0, metadata="1.2", size=1020 * MiB), None),
        (boot_on("swap", format=Format.EXT4), "GRUB can't read /boot on an encrypted device."),
        (boot_on("var", format=Format.EXT4), "GRUB can't read /boot on a thin volume."),
        (boot_on("home"), None),
        (boot_on("sda-data", format=Format.XFS), "sda-data is part of the btrfs volume data"),
        (without(BIOS, "boot", "sda-boot", "sdb-boot"), "GRUB can't read the root file system, which holds /boot, on"),
    ],
)
def test_grub_reads_boot(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message, new_machine())


def test_grub_reads_linear_volumes() -> None:
    plan = without(BIOS, "pv-luks")
    plan = changed(changed(plan, "pv", format=Format.LVMPV), "vg", members=("pv",))
    plan = without(plan, "boot", "sda-boot", "sdb-boot")
    proves(plan, None, new_machine())
    thin = changed(plan, "root", kind=VolumeKind.THIN, pool="pool", size=30 * GiB)
    proves(thin, "which holds /boot, on a thin volume.", new_machine())


# --- what the system can open --------------------------------------------------------------------------------


def image_with(words: tuple[str, ...] = INITRAMFS_WORDS, programs: tuple[str, ...] = PROGRAMS) -> ImageInfo:
    return an_image(initramfs=words, programs=programs)


def lacking(*gone: str) -> ImageInfo:
    return image_with(words=tuple(word for word in INITRAMFS_WORDS if word not in gone))


def without_program(*gone: str) -> ImageInfo:
    return image_with(programs=tuple(word for word in PROGRAMS if word not in gone))


WITH_TPM = changed(BIOS, "pv-luks", encryption=replace(BIOS.encrypted[0].encryption, tpm2=Tpm2()))


@pytest.mark.parametrize(
    ("plan", "image", "message"),
    [
        (BIOS, image_with(), None),
        (BIOS, an_image(), None),
        (BIOS, lacking("crypt"), "The initramfs of Debian GNU/Linux forky/sid can't open encrypted devices, and the"),
        (BIOS, lacking("lvm"), "can't open logical volumes, and the root file system needs that."),
        (BIOS, lacking("raid"), "can't assemble RAID arrays, and the root file system needs that."),
        (BIOS, lacking("xfs"), "can't mount xfs, and the root file system needs that."),
        (BIOS, lacking("btrfs", "thin", "ext4", "tpm2", "nvme"), None),
        (changed(BIOS, "root", format=Format.EXT4), lacking("ext4"), "can't mount ext4"),
        (WITH_TPM, lacking("tpm2"), "can't use a key in the TPM"),
        (WITH_TPM, image_with(), None),
        (WITH_TPM, without_program("systemd-cryptenroll"), "has no systemd-cryptenroll to put a key into the TPM"),
        (BIOS, lacking("ahci"), "can't find ata disks such as sda"),
        (BIOS, without_program("mdadm"), "has no mdadm to assemble arrays, and /boot needs it."),
        (BIOS, without_program("thin"), "has no thin to open thin volumes, and /var needs it."),
        (BIOS, without_program("systemd-cryptsetup"), "has no systemd-cryptsetup to open encrypted devices, and /var"),
        (BIOS, without_program("xfs", "btrfs", "zram-generator"), None),
    ],
)
def test_what_the_image_can_open(plan: StoragePlan, image: ImageInfo, message: str | None) -> None:
    proves(plan, message, new_machine(), image)


def test_an_image_that_was_not_read_is_not_judged() -> None:
    proves(BIOS, None, new_machine(), image_with(words=(), programs=()))


# --- mount points --------------------------------------------------------------------------------------------


def mounting(path: str, options: str = "defaults") -> StoragePlan:
    mounts = tuple(replace(one, path=path, options=options) if one.path == "/var" else one for one in BIOS.mounts)
    return replace(BIOS, mounts=mounts)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (mounting("/var"), None),
        (mounting("/usr"), "/usr is part of the image and can't be a file system of its own."),
        (mounting("/home"), "The mount point /home is used twice."),
        (mounting("/var", "noatime,nodev"), None),
        (mounting("/var", "no atime"), "The mount options of /var, 'no atime', can't be written into /etc/fstab."),
        (mounting("/var", ""), "The mount options of /var, '', can't be written into /etc/fstab."),
        (changed(BIOS, "var", format=Format.SWAP), "swap can't be mounted at /var."),
        (changed(BIOS, "swap", format=Format.XFS), "xfs can't be mounted at swap."),
        (changed(BIOS, "var", format=Format.NTFS), "ntfs can't be mounted at /var."),
        (changed(BIOS, "var", format=Format.NTFS), "/var can't be made with ntfs: Ashore only keeps and shrinks it."),
        (changed(BIOS, "var", format=Format.NONE), "none can't be mounted at /var."),
        (changed(BIOS, "var", format=Format.VFAT), None),
        (changed(BIOS, "boot", format=Format.EXT2), None),
        (changed(BIOS, "boot", format=Format.VFAT), "/boot can't be vfat."),
        (changed(BIOS, "root", format=Format.EXT2), None),
        (changed(BIOS, "root", format=Format.VFAT), "The root file system can't be vfat."),
        (changed(BIOS, "root", format=Format.BTRFS), None),
        (changed(BIOS, "root", label="thirteen bytes"), "The label 'thirteen bytes' of / is too long: xfs takes 12"),
        (changed(BIOS, "var", size=GiB), None),
    ],
)
def test_mount_points(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message, new_machine())


# --- room for the system -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (changed(BIOS, "root", size=2 * GiB), None),
        (changed(BIOS, "root", size=GiB), "The file system / is too small: it has 1.0 GiB, and Debian GNU/Linux"),
        (changed(BIOS, "boot", size=80 * MiB), "The file system /boot is too small: it has 80.0 MiB, and the kernels"),
        (changed(BIOS, "swap", size=0), "swap has 0 B; swap needs at least 1.0 MiB."),
    ],
)
def test_the_system_must_fit(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message, new_machine())


def test_a_thin_root_has_no_more_room_than_its_pool() -> None:
    plan = changed(BIOS, "root", kind=VolumeKind.THIN, pool="pool", size=30 * GiB)
    proves(plan, None, new_machine())
    proves(changed(plan, "pool", size=GiB), "The file system / is too small: it has 1.0 GiB", new_machine())


@pytest.mark.parametrize(
    ("profile", "unpacked", "message"),
    [
        ("single", 30 * GiB, None),
        ("raid1", 15 * GiB, None),
        ("raid1", 30 * GiB, "The file system / is too small: it has 20.0 GiB"),
        ("dup", 30 * GiB, "The file system / is too small: it has 20.0 GiB"),
    ],
)
def test_a_btrfs_root_has_what_its_profile_leaves(profile: str, unpacked: int, message: str | None) -> None:
    mounts = tuple(one for one in BIOS.mounts if one.path not in ("/", "/home"))
    plan = replace(BIOS, mounts=(MountPlan(device="home", path="/"), *mounts))
    plan = changed(plan, "data", data=profile)
    proves(plan, message, new_machine(), an_image(unpacked_size=unpacked))


def test_luks1_has_a_smaller_header() -> None:
    plan = changed(BIOS, "pv-luks", size=60 * GiB - 2 * MiB)
    proves(plan, "there is room for", new_machine())
    luks1 = replace(BIOS.encrypted[0].encryption, luks="luks1")
    proves(changed(plan, "pv-luks", encryption=luks1), None, new_machine())


@pytest.mark.parametrize(
    ("disk", "words"),
    [
        (replace(SDB, busy="md0 is running"), "it is in use: md0 is running"),
        (replace(SDB, read_only=True), "it is read-only"),
        (SDB, None),
    ],
)
def test_a_disk_that_is_in_use_or_read_only_is_refused(disk: DiskInfo, words: str | None) -> None:
    proves(BIOS, words, replace(new_machine(), disks=(SDA, disk)))
