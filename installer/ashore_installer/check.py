"""Every check of a plan that can be made before the first write: pure, and all problems at once."""

from __future__ import annotations

from ashore_installer.boot.check import check_boot
from ashore_installer.configure.check import check_system
from ashore_installer.configure.check_network import check_cards
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload.check import check_payload, check_sysroot
from ashore_installer.payload.check_packages import check_packages
from ashore_installer.plan import ImagePayload, InstallPlan, Problem
from ashore_installer.storage.check import check_storage


def check(plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:
    """Why `plan` can't be carried out on `machine` with `image`; empty when it can."""
    return (
        *_payload(plan, machine, image),
        *check_sysroot(plan, machine),
        *check_storage(plan, machine, image),
        *check_boot(plan, machine, image),
        *check_system(plan, image),
        *check_cards(plan.system.network, machine),
    )


def _payload(plan: InstallPlan, machine: MachineInfo, facts: Facts) -> tuple[Problem, ...]:
    if isinstance(plan.payload, ImagePayload):
        if isinstance(facts, ImageInfo):
            return check_payload(plan.payload, machine, facts)
        raise TypeError("the plan has an image, and packages were looked at")
    if isinstance(facts, PackagesInfo):
        return check_packages(plan.payload, machine, facts)
    raise TypeError("the plan has packages, and an image was looked at")
