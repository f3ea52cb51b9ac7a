"""Which disks get the boot loader, and what reqpart adds for them."""

from __future__ import annotations

import pytest

from ashore_installer.machine import Firmware, MachineInfo, PartitionTable
from ashore_installer.storage.boot_disks import boot_disks
from ashore_installer.storage_request import BtrfsRequest, StorageRequest
from tests.fakes.machines import recorded
from tests.installer.layouts import erase, group, lv, machine, part, plan, raid

BIOS, UEFI = machine(2), machine(2, firmware=Firmware.UEFI)


LINEAR = (part("pv.1", 900, disk="vda"), part("pv.2", 900, disk="vdb"), group("vg", "pv.1", "pv.2"))

COPIES = (
    part("btrfs.1", 900, disk="vda"),
    part("btrfs.2", 900, disk="vdb"),
    BtrfsRequest(name="root", data="raid1", metadata="raid1", members=("btrfs.1", "btrfs.2"), mount="/"),
)


def pair(mount: str, name: str, level: str = "raid1", size: int = 2000) -> tuple[object, ...]:
    return (
        part(f"raid.{name}a", size, disk="vda"),
        part(f"raid.{name}b", size, disk="vdb"),
        raid(mount, level, f"raid.{name}a", f"raid.{name}b", name=name),
    )


def places(*letters: str) -> tuple[object, ...]:
    return tuple(part("biosboot", 1, disk=f"vd{letter}") for letter in letters)


@pytest.mark.parametrize(
    ("on", "things", "asked", "expected"),
    [
        (BIOS, (*places("a"), part("/", 9000, disk="vda")), "", "a"),
        (BIOS, (*places("a", "b"), *pair("/", "root", size=9000)), "", "ab"),
        (BIOS, (*places("a", "b"), *pair("/", "root", size=9000)), "b", "ba"),
        (BIOS, (*places("b"), *pair("/", "root", size=9000)), "", "b"),
        (BIOS, (*places("a", "b"), *pair("/boot", "boot"), part("/", 9000)), "", "ab"),
        (BIOS, (*places("a", "b"), *pair("/", "root", "raid0", 9000)), "", "a"),
        (BIOS, (*places("b"), part("/", 9000, disk="vda")), "", "b"),
        (BIOS, (part("/", 9000, disk="vda"),), "", "a"),
        (BIOS, (*places("a", "b"), *pair("pv.1", "pv", size=9000), group("vg", "pv.1"), lv("r", "/", 9)), "", "ab"),
        (
            BIOS,
            (*places("a", "b"), *LINEAR, lv("r", "/", 9)),
            "", "a",
        ),
        (BIOS, (*places("a", "b"), *COPIES), "", "ab"),
        (UEFI, (part("/boot/efi", 600, disk="vdb"), part("/", 9000, disk="vda")), "", "b"),
        (UEFI, (*pair("/boot/efi", "esp"), part("/", 9000)), "", "ab"),
        (UEFI, (*pair("/boot/efi", "esp"), part("/", 9000)), "b", "ba"),
        (UEFI, (part("/boot/efi", 600, disk="vda"), *pair("/", "root", size=9000)), "", "a"),
        (BIOS, (part("swap", 900),), "", ""),
    ],
)  # fmt: skip
def test_disks_with_the_boot_loader(on: MachineInfo, things: tuple[object, ...], asked: str, expected: str) -> None:
    made = plan(erase(*things), on)
    assert boot_disks(made, on, asked and f"by-id/{asked}") == tuple(f"by-id/{letter}" for letter in expected)


@pytest.mark.parametrize(
    ("on", "things", "words", "expected"),
    [
        (BIOS, (part("/", 9000),), {}, [("vda", "biosboot", 1)]),
        (BIOS, (part("/", 9000, disk="vdb"),), {}, [("vdb", "biosboot", 1)]),
        (BIOS, (*places("a"), part("/", 9000)), {}, [("vda", "biosboot", 1)]),
        (BIOS, pair("/", "root"), {}, [("vda", "biosboot", 1), ("vdb", "biosboot", 1)]),
        (BIOS, pair("/", "root", "raid0"), {}, [("vda", "biosboot", 1)]),
        (
            BIOS,
            (part("raid.a", 900), part("raid.b", 900), raid("/", "raid1", "raid.a", "raid.b")),
            {}, [("vda", "biosboot", 1), ("vdb", "biosboot", 1)],
        ),
        (BIOS, (part("/", 9000),), {"table": PartitionTable.MSDOS}, []),
        (BIOS, (part("/", 9000),), {"required_boot": True}, [("vda", "biosboot", 1), ("vda", "ext4", 1024)]),
        (
            BIOS,
            (part("/", 900), part("/boot", 500)),
            {"required_boot": True}, [("vda", "biosboot", 1), ("vda", "ext4", 500)],
        ),
        (UEFI, (part("/", 9000),), {}, [("vda", "efi", 1024)]),
        (UEFI, (part("/boot/efi", 300), part("/", 9000)), {}, [("vda", "efi", 300)]),
    ],
)  # fmt: skip
def test_what_reqpart_adds(
    on: MachineInfo, things: tuple[object, ...], words: dict[str, object], expected: list[tuple[str, str, int]]
) -> None:
    made = plan(erase(*things, **{"required": True, **words}), on)
    names = {disk.id: disk.name for disk in made.disks}
    kinds = ("biosboot", "efi", "ext4")
    found = [(names[one.disk], one.format.value, one.size >> 20) for one in made.partitions if one.format in kinds]
    assert sorted(found) == sorted(expected)


def test_reqpart_uses_an_esp_that_stays() -> None:
    made = plan(StorageRequest(required=True, partitions=(part("/", 9000),)), recorded("laptop-windows"))
    efi = made.partition("nvme0n1p1")
    assert efi.keep
    assert made.mounts[-1].path == "/boot/efi"
