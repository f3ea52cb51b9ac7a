"""A row per rule about what is on the machine already; what is allowed has `None` for its message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.machine import MachineInfo, PartitionInfo, PartitionTable, SystemInfo, SystemKind
from ashore_installer.storage.check import check_layout
from ashore_installer.storage_plan import DiskPlan, Existing, Format, Kind, MountPlan, Removal, StoragePlan
from ashore_installer.units import GiB, MiB
from tests.fakes.storage import SDA, SDB, changed, old_machine, old_plan, without
from tests.fakes.values import an_image

PLAN, MACHINE = old_plan(), old_machine()
FORMATTED = changed(changed(PLAN, "home", keep=False, size=5 * GiB), "more", size=4 * GiB)


def proves(plan: StoragePlan, message: str | None, machine: MachineInfo = MACHINE) -> None:
    found = check_layout(plan, machine, an_image())
    assert all(problem.hint and problem.field.startswith("storage") for problem in found)
    messages = [problem.message for problem in found]
    if message is None:
        assert messages == []
    else:
        assert any(message in text for text in messages), messages


def with_disk(name: str, **changes: Any) -> MachineInfo:
    return replace(MACHINE, disks=tuple(replace(one, **changes) if one.name == name else one for one in MACHINE.disks))


def with_part(name: str, number: int, **changes: Any) -> MachineInfo:
    parts = next(one.partitions for one in MACHINE.disks if one.name == name)
    return with_disk(name, partitions=tuple(replace(one, **changes) if one.number == number else one for one in parts))


def with_array(**changes: Any) -> MachineInfo:
    return replace(MACHINE, arrays=(replace(MACHINE.arrays[0], **changes),))


def with_group(**changes: Any) -> MachineInfo:
    return replace(MACHINE, groups=(replace(MACHINE.groups[0], **changes),))


def with_home(**changes: Any) -> MachineInfo:
    root, home = MACHINE.groups[0].volumes
    return with_group(volumes=(root, replace(home, **changes)))


def with_btrfs(**changes: Any) -> MachineInfo:
    return replace(MACHINE, btrfs=(replace(MACHINE.btrfs[0], **changes),))


def test_the_whole_plan_is_good() -> None:
    proves(PLAN, None)


# --- what is there is what the plan says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (with_disk("sda", partitions=()), "The partition sda2, which the plan uses, is not on this machine."),
        (with_part("sda", 4, start=22531 * MiB), "The partition sda4 is not what it was when the plan was made."),
        (with_part("sda", 4, size=20481 * MiB), "The partition sda4 is not what it was when the plan was made."),
        (with_part("sda", 4, id="cccc"), "The partition sda4 is not what it was when the plan was made."),
        (with_part("sda", 4, id=""), None),
        (with_part("sda", 4, uuid="W2"), "What is in the partition sda4 is not what it was when the plan was made."),
        (with_part("sda", 4, format="ext4"), "What is in the partition sda4 is not what it was"),
        (replace(MACHINE, arrays=()), "The array md127, which the plan uses, is not on this machine."),
        (with_array(uuid="A1A1", name="md126"), None),
        (with_array(size=GiB), "The array md127 is not what it was when the plan was made."),
        (with_array(level="raid0"), "The array md127 is not what it was when the plan was made."),
        (with_array(active=False), None),
        (with_array(active=False, wanted=3), "The array md127 is not running, so what is in it can't be used."),
        (with_array(content="other"), None),
        (replace(MACHINE, groups=()), "The volume group vg, which the plan uses, is not on this machine."),
        (with_group(name="other"), "The volume group vg is not what it was when the plan was made."),
        (with_group(extent=8 * MiB), "The volume group vg is not what it was when the plan was made."),
        (with_group(size=GiB), "The volume group vg is not what it was when the plan was made."),
        (with_group(missing=1), "The volume group vg lacks 1 of its disks."),
        (with_group(volumes=()), "The logical volume vg/home, which the plan uses, is not on this machine."),
        (with_home(size=6 * GiB), "The logical volume vg/home is not what it was when the plan was made."),
        (with_home(name="house"), "The logical volume vg/home is not what it was when the plan was made."),
        (with_home(content="fs-9"), "What is in the logical volume vg/home is not what it was"),
        (replace(MACHINE, btrfs=()), "The btrfs volume data, which the plan uses, is not on this machine."),
        (with_btrfs(wanted=2), "The btrfs volume data has 1 of its 2 devices."),
        (with_btrfs(subvolumes=("snapshots",)), "The subvolume home, which the plan uses, is not on this machine."),
        (with_btrfs(subvolumes=("home", "new")), "The btrfs volume has a subvolume new already."),
    ],
)
def test_what_is_there(machine: MachineInfo, message: str | None) -> None:
    proves(PLAN, message, machine)


def test_what_is_formatted_anew_may_hold_anything() -> None:
    proves(FORMATTED, None, with_home(content="fs-9", format="xfs"))


# --- sizes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "machine", "message"),
    [
        (changed(PLAN, "windows", size=8 * GiB), MACHINE, None),
        (changed(PLAN, "windows", size=8 * GiB - MiB), MACHINE, "sda4 can't be made as small as 8.0 GiB: it holds"),
        (PLAN, with_part("sda", 4, minimum=0), "sda4 can't be made smaller: nobody knows how far its ntfs is."),
        (changed(PLAN, "home", size=GiB), MACHINE, None),
        (changed(PLAN, "home", size=GiB - 4 * MiB), MACHINE, "vg/home can't be made as small as 1020.0 MiB"),
        (PLAN, with_home(minimum=0), "vg/home can't be made smaller"),
        (changed(FORMATTED, "home", size=GiB - 4 * MiB), with_home(minimum=0), None),
        (changed(PLAN, "disk2", size=20481 * MiB), MACHINE, "sdb2 and sdb3 overlap on sdb."),
        (changed(without(PLAN, "crypt", "opened"), "disk2", size=21480 * MiB), MACHINE, "sdb2 and the existing part"),
        (changed(PLAN, "windows", size=20480 * MiB + 512), MACHINE, "sda4 and root overlap on sda."),
        (changed(PLAN, "windows", size=10240 * MiB + 1), MACHINE, "sda4 can't be made 10.0 GiB large on sda."),
        (changed(PLAN, "crypt", size=30 * GiB), MACHINE, "sdb3 can't be made larger: luks does not grow."),
        (changed(PLAN, "boot", size=GiB), MACHINE, "The array md127 would have to be resized, which Ashore does not"),
        (changed(PLAN, "more", size=6 * GiB), MACHINE, "The volumes of the volume group vg need 5368709120"),
        (changed(PLAN, "home", size=6 * GiB), MACHINE, "The volumes of the volume group vg need"),
        (changed(without(PLAN, "more"), "home", size=9 * GiB), MACHINE, None),
    ],
)
def test_resizing(plan: StoragePlan, machine: MachineInfo, message: str | None) -> None:
    proves(plan, message, machine)


# --- what goes, goes whole -----------------------------------------------------------------------------------

ONLY_ROOT = replace(
    without(PLAN, "raid-a", "raid-b", "pv", "windows", "disk2", "crypt", "boot", "opened", "vg", "home", "more", "data",
            "srv", "new"),
    mounts=(MountPlan(device="root", path="/"),),
)  # fmt: skip


def removing(*removals: Removal, **disks: tuple[int, ...]) -> StoragePlan:
    plan = replace(ONLY_ROOT, remove=removals)
    return changed(changed(plan, SDA.id, remove=disks.get("sda", ())), SDB.id, remove=disks.get("sdb", ()))


ARRAY = Removal(kind=Kind.ARRAY, name="md127", uuid="a1:a1")
GROUP = Removal(kind=Kind.GROUP, name="vg", uuid="vg-1")
VOLUME = Removal(kind=Kind.VOLUME, name="vg/root", uuid="lv-1", size=10 * GiB)
SUBVOLUME = Removal(kind=Kind.SUBVOLUME, name="home", on="bt-1")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (removing(), None),
        (removing(sda=(2,)), "The RAID array boot would lose sda2 and keep sdb1: it only goes whole."),
        (removing(sda=(2,), sdb=(1,)), None),
        (removing(ARRAY, sda=(2,)), None),
        (removing(ARRAY), None),
        (removing(sda=(3,)), None),
        (removing(GROUP), None),
        (removing(VOLUME), None),
        (removing(SUBVOLUME), None),
        (removing(sdb=(2,)), None),
        (removing(replace(ARRAY, uuid="no")), "The RAID array md127, which is to be removed, is not there."),
        (removing(replace(ARRAY, uuid="")), None),
        (removing(replace(GROUP, uuid="", name="no")), "The volume group no, which is to be removed, is not there."),
        (removing(replace(VOLUME, uuid="", name="vg/no")), "The logical volume vg/no, which is to be removed, is"),
        (removing(replace(SUBVOLUME, name="no")), "The btrfs subvolume no, which is to be removed, is not there."),
        (replace(PLAN, remove=(ARRAY,)), "the array boot is to be used, but the plan removes the array md127 or what"),
        (replace(PLAN, remove=(GROUP,)), "the volume group vg is to be used, but the plan removes the volume group vg"),
        (replace(PLAN, remove=(replace(VOLUME, name="vg/home", uuid="lv-2"),)), "vg/home is to be used, but the plan"),
        (replace(PLAN, remove=(SUBVOLUME,)), "The subvolume home, which the plan uses, is not on this machine."),
        (replace(PLAN, remove=(VOLUME,)), None),
        (changed(PLAN, SDA.id, remove=(4,)), "sda4 is to be used, but the plan removes the partition sda4"),
        (changed(PLAN, SDA.id, table=PartitionTable.GPT), "sda4 is to be used, but the plan removes"),
    ],
)
def test_removals(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message)


def test_groups_and_btrfs_volumes_only_go_whole() -> None:
    both = ("sda3", "sdb3")
    proves(removing(sda=(3,)), "The volume group vg would lose sda3 and keep sdb3", with_group(members=both))
    proves(removing(GROUP, sda=(3,)), None, with_group(members=both))
    two = with_btrfs(members=("sdb2", "sda3"), wanted=2)
    proves(removing(sdb=(2,)), "The btrfs volume data would lose sdb2 and keep sda3: it only goes whole.", two)


def test_room_that_removed_volumes_leave() -> None:
    plan = changed(PLAN, "more", size=16 * GiB)
    proves(plan, "The volumes of the volume group vg need 15.0 GiB, and it has 5.0 GiB.")
    proves(replace(changed(plan, "more", size=15 * GiB), remove=(VOLUME,)), None)


def test_a_new_volume_takes_the_name_of_one_that_is_removed() -> None:
    plan = changed(PLAN, "more", name="root")
    proves(plan, "There are two logical volumes vg/root.")
    proves(replace(plan, remove=(VOLUME,)), None)


def test_a_removed_subvolume_takes_those_in_it_along() -> None:
    machine = with_btrfs(subvolumes=("home", "home/anna"))
    plan = changed(without(PLAN, "srv"), "new", path="home/anna")
    proves(plan, "The btrfs volume has a subvolume home/anna already.", machine)
    proves(replace(plan, remove=(SUBVOLUME,)), None, machine)


# --- copies --------------------------------------------------------------------------------------------------


def copied(change: Callable[[PartitionInfo], PartitionInfo]) -> MachineInfo:
    """A third disk, with a copy of Windows."""
    windows = next(one for one in MACHINE.disks[0].partitions if one.number == 4)
    disk = replace(SDA, name="sdc", ids=("by-id/ata-c",), table=PartitionTable.GPT, partitions=(change(windows),))
    return replace(MACHINE, disks=(*MACHINE.disks, disk))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one, "sda4 and sdc4 on 100.0 GiB ata, serial a, /dev/sdc [by-id/ata-c] have the same UUID"),
        (lambda one: replace(one, id=""), "have the same UUID: one is a copy of the other."),
        (lambda one: replace(one, uuid=""), "have the same UUID: one is a copy of the other."),
        (lambda one: replace(one, uuid="W2", id="cccc"), None),
        (lambda one: replace(one, uuid="a1:a1", format="linux_raid_member", id="cccc"), None),
    ],
)
def test_copies_of_what_stays(change: Callable[[PartitionInfo], PartitionInfo], message: str | None) -> None:
    proves(PLAN, message, copied(change))


def test_a_copy_that_goes_is_none() -> None:
    gone = DiskPlan(id="by-id/ata-c", name="sdc", size=SDA.size, table=PartitionTable.GPT)
    proves(replace(PLAN, disks=(*PLAN.disks, gone)), None, copied(lambda one: one))


def test_copies_of_volumes_and_arrays() -> None:
    root, home = MACHINE.groups[0].volumes
    copy = replace(home, name="copy", uuid="lv-3")
    proves(PLAN, "vg/home and vg/copy have the same UUID", with_group(volumes=(root, home, copy)))
    proves(PLAN, None, with_group(volumes=(root, home, replace(copy, content="fs-9"))))
    removed = replace(PLAN, remove=(Removal(kind=Kind.VOLUME, name="vg/copy", uuid="lv-3"),))
    proves(removed, None, with_group(volumes=(root, home, copy)))
    kept = changed(PLAN, "boot", keep=True)
    alone = replace(MACHINE, systems=(), arrays=(*MACHINE.arrays, replace(MACHINE.arrays[0], name="md5", uuid="b2")))
    proves(kept, "md127 and md5 have the same UUID", alone)
    proves(PLAN, None, alone)


def test_what_stays_is_what_the_plan_takes_it_for() -> None:
    proves(changed(PLAN, "windows", format=Format.XFS), "sda4 holds ntfs, and the plan takes it for xfs.")
    proves(changed(PLAN, "home", format=Format.XFS), "vg/home holds ext4, and the plan takes it for xfs.")
    proves(changed(PLAN, "windows", format=Format.NONE, size=20480 * MiB), None)


def test_two_groups_of_one_name() -> None:
    twin = replace(MACHINE.groups[0], uuid="vg-2", members=("sdc1",))
    machine = replace(MACHINE, groups=(*MACHINE.groups, twin))
    proves(PLAN, "There are 2 volume groups vg on this machine.", machine)
    proves(ONLY_ROOT, None, machine)


def test_two_disks_of_one_name() -> None:
    machine = replace(MACHINE, disks=(*MACHINE.disks, replace(SDA, name="sdc")))
    proves(PLAN, "Several disks go by the name by-id/ata-a, so nobody can say which of them is meant.", machine)


# --- disks that fail -----------------------------------------------------------------------------------------


def test_nothing_new_is_put_on_a_failing_disk() -> None:
    failing = "12 sectors can't be read"
    proves(PLAN, f"can't be used: it is failing: {failing}.", with_disk("sda", failing=failing))
    proves(PLAN, None, with_disk("sdb", failing=failing))


# --- a root that stays ---------------------------------------------------------------------------------------


def test_a_root_stays_only_beside_another_system_in_image_mode() -> None:
    old = PartitionInfo(number=5, start=43010 * MiB, size=20 * GiB, format="xfs", uuid="r1", id="aaaa-5")
    machine = with_disk("sda", partitions=(*MACHINE.disks[0].partitions, old))
    existing = Existing(name="sda5", number=5, size=20 * GiB, uuid="aaaa-5", format="xfs", content="r1")
    plan = changed(PLAN, "root", existing=existing, keep=True, label="")
    system = SystemInfo(name="Fedora", kind=SystemKind.OSTREE, mounts=(("/", "sda5"),), stateroots=("fedora",))
    proves(plan, "there is no system in image mode on it to stand beside.", machine)
    proves(plan, None, replace(machine, systems=(*machine.systems, system)))
    kept = changed(PLAN, "boot", keep=True)
    proves(kept, "/boot is to stay as it is, with boot entries of a system whose root is another one.")


def test_what_is_in_a_root_that_stays_counts() -> None:
    old = PartitionInfo(number=5, start=43010 * MiB, size=20 * GiB, format="xfs", uuid="r1", minimum=19 * GiB)
    machine = with_disk("sda", partitions=(*MACHINE.disks[0].partitions, old))
    existing = Existing(name="sda5", number=5, size=20 * GiB, format="xfs", content="r1")
    system = SystemInfo(name="Fedora", kind=SystemKind.OSTREE, mounts=(("/", "sda5"),), stateroots=("fedora",))
    plan = changed(PLAN, "root", existing=existing, keep=True, label="", format=Format.XFS)
    message = "The file system / is too small: it has 1.0 GiB"
    proves(plan, message, replace(machine, systems=(system,)))
