"""What may change between a plan and its installation, and what may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.machine import MachineInfo, PartitionTable
from ashore_installer.storage.changes import all_changes
from ashore_installer.storage_plan import DiskPlan, Kind, Removal, StoragePlan
from ashore_installer.units import GiB
from tests.fakes.storage import SDA, old_machine, old_plan

BEFORE = old_machine()
ARRAY, GROUP, BTRFS = BEFORE.arrays[0], BEFORE.groups[0], BEFORE.btrfs[0]
ROOT, HOME = GROUP.volumes


def with_array(**changes: Any) -> MachineInfo:
    return replace(BEFORE, arrays=(replace(ARRAY, **changes),))


def with_group(**changes: Any) -> MachineInfo:
    return replace(BEFORE, groups=(replace(GROUP, **changes),))


def with_home(**changes: Any) -> MachineInfo:
    return with_group(volumes=(ROOT, replace(HOME, **changes)))


def with_btrfs(**changes: Any) -> MachineInfo:
    return replace(BEFORE, btrfs=(replace(BTRFS, **changes),))


def with_disk(**changes: Any) -> MachineInfo:
    first, second = BEFORE.disks
    return replace(BEFORE, disks=(replace(first, **changes), second))


def with_part(**changes: Any) -> MachineInfo:
    first = BEFORE.disks[0].partitions[0]
    return with_disk(partitions=(replace(first, **changes), *BEFORE.disks[0].partitions[1:]))


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (BEFORE, None),
        (with_disk(name="sdz"), None),
        (with_disk(ids=("by-id/other",)), "The disk 100.0 GiB ata, serial a, /dev/sda [by-id/ata-a] is gone."),
        (with_disk(serial="b"), "is not the one that was planned for:"),
        (with_disk(size=99 * GiB), "can't be used any more: it has 99.0 GiB"),
        (with_disk(busy="sda4 is mounted at /mnt"), "can't be used any more: it is in use: sda4 is mounted at /mnt."),
        (
            with_disk(partitions=()),
            "The partitions of the disk 100.0 GiB ata, serial a, /dev/sda [by-id/ata-a] have changed",
        ),
        (with_part(id="new"), "have changed since the plan was made."),
        (with_part(format="ext4"), "have changed since the plan was made."),
        (with_part(mounted=()), None),
        (replace(BEFORE, disks=(*BEFORE.disks, replace(SDA, name="sdc"))), "Several disks go by the name by-id/ata-a"),
        (replace(BEFORE, arrays=()), "The array boot is gone."),
        (with_array(name="md5"), None),
        (with_array(active=False), None),
        (with_array(members=("sda2",)), "The array boot has changed since the plan was made."),
        (with_array(content="other"), "The array boot has changed since the plan was made."),
        (replace(BEFORE, groups=()), "The volume group vg is gone."),
        (with_group(members=("sdz3",)), None),
        (with_group(missing=1), "The volume group vg has changed since the plan was made."),
        (with_group(volumes=(ROOT,)), "The volume group vg has changed since the plan was made."),
        (with_group(volumes=(HOME, ROOT)), None),
        (with_home(content="other"), "The volume group vg has changed since the plan was made."),
        (with_home(minimum=2 * GiB), None),
        (replace(BEFORE, btrfs=()), "The btrfs volume data is gone."),
        (with_btrfs(used=4 * GiB), None),
        (with_btrfs(subvolumes=("home",)), "The btrfs volume data has changed since the plan was made."),
    ],
)
def test_what_the_plan_uses(now: MachineInfo, sentence: str | None) -> None:
    found = all_changes(old_plan(), BEFORE, now)
    if sentence is None:
        assert found == ()
    else:
        assert len(found) == 1
        assert sentence in found[0]


EVERYTHING = replace(BEFORE, arrays=(), groups=(), btrfs=())


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (StoragePlan(), []),
        (StoragePlan(remove=(Removal(kind=Kind.ARRAY, name="md127"),)), ["The array boot is gone."]),
        (StoragePlan(remove=(Removal(kind=Kind.GROUP, name="vg"),)), ["The volume group vg is gone."]),
        (StoragePlan(remove=(Removal(kind=Kind.VOLUME, name="vg/home"),)), ["The volume group vg is gone."]),
        (
            StoragePlan(remove=(Removal(kind=Kind.SUBVOLUME, name="home", on="bt-1"),)),
            ["The btrfs volume data is gone."],
        ),
        (
            StoragePlan(disks=(DiskPlan(id=SDA.id, name="sda", size=SDA.size, table=PartitionTable.GPT),)),
            ["The array boot is gone.", "The volume group vg is gone."],
        ),
    ],
)
def test_what_people_were_told_that_they_lose(plan: StoragePlan, told: list[str]) -> None:
    assert list(all_changes(plan, BEFORE, EVERYTHING)) == told
