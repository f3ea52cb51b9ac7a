"""What is there already: kept, formatted anew, resized, built upon, named in every way, or removed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import (
    BtrfsInfo,
    DiskInfo,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    PartitionTable,
    VolumeInfo,
)
from ashore_installer.storage_plan import DiskPlan, Format, Kind, MountPlan, Removal, VolumeKind
from ashore_installer.storage_request import (
    BtrfsRequest,
    Clear,
    MountRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import recorded
from tests.installer.layouts import (
    LUKS,
    blocks,
    erase,
    group,
    lv,
    machine,
    part,
    plan,
    pool,
    raid,
    refused,
    sizes,
    thin,
)

LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"


def old(number: int, start: int, size: int, format: str = "ext4", **rest: object) -> PartitionInfo:  # noqa: A002
    """A partition with places and sizes in MiB."""
    given = {"type": LINUX, "uuid": f"u{number}", "id": f"p{number}", **rest}
    return PartitionInfo(number=number, start=start * MiB, size=size * MiB, format=format, **given)  # type: ignore[arg-type]


def with_disks(*disks: tuple[PartitionInfo, ...], **rest: object) -> MachineInfo:
    """Disks of 20 GiB with a GPT and these partitions; what else the machine has."""
    base = machine(len(disks))
    found = tuple(
        replace(disk, table=PartitionTable.GPT, partitions=parts) for disk, parts in zip(base.disks, disks, strict=True)
    )
    return replace(base, disks=found, **rest)  # type: ignore[arg-type]


def ask(*things: object, **rest: object) -> StorageRequest:
    """A request that removes nothing."""
    return erase(*things, **{"clear": Clear.NONE, "zero_mbr": False, **rest})


PLAIN = with_disks(
    (
        old(1, 1, 1024, label="boot", minimum=200 * MiB),
        old(2, 1025, 8192, "xfs"),
        old(3, 12 * 1024, 4096, "ext4", minimum=1000 * MiB),
    )
)

# --- partitions ----------------------------------------------------------------------------------------------


def test_a_kept_partition_is_in_the_plan_as_it_is() -> None:
    made = plan(ask(part("/home", existing="vda3", keep=True), part("/", 2000)), PLAIN)
    home = made.partition("vda3")
    assert (home.start, home.size, home.keep, home.format) == (12 * GiB, 4 * GiB, True, Format.EXT4)
    assert home.existing
    assert (home.existing.name, home.existing.uuid, home.existing.number) == ("vda3", "p3", 3)
    assert (home.existing.format, home.existing.content, home.existing.size) == ("ext4", "u3", 4 * GiB)
    assert made.mounts == (MountPlan(device="root", path="/"), MountPlan(device="vda3", path="/home"))
    assert made.disks == (DiskPlan(id="by-id/a", name="vda", size=20 * GiB),)


def test_a_partition_that_is_formatted_anew_keeps_its_place() -> None:
    made = plan(ask(part("/", existing="/dev/vda2", label="root", encryption=LUKS)), PLAIN)
    assert blocks(made) == [("vda2", "luks", 8192), ("vda2-luks", "xfs", 8176)]
    assert not made.partitions[0].keep
    assert made.partitions[0].existing
    assert made.encrypted[0].existing is None


@pytest.mark.parametrize(
    "word",
    ["vda3", "/dev/vda3", "disk/by-id/a-part3", "/dev/disk/by-id/a-part3", "UUID=u3", "PARTUUID=p3", "LABEL=home"],
)
def test_words_for_a_partition(word: str) -> None:
    changed = replace(PLAIN.disks[0].partitions[2], label="home")
    on = with_disks((*PLAIN.disks[0].partitions[:2], changed))
    assert plan(ask(part("/home", existing=word, keep=True)), on).partitions[0].id == "vda3"


def test_an_existing_partition_can_become_a_physical_volume() -> None:
    made = plan(ask(part("pv.01", existing="vda2"), group("vg", "pv.01"), lv("root", "/", 1, grow=True)), PLAIN)
    assert blocks(made) == [("vda2", "lvmpv", 8192), ("vg-root", "xfs", 8188)]


def test_a_luks_partition_that_is_there_is_opened() -> None:
    on = with_disks((old(1, 1, 4096, "crypto_LUKS"),))
    asked = PartitionRequest(mount="/home", existing="vda1", keep=True, format=Format.XFS, encryption=LUKS)
    made = plan(ask(asked), on)
    opened = made.encrypted[0]
    assert (opened.device, opened.size, opened.keep, opened.format) == ("vda1", 4080 * MiB, True, Format.XFS)
    assert opened.existing
    assert (opened.existing.size, opened.existing.uuid) == (4080 * MiB, "u1")
    assert (made.partitions[0].format, made.partitions[0].keep) == (Format.LUKS, True)


# --- resizing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "size", "root"),
    [
        (part("", 2000, existing="vda3", keep=True, resize=True), 2000, 20479 - 12288 - 2000),
        (part("", 8000, existing="vda3", keep=True, resize=True), 8000, 12288 - 9217),
        (part("", 0, existing="vda3", keep=True, resize=True, grow=True), 20479 - 12288, 12288 - 9217),
        (part("", 0, existing="vda2", keep=True, resize=True, grow=True), 12288 - 1025, 20479 - 12288 - 4096),
        (part("", 0, existing="vda2", keep=True, resize=True, grow=True, max_size=9000 * MiB), 9000, 4095),
    ],
)
def test_resizing_changes_what_is_free_behind(asked: PartitionRequest, size: int, root: int) -> None:
    made = plan(ask(asked, part("/", 1, grow=True)), PLAIN)
    resized = made.partition(asked.existing)
    assert resized.size == size * MiB
    assert resized.resized
    assert resized.keep
    assert made.partition("root").size == root * MiB


def test_swap_that_only_shrinks_is_not_used_and_a_member_that_stays_is_no_swap_either() -> None:
    on = with_disks((old(1, 1, 4096, "swap", minimum=MiB),))
    shrunk = PartitionRequest(existing="vda1", keep=True, resize=True, size=1024 * MiB)
    assert plan(ask(shrunk, part("/", 900)), on).mount("swap") is None
    used = PartitionRequest(existing="vda1", keep=True, format=Format.SWAP)
    assert plan(ask(used, part("/", 900)), on).mounts[-1] == MountPlan(device="vda1", path="swap")


def test_a_partition_grows_into_the_room_of_one_that_goes() -> None:
    asked = part("", 10000, existing="vda2", keep=True, resize=True)
    made = plan(ask(asked, clear=Clear.LIST, clear_partitions=("vda3",)), PLAIN)
    assert made.disks[0].remove == (3,)
    assert made.partition("vda2").size == 10000 * MiB


# --- mounts --------------------------------------------------------------------------------------------------


def mounts(*given: MountRequest) -> StorageRequest:
    return StorageRequest(mounts=given)


def test_mount_lines_make_the_whole_plan() -> None:
    made = plan(
        mounts(
            MountRequest(device="vda2", path="/", reformat=True, mkfs="-m reflink=0"),
            MountRequest(device="LABEL=boot", path="/boot", reformat=True, format=Format.EXT4),
            MountRequest(device="UUID=u3", path="/home", options="nodev"),
        ),
        PLAIN,
    )
    assert [(one.id, one.format, one.keep, one.mkfs) for one in made.partitions] == [
        ("vda2", Format.XFS, False, "-m reflink=0"),
        ("vda1", Format.EXT4, False, ""),
        ("vda3", Format.EXT4, True, ""),
    ]
    assert made.mounts[-1] == MountPlan(device="vda3", path="/home", options="nodev")


def test_a_mount_without_a_path_is_only_formatted() -> None:
    made = plan(mounts(MountRequest(device="vda2", path="none", reformat=True)), PLAIN)
    assert (made.mounts, made.partitions[0].keep) == ((), False)


@pytest.mark.parametrize("path", ["none", "swap"])
def test_a_line_for_swap_space_means_that_it_is_used(path: str) -> None:
    on = with_disks((old(1, 1, 4096, "swap"),))
    made = plan(mounts(MountRequest(device="vda1", path=path)), on)
    assert made.mounts == (MountPlan(device="vda1", path="swap"),)
    assert made.partitions[0].keep


SERVER = recorded("server-md")


@pytest.mark.parametrize("word", ["rl_srv1/home", "/dev/rl_srv1/home", "/dev/mapper/rl_srv1-home"])
def test_a_logical_volume_brings_all_that_it_lies_on(word: str) -> None:
    made = plan(mounts(MountRequest(device=word, path="/home")), SERVER)
    assert [(one.id, one.format.value, one.keep) for one in made.blocks()] == [
        ("sda3", "raid", True),
        ("sdb3", "raid", True),
        ("pv", "lvmpv", True),
        ("rl_srv1-home", "xfs", True),
    ]
    (array,) = made.arrays
    assert (array.members, array.existing and array.existing.name) == (("sda3", "sdb3"), "md126")
    (kept,) = made.groups
    assert (kept.id, kept.members, kept.existing and kept.existing.name) == ("rl_srv1", ("pv",), "rl_srv1")
    assert [disk.name for disk in made.disks] == ["sda", "sdb"]


@pytest.mark.parametrize("word", ["md127", "/dev/md/boot", "UUID=b7c1d2e3-4f50-4a61-8b72-9c83ad94be05"])
def test_words_for_an_array(word: str) -> None:
    made = plan(mounts(MountRequest(device=word, path="/boot", reformat=True)), SERVER)
    (array,) = made.arrays
    assert (array.id, array.name, array.metadata, array.keep, array.format) == (
        "boot",
        "boot",
        "1.0",
        False,
        Format.EXT4,
    )


BTRFS = recorded("laptop-btrfs-fedora")


def test_subvolumes_are_mounted_by_option_and_made_anew() -> None:
    made = plan(
        mounts(
            MountRequest(device="LABEL=fedora", path="/", options="subvol=root,compress=zstd", reformat=True),
            MountRequest(device="nvme0n1p3:home", path="/home"),
        ),
        BTRFS,
    )
    (volume,) = made.btrfs
    assert (volume.id, volume.members) == ("fedora", ("nvme0n1p3",))
    assert [(one.path, one.existing) for one in made.subvolumes] == [("root", False), ("home", True)]
    assert made.remove == (Removal(kind=Kind.SUBVOLUME, name="root", on=BTRFS.btrfs[0].uuid),)
    assert [(one.path, one.device, one.options) for one in made.mounts] == [
        ("/", "fedora-root", "compress=zstd"),
        ("/home", "fedora-home", "defaults"),
    ]


def test_a_btrfs_volume_is_mounted_whole_or_formatted() -> None:
    word = f"UUID={BTRFS.btrfs[0].uuid}"
    kept = plan(mounts(MountRequest(device=word, path="/srv")), BTRFS)
    assert kept.mounts == (MountPlan(device="fedora", path="/srv"),)
    made = plan(mounts(MountRequest(device=word, path="/", reformat=True)), BTRFS)
    assert (made.btrfs, made.partitions[0].format, made.partitions[0].keep) == ((), Format.BTRFS, False)


# --- groups and volumes --------------------------------------------------------------------------------------

VG = GroupInfo(
    name="old", uuid="g", size=8188 * MiB, free=2000 * MiB, members=("vda2",),
    volumes=(
        VolumeInfo(name="root", uuid="v1", size=3000 * MiB, format="xfs", content="c1"),
        VolumeInfo(name="home", uuid="v2", size=1000 * MiB, format="ext4", content="c2", minimum=400 * MiB),
        VolumeInfo(name="pool", uuid="v3", size=2000 * MiB, kind="thin-pool"),
        VolumeInfo(name="data", uuid="v4", size=1500 * MiB, kind="thin", pool="pool", format="ext4", content="c4"),
    ),
)  # fmt: skip
LVM = with_disks(
    (old(1, 1, 1024), old(2, 1025, 8192, "LVM2_member"), old(3, 12 * 1024, 4096, "")), (), groups=(VG,)
)  # fmt: skip


def old_lv(name: str, mount: str = "", size: int = 0, **rest: object) -> object:
    return lv(name, mount, size, **{"group": "old", "existing": f"old/{name}", **rest})


KEEP = group("old", keep=True)


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        ((old_lv("root", "/"), old_lv("home", "/home", keep=True)), {"old-root": 3000, "old-home": 1000}),
        ((lv("new", "/srv", 500, group="old"),), {"old-new": 500}),
        ((lv("new", "/srv", 1, grow=True, group="old"),), {"old-new": 2000}),
        ((old_lv("home", "/home", 600, keep=True, resize=True), lv("n", "/n", 1, grow=True, group="old")),
         {"old-home": 600, "old-n": 2400}),
        ((old_lv("home", "/home", 0, keep=True, resize=True, grow=True),), {"old-home": 3000}),
        ((old_lv("home", "/home", 2500, keep=True, resize=True),), {"old-home": 2500}),
        ((thin("new", "/srv", 1, grow=True, group="old"),), {"old-pool": 2000, "old-new": 500}),
        ((thin("new", "/srv", 1800, group="old"),), {"old-pool": 2000, "old-new": 1800}),
        ((old_lv("data", "/d", keep=True, kind=VolumeKind.THIN, pool="pool"),), {"old-pool": 2000, "old-data": 1500}),
    ],
)  # fmt: skip
def test_volumes_in_a_group_that_stays(things: tuple[object, ...], expected: dict[str, int]) -> None:
    found = sizes(plan(ask(KEEP, *things), LVM))
    assert {name: found.get(name) for name in expected} == expected
    assert found["vda2"] == 8192


def test_a_group_that_only_its_volumes_name_stays_too() -> None:
    made = plan(ask(old_lv("root", "/"), old_lv("home", "/home", keep=True)), LVM)
    assert [one.existing and one.existing.name for one in made.groups] == ["old"]
    assert [(one.name, one.keep) for one in made.volumes] == [("root", False), ("home", True)]


def test_a_group_that_stays_can_have_more_members() -> None:
    asked = ask(
        part("pv.01", 4000, disk="vdb"), group("old", "pv.01", keep=True), lv("n", "/", 1, grow=True, group="old")
    )
    made = plan(asked, LVM)
    assert made.groups[0].members == ("vda2", "pv.01")
    assert sizes(made)["old-n"] == 2000 + 3996


def test_kickstarts_name_members_that_stay() -> None:
    kept = part("pv.1", existing="vda2", keep=True)
    for members in (("pv.1",), ()):
        asked = ask(kept, group("old", *members, keep=True), lv("n", "/", 1, grow=True, group="old"))
        made = plan(asked, LVM)
        assert made.groups[0].members == ("vda2",)
        assert sizes(made)["old-n"] == 2000
    parts = [part(f"raid.{disk}", existing=f"{disk}2", keep=True) for disk in ("sda", "sdb")]
    array = raid("/boot", "raid1", existing="md127", keep=True)
    assert plan(ask(*parts, array), SERVER).arrays[0].members == ("sda2", "sdb2")


def test_room_of_removed_volumes_can_be_used() -> None:
    asked = ask(KEEP, lv("root", "/", 1, grow=True, group="old"), remove=("old/root",))
    made = plan(asked, LVM)
    assert made.remove == (Removal(kind=Kind.VOLUME, name="old/root", uuid="v1", size=3000 * MiB),)
    assert sizes(made)["old-root"] == 5000
    assert made.volumes[0].existing is None


def test_removals_go_from_the_top_down() -> None:
    asked = ask(part("/", 2000), remove=("md127", "old", "/dev/md/pv"))
    on = replace(SERVER, groups=(*SERVER.groups, replace(VG, members=("md127",))))
    free = replace(on.disks[0], size=on.disks[0].size + 10 * GiB)
    made = plan(asked, replace(on, disks=(free, *on.disks[1:])))
    assert [one.name for one in made.remove] == ["old", "md127", "md126"]


# --- btrfs ---------------------------------------------------------------------------------------------------


def test_new_subvolumes_in_a_volume_that_stays() -> None:
    asked = ask(
        BtrfsRequest(name="LABEL=fedora", keep=True),
        SubvolumeRequest(volume="LABEL=fedora", path="srv", mount="/srv"),
        SubvolumeRequest(volume="LABEL=fedora", path="home", mount="/home", keep=True, options="noatime"),
    )
    made = plan(asked, BTRFS)
    assert [(one.id, one.path, one.existing) for one in made.subvolumes] == [
        ("fedora-srv", "srv", False),
        ("fedora-home", "home", True),
    ]
    assert made.btrfs[0].existing
    assert made.btrfs[0].existing.uuid == BTRFS.btrfs[0].uuid


# --- clearing ------------------------------------------------------------------------------------------------

SPAN = with_disks(
    (old(1, 1, 8192, "LVM2_member"),),
    (old(1, 1, 8192, "LVM2_member"),),
    groups=(GroupInfo(name="span", uuid="g", size=16 * GiB, members=("vda1", "vdb1")),),
)


def test_a_group_over_two_disks_goes_with_both() -> None:
    asked = ask(part("/", 9000, disk="vda"), clear=Clear.ALL)
    made = plan(asked, SPAN)
    assert [(one.name, one.table, one.remove) for one in made.disks] == [
        ("vda", PartitionTable.GPT, ()),
        ("vdb", None, (1,)),
    ]


def test_all_parts_of_it_go_and_what_is_beside_them_stays() -> None:
    parts = (old(1, 1, 900), old(2, 2000, 8192, "LVM2_member"), old(3, 11000, 900, "LVM2_member"))
    members = ("vda1", "vdb2", "vdb3")
    on = with_disks(SPAN.disks[0].partitions, parts, groups=(replace(SPAN.groups[0], members=members),))
    made = plan(ask(part("/", 9000, disk="vda"), clear=Clear.ALL), on)
    assert [(one.name, one.remove) for one in made.disks] == [("vda", ()), ("vdb", (2, 3))]


def test_a_member_that_is_a_whole_disk_goes_as_a_whole() -> None:
    whole = DiskInfo(name="vdb", ids=("by-id/b",), size=20 * GiB, format="LVM2_member")
    on = replace(SPAN, disks=(SPAN.disks[0], whole), groups=(replace(SPAN.groups[0], members=("vda1", "vdb")),))
    made = plan(ask(part("/", 9000, disk="vda"), clear=Clear.ALL), on)
    assert [(one.name, one.table) for one in made.disks] == [("vda", PartitionTable.GPT), ("vdb", PartitionTable.GPT)]


def test_linux_partitions_of_one_group_go_together() -> None:
    made = plan(ask(part("/", 18000, disk="vda"), clear=Clear.LINUX), SPAN)
    assert [(one.name, one.table, one.remove) for one in made.disks] == [("vda", None, (1,)), ("vdb", None, (1,))]


@pytest.mark.parametrize(
    "limits",
    [
        {"clear": Clear.ALL, "ignore": ("vdb",)},
        {"clear": Clear.ALL, "only_use": ("vda",)},
        {"clear": Clear.ALL, "clear_disks": ("vda",)},
        {"clear": Clear.LIST, "clear_partitions": ("vda1",)},
        {"clear": Clear.LINUX, "clear_disks": ("vda",)},
    ],
)
def test_a_group_that_lies_on_a_disk_that_must_stay_is_not_torn(limits: dict[str, object]) -> None:
    error = refused(ask(part("/", 9000, disk="vda"), **limits), SPAN)
    assert "The volume group span would lose a part, but also lies on vdb1 of the disk 20.0 GiB" in error.message
    assert error.problems[0].hint


def test_the_same_for_a_member_that_would_be_formatted() -> None:
    error = refused(ask(part("/", existing="vda1")), SPAN)
    assert "The volume group span would lose a part" in error.message


def test_a_group_that_is_removed_by_name_frees_its_members() -> None:
    made = plan(ask(part("/", existing="vda1"), remove=("span",)), SPAN)
    assert [one.name for one in made.remove] == ["span"]
    assert [disk.name for disk in made.disks] == ["vda"]


def test_a_disk_in_use_is_not_used_by_what_is_on_it() -> None:
    on = replace(PLAIN, disks=(replace(PLAIN.disks[0], busy="vda1 is mounted at /x"), *machine(2).disks[1:]))
    error = refused(ask(part("/", existing="vda2"), zero_mbr=True), on)
    assert "which must not be used: it is in use: vda1 is mounted at /x" in error.message


def test_arrays_and_btrfs_are_not_torn_either() -> None:
    error = refused(ask(part("/", 9000, disk="sda"), clear=Clear.ALL, only_use=("sda",)), SERVER)
    assert "The array md126 would lose a part" in error.message
    assert "The array md127 would lose a part" in error.message
    both = BtrfsInfo(uuid="b", label="data", members=("vda1", "vdb1"), wanted=2)
    on = with_disks((old(1, 1, 8192, "btrfs"),), (old(1, 1, 8192, "btrfs"),), btrfs=(both,))
    error = refused(ask(part("/", 9000), clear=Clear.ALL, only_use=("vda",)), on)
    assert "The btrfs volume data would lose a part" in error.message


# --- refusals ------------------------------------------------------------------------------------------------

P0, P1 = "storage.partitions[0]", "storage.partitions[1]"
M0, G0, V0, R0, B0 = (f"storage.{name}[0]" for name in ("mounts", "groups", "volumes", "remove", "btrfs"))
TWO_LABELS = with_disks((old(1, 1, 1024, label="x"), old(2, 2000, 1024, label="x")))


@pytest.mark.parametrize(
    ("on", "request_", "field", "words"),
    [
        (PLAIN, ask(part("/", existing="vda9")), P0, "There is no device 'vda9'"),
        (PLAIN, ask(part("/", existing="vda2", keep=True, format=Format.EXT4)), P0, "holds xfs, and not ext4"),
        (LVM, ask(part("/", existing="vda3", keep=True)), P0, "holds nothing that can be mounted"),
        (TWO_LABELS, ask(part("/", existing="LABEL=x")), P0, "means several devices: vda1, vda2"),
        (SERVER, ask(part("/", existing="md127")), P0, "md127 is no partition"),
        (SERVER, ask(raid("/", "raid1", existing="sda2")), "storage.arrays[0]", "sda2 is no RAID array"),
        (PLAIN, ask(part("", 16000, existing="vda2", keep=True, resize=True)), P0, "it can have 11.0 GiB"),
        (PLAIN, ask(part("/", existing="vda2"), part("/x", existing="UUID=u2")), P1, "vda2 is used twice"),
        (PLAIN, ask(part("/", existing="vda2"), ignore=("vd*",)), "storage.ignore", "There is no disk to install on"),
        (SPAN, ask(part("/", existing="vdb1"), ignore=("vdb",)), "storage.partitions", "which must not be used"),
        (PLAIN, mounts(MountRequest(device="mapper/luks-1", path="/")), M0, "no device 'mapper/luks-1'"),
        (BTRFS, mounts(MountRequest(device="nvme0n1p3:x", path="/")), M0, "no btrfs subvolume x on"),
        (LVM, ask(KEEP, lv("root", "/", 9, group="old")), V0, "a logical volume old/root already"),
        (LVM, ask(KEEP, lv("n", "/", 2004, group="old")), G0, "old has 2.0 GiB"),
        (LVM, ask(KEEP, old_lv("nix", "/")), V0, "There is no device 'old/nix'"),
        (LVM, ask(part("/", 900), group("nix", keep=True)), G0, "There is no volume group nix"),
        (LVM, ask(KEEP, pool("pool", 100, group="old")), V0, "a logical volume old/pool already"),
        (LVM, ask(part("/", 900), remove=("nix",)), R0, "There is no device 'nix'"),
        (LVM, ask(part("/", 900), remove=("vda1",)), R0, "can't be removed by itself"),
        (SPAN, ask(part("/", 900), remove=("span",), ignore=("vdb",)), R0, "lies on the disk 20.0"),
        (BTRFS, ask(part("/", 900), remove=("nvme0n1p3:x",)), R0, "no btrfs subvolume x"),
        (BTRFS, ask(BtrfsRequest(name="LABEL=nix", keep=True)), B0, "There is no device 'LABEL=nix'"),
        (BTRFS, ask(BtrfsRequest(name="nvme0n1p2", keep=True)), B0, "is no btrfs volume"),
    ],
)  # fmt: skip
def test_refused(on: MachineInfo, request_: StorageRequest, field: str, words: str) -> None:
    error = refused(request_, on)
    assert words in error.message
    assert error.problems[0].field == field
    assert error.problems[0].hint


def test_a_group_without_all_of_its_disks_is_not_used() -> None:
    on = replace(LVM, groups=(replace(VG, missing=1),))
    assert "lacks 1 of its disks" in refused(ask(KEEP, lv("n", "/", 9, group="old")), on).message


def test_a_member_that_is_a_whole_disk_can_not_be_followed() -> None:
    disk = DiskInfo(name="vdb", ids=("by-id/b",), size=20 * GiB, format="LVM2_member")
    on = replace(LVM, disks=(LVM.disks[0], disk), groups=(replace(VG, members=("vdb",)),))
    error = refused(mounts(MountRequest(device="old/home", path="/home")), on)
    assert "vdb is neither a partition nor an array" in error.message
