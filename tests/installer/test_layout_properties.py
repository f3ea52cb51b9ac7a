"""For any machine and request: either a clear refusal, or a layout that fits, never overlaps and keeps to its disks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ashore_installer import codec
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import Problem
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.destinations import unusable
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.losses import losses
from ashore_installer.storage.place import share
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.wanted import Wanted
from ashore_installer.storage_plan import DiskPlan, Format, PartitionPlan, StoragePlan
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.values import an_image

PATIENT = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no bug of the code under test."""

NAMES = ("vda", "nvme0n1", "sda")
LINUX, ESP, WINDOWS = (
    "0fc63daf-8483-4772-8e79-3d69d8477de4",
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
)


@st.composite
def partitions(draw: st.DrawFn, size: int, most: int) -> tuple[PartitionInfo, ...]:
    """Partitions at odd places that don't overlap and end before the disk's last MiB."""
    found, position = [], 17 * 1024
    for number in range(1, draw(st.integers(0, most)) + 1):
        start = position + draw(st.integers(0, 40 * GiB))
        length = draw(st.integers(512, 60 * GiB))
        if start + length > size - MiB:
            break
        kind = draw(st.sampled_from((LINUX, ESP, WINDOWS)))
        content = draw(st.sampled_from(("", "ext4", "ntfs", "vfat")))
        found.append(PartitionInfo(number=number, start=start, size=length, type=kind, format=content))
        position = start + length
    return tuple(found)


@st.composite
def disk(draw: st.DrawFn, name: str) -> DiskInfo:
    sector = draw(st.sampled_from((512, 4096)))
    size = draw(st.one_of(st.sampled_from((8 * GiB, 64 * GiB)), st.integers(MiB, 200 * GiB))) // sector * sector
    table = draw(st.sampled_from((None, PartitionTable.GPT, PartitionTable.MSDOS)))
    most = 0 if table is None else 4 if table is PartitionTable.MSDOS else 6
    return DiskInfo(
        name=name,
        ids=(f"by-id/{name}-1",),
        size=size,
        sector_size=sector,
        removable=draw(st.booleans()),
        read_only=draw(st.sampled_from((False, False, False, False, True))),
        medium=draw(st.sampled_from((False, False, False, False, True))),
        busy=draw(st.sampled_from(("", "", "", "", f"{name} is mounted at /x"))),
        table=table,
        format=draw(st.sampled_from(("", "", "LVM2_member"))) if table is None else "",
        partitions=draw(partitions(size, most)),
    )


@st.composite
def machines(draw: st.DrawFn) -> MachineInfo:
    names = NAMES[: draw(st.sampled_from((0, 1, 2, 2, 3, 3)))]
    return MachineInfo(
        architecture="amd64",
        firmware=draw(st.sampled_from(Firmware)),
        memory=2 * GiB,
        disks=tuple(draw(disk(name)) for name in names),
    )


WORDS = st.lists(st.sampled_from((*NAMES, "by-id/vda-1", "sd*", "missing")), max_size=2).map(tuple)
REQUESTED = st.builds(
    PartitionRequest,
    mount=st.sampled_from(("/", "/", "/boot", "/boot/efi", "/var", "/home", "swap", "biosboot", "", "/usr", "x")),
    format=st.one_of(st.none(), st.sampled_from(Format)),
    size=st.one_of(st.integers(0, 30 * GiB), st.sampled_from((MiB, 600 * MiB, 8 * GiB))),
    grow=st.booleans(),
    max_size=st.sampled_from((0, 0, 700 * MiB, 20 * GiB)),
    disk=st.sampled_from(("", "", "", *NAMES, "missing")),
)
REQUESTS = st.builds(
    StorageRequest,
    only_use=WORDS,
    ignore=st.one_of(st.just(()), WORDS),
    clear=st.sampled_from(Clear),
    clear_disks=st.one_of(st.just(()), WORDS),
    clear_partitions=st.lists(st.sampled_from(("vda1", "nvme0n1p2", "sda9")), max_size=2).map(tuple),
    zero_mbr=st.booleans(),
    new_table=st.booleans(),
    automatic=st.none() | st.builds(Automatic, format=st.sampled_from((None, Format.XFS, Format.EXT4, Format.BTRFS))),
    partitions=st.lists(REQUESTED, max_size=5).map(tuple),
)
PERMISSIVE = st.builds(
    StorageRequest,
    clear=st.sampled_from((Clear.ALL, Clear.ALL, Clear.LINUX, Clear.NONE)),
    zero_mbr=st.just(True),
    automatic=st.just(Automatic()),
)

# What firmware and system need is there, so that many of these can be made.
PLAUSIBLE = st.builds(
    lambda request, root, others: replace(
        request,
        partitions=(
            PartitionRequest(mount="biosboot", size=MiB),
            PartitionRequest(mount="/boot/efi", size=300 * MiB),
            replace(root, mount="/", format=None, disk="", max_size=0, size=3 * GiB + root.size % GiB),
            *others,
        ),
    ),
    st.builds(StorageRequest, clear=st.sampled_from((Clear.ALL, Clear.LINUX, Clear.NONE)), zero_mbr=st.just(True)),
    REQUESTED,
    st.lists(
        st.builds(
            PartitionRequest,
            mount=st.sampled_from(("/boot", "/var", "/home", "/srv/x", "swap")),
            size=st.integers(300 * MiB, 8 * GiB),
            grow=st.booleans(),
            max_size=st.sampled_from((0, 0, 9 * GiB)),
            disk=st.sampled_from(("", "", "vda")),
        ),
        max_size=3,
        unique_by=lambda request: request.mount,
    ),
)
ANY_REQUEST = st.one_of(REQUESTS, PERMISSIVE, PLAUSIBLE, PLAUSIBLE)


