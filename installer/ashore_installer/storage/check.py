"""Every check of a storage plan before the first write: pure, and all problems at once.

A plan that contradicts itself or does not fit the disks at all is refused for that alone: what else it says means
nothing then.
"""

from __future__ import annotations

from ashore_installer.machine import MachineInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import InstallPlan, Problem
from ashore_installer.storage.check_boot_disks import check_boot_disks, check_boot_layout
from ashore_installer.storage.check_btrfs import check_btrfs
from ashore_installer.storage.check_crypt import check_crypt
from ashore_installer.storage.check_disks import check_disks
from ashore_installer.storage.check_existing import check_existing
from ashore_installer.storage.check_graph import check_graph
from ashore_installer.storage.check_lvm import check_lvm
from ashore_installer.storage.check_mounts import check_mounts
from ashore_installer.storage.check_raid import check_raid
from ashore_installer.storage.check_sizes import check_sizes
from ashore_installer.storage.check_twins import check_twins
from ashore_installer.storage_plan import StoragePlan


def check_storage(plan: InstallPlan, machine: MachineInfo, image: PayloadInfo) -> tuple[Problem, ...]:
    """Why the disks of `plan` can't be made or can't boot on `machine`; empty when they can."""
    return (*check_layout(plan.storage, machine, image), *check_boot_disks(plan, machine))


def check_layout(storage: StoragePlan, machine: MachineInfo, image: PayloadInfo) -> tuple[Problem, ...]:
    """The same without the choice of the boot disks."""
    if broken := check_graph(storage):
        return broken
    if broken := (*check_disks(storage, machine), *check_existing(storage, machine)):
        return broken
    return (
        *check_twins(storage, machine),
        *check_raid(storage, machine),
        *check_crypt(storage, machine),
        *check_lvm(storage, machine),
        *check_btrfs(storage, machine),
        *check_mounts(storage, machine, image),
        *check_boot_layout(storage, machine),
        *check_sizes(storage, machine, image),
    )
