"""A row per rule of arrays, LUKS, LVM and btrfs; what is allowed has `None` for its message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.machine import MachineInfo
from ashore_installer.secret import Secret
from ashore_installer.storage.check import check_layout
from ashore_installer.storage_plan import (
    Encryption,
    Format,
    GroupPlan,
    RaidLevel,
    StoragePlan,
    SubvolumePlan,
    Tpm2,
)
from ashore_installer.units import GiB, KiB, MiB, TiB
from tests.fakes.storage import SDA, SDB, changed, new_machine, new_plan, old_machine, without
from tests.fakes.values import an_image

PLAN = new_plan()
PASSPHRASE = Secret("a passphrase")


def messages(plan: StoragePlan, machine: MachineInfo | None = None) -> list[str]:
    found = check_layout(plan, machine or new_machine(), an_image())
    assert all(problem.hint and problem.field.startswith("storage") for problem in found)
    return [problem.message for problem in found]


def proves(plan: StoragePlan, message: str | None, machine: MachineInfo | None = None) -> None:
    found = messages(plan, machine)
    if message is None:
        assert found == []
    else:
        assert any(message in text for text in found), found


def test_the_whole_plan_is_good() -> None:
    assert messages(PLAN) == []


# --- arrays --------------------------------------------------------------------------------------------------


def level(level: RaidLevel, **changes: Any) -> StoragePlan:
    return changed(PLAN, "pv", level=level, **changes)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (level(RaidLevel.RAID0), None),
        (level(RaidLevel.RAID4), "The array pv has 2 members, and raid4 needs 3."),
        (level(RaidLevel.RAID5), "The array pv has 2 members, and raid5 needs 3."),
        (level(RaidLevel.RAID6), "The array pv has 2 members, and raid6 needs 4."),
        (level(RaidLevel.RAID10), "The array pv has 2 members, and raid10 needs 4."),
        (level(RaidLevel.RAID1, spares=1), "The array pv has 1 members and 1 spare, and raid1 needs 2."),
        (level(RaidLevel.RAID1, spares=-1), "has 3 members"),
        (level(RaidLevel.RAID0, spares=1), "The array pv has 1 members and 1 spare, and raid0 needs 2."),
        (level(RaidLevel.RAID0, spares=1), "The array pv can't have spares: raid0 can't lose a member."),
        (changed(PLAN, "sdb-pv", disk=SDA.id, start=83 * GiB, size=16 * GiB), "both are on the disk sda."),
        (changed(PLAN, "pv", name="a b"), "An array can't have the name 'a b'."),
        (changed(PLAN, "pv", name="x" * 33), "An array can't have the name"),
        (changed(PLAN, "pv", name="x" * 32), None),
        (changed(PLAN, "pv", name="0"), None),
        (changed(PLAN, "pv", name=""), None),
        (changed(PLAN, "pv", name="boot"), "Two arrays of the plan are named boot."),
        (changed(PLAN, "pv", metadata="1.3"), "'1.3', the metadata format of the array pv, is none that md knows."),
        (changed(PLAN, "pv", metadata="0.90"), None),
        (changed(PLAN, "pv", metadata="1.1"), None),
        (changed(PLAN, "pv", chunk=3 * KiB), "the array pv can't have chunks of 3.0 KiB."),
        (changed(PLAN, "pv", chunk=48 * KiB), "the array pv can't have chunks of 48.0 KiB."),
        (changed(PLAN, "pv", chunk=4 * KiB), None),
        (changed(PLAN, "pv", size=61 * GiB), "the array pv has 65498251264 bytes in the plan, and its members"),
        (changed(PLAN, "pv", size=0), "the array pv has 0 B in the plan"),
    ],
)
def test_arrays(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message)


def test_old_superblocks_take_no_large_members() -> None:
    large = [replace(one, size=5 * TiB) for one in (SDA, SDB)]
    disks = tuple(replace(one, size=5 * TiB) for one in PLAN.disks)
    plan = without(replace(PLAN, disks=disks), "data", "home", "sda-data", "sdb-data")
    for name in ("sda-pv", "sdb-pv"):
        plan = changed(plan, name, size=3 * TiB)
    proves(plan, None, new_machine_with(*large))
    proves(changed(plan, "pv", metadata="0.90"), "too large for the metadata format 0.90", new_machine_with(*large))


def new_machine_with(*disks: Any) -> MachineInfo:
    return replace(new_machine(), disks=disks)


def test_an_array_that_stays_keeps_its_name() -> None:
    machine = replace(new_machine(), arrays=(replace(old_machine().arrays[0], members=("sdc1", "sdd1")),))
    proves(PLAN, "There is an array boot on this machine that stays.", machine)
    proves(changed(PLAN, "boot", name="md127"), "There is an array md127 on this machine", machine)
    proves(changed(PLAN, "boot", name="mine"), None, machine)


# --- LUKS ----------------------------------------------------------------------------------------------------


def luks(**changes: Any) -> StoragePlan:
    return changed(PLAN, "pv-luks", encryption=Encryption(**{"passphrase": PASSPHRASE, **changes}))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (luks(passphrase=None), "There is no passphrase to encrypt the encrypted device of the array pv with."),
        (luks(passphrase=Secret("")), "There is no passphrase to encrypt"),
        (luks(passphrase=Secret("1")), None),
        (luks(passphrase=Secret("x" * 513)), "is longer than 512 bytes."),
        (luks(passphrase=Secret("a\nb")), "has a line break or another character that can't be typed."),
        (luks(passphrase=Secret("zwölf Boxkämpfer")), None),
        (luks(luks="luks3"), "'luks3' is no version of LUKS that Ashore makes."),
        (luks(luks="luks1"), None),
        (luks(luks="luks1", pbkdf="argon2id"), "has luks1, which does not know argon2id."),
        (luks(luks="luks1", pbkdf="pbkdf2"), None),
        (luks(cipher="aes xts"), "'aes xts', the cipher of the encrypted device of the array pv, is no cipher."),
        (luks(cipher="aes-cbc-essiv:sha256"), None),
        (luks(pbkdf="scrypt"), "'scrypt' makes no keys of passphrases."),
        (luks(pbkdf="argon2i", pbkdf_time=500), None),
        (luks(pbkdf_time=500, pbkdf_iterations=4), "has both a time and a number of iterations"),
        (luks(pbkdf_iterations=3), "3 iterations are too few"),
        (luks(pbkdf_iterations=4), None),
        (luks(pbkdf="pbkdf2", pbkdf_iterations=999), "999 iterations are too few"),
        (luks(pbkdf="pbkdf2", pbkdf_memory=65536), "and pbkdf2 takes none."),
        (luks(pbkdf_memory=16), "can't take 16.0 KiB of memory to open."),
        (luks(pbkdf_memory=2 << 20), "can't take 2.0 GiB of memory to open."),
        (luks(pbkdf_memory=1 << 20), None),
        (luks(backup_passphrase=True), "The backup passphrase of the encrypted device of the array pv needs a cert"),
        (luks(backup_passphrase=True, escrow_certificate="https://x/c.pem"), None),
        (luks(recovery_key=True), None),
        (luks(tpm2=Tpm2()), None),
        (luks(tpm2=Tpm2(pcrs=(7, 24))), "A TPM has no register 24."),
        (luks(tpm2=Tpm2(), luks="luks1"), "which luks1 has no place for."),
        (luks(tpm2=Tpm2(pin=Secret(""))), "The PIN of the encrypted device of the array pv is empty"),
        (luks(tpm2=Tpm2(pin=Secret("1234"))), None),
        (changed(PLAN, "pv-luks", name="a b"), "An encrypted device can't have the name 'a b'."),
        (changed(PLAN, "pv-luks", name="control"), "An encrypted device can't have the name 'control'."),
        (changed(PLAN, "pv-luks", name="vg-root"), "Two devices would have the name /dev/mapper/vg-root."),
        (changed(PLAN, "pv-luks", name="mine"), None),
        (changed(PLAN, "pv-luks", size=60 * GiB), "has 64424509440 bytes in the plan, and there is room"),
        (changed(PLAN, "pv-luks", size=0), "has 0 B in the plan"),
        (changed(PLAN, "pv", size=16 * MiB), "the array pv has 16.0 MiB, too little for the header of luks2."),
    ],
)
def test_encryption(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message)


def test_a_tpm_must_be_there() -> None:
    machine = replace(new_machine(), tpm2=False)
    proves(luks(tpm2=Tpm2()), "is to be unlocked by a TPM 2.0, and this machine has none", machine)
    proves(luks(), None, machine)


def test_two_encrypted_devices_have_two_names() -> None:
    plan = changed(without(PLAN, "swap"), "root", format=Format.LUKS)
    opened = replace(PLAN.encrypted[0], id="open", name="same", device="root", size=29 * GiB, format=Format.XFS)
    mounts = tuple(replace(one, device="open") if one.path == "/" else one for one in plan.mounts)
    plan = replace(plan, encrypted=(*plan.encrypted, opened), mounts=mounts)
    proves(plan, None)
    proves(changed(plan, "pv-luks", name="same"), "Two devices would have the name /dev/mapper/same.")


# --- LVM -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (changed(PLAN, "vg", name="a b"), "The name 'a b' of a volume group has characters that LVM does not take."),
        (changed(PLAN, "vg", name="-vg"), "has characters that LVM does not take."),
        (changed(PLAN, "vg", name=".."), "has characters that LVM does not take."),
        (changed(PLAN, "vg", name="v" * 128), "is longer than 127 characters."),
        (changed(PLAN, "vg", name="mapper"), "is the name of something else in /dev."),
        (changed(PLAN, "vg", name="my-vg_1.0+"), None),
        (changed(PLAN, "root", name="snapshot1"), "The name 'snapshot1' of a logical volume is one that LVM keeps"),
        (changed(PLAN, "root", name="x_tmeta"), "is one that LVM keeps for itself."),
        (changed(PLAN, "root", name="a/b"), "has characters that LVM does not take."),
        (changed(PLAN, "root", name="swap"), "There are two logical volumes vg/swap."),
        (changed(PLAN, "root", name="-" * 3), "has characters"),
        (changed(PLAN, "root", name="r" + "-" * 62), "is too long: group and volume together take 127 characters."),
        (changed(PLAN, "root", name="r" + "-" * 61), None),
        (changed(PLAN, "vg", extent=3 * MiB), None),
        (changed(PLAN, "vg", extent=3 * KiB), "The volume group vg can't have extents of 3.0 KiB."),
        (changed(PLAN, "vg", extent=32 * GiB), "The volume group vg can't have extents of 32.0 GiB."),
        (changed(PLAN, "vg", extent=0), "The volume group vg can't have extents of 0 B."),
        (changed(PLAN, "root", size=30 * GiB + MiB), "which are no whole extents of 4.0 MiB."),
        (changed(PLAN, "root", size=38 * GiB), "need 60.1 GiB, and it has 60.0 GiB."),
        (changed(PLAN, "vg", reserved=7 * GiB), None),
        (changed(PLAN, "vg", reserved=8 * GiB), "it has 52.0 GiB besides the 8.0 GiB that stay free."),
        (changed(PLAN, "pool", metadata=1 * MiB), "The thin pool vg/pool can't have 1.0 MiB for its metadata."),
        (changed(PLAN, "pool", metadata=17 * GiB), "The thin pool vg/pool can't have 17.0 GiB for its metadata."),
        (changed(PLAN, "pool", metadata=0), None),
        (changed(PLAN, "pool", chunk=96 * KiB), "The thin pool vg/pool can't have chunks of 96.0 KiB."),
        (changed(PLAN, "pool", chunk=192 * KiB), None),
        (changed(PLAN, "var", size=200 * GiB), None),
    ],
)
def test_volumes(plan: StoragePlan, message: str | None) -> None:
    if message is None and plan.groups[0].extent == 3 * MiB:
        plan = replace(plan, volumes=tuple(replace(one, size=one.size // (3 * MiB) * 3 * MiB) for one in plan.volumes))
        plan = changed(plan, "pool", metadata=33 * MiB)
    proves(plan, message)


def test_a_group_that_stays_keeps_its_name() -> None:
    machine = replace(new_machine(), groups=(replace(old_machine().groups[0], members=("sdc1",)),))
    proves(PLAN, "There is a volume group vg on this machine that stays.", machine)
    proves(changed(PLAN, "vg", name="other"), None, machine)


def test_two_groups_have_two_names() -> None:
    """And a physical volume must have room for an extent."""
    group = GroupPlan(id="second", name="second", members=("swap",), extent=4 * MiB)
    plan = changed(without(replace(PLAN, groups=(*PLAN.groups, group)), "none"), "swap", format=Format.LVMPV)
    plan = replace(plan, mounts=tuple(one for one in plan.mounts if one.device != "swap"))
    proves(plan, None)
    proves(changed(plan, "second", name="vg"), "Two volume groups of the plan are named vg.")
    proves(changed(plan, "swap", size=4 * MiB), "vg/swap has 4.0 MiB, which is too small to be part of the volume")


def test_a_group_does_not_mix_sector_sizes() -> None:
    plan = without(PLAN, "data", "home", "sda-data", "sdb-data")
    extra = [replace(PLAN.partition(name), format=Format.LVMPV) for name in ("sda-data", "sdb-data")]
    group = GroupPlan(id="two", name="two", members=("sda-data", "sdb-data"), extent=4 * MiB)
    plan = replace(plan, partitions=(*plan.partitions, *extra), groups=(*plan.groups, group))
    proves(plan, None)
    proves(plan, "two would mix disks with sectors of 512 and 4096 bytes.",
           new_machine_with(SDA, replace(SDB, sector_size=4096)))  # fmt: skip


# --- btrfs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (changed(PLAN, "data", data="raid2"), "'raid2' is no profile for the data of the btrfs volume data."),
        (changed(PLAN, "data", metadata="raid2"), "'raid2' is no profile for the metadata of the btrfs volume data."),
        (changed(PLAN, "data", data="raid1c3"), "The btrfs volume data has 2 members, and raid1c3 needs 3."),
        (changed(PLAN, "data", data="raid10"), "The btrfs volume data has 2 members, and raid10 needs 4."),
        (changed(PLAN, "data", data="raid6"), "and raid6 needs 3."),
        (changed(PLAN, "data", data="single"), None),
        (changed(PLAN, "data", data="raid0"), None),
        (changed(PLAN, "data", data="", metadata=""), None),
        (changed(PLAN, "data", label="x" * 256), "of a btrfs volume is too long: btrfs takes 255 bytes."),
        (changed(PLAN, "sdb-data", disk=SDA.id, start=83 * GiB, size=16 * GiB), "both are on the disk sda."),
        (changed(PLAN, "home", path="a b"), "A subvolume can't have the name 'a b'."),
        (changed(PLAN, "home", path="/home"), "A subvolume can't have the name '/home'."),
        (changed(PLAN, "home", path="a/../b"), "A subvolume can't have the name 'a/../b'."),
        (changed(PLAN, "home", path="a,b"), "A subvolume can't have the name 'a,b'."),
        (changed(PLAN, "home", path="@home/x"), None),
        (
            replace(PLAN, subvolumes=(*PLAN.subvolumes, SubvolumePlan(id="two", volume="data", path="home"))),
            "There are two subvolumes home of the same btrfs volume.",
        ),
        (replace(PLAN, subvolumes=(*PLAN.subvolumes, SubvolumePlan(id="two", volume="data", path="home2"))), None),
    ],
)
def test_btrfs(plan: StoragePlan, message: str | None) -> None:
    proves(plan, message)


def test_members_without_copies_may_share_a_disk() -> None:
    plan = changed(PLAN, "sdb-data", disk=SDA.id, start=83 * GiB, size=16 * GiB)
    proves(changed(plan, "data", data="single", metadata=""), None)
