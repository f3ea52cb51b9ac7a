"""A root file system that keeps other image-mode systems keeps their /boot too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.machine import MachineInfo, SystemInfo, SystemKind
from ashore_installer.payload.check import check_sysroot
from ashore_installer.plan import InstallPlan
from ashore_installer.storage_plan import Existing
from tests.fakes.values import a_machine, a_plan


def kept(*, boot: bool, root: bool = True) -> InstallPlan:
    plan = a_plan()
    partitions = {one.id: one for one in plan.storage.partitions}
    partitions["root"] = replace(partitions["root"], existing=Existing(name="vda3", number=3), keep=root)
    partitions["boot"] = replace(partitions["boot"], existing=Existing(name="vda2", number=2), keep=boot)
    return replace(plan, storage=replace(plan.storage, partitions=tuple(partitions.values())))


def machine(*stateroots: str, root: str = "vda3") -> MachineInfo:
    system = SystemInfo(name="Old", kind=SystemKind.OSTREE, mounts=(("/", root),), stateroots=stateroots)
    return a_machine(systems=(system,))


def test_a_stateroot_that_stays_would_lose_its_boot_entries() -> None:
    (problem,) = check_sysroot(kept(boot=False), machine("default", "other"))
    assert "stateroot other" in problem.message
    assert tuple(check_sysroot(kept(boot=False), machine("default", "other", root="vda3:root"))) == (problem,)


@pytest.mark.parametrize(
    ("plan", "there"),
    [
        (kept(boot=True), machine("default", "other")),
        (kept(boot=False), machine("default")),
        (kept(boot=False), machine("default", "other", root="vdb3")),
        (kept(boot=False, root=False), machine("default", "other")),
        (a_plan(), machine("default", "other")),
    ],
)
def test_what_loses_nothing_is_fine(plan: InstallPlan, there: MachineInfo) -> None:
    assert tuple(check_sysroot(plan, there)) == ()
