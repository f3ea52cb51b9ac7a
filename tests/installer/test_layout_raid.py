"""md arrays: exact sizes, members on different disks, and what is refused."""

from __future__ import annotations

import pytest

from ashore_installer.storage.md_sizes import array_size, overhead
from ashore_installer.storage_plan import Format, MountPlan, RaidLevel
from ashore_installer.storage_request import ArrayRequest, StorageRequest
from ashore_installer.units import GiB, KiB, MiB, TiB
from tests.installer.layouts import LUKS, blocks, erase, group, lv, machine, part, plan, raid, refused, sizes


@pytest.mark.parametrize(
    ("member", "chunk", "metadata", "result"),
    [
        (100 * MiB, 512 * KiB, "1.2", 2 * MiB),
        (512 * MiB, 512 * KiB, "1.2", 2 * MiB),
        (100 * MiB, 0, "1.2", 1 * MiB),
        (1 * GiB, 0, "1.2", 2 * MiB),
        (1 * GiB, 512 * KiB, "1.2", 2 * MiB),
        (10 * GiB, 512 * KiB, "1.2", 9 * MiB),
        (10 * GiB, 0, "1.1", 9 * MiB),
        (100 * GiB, 0, "1.2", 65 * MiB),
        (1 * TiB, 0, "1.2", 129 * MiB),
        (16 * TiB, 512 * KiB, "1.2", 129 * MiB),
        (1 * GiB, 4 * MiB, "1.2", 9 * MiB),
        (1 * GiB, 0, "1.0", 2 * MiB),
        (16 * TiB, 0, "1.0", 2 * MiB),
    ],
)
def test_what_md_keeps_of_a_member(member: int, chunk: int, metadata: str, result: int) -> None:
    assert overhead(member, chunk, metadata) == result


@pytest.mark.parametrize(
    ("level", "count", "result"),
    [
        ("raid0", 2, 2 * 10231),
        ("raid1", 2, 10231),
        ("raid1", 3, 10231),
        ("raid4", 3, 2 * 10231),
        ("raid5", 3, 2 * 10231),
        ("raid5", 4, 3 * 10231),
        ("raid6", 4, 2 * 10231),
        ("raid10", 4, 2 * 10231),
        ("raid10", 5, 2 * 10231),
    ],
)
def test_sizes_of_arrays_with_members_of_10_gib(level: str, count: int, result: int) -> None:
    assert array_size(RaidLevel(level), [10 * GiB] * count) == result * MiB


def test_the_smallest_member_counts_and_chunks_are_whole() -> None:
    assert array_size(RaidLevel.RAID5, [10 * GiB, 9 * GiB, 5 * GiB + MiB], chunk=2 * MiB) == 2 * 5116 * MiB
    assert array_size(RaidLevel.RAID1, [MiB, MiB]) == 0


def mirror(mount: str, name: str, size: int, *disks: str, **rest: object) -> tuple[object, ...]:
    """A RAID 1 of one partition on each disk."""
    members = [f"raid.{name}{number}" for number in range(len(disks))]
    parts = (part(word, size, disk=disk) for word, disk in zip(members, disks, strict=True))
    return (*parts, raid(mount, "raid1", *members, name=name, **rest))


def test_mirrored_boot_and_root() -> None:
    made = plan(
        erase(*mirror("/boot", "boot", 1024, "vda", "vdb"), *mirror("/", "root", 8192, "vda", "vdb")), machine(2)
    )
    assert blocks(made) == [
        ("raid.boot0", "raid", 1024),
        ("raid.boot1", "raid", 1024),
        ("raid.root0", "raid", 8192),
        ("raid.root1", "raid", 8192),
        ("boot", "ext4", 1022),
        ("root", "xfs", 8183),
    ]
    boot, root = made.arrays
    assert (boot.name, boot.metadata, boot.level, boot.members) == (
        "boot", "1.0", RaidLevel.RAID1, ("raid.boot0", "raid.boot1"),
    )  # fmt: skip
    assert (root.metadata, root.chunk, root.spares) == ("1.2", 0, 0)
    assert made.mounts == (MountPlan(device="root", path="/"), MountPlan(device="boot", path="/boot"))


def test_an_esp_on_an_array_is_read_by_firmware() -> None:
    made = plan(erase(*mirror("/boot/efi", "esp", 600, "vda", "vdb"), part("/", 9000)), machine(2))
    assert (made.arrays[0].metadata, made.arrays[0].format) == ("1.0", Format.EFI)


def test_members_without_a_disk_go_on_different_ones() -> None:
    made = plan(erase(part("raid.1", 9000), part("raid.2", 9000), raid("/", "raid1", "raid.1", "raid.2")), machine(2))
    assert [one.disk for one in made.partitions] == ["by-id/a", "by-id/b"]
    assert made.arrays[0].id == made.arrays[0].name == "root"


