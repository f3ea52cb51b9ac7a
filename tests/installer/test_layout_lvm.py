"""LVM and LUKS: exact sizes on a 20 GiB disk, whose usable room is 20478 MiB, and what is refused."""

from __future__ import annotations

import pytest

from ashore_installer.storage_plan import Encryption, Format, MountPlan, VolumeKind
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import KiB, MiB, TiB
from tests.installer.layouts import LUKS, blocks, erase, group, lv, machine, part, plan, pool, refused, sizes, thin

PV = part("pv.01", 1, grow=True)


def test_a_group_takes_whole_extents_of_its_member() -> None:
    made = plan(erase(part("pv.01", 10240), group("vg", "pv.01"), lv("root", "/", 1, grow=True)))
    assert blocks(made) == [("pv.01", "lvmpv", 10240), ("vg-root", "xfs", 10236)]
    assert [(one.id, one.name, one.members, one.extent, one.reserved) for one in made.groups] == [
        ("vg", "vg", ("pv.01",), 4 * MiB, 0)
    ]
    assert made.volumes[0].group == "vg"
    assert made.mounts == (MountPlan(device="vg-root", path="/"),)


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ((lv("root", "/", 1000),), {"root": 1000}),
        ((lv("root", "/", 1001),), {"root": 1004}),
        ((lv("root", "/", 1, grow=True),), {"root": 20476}),
        ((lv("root", "/", 1, grow=True), lv("swap", "swap", 2048)), {"root": 18428, "swap": 2048}),
        ((lv("a", "/", 1000, grow=True), lv("b", "/home", 1000, grow=True)), {"a": 10240, "b": 10236}),
        (
            (lv("a", "/", 4000, grow=True, max_size=5001 * MiB), lv("b", "/home", 1000, grow=True)),
            {"a": 5000, "b": 15476},
        ),
        ((lv("a", "/", 4476), lv("b", "/var", percent=50)), {"a": 4476, "b": 8000}),
        ((lv("a", "/", 4476), lv("b", "/var", percent=50), lv("c", "/srv", percent=50)), {"b": 8000, "c": 8000}),
        ((lv("a", "/", 4476, grow=True), lv("b", "/var", percent=25)), {"a": 16476, "b": 4000}),
        ((lv("swap", "swap", recommended=True),), {"swap": 4096}),
        ((lv("swap", "swap", hibernation=True),), {"swap": 8192}),
        ((pool("pool", 8000),), {"pool": 8000}),
        ((pool("pool", 1, grow=True),), {"pool": 20476 - 2 * 20}),
        ((pool("pool", 1, grow=True, metadata=100 * MiB), lv("a", "/", 1000)), {"pool": 20476 - 1000 - 200}),
        ((pool("pool", percent=50),), {"pool": 10236 - 2 * 12}),
        ((pool("pool", 8000), thin("root", "/", 4000)), {"pool": 8000, "root": 4000}),
        ((pool("pool", 8000), thin("root", "/", 1, grow=True)), {"root": 8000}),
        ((pool("pool", 8000), thin("a", "/", 3000), thin("b", "/var", 1, grow=True)), {"a": 3000, "b": 5000}),
        ((pool("pool", 8000), thin("a", "/", 6000), thin("b", "/var", 7000)), {"a": 6000, "b": 7000}),
        ((pool("pool", 8000), thin("a", "/", 4000), thin("b", "/var", percent=50)), {"b": 2000}),
    ],
)
def test_sizes_of_volumes(volumes: tuple[object, ...], expected: dict[str, int]) -> None:
    found = sizes(plan(erase(PV, group("vg", "pv.01"), *volumes)))
    assert {name: found[f"vg-{name}"] for name in expected} == expected


