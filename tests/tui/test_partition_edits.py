"""What can be added to a custom layout, and what is refused with a sentence."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import MachineInfo
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, RaidLevel
from ashore_installer.storage_request import Clear
from ashore_installer.units import GiB, MiB
from ashore_tui.flow.partition_changes import delete
from ashore_tui.flow.partition_edits import (
    add_array,
    add_btrfs,
    add_partition,
    add_required,
    add_subvolume,
    add_volume,
)
from ashore_tui.flow.partitions import Site, Wish, picture
from tests.installer.layouts import machine as blank
from tests.tui.partition_values import done, refused, row, site, told, untouched

LUKS = Encryption(passphrase=Secret("open it"))
ROOT = Wish(mount="/", size=4 * GiB, grow=True)


def blanks(disks: int = 1) -> tuple[Site, tuple[str, ...]]:
    machine: MachineInfo = blank(disks)
    return site(machine), tuple(one.id for one in machine.disks)


def test_a_partition_on_a_blank_disk_gives_it_a_table_and_taking_it_back_leaves_the_disk_alone() -> None:
    on, (disk,) = blanks()
    request = done(add_partition(untouched(on), on, disk, ROOT))
    assert request.clear_partitions == ("vda",)
    assert told(request, on) == ["vda removed", "  vda1 new xfs /"]
    assert done(delete(request, on, row(request, on, "partition vda1"))) == untouched(on)


def test_what_the_machine_needs_to_start_is_added_in_one_go() -> None:
    on, (disk,) = blanks()
    request = done(add_partition(untouched(on), on, disk, ROOT))
    assert picture(request, on).problems
    request = done(add_required(request, on))
    assert told(request, on) == ["vda removed", "  vda1 new", "  vda2 new ext4 /boot", "  vda3 new xfs /"]
    assert picture(request, on).problems == ()


def test_partitions_share_a_disk_as_they_are_wished() -> None:
    on, (disk,) = blanks()
    request = done(add_partition(untouched(on), on, disk, ROOT))
    request = done(add_partition(request, on, disk, Wish(mount="swap", size=2 * GiB)))
    request = done(add_partition(request, on, disk, Wish(mount="/home", size=5 * GiB, encryption=LUKS, label="h")))
    assert told(request, on)[1:] == [
        "  vda1 new xfs /",
        "  vda2 new swap swap",
        "  vda3 new LUKS2: xfs /home",
    ]
    assert row(request, on, "partition vda2").size == 2 * GiB
    assert row(request, on, "partition vda1").size > 12 * GiB


def test_what_has_no_room_is_refused_without_words_of_kickstarts() -> None:
    on, (disk,) = blanks()
    why = refused(add_partition(untouched(on), on, disk, Wish(mount="/home", size=30 * GiB)))
    assert why.message.startswith("There is no room for /home: it needs 30.0 GiB")
    assert why.hint == "Use a larger disk, ask for less, or allow partitions to be removed."


def test_mount_points_are_judged_at_once() -> None:
    on, (disk,) = blanks()
    request = done(add_partition(untouched(on), on, disk, Wish(mount="/", size=4 * GiB)))
    again = refused(add_partition(request, on, disk, Wish(mount="/", size=4 * GiB)))
    assert again.message == "There is something at / already."
    part = refused(add_partition(request, on, disk, Wish(mount="/usr", size=GiB)))
    assert part.message == "/usr is part of the image and can't be a file system of its own."
    small = refused(add_partition(untouched(on), on, disk, Wish(mount="/", size=500 * MiB)))
    assert small.message.startswith("The file system / is too small")


def test_partitions_can_be_added_beside_another_system() -> None:
    on = site("dual-boot")
    disk = on.machine.disks[0].id
    request = replace(untouched(on), clear=Clear.LIST, clear_partitions=("nvme0n1p5", "nvme0n1p6"))
    request = done(add_partition(request, on, disk, ROOT))
    assert "  nvme0n1p5 new xfs /" in told(request, on)
    assert "  nvme0n1p3 kept ntfs Windows" in told(request, on)


# --- LVM -----------------------------------------------------------------------------------------------------


def test_the_first_volume_makes_its_group_and_the_next_ones_lie_in_it() -> None:
    on, disks = blanks(2)
    request = done(add_volume(untouched(on), on, "sys", "root", ROOT, disks))
    request = done(add_volume(request, on, "sys", "swap", Wish(mount="swap", size=2 * GiB)))
    assert told(request, on) == [
        "vda removed",
        "  vda1 new in the group sys",
        "vdb removed",
        "  vdb1 new in the group sys",
        "sys new",
        "  sys/root new xfs /",
        "  sys/swap new swap swap",
    ]
    assert row(request, on, "volume sys/swap").size == 2 * GiB


def test_an_encrypted_group_has_encrypted_members() -> None:
    on, disks = blanks()
    request = done(add_volume(untouched(on), on, "sys", "root", replace(ROOT, encryption=LUKS), disks))
    assert told(request, on)[1:] == ["  vda1 new LUKS2: in the group sys", "sys new", "  sys/root new xfs /"]
    more = done(add_volume(request, on, "sys", "home", Wish(mount="/home", size=GiB, encryption=LUKS)))
    assert "  sys/home new LUKS2: xfs /home" in told(more, on)


def test_a_group_goes_with_its_volumes_and_members() -> None:
    on, disks = blanks(2)
    request = done(add_volume(untouched(on), on, "sys", "root", ROOT, disks))
    assert done(delete(request, on, row(request, on, "group sys"))) == untouched(on)
    why = refused(delete(request, on, row(request, on, "partition vda1")))
    assert why.message == "vda1 is a part of something else: in the group sys."


def test_a_volume_can_be_added_to_a_group_that_is_there() -> None:
    on = site("server-md")
    request = done(add_volume(untouched(on), on, "rl_srv1", "data", Wish(mount="/srv", size=20 * GiB)))
    found = row(request, on, "volume rl_srv1/data")
    assert (found.size, found.mount, found.inside) == (20 * GiB, "/srv", "rl_srv1")
    assert row(request, on, "volume rl_srv1/home").change == "kept"
    assert done(delete(request, on, found)) == untouched(on)


def test_volumes_are_refused_by_their_names_and_by_the_room() -> None:
    on, disks = blanks()
    assert "at least one disk" in refused(add_volume(untouched(on), on, "sys", "root", ROOT)).message
    request = done(add_volume(untouched(on), on, "sys", "root", ROOT, disks))
    assert "sys/root" in refused(add_volume(request, on, "sys", "root", Wish(mount="/srv", size=GiB))).message
    assert "need 104.0 GiB" in refused(add_volume(request, on, "sys", "a", Wish(size=100 * GiB))).message


# --- RAID ----------------------------------------------------------------------------------------------------


def test_an_array_has_a_member_on_each_disk() -> None:
    on, disks = blanks(2)
    request = done(add_array(untouched(on), on, "root", RaidLevel.RAID1, disks, ROOT))
    assert told(request, on) == [
        "vda removed",
        "  vda1 new in the array root",
        "vdb removed",
        "  vdb1 new in the array root",
        "root new xfs /",
    ]
    assert done(delete(request, on, row(request, on, "array root"))) == untouched(on)


def test_a_group_can_lie_on_an_array() -> None:
    on, disks = blanks(4)
    size = Wish(size=2 * GiB, grow=True)
    request = done(add_array(untouched(on), on, "pv", RaidLevel.RAID10, disks, size, group="sys"))
    request = done(add_volume(request, on, "sys", "root", Wish(mount="/", size=5 * GiB)))
    assert told(request, on)[-3:] == ["pv new in the group sys", "sys new", "  sys/root new xfs /"]
    assert "part of something else" in refused(delete(request, on, row(request, on, "array pv"))).message
    assert done(delete(request, on, row(request, on, "group sys"))) == untouched(on)


def test_too_few_disks_for_a_level() -> None:
    on, disks = blanks(2)
    why = refused(add_array(untouched(on), on, "root", RaidLevel.RAID5, disks, ROOT))
    assert why.message == "The array root has 2 members, and raid5 needs 3."


# --- btrfs ---------------------------------------------------------------------------------------------------


def test_a_btrfs_volume_with_subvolumes() -> None:
    on, disks = blanks(2)
    inside = (("root", "/"), ("home", "/home"))
    size = Wish(size=4 * GiB, grow=True)
    request = done(add_btrfs(untouched(on), on, "pool", disks, size, inside))
    request = done(add_subvolume(request, on, row(request, on, "btrfs pool"), "var", "/var"))
    assert told(request, on)[4:] == [
        "pool new",
        "  root new /",
        "  home new /home",
        "  var new /var",
    ]
    fewer = done(delete(request, on, row(request, on, "subvolume pool:var")))
    assert [one.path for one in fewer.subvolumes] == ["root", "home"]
    assert done(delete(request, on, row(request, on, "btrfs pool"))) == untouched(on)


def test_a_subvolume_in_a_volume_that_is_there() -> None:
    on = site("laptop-btrfs-fedora")
    uuid = on.machine.btrfs[0].uuid
    request = done(
        add_subvolume(untouched(on), on, row(untouched(on), on, f"btrfs UUID={uuid}"), "ashore", "/var")
    )  # fmt: skip
    assert "  ashore new /var" in told(request, on)
    assert "  home kept /home" in told(request, on)
    key = f"subvolume UUID={uuid}:ashore"
    assert done(delete(request, on, row(request, on, key))) == untouched(on)
    assert (
        "Two subvolumes"
        in refused(add_subvolume(request, on, row(request, on, f"btrfs UUID={uuid}"), "ashore", "/srv")).message
    )
