"""draft -> plan -> kickstart -> draft -> the same plan, on recorded machines, through the engine's own `finalize`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ashore_installer.errors import BadInput
from ashore_installer.facts import Facts
from ashore_installer.finalize import finalize
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagePayload
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.write import kickstart_from_plan
from tests.fakes.machines import INSTALLABLE, recorded
from tests.fakes.packages import some_packages
from tests.fakes.values import an_image
from tests.kickstart.package_values import packages
from tests.kickstart.values import drafts

PAYLOAD = PayloadRequest(source="oci:/srv/os:1", target="docker://quay.example/os:1")


def again(plan: InstallPlan, machine: MachineInfo, image: Facts) -> InstallPlan:
    """The plan that its own kickstart leads to."""
    text = kickstart_from_plan(plan, reveal_secrets=True)
    return finalize(draft_from_text(text, "written.ks"), machine, image)


def without_script_lines(plan: InstallPlan) -> InstallPlan:
    return replace(plan, scripts=tuple(replace(script, line=0) for script in plan.scripts))


AUTOMATIC = [
    StorageRequest(clear=clear, zero_mbr=True, new_table=new_table, automatic=Automatic(format=root))
    for clear in (Clear.ALL, Clear.LINUX, Clear.NONE)
    for new_table in (True, False)
    for root in (None, Format.EXT4, Format.BTRFS)
]


@pytest.mark.parametrize("name", INSTALLABLE)
def test_automatic_layouts(name: str) -> None:
    machine, image = recorded(name), an_image()
    made = 0
    for request in AUTOMATIC:
        try:
            plan = finalize(Draft(payload=PAYLOAD, storage=request), machine, image)
        except BadInput:
            continue
        made += 1
        assert again(plan, machine, image) == plan
    assert made or name == "tiny-disk"


def _parts(machine: MachineInfo, root: int, disks: tuple[str, str]) -> tuple[PartitionRequest, ...]:
    first = (
        PartitionRequest(mount="/boot/efi", size=512 * MiB, disk=disks[0])
        if machine.firmware == "uefi"
        else PartitionRequest(format=Format.BIOSBOOT, size=1 * MiB, disk=disks[0])
    )
    return (
        PartitionRequest(mount="/", size=root, grow=True, max_size=3 * root, label="root"),
        first,
        PartitionRequest(mount="/boot", size=1 * GiB, format=Format.EXT4, disk=disks[0]),
        PartitionRequest(format=Format.SWAP, size=512 * MiB, label="swap"),
        PartitionRequest(mount="/var", size=1 * GiB, grow=True, disk=disks[1], options="defaults,nodev"),
    )


@st.composite
def _sites(draw: st.DrawFn) -> tuple[str, tuple[str, str]]:
    """A machine, and two of its disks; the second may be none."""
    name = draw(st.sampled_from([name for name in INSTALLABLE if name != "tiny-disk"]))
    disks = [disk.name for disk in recorded(name).disks if not disk.medium]
    return name, (draw(st.sampled_from(disks)), draw(st.sampled_from(["", *disks])))


@given(site=_sites(), root=st.integers(2048, 8192), clear=st.sampled_from([Clear.ALL, Clear.LINUX, Clear.NONE]))
@example(site=("raid-of-four", ("sda", "sdc")), root=2048, clear=Clear.ALL)
@settings(max_examples=25, deadline=None)
def test_explicit_layouts(site: tuple[str, tuple[str, str]], root: int, clear: Clear) -> None:
    name, disks = site
    machine, image = recorded(name), an_image()
    request = StorageRequest(clear=clear, zero_mbr=True, partitions=_parts(machine, root * MiB, disks))
    try:
        plan = finalize(Draft(payload=PAYLOAD, storage=request), machine, image)
    except BadInput:
        assume(False)

    assert again(plan, machine, image) == plan


def test_one_disk_is_erased_and_another_one_loses_a_partition() -> None:
    """`clearpart --list` takes both: the whole disk, and the partition of the other."""
    machine, image = recorded("two-sata"), an_image()
    both = tuple(disk.name for disk in machine.disks)
    request = StorageRequest(
        clear=Clear.LINUX, zero_mbr=True, partitions=_parts(machine, 4 * GiB, (both[1], both[0])), only_use=both
    )

    plan = finalize(Draft(payload=PAYLOAD, storage=request), machine, image)

    assert [(disk.name, bool(disk.table), bool(disk.remove)) for disk in plan.storage.disks] == [
        (both[0], False, True),
        (both[1], True, False),
    ]
    assert again(plan, machine, image) == plan


@given(packages())
@settings(max_examples=15, deadline=None)
def test_packages(payload: PackagePayload) -> None:
    machine, info = recorded("qemu-uefi-nvme"), some_packages()
    storage = StorageRequest(clear=Clear.ALL, zero_mbr=True, new_table=True, automatic=Automatic())
    plan = finalize(Draft(packages=payload, storage=storage), machine, info)

    assert plan.payload == payload
    assert again(plan, machine, info) == plan


@given(drafts())
@settings(max_examples=30, deadline=None)
def test_everything_but_the_storage(draft: Draft) -> None:
    machine, image = recorded("qemu-bios-virtio"), an_image()
    storage = StorageRequest(clear=Clear.ALL, zero_mbr=True, new_table=True, automatic=Automatic())
    draft = replace(draft, packages=None)
    payload = PayloadRequest(
        source=draft.payload.source or PAYLOAD.source,
        target=draft.payload.target or PAYLOAD.target,
        signed=draft.payload.signed,
        stateroot=draft.payload.stateroot,
    )
    plan = finalize(replace(draft, payload=payload, storage=storage, boot_disk="", lines={}), machine, image)
    cards = [one.device for one in plan.system.network]
    assume(len(set(cards)) == len(cards))  # a plan that sets up a card twice, by its name and its address, is refused

    assert without_script_lines(again(plan, machine, image)) == plan
