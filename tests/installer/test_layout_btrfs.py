"""New btrfs volumes: members, profiles, subvolumes, and what is refused."""

from __future__ import annotations

import pytest

from ashore_installer.storage_plan import BtrfsPlan, Format, MountPlan
from ashore_installer.storage_request import BtrfsRequest, StorageRequest, SubvolumeRequest
from tests.installer.layouts import LUKS, blocks, erase, group, lv, machine, part, plan, raid, refused

ONE = part("btrfs.1", 9000)


def volume(*members: str, **rest: object) -> BtrfsRequest:
    return BtrfsRequest(members=members, **{"name": "data", **rest})  # type: ignore[arg-type]


def inside(path: str, mount: str = "", **rest: object) -> SubvolumeRequest:
    return SubvolumeRequest(path=path, mount=mount, **{"volume": "data", **rest})  # type: ignore[arg-type]


def test_a_volume_with_subvolumes() -> None:
    made = plan(
        erase(ONE, volume("btrfs.1", label="disk"), inside("root", "/"), inside("a/b", "/srv", options="noatime"))
    )
    assert blocks(made) == [("btrfs.1", "btrfs", 9000)]
    assert made.btrfs == (BtrfsPlan(id="data", members=("btrfs.1",), label="disk"),)
    assert [(one.id, one.volume, one.path, one.existing) for one in made.subvolumes] == [
        ("data-root", "data", "root", False),
        ("data-a-b", "data", "a/b", False),
    ]
    assert made.mounts == (
        MountPlan(device="data-root", path="/"),
        MountPlan(device="data-a-b", path="/srv", options="noatime"),
    )
    assert made.format_of("/") is Format.BTRFS


@pytest.mark.parametrize("word", ["data", "LABEL=disk", "btrfs.1"])
def test_subvolumes_name_their_volume(word: str) -> None:
    made = plan(erase(ONE, volume("btrfs.1", label="disk"), inside("root", "/", volume=word)))
    assert made.subvolumes[0].volume == "data"


@pytest.mark.parametrize(
    ("data", "metadata", "expected"),
    [("RAID1", "1", ("raid1", "raid1")), ("single", "dup", ("single", "dup")), ("0", "", ("raid0", ""))],
)
def test_profiles_and_members_on_several_disks(data: str, metadata: str, expected: tuple[str, str]) -> None:
    parts = (part("btrfs.1", 900, disk="vda"), part("btrfs.2", 900, disk="vdb", encryption=LUKS))
    made = plan(erase(*parts, volume("btrfs.1", "btrfs.2", data=data, metadata=metadata, mount="/x")), machine(2))
    assert (made.btrfs[0].data, made.btrfs[0].metadata) == expected
    assert made.btrfs[0].members == ("btrfs.1", "btrfs.2-luks")
    assert made.mounts == (MountPlan(device="data", path="/x"),)
    assert {one.disk for one in made.partitions_below("data")} == {"by-id/a", "by-id/b"}


def test_members_can_be_arrays_and_logical_volumes() -> None:
    parts = [part(f"raid.{disk}", 900, disk=f"vd{disk}") for disk in "ab"]
    things = (raid("btrfs.1", "raid1", "raid.a", "raid.b", name="md0"), part("pv.1", 900), group("vg", "pv.1"))
    made = plan(erase(*parts, *things, lv("lv", "", 500, member="btrfs.2"), volume("btrfs.1", "btrfs.2")), machine(2))
    assert made.btrfs[0].members == ("md0", "vg-lv")
    assert {made.block(one).format for one in made.btrfs[0].members} == {Format.BTRFS}


@pytest.mark.parametrize(
    ("request_", "field", "words"),
    [
        (erase(ONE, volume("btrfs.1", data="raid1")), "storage.btrfs[0]", "is raid1, which needs 2 members"),
        (erase(ONE, volume("btrfs.1", metadata="raid5")), "storage.btrfs[0]", "can't be raid5"),
        (erase(ONE, volume("btrfs.1"), volume()), "storage.btrfs[1]", "Two btrfs volumes are called data"),
        (erase(part("/", 9000), volume()), "storage.btrfs[0]", "has no members"),
        (erase(ONE, volume("btrfs.1"), inside("x", volume="y")), "storage.subvolumes[0]", "volume y, which nothing"),
        (erase(ONE, volume("btrfs.1"), inside("x"), inside("x")), "storage.subvolumes[1]", "Two subvolumes"),
        (erase(ONE, volume("btrfs.1"), inside("/")), "storage.subvolumes[0]", "A subvolume has no name"),
    ],
)
def test_refused(request_: StorageRequest, field: str, words: str) -> None:
    error = refused(request_)
    assert words in error.message
    assert error.problems[0].field == field
    assert error.problems[0].hint