def test_pools_know_their_metadata_and_chunks() -> None:
    made = plan(erase(PV, group("vg", "pv.01"), pool("pool", 8192), thin("root", "/", 4000)))
    bulk, root = made.volumes
    assert (bulk.kind, bulk.format, bulk.metadata, bulk.chunk) == (
        VolumeKind.POOL, Format.NONE, 8 * MiB, 64 * KiB,
    )  # fmt: skip
    assert (root.kind, root.pool, root.group, root.format) == (VolumeKind.THIN, "vg-pool", "vg", Format.XFS)
    assert made.below("vg-root") == ("vg",)


@pytest.mark.parametrize(
    ("chunk", "metadata", "result"),
    [(0, 0, 8), (128 * KiB, 0, 4), (64 * KiB, 17 * MiB, 20), (MiB, 0, 4)],
)
def test_metadata_of_a_pool_of_8_gib(chunk: int, metadata: int, result: int) -> None:
    made = plan(erase(PV, group("vg", "pv.01"), pool("pool", 8192, chunk=chunk, metadata=metadata)))
    assert (made.volumes[0].size, made.volumes[0].metadata) == (8192 * MiB, result * MiB)


def test_a_huge_pool_has_larger_chunks_and_the_most_metadata() -> None:
    made = plan(erase(PV, group("vg", "pv.01"), pool("pool", 1, grow=True)), machine(size=100 * TiB))
    assert made.volumes[0].chunk == 7 * 64 * KiB
    assert made.volumes[0].metadata < 16192 * MiB


@pytest.mark.parametrize(
    ("words", "room", "reserved"),
    [
        ({}, 20476, 0),
        ({"extent": 32 * MiB}, 20448, 0),
        ({"extent": 1 * MiB}, 20477, 0),
        ({"reserved": 1000 * MiB}, 19476, 1000),
        ({"reserved": 1001 * MiB}, 19472, 1004),
        ({"reserved_percent": 10}, 18428, 2048),
    ],
)
def test_extents_and_what_stays_free(words: dict[str, int], room: int, reserved: int) -> None:
    made = plan(erase(PV, group("vg", "pv.01", **words), lv("root", "/", 1, grow=True)))
    assert sizes(made)["vg-root"] == room
    assert made.groups[0].reserved == reserved * MiB


def test_members_on_several_disks_each_lose_their_own_rest() -> None:
    parts = (part("pv.01", 1, grow=True, disk="vda"), part("pv.02", 1, grow=True, disk="vdb"), part("/boot", 1001))
    made = plan(erase(*parts, group("vg", "pv.01", "pv.02"), lv("root", "/", 1, grow=True)), machine(2))
    assert sizes(made)["pv.01"] + 1001 == 20478
    assert sizes(made)["vg-root"] == 20476 + 19476
    assert {one.disk for one in made.partitions_below("vg-root")} == {"by-id/a", "by-id/b"}


# --- LUKS ----------------------------------------------------------------------------------------------------


def test_an_encrypted_partition_holds_luks_and_the_opened_device_the_rest() -> None:
    made = plan(erase(part("/", 8192, encryption=LUKS, label="root", mkfs="-m reflink=1", options="noatime")))
    assert blocks(made) == [("root", "luks", 8192), ("root-luks", "xfs", 8176)]
    opened = made.encrypted[0]
    assert (opened.device, opened.name, opened.label, opened.mkfs) == ("root", "", "root", "-m reflink=1")
    assert (made.partitions[0].label, made.partitions[0].mkfs) == ("", "")
    assert opened.encryption is LUKS
    assert made.mounts == (MountPlan(device="root-luks", path="/", options="noatime"),)


def test_luks1_has_a_smaller_header() -> None:
    made = plan(erase(part("swap", 1000, encryption=Encryption(luks="luks1"))))
    assert blocks(made) == [("swap", "luks", 1000), ("swap-luks", "swap", 998)]


