"""Disks and stacks before and after a plan, and the plan as sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.secret import Secret
from ashore_installer.storage.sentences import actions
from ashore_installer.storage.view import Change, DiskView, layouts
from ashore_installer.storage.view_stacks import Layer, stacks_after, stacks_before
from ashore_installer.storage_plan import (
    DiskPlan,
    Format,
    Kind,
    MountPlan,
    PartitionPlan,
    Removal,
    StoragePlan,
    Tpm2,
    ZramPlan,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import NAMES, recorded
from tests.fakes.storage import SDA, SDB, changed, new_machine, new_plan, old_machine, old_plan
from tests.fakes.values import a_machine, a_storage_plan

Row = tuple[str, str, str, str]


def rows(view: DiskView, *, after: bool) -> list[Row]:
    segments = view.after if after else view.before
    return [(one.name, one.change.value, one.holds, one.mount) for one in segments]


# --- disks ---------------------------------------------------------------------------------------------------


def test_a_disk_that_is_erased() -> None:
    (view,) = layouts(a_storage_plan(), a_machine())
    assert (view.table_before, view.table_after, view.changed) == (None, PartitionTable.GPT, True)
    assert rows(view, after=False) == [("", "free", "", "")]
    assert rows(view, after=True) == [
        ("vda1", "new", "", ""),
        ("vda2", "new", "ext4", "/boot"),
        ("vda3", "new", "xfs", "/"),
        ("", "free", "", ""),
    ]


def test_a_disk_that_stays_shows_what_becomes_of_each_partition() -> None:
    first, second = layouts(old_plan(), old_machine())
    assert rows(first, after=False) == [
        ("sda1", "kept", "", ""),
        ("sda2", "kept", "in the array boot", ""),
        ("sda3", "kept", "in the group vg", ""),
        ("sda4", "resized", "ntfs", "Windows 11"),
        ("", "free", "", ""),
    ]
    assert rows(first, after=True) == [
        ("sda1", "kept", "", ""),
        ("sda2", "kept", "in the array boot", ""),
        ("sda3", "kept", "in the group vg", ""),
        ("sda4", "resized", "ntfs", "Windows 11"),
        ("", "free", "", ""),
        ("sda5", "new", "xfs", "/"),
        ("", "free", "", ""),
    ]
    shrunk = next(one for one in first.after if one.name == "sda4")
    assert (shrunk.size, shrunk.was, shrunk.label) == (10 * GiB, 20 * GiB, "Windows")
    assert rows(second, after=True)[-2] == ("sdb3", "kept", "LUKS2: ext4", "/mnt")
    assert (first.changed, second.changed) == (True, False)


def test_partitions_that_go_leave_free_space() -> None:
    plan = StoragePlan(disks=(DiskPlan(id=SDA.id, name="sda", size=SDA.size, remove=(3, 4)),))
    first, second = layouts(plan, old_machine())
    assert [change for _, change, _, _ in rows(first, after=False)] == ["kept", "kept", "removed", "removed", "free"]
    assert [name for name, _, _, _ in rows(first, after=True)] == ["sda1", "sda2", ""]
    assert second.before == second.after
    assert not second.changed


def test_what_holds_nothing_any_more_is_shown_empty() -> None:
    plan = StoragePlan(remove=(Removal(kind=Kind.GROUP, name="vg"),))
    first, _ = layouts(plan, old_machine())
    assert ("sda3", "kept", "", "") in rows(first, after=True)


def test_formatting_anew() -> None:
    plan = changed(old_plan(), "windows", keep=False, format=Format.XFS)
    first, _ = layouts(plan, old_machine())
    assert ("sda4", "formatted", "ntfs", "Windows 11") in rows(first, after=False)
    assert ("sda4", "formatted", "xfs", "") in rows(first, after=True)


def test_logical_partitions_are_shown_without_what_they_are_in() -> None:
    disk = replace(SDA, table=PartitionTable.MSDOS, partitions=(
        PartitionInfo(number=1, start=50 * GiB, size=40 * GiB, type="0x5"),
        PartitionInfo(number=5, start=50 * GiB + MiB, size=10 * GiB, type="0x83", format="ext4"),
    ))  # fmt: skip
    plan = StoragePlan(
        disks=(DiskPlan(id=SDA.id, name="sda", size=SDA.size),),
        partitions=(PartitionPlan(id="new", disk=SDA.id, start=MiB, size=GiB, format=Format.XFS),),
    )
    (view,) = layouts(plan, a_machine(disks=(disk,)))
    assert [one.name for one in view.before] == ["", "sda5", ""]
    assert [one.name for one in view.after] == ["sda2", "", "sda5", ""]


def test_new_logical_partitions_are_numbered_from_five() -> None:
    parts = [
        PartitionPlan(id="one", disk=SDA.id, start=MiB, size=GiB, format=Format.XFS),
        PartitionPlan(id="all", disk=SDA.id, start=2 * GiB, size=50 * GiB, format=Format.NONE),
        PartitionPlan(id="two", disk=SDA.id, start=2 * GiB + MiB, size=GiB, format=Format.XFS),
        PartitionPlan(id="three", disk=SDA.id, start=4 * GiB, size=GiB, format=Format.XFS),
    ]
    disk = DiskPlan(id=SDA.id, name="sda", size=SDA.size, table=PartitionTable.MSDOS)
    (view,) = layouts(StoragePlan(disks=(disk,), partitions=tuple(parts)), a_machine(disks=(SDA,)))
    assert [one.name for one in view.after if one.name] == ["sda1", "sda5", "sda6"]


def test_a_disk_without_a_table() -> None:
    disk = replace(SDA, format="LVM2_member")
    (view,) = layouts(StoragePlan(), a_machine(disks=(disk,)))
    assert rows(view, after=False) == rows(view, after=True) == [("sda", "kept", "LVM physical volume", "")]
    erased = StoragePlan(disks=(DiskPlan(id=SDA.id, name="sda", size=SDA.size, table=PartitionTable.GPT),))
    (view,) = layouts(erased, a_machine(disks=(disk,)))
    assert rows(view, after=False) == [("sda", "removed", "LVM physical volume", "")]
    assert rows(view, after=True) == [("", "free", "", "")]


@pytest.mark.parametrize("name", NAMES)
def test_segments_of_real_disks_lie_in_order_and_never_overlap(name: str) -> None:
    machine = recorded(name)
    for view in layouts(StoragePlan(), machine):
        assert view.before == view.after
        ends = 0
        for one in view.before:
            assert one.start >= ends
            ends = one.start + one.size
        assert ends <= view.size


# --- stacks --------------------------------------------------------------------------------------------------


def told(layers: tuple[Layer, ...]) -> list[tuple[str, str, str]]:
    flat = [one for layer in layers for one in (layer, *layer.inside)]
    return [(one.kind, one.name, one.change.value) for one in flat]


def test_stacks_of_a_new_plan() -> None:
    assert stacks_before(new_plan(), new_machine()) == ()
    assert told(stacks_after(new_plan(), new_machine())) == [
        ("RAID1 array", "boot", "new"),
        ("RAID1 array", "pv", "new"),
        ("volume group", "vg", "new"),
        ("logical volume", "vg/root", "new"),
        ("logical volume", "vg/swap", "new"),
        ("thin pool", "vg/pool", "new"),
        ("thin volume", "vg/var", "new"),
        ("btrfs volume", "data", "new"),
        ("subvolume", "home", "new"),
    ]
    layers = {layer.name: layer for layer in stacks_after(new_plan(), new_machine())}
    assert layers["pv"].on == ("sda3", "sdb3")
    assert layers["pv"].holds == "LUKS2: in the group vg"
    assert layers["boot"].mount == "/boot"
    assert layers["vg"].on == ("luks-pv",)


def test_stacks_that_stay_and_change() -> None:
    assert told(stacks_before(old_plan(), old_machine())) == [
        ("RAID1 array", "boot", "formatted"),
        ("volume group", "vg", "kept"),
        ("logical volume", "vg/root", "kept"),
        ("logical volume", "vg/home", "resized"),
        ("btrfs volume", "data", "kept"),
        ("subvolume", "home", "kept"),
        ("subvolume", "snapshots", "kept"),
    ]
    after = stacks_after(old_plan(), old_machine())
    assert told(after) == [
        ("RAID1 array", "boot", "formatted"),
        ("volume group", "vg", "kept"),
        ("logical volume", "vg/root", "kept"),
        ("logical volume", "vg/home", "resized"),
        ("logical volume", "vg/more", "new"),
        ("btrfs volume", "data", "kept"),
        ("subvolume", "snapshots", "kept"),
        ("subvolume", "home", "kept"),
        ("subvolume", "new", "new"),
    ]
    assert after[1].inside[1].was == 5 * GiB


@pytest.mark.parametrize(
    ("removal", "gone"),
    [
        (Removal(kind=Kind.ARRAY, name="md127"), {"boot"}),
        (Removal(kind=Kind.GROUP, name="vg"), {"vg", "vg/root", "vg/home"}),
        (Removal(kind=Kind.VOLUME, name="vg/home"), {"vg/home"}),
        (Removal(kind=Kind.SUBVOLUME, name="home", on="bt-1"), {"home"}),
    ],
)
def test_stacks_that_go(removal: Removal, gone: set[str]) -> None:
    plan = StoragePlan(remove=(removal,))
    before = stacks_before(plan, old_machine())
    assert {name for _, name, change in told(before) if change == Change.REMOVED} == gone
    left = told(stacks_after(plan, old_machine()))
    if removal.kind in (Kind.ARRAY, Kind.GROUP):
        assert {name for _, name, _ in told(before)} - {name for _, name, _ in left} == gone


# --- sentences -----------------------------------------------------------------------------------------------


def test_everything_new_as_sentences() -> None:
    assert actions(replace(new_plan(), zram=ZramPlan()), new_machine()) == (
        "Erase sda (100.0 GiB) and give it a new GPT partition table",
        "Erase sdb (100.0 GiB) and give it a new GPT partition table",
        "Make the partition sda1 (1.0 MiB) for GRUB",
        "Make the partition sda2 (1.0 GiB)",
        "Make the partition sda3 (61.0 GiB)",
        "Make the partition sda4 (20.0 GiB)",
        "Make the partition sdb1 (1.0 MiB) for GRUB",
        "Make the partition sdb2 (1.0 GiB)",
        "Make the partition sdb3 (61.0 GiB)",
        "Make the partition sdb4 (20.0 GiB)",
        "Make the RAID1 array boot (1022.0 MiB) of sda2 and sdb2 with ext4 “boot” for /boot",
        "Make the RAID1 array pv (60.0 GiB) of sda3 and sdb3",
        "Encrypt pv with LUKS2, to be opened by the passphrase",
        "Make the volume group vg of luks-pv",
        "Make the logical volume vg/root (30.0 GiB) with xfs for /",
        "Make the logical volume vg/swap (2.0 GiB) with swap space",
        "Make the thin pool vg/pool (20.0 GiB)",
        "Make the thin volume vg/var (20.0 GiB) with xfs for /var",
        "Make the btrfs volume “data” on sda4 and sdb4 (data raid1, metadata raid1)",
        "Make the subvolume home for /home",
        "Set up compressed swap space in memory (min(ram / 2, 4096) MiB, zstd)",
    )


def test_what_stays_as_sentences() -> None:
    plan = replace(old_plan(), remove=(Removal(kind=Kind.VOLUME, name="vg/root", size=10 * GiB),))
    assert actions(plan, old_machine()) == (
        "Shrink sda4 with the ntfs in it from 20.0 GiB to 10.0 GiB",
        "Shrink vg/home with the ext4 in it from 5.0 GiB to 4.0 GiB",
        "Remove the logical volume vg/root (10.0 GiB)",
        "Make the partition sda5 (20.0 GiB) with xfs “root” for /",
        "Open the encrypted device sdb3",
        "Use the volume group vg",
        "Make the logical volume vg/more (5.0 GiB) with ext4 for /var/more",
        "Format boot with ext4 for /boot",
        "Make the subvolume new for /var/new",
        "Use vg/home as it is for /home",
        "Use the subvolume home as it is for /srv",
        "Use luks-sdb3 as it is for /mnt",
    )


ENCRYPTION = new_plan().encrypted[0].encryption


@pytest.mark.parametrize(
    ("plan", "machine", "sentence"),
    [
        (changed(old_plan(), SDA.id, remove=(4,)), old_machine(), "Delete sda4 (20.0 GiB, ntfs, “Windows”)"),
        (changed(old_plan(), SDA.id, remove=(4,)), a_machine(), "Delete partition 4 of sda"),
        (changed(old_plan(), "home", size=6 * GiB), old_machine(), "Enlarge vg/home with the ext4 in it from 5.0 GiB"),
        (changed(old_plan(), "vg", members=("pv", "root")), old_machine(), "Add sda5 to the volume group vg"),
        (
            changed(old_plan(), "windows", keep=False, format=Format.LVMPV, size=20480 * MiB),
            old_machine(),
            "Wipe sda4",
        ),
        (
            changed(new_plan(), "pv", members=("sda-pv", "sdb-pv", "sda-data"), spares=1),
            new_machine(),
            "Make the RAID1 array pv (60.0 GiB) of sda3 and sdb3, with sda4 to spare",
        ),
        (
            changed(
                new_plan(), "pv-luks", encryption=replace(ENCRYPTION, tpm2=Tpm2(pin=Secret("1")), recovery_key=True)
            ),
            new_machine(),
            "Encrypt pv with LUKS2, to be opened by the passphrase, the TPM with a PIN and a recovery key",
        ),
        (
            replace(changed(new_plan(), "pv-luks", format=Format.XFS), mounts=(MountPlan(device="pv-luks", path="/"),)),
            new_machine(),
            "Encrypt pv with LUKS2, to be opened by the passphrase, and make xfs for /",
        ),
    ],
)
def test_single_sentences(plan: StoragePlan, machine: MachineInfo, sentence: str) -> None:
    assert any(text.startswith(sentence) for text in actions(plan, machine))


def test_no_sentence_has_a_passphrase() -> None:
    text = "\n".join((*actions(new_plan(), new_machine()), *actions(old_plan(), old_machine())))
    assert "a passphrase" not in text.replace("a backup passphrase", "")
    assert SDB.id not in text
