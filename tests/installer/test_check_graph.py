"""A plan that contradicts itself is refused for that, whatever else it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.storage.check import check_layout
from ashore_installer.storage.check_graph import check_graph
from ashore_installer.storage_plan import Existing, Format, MountPlan, StoragePlan, VolumeKind
from tests.fakes.storage import changed, new_machine, new_plan, old_plan, without
from tests.fakes.values import a_storage_plan, an_image

PLAN = new_plan()
THERE = Existing(name="sda1", size=1)


@pytest.mark.parametrize("plan", [PLAN, old_plan(), a_storage_plan(), StoragePlan()])
def test_whole_plans_hang_together(plan: StoragePlan) -> None:
    assert check_graph(plan) == ()


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (changed(PLAN, "swap", id="root"), "'root' stands twice in the plan's volumes."),
        (changed(PLAN, "vg", id="root"), "'root' stands twice in the plan's volumes."),
        (changed(PLAN, "sda-bios", disk="no"), "sda-bios is on 'no', which is no disk of the plan."),
        (changed(PLAN, "boot", members=("sda-boot", "no")), "The array boot is on 'no', which is no block device"),
        (changed(PLAN, "pv-luks", device="no"), "The encrypted device pv-luks is on 'no', which is no block device"),
        (changed(PLAN, "vg", members=("no",)), "The volume group vg is on 'no', which is no block device of the plan."),
        (changed(PLAN, "root", group="no"), "The volume root is on 'no', which is no volume group of the plan."),
        (
            changed(PLAN, "var", pool="root"),
            "The thin volume var is on 'root', which is no thin pool of its group of the plan.",
        ),
        (changed(PLAN, "root", pool="pool"), "The volume root has a thin pool and is not thin."),
        (changed(PLAN, "data", members=("sda-data", "no")), "The btrfs volume data is on 'no', which is no block"),
        (changed(PLAN, "home", volume="vg"), "The subvolume home is on 'vg', which is no btrfs volume of the plan."),
        (replace(PLAN, mounts=(MountPlan(device="vg", path="/"),)), "/ is on 'vg', which is nothing of the plan."),
        (changed(PLAN, "vg", members=()), "The volume group vg has no members."),
        (changed(PLAN, "data", members=()), "The btrfs volume data has no members."),
        (changed(PLAN, "pv", members=("pv-luks", "sdb-pv")), "is made of itself."),
        (changed(PLAN, "pv-luks", device="root"), "is made of itself."),
        (changed(PLAN, "pv", members=("sda-pv", "sda-boot")), "sda-boot is used more than once: by the array boot and"),
        (
            replace(PLAN, mounts=(*PLAN.mounts, MountPlan(device="root", path="/var/x"))),
            "vg/root is used more than once: by / and /var/x.",
        ),
        (
            replace(PLAN, mounts=(*PLAN.mounts, MountPlan(device="pv", path="/var/x"))),
            "the array pv is used more than once: by the encrypted device pv-luks and /var/x.",
        ),
        (changed(PLAN, "sda-boot", format=Format.EXT4), "sda-boot is part of the array boot, and its format is ext4."),
        (changed(PLAN, "pv", format=Format.LVMPV), "the array pv is part of the encrypted device pv-luks, and its"),
        (changed(PLAN, "pv-luks", format=Format.XFS), "is part of the volume group vg, and its format is xfs."),
        (changed(PLAN, "sda-data", format=Format.XFS), "sda-data is part of the btrfs volume data, and its format is"),
        (changed(PLAN, "pool", format=Format.XFS), "The thin pool pool holds volumes and can't be xfs itself."),
        (changed(PLAN, "swap", format=Format.RAID), "vg/swap has the format raid, and no array of the plan uses it."),
        (changed(PLAN, "swap", format=Format.LVMPV), "vg/swap has the format lvmpv, and no volume group of the plan"),
        (changed(PLAN, "swap", format=Format.LUKS), "vg/swap has the format luks, and no encrypted device of the plan"),
        (changed(PLAN, "root", keep=True), "What is in vg/root is to stay, but it is made new."),
        (changed(PLAN, "root", existing=THERE, keep=True), None),
        (changed(PLAN, "boot", existing=THERE), "the array boot is to stay, but sda-boot below it is made anew."),
        (changed(PLAN, "data", existing=THERE), "is to stay, but sda-data below it is made anew."),
        (changed(PLAN, "vg", existing=THERE), None),
        (without(PLAN, "var"), None),
        (changed(PLAN, "var", kind=VolumeKind.LINEAR, pool=""), None),
    ],
)
def test_each_contradiction(plan: StoragePlan, message: str | None) -> None:
    found = check_graph(plan)
    if message is None:
        assert found == ()
        return
    assert any(message in problem.message for problem in found)
    assert all(problem.field.startswith("storage") and problem.hint for problem in found)
    assert check_layout(plan, new_machine(), an_image()) == found