def test_an_encrypted_member_carries_the_group() -> None:
    made = plan(erase(part("pv.01", 10240, encryption=LUKS), group("vg", "pv.01"), lv("root", "/", 1, grow=True)))
    assert blocks(made) == [("pv.01", "luks", 10240), ("pv.01-luks", "lvmpv", 10224), ("vg-root", "xfs", 10220)]
    assert made.groups[0].members == ("pv.01-luks",)


def test_an_encrypted_logical_volume() -> None:
    made = plan(erase(PV, group("vg", "pv.01"), lv("root", "/", 8000, encryption=LUKS)))
    assert blocks(made)[1:] == [("vg-root-luks", "xfs", 7984), ("vg-root", "luks", 8000)]


def test_an_encrypted_thin_volume() -> None:
    made = plan(erase(PV, group("vg", "pv.01"), pool("pool", 9000), thin("root", "/", 8000, encryption=LUKS)))
    assert sizes(made)["vg-root-luks"] == 7984


# --- refusals ------------------------------------------------------------------------------------------------

VG = group("vg", "pv.01")


@pytest.mark.parametrize(
    ("request_", "field", "words"),
    [
        (erase(PV, VG, lv("root", "/", 90000)), "storage.groups[0]", "has 20.0 GiB, and its volumes need 87.9 GiB"),
        (erase(PV, VG, lv("a", "/", 12000), lv("b", "/var", 12000)), "storage.groups[0]", "a 11.7 GiB, b 11.7 GiB"),
        (erase(PV, VG, lv("root", "/")), "storage.volumes[0]", "The size of vg/root is missing"),
        (erase(PV, VG, lv("a", "/", 9), lv("a", "/var", 9)), "storage.volumes[1]", "Two logical volumes are called"),
        (erase(PV, VG, lv("a", "/", percent=60), lv("b", "/v", percent=50)), "storage.groups[0]", "ask for 110 %"),
        (erase(PV, VG, lv("a", "/", 9, group="other")), "storage.volumes[0]", "in the group other, which nothing"),
        (erase(PV, VG, VG), "storage.groups[1]", "pv.01 is named as a member twice"),
        (erase(PV, part("/", 9000)), "storage.partitions[0]", "pv.01 is a member of nothing"),
        (erase(part("/", 9000), VG), "storage.groups[0]", "has a member pv.01, which nothing makes"),
        (erase(PV, PV, VG), "storage.partitions[0]", "Two things have the name pv.01"),
        (erase(part("/", 9000), group("vg")), "storage.groups[0]", "has no members"),
        (erase(PV, group("vg", "pv.01", extent=3 * MiB + KiB)), "storage.groups[0]", "can't have extents of"),
        (erase(part("pv.01", 4), VG), "storage.groups[0]", "smaller than one extent"),
        (erase(PV, VG, thin("a", "/", 9)), "storage.volumes[0]", "in the pool pool, which nothing makes"),
        (erase(PV, VG, thin("a", "/", 9, pool="")), "storage.volumes[0]", "has no pool"),
        (erase(PV, VG, pool("pool", 8000), thin("a", "/", 8004)), "storage.volumes[1]", "can't be in the pool"),
        (erase(PV, VG, pool("pool", 8000, chunk=65 * KiB)), "storage.volumes[0]", "chunks of the thin pool"),
        (erase(PV, VG, pool("pool", 20476)), "storage.groups[0]", "pool 20.0 GiB"),
        (erase(PV, VG, lv("a", "/", 9000, format=Format.XFS, profile="news")), "storage.volumes[0]", "usage type"),
        (erase(PV, VG, lv("a", "/", recommended=True)), "storage.volumes[0]", "is for swap space"),
        (erase(PV, VG, lv("a", "/", 900, max_size=MiB)), "storage.volumes[0]", "may not be larger than 1.0 MiB"),
    ],
)  # fmt: skip
def test_refused(request_: StorageRequest, field: str, words: str) -> None:
    error = refused(request_)
    assert words in error.message
    assert field in [problem.field for problem in error.problems]
    assert all(problem.hint for problem in error.problems)