def test_spares_do_not_count() -> None:
    parts = [part(f"raid.{disk}", 10240, disk=f"vd{disk}") for disk in "abcd"]
    made = plan(erase(*parts, raid("/", "raid5", *(one.name for one in parts), spares=1)), machine(4))
    assert (sizes(made)["root"], made.arrays[0].spares) == (2 * 10231, 1)


def test_lvm_on_an_array_loses_twice_the_usual_start() -> None:
    made = plan(
        erase(*mirror("pv.01", "md0", 10240, "vda", "vdb"), group("vg", "pv.01"), lv("root", "/", 1, grow=True)),
        machine(2),
    )
    assert sizes(made)["md0"] == 10231
    assert sizes(made)["vg-root"] == 10228
    assert made.groups[0].members == ("md0",)
    assert {one.disk for one in made.partitions_below("vg-root")} == {"by-id/a", "by-id/b"}


@pytest.mark.parametrize(
    ("count", "chunk", "encrypted", "lost"),
    [(3, 0, False, 2), (4, 0, False, 2), (4, 2 * MiB, False, 6), (4, 0, True, 2), (4, 2 * MiB, True, 6)],
)
def test_lvm_starts_at_a_whole_stripe(count: int, chunk: int, encrypted: bool, lost: int) -> None:
    disks = "abcdefgh"[:count]
    parts = [part(f"raid.{disk}", 10240, disk=f"vd{disk}") for disk in disks]
    array = raid("pv.01", "raid5", *(one.name for one in parts), chunk=chunk, encryption=LUKS if encrypted else None)
    made = plan(erase(*parts, array, group("vg", "pv.01", extent=MiB), lv("root", "/", 1, grow=True)), machine(count))
    header = 16 if encrypted else 0
    assert sizes(made)["vg-root"] == int(made.arrays[0].size / MiB) - header - lost


def test_encrypted_members_and_an_encrypted_array() -> None:
    parts = [part(f"raid.{disk}", 9000, disk=f"vd{disk}", encryption=LUKS) for disk in "ab"]
    made = plan(erase(*parts, raid("/", "raid1", "raid.a", "raid.b", name="root", encryption=LUKS)), machine(2))
    assert made.arrays[0].members == ("raid.a-luks", "raid.b-luks")
    assert sizes(made) == {
        "raid.a": 9000, "raid.b": 9000, "root": 8975, "raid.a-luks": 8984, "raid.b-luks": 8984, "root-luks": 8959,
    }  # fmt: skip
    assert made.mounts[0].device == "root-luks"


RAID1 = (part("raid.a", 9000, disk="vda"), part("raid.b", 9000, disk="vdb"))


@pytest.mark.parametrize(
    ("request_", "field", "words"),
    [
        (erase(*RAID1, raid("/", "raid5", "raid.a", "raid.b")), "storage.arrays[0]", "2 members, and raid5 needs 3"),
        (erase(*RAID1, raid("/", "raid1", "raid.a", "raid.b", spares=1)), "storage.arrays[0]", "has 1 members"),
        (erase(*RAID1, raid("/", "raid0", "raid.a", "raid.b", spares=1)), "storage.arrays[0]", "no use for spares"),
        (erase(*RAID1, raid("/", "raid1", "raid.a", "raid.c")), "storage.arrays[0]", "a member raid.c, which nothing"),
        (erase(*RAID1, ArrayRequest(mount="/", members=("raid.a", "raid.b"))), "storage.arrays[0]", "level of"),
        (erase(*RAID1, raid("/", "raid1", "raid.a", "raid.b", chunk=MiB)), "storage.arrays[0]", "which has no chunks"),
        (erase(*RAID1, raid("/", "raid0", "raid.a", "raid.b", chunk=3 * MiB)), "storage.arrays[0]", "no power of two"),
        (erase(*RAID1, raid("/", "raid1", "raid.a", "raid.b", metadata="2")), "storage.arrays[0]", "is not supported"),
        (
            erase(RAID1[0], part("raid.b", 900, disk="vda"), raid("/", "raid1", "raid.a", "raid.b")),
            "storage.partitions[1]",
            "on the same disk as another member of its array",
        ),
        (
            erase(part("raid.a", 1, disk="vda"), part("raid.b", 1, disk="vdb"), raid("/", "raid1", "raid.a", "raid.b")),
            "storage.arrays[0]",
            "are too small",
        ),
    ],
)  # fmt: skip
def test_refused(request_: StorageRequest, field: str, words: str) -> None:
    error = refused(request_, machine(2))
    assert words in error.message
    assert error.problems[0].field == field
    assert error.problems[0].hint