def outcome(request: StorageRequest, machine: MachineInfo) -> StoragePlan | None:
    """The plan, or None for a refusal that says something at each of its problems."""
    refused: tuple[Problem, ...] = ()
    try:
        return plan_storage(request, machine, an_image(unpacked_size=GiB))
    except PlanError as error:
        refused = error.problems
    assert refused
    assert all(problem.message and problem.field.startswith("storage") for problem in refused)
    return None


def keeps_to_its_space(plan: StoragePlan, before: DiskPlan, on: DiskInfo) -> None:
    """Byte for byte, without the words of the code under test: what lies where on one disk."""
    kept = [] if before.table else [old for old in on.partitions if old.number not in before.remove]
    new = [(one.start, one.start + one.size) for one in plan.partitions if one.disk == on.id]
    spans = sorted([*new, *((old.start, old.start + old.size) for old in kept if new)])
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    tail = 0 if (before.table or on.table) is PartitionTable.MSDOS else 16 * 1024 + on.sector_size
    for start, end in new:
        assert MiB <= start < end <= on.size - tail
        assert start % MiB == end % MiB == 0


@PATIENT
@given(machine=machines(), request=ANY_REQUEST)
@example(machine=MachineInfo(architecture="amd64", firmware=Firmware.BIOS, memory=GiB), request=StorageRequest())
def test_a_refusal_or_a_plan_that_fits(machine: MachineInfo, request: StorageRequest) -> None:
    plan = outcome(request, machine)
    if plan is None:
        return
    assert check_layout(plan, machine, an_image(unpacked_size=GiB)) == ()
    assert codec.from_json(codec.to_json(plan), StoragePlan, "the plan") == plan
    for one in plan.disks:
        on = machine.disk(one.id)
        assert not unusable(on)
        keeps_to_its_space(plan, one, on)
        if request.clear is Clear.NONE:
            assert not one.remove
            assert one.table is None or not on.partitions
    assert {partition.disk for partition in plan.partitions} <= {one.id for one in plan.disks}


@PATIENT
@given(machine=machines(), request=ANY_REQUEST)
def test_only_disks_that_were_chosen_are_touched_and_every_loss_is_told(
    machine: MachineInfo, request: StorageRequest
) -> None:
    plan = outcome(request, machine)
    if plan is None:
        return
    touched = {machine.disk(one.id).name for one in plan.disks}
    if request.only_use and "sd*" not in request.only_use:
        assert touched <= {word.removeprefix("by-id/").removesuffix("-1") for word in request.only_use}
    assert not touched & set(request.ignore)
    told = {(loss.disk, loss.number) for loss in losses(plan, machine)}
    for one in plan.disks:
        gone = {old.number for old in machine.disk(one.id).partitions} if one.table else set(one.remove)
        assert {(one.id, number) for number in gone} <= told


def wanted(size: int, grow: bool, limit: int) -> Wanted:
    return Wanted(
        id="x", mount="/", format=Format.XFS, size=size * MiB, grow=grow,
        max_size=max(limit, size) * MiB if limit else 0, disk="", label="", options="", field="storage.partitions[0]",
    )  # fmt: skip


@PATIENT
@given(
    items=st.lists(st.builds(wanted, st.integers(1, 5000), st.booleans(), st.sampled_from((0, 0, 100, 9000)))),
    spare=st.integers(0, 10**6),
)
def test_sharing_uses_the_room_up_and_keeps_every_limit(items: list[Wanted], spare: int) -> None:
    least = sum(item.size for item in items)
    sizes = share(items, least + spare * MiB)
    assert sum(sizes) <= least + spare * MiB
    for item, size in zip(items, sizes, strict=True):
        assert size % MiB == 0
        assert size >= item.size
        assert item.grow or size == item.size
        assert not item.max_size or size <= item.max_size or not item.grow
    hungry = [item for item, size in zip(items, sizes, strict=True) if item.grow and not 0 < item.max_size <= size]
    assert not hungry or sum(sizes) == least + spare * MiB


PLANNED = st.builds(
    PartitionPlan,
    id=st.sampled_from(("a", "b")),
    disk=st.sampled_from(("by-id/vda-1", "by-id/sda-1", "x")),
    start=st.integers(-MiB, 300 * GiB),
    size=st.integers(-MiB, 300 * GiB),
    format=st.sampled_from(Format),
)


@PATIENT
@given(machine=machines(), planned=st.lists(PLANNED, max_size=3).map(tuple), new=st.booleans())
def test_a_plan_from_elsewhere_never_passes_outside_its_disk(
    machine: MachineInfo, planned: tuple[PartitionPlan, ...], new: bool
) -> None:
    table = PartitionTable.GPT if new else None
    disks = tuple(DiskPlan(id=one.id, name=one.name, size=one.size, table=table) for one in machine.disks)
    plan = StoragePlan(disks=disks, partitions=planned)
    if not check_layout(plan, machine, an_image()):
        for one in disks:
            keeps_to_its_space(plan, one, machine.disk(one.id))
