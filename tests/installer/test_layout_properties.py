"""For any machine and request: either a clear refusal, or a plan that fits, never overlaps and keeps to its disks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionTable
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.check import check_layout
from ashore_installer.storage.destinations import partition_name, unusable
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.place import share
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage_plan import (
    ArrayPlan,
    DiskPlan,
    Format,
    GroupPlan,
    Kind,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    VolumeKind,
)
from ashore_installer.storage_request import Automatic, Clear, Scheme, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import recorded
from tests.fakes.values import an_image
from tests.installer.random_machines import machines
from tests.installer.random_requests import automatic_cases, cases, reinstall_cases

PATIENT = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
"""A busy machine is no bug of the code under test."""
QUICK = settings(PATIENT, max_examples=80)
IMAGE = an_image(unpacked_size=GiB)
OUTDATED = "Make a new plan."
"""What the checks say to plans that contradict the machine: of a plan that was just made for it, that is our bug."""
EMPTY = MachineInfo(architecture="amd64", firmware=Firmware.BIOS, memory=GiB)


def outcome(request: StorageRequest, machine: MachineInfo) -> StoragePlan | None:
    """The plan, or None for a refusal that says something."""
    refusal: BadInput | None = None
    try:
        return plan_storage(request, machine, IMAGE)
    except BadInput as error:
        refusal = error
    assert refusal.message
    if isinstance(refusal, PlanError):
        assert refusal.problems
        assert all(one.message and one.field.startswith("storage") for one in refusal.problems)
        assert not any(one.hint == OUTDATED for one in refusal.problems)
    return None


# --- whole plans ---------------------------------------------------------------------------------------------


@PATIENT
@given(case=cases())
@example(case=(EMPTY, StorageRequest()))
@example(case=(recorded("server-md"), StorageRequest(clear=Clear.ALL, automatic=Automatic(scheme=Scheme.THIN))))
def test_a_refusal_or_a_plan_that_fits(case: tuple[MachineInfo, StorageRequest]) -> None:
    machine, request = case
    plan = outcome(request, machine)
    if plan is None:
        return
    assert check_layout(plan, machine, IMAGE) == ()
    assert codec.from_json(codec.to_json(plan, reveal_secrets=True), StoragePlan, "the plan") == plan
    for one in plan.disks:
        keeps_to_its_space(plan, one, machine.disk(one.id))
    stands_on_what_is_there(plan)
    for array in plan.arrays:
        fits_its_members(plan, array)
    for group in plan.groups:
        fits_its_group(plan, group, machine)
    keeps_to_what_was_chosen(plan, request, machine)
    takes_whole_stacks(plan, machine)


def keeps_to_its_space(plan: StoragePlan, before: DiskPlan, on: DiskInfo) -> None:
    """Byte for byte, without the words of the code under test: what lies where on one disk."""
    mine = [one for one in plan.partitions if one.disk == on.id]
    new = [(one.start, one.start + one.size) for one in mine if one.existing is None]
    sizes = {one.existing.number: one.size for one in mine if one.existing}
    kept = [] if before.table else [old for old in on.partitions if old.number not in before.remove]
    assert set(sizes) <= {old.number for old in kept}
    spans = sorted([*new, *((old.start, old.start + sizes.get(old.number, old.size)) for old in kept if new)])
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    table = before.table or on.table
    tail = 0 if table is PartitionTable.MSDOS else 16 * 1024 + on.sector_size
    for start, end in new:
        assert MiB <= start < end <= on.size - tail
        assert start % MiB == end % MiB == 0
    for one in mine:
        old = next((old for old in kept if one.existing and old.number == one.existing.number), None)
        assert old is None or one.start == old.start
        assert old is None or not one.keep or one.size >= min(old.size, old.minimum or old.size)
    assert len(kept) + len(new) <= 128


def stands_on_what_is_there(plan: StoragePlan) -> None:
    """Every name in the plan means something of it, and nothing is used for two things."""
    blocks = {one.id: one for one in plan.blocks()}
    things = [*blocks, *(one.id for one in plan.groups), *(one.id for one in plan.btrfs)]
    things += [one.id for one in plan.subvolumes]
    assert len(set(things)) == len(things)
    wanted = [(one, Format.RAID) for array in plan.arrays for one in array.members]
    wanted += [(one, Format.LVMPV) for group in plan.groups for one in group.members]
    wanted += [(one, Format.BTRFS) for volume in plan.btrfs for one in volume.members]
    wanted += [(one.device, Format.LUKS) for one in plan.encrypted]
    assert all(blocks[id].format is format for id, format in wanted)  # noqa: A001
    ids = [id for id, _ in wanted]  # noqa: A001
    assert len(set(ids)) == len(ids)
    mounted = [mount.device for mount in plan.mounts if mount.path != "swap"]
    assert not set(mounted) & set(ids)
    assert set(mounted) <= set(things)
    assert all(0 < one.size < blocks[one.device].size for one in plan.encrypted)
    assert {one.volume for one in plan.subvolumes} <= {volume.id for volume in plan.btrfs}


def fits_its_members(plan: StoragePlan, array: ArrayPlan) -> None:
    if array.existing:
        return
    parts = [plan.block(one) for one in array.members]
    used = len(parts) - array.spares
    assert used >= {RaidLevel.RAID4: 3, RaidLevel.RAID5: 3, RaidLevel.RAID6: 4}.get(array.level, 2)
    smallest = min(one.size for one in parts)
    capacity = {
        RaidLevel.RAID0: sum(one.size for one in parts),
        RaidLevel.RAID1: smallest,
        RaidLevel.RAID4: smallest * (used - 1),
        RaidLevel.RAID5: smallest * (used - 1),
        RaidLevel.RAID6: smallest * (used - 2),
        RaidLevel.RAID10: smallest * used // 2,
    }[array.level]
    assert 0 < array.size < capacity
    disks = [one.disk for one in parts if isinstance(one, PartitionPlan)]
    assert len(set(disks)) == len(disks)


def fits_its_group(plan: StoragePlan, group: GroupPlan, machine: MachineInfo) -> None:
    """What its volumes take, and the pools' metadata with a spare of the largest, is not more than its members have."""
    volumes = [one for one in plan.volumes if one.group == group.id]
    taken = sum(one.size for one in volumes if one.kind is not VolumeKind.THIN)
    pools = [one for one in volumes if one.kind is VolumeKind.POOL and not one.existing]
    taken += sum(one.metadata for one in pools) + max((one.metadata for one in pools), default=0)
    assert all(one.size % group.extent == 0 and one.size > 0 for one in volumes if not one.existing)
    room = 0
    if group.existing:
        old = next(one for one in machine.groups if one.name == group.name)
        mine = {one.name for one in volumes}
        gone = {one.name for one in plan.remove if one.kind is Kind.VOLUME}
        taken += sum(
            one.size
            for one in old.volumes
            if one.kind != "thin" and one.name not in mine and not {one.name, f"{old.name}/{one.name}"} & gone
        )
        room = old.size
    members = [plan.block(one) for one in group.members]
    new = [one.size for one in members if not (group.existing and one.existing and one.keep)]
    room += sum((size - MiB) // group.extent * group.extent for size in new)
    assert taken + group.reserved <= room


def keeps_to_what_was_chosen(plan: StoragePlan, request: StorageRequest, machine: MachineInfo) -> None:
    touched = {machine.disk(one.id).name for one in plan.disks}
    assert {one.disk for one in plan.partitions} <= {one.id for one in plan.disks}
    assert not any(unusable(machine.disk(name)) for name in touched)
    if request.only_use and "sd*" not in request.only_use:
        assert touched <= {word.removeprefix("by-id/").removesuffix("-1") for word in request.only_use}
    assert not touched & set(request.ignore)
    for one in plan.disks:
        on = machine.disk(one.id)
        if request.clear is Clear.NONE:
            assert not one.remove
            assert one.table is None or not on.partitions


def takes_whole_stacks(plan: StoragePlan, machine: MachineInfo) -> None:
    """Of what is there, an array, a group or a btrfs volume stays with all its devices, or goes with all of them."""
    gone, named = destroyed(plan, machine), {one.name for one in plan.remove}
    for array in machine.arrays:
        members = set(array.members)
        assert array.name in named or not members & gone or members <= gone
        gone |= {array.name} if members <= gone or array.name in named else set()
    for group in machine.groups:
        members = set(group.members)
        assert group.name in named or not members & gone or members <= gone
    for volume in machine.btrfs:
        members = set(volume.members)
        assert not members & gone or members <= gone
    kept = [*(one.existing for one in plan.arrays), *(one.existing for one in plan.groups)]
    assert not any(one and one.name in named for one in kept)


def destroyed(plan: StoragePlan, machine: MachineInfo) -> set[str]:
    """Kernel names of partitions, disks and arrays whose content goes."""
    found = set()
    for one in plan.disks:
        disk = machine.disk(one.id)
        found |= {disk.name} if one.table else set()
        found |= {
            partition_name(disk, old.number) for old in disk.partitions if one.table or old.number in one.remove
        }  # fmt: skip
    for block in (*plan.partitions, *plan.arrays):
        found |= {block.existing.name} if block.existing and not block.keep else set()
    return found


# --- automatic layouts ---------------------------------------------------------------------------------------


@QUICK
@given(case=automatic_cases())
def test_an_automatic_layout_is_an_explicit_request(case: tuple[MachineInfo, StorageRequest]) -> None:
    machine, request = case
    try:
        result = expand(request, machine, IMAGE)
    except PlanError:
        return
    assert result.automatic is None
    assert not result.shrink
    assert (result.clear, result.clear_partitions) == (request.clear, request.clear_partitions)
    members = [one.name for one in result.partitions if one.name]
    users = [*(one.members for one in result.groups), *(one.members for one in result.btrfs)]
    assert sorted(members) == sorted(one for user in users for one in user)
    paths = [one.mount for one in (*result.partitions, *result.volumes, *result.arrays)]
    assert [*paths, *(one.mount for one in result.subvolumes)].count("/") == 1
    for one in result.partitions:
        assert not (one.encryption and (one.mount in ("/boot", "/boot/efi") or one.format is Format.BIOSBOOT))
        assert not one.existing or not one.encryption
    assert request.automatic
    if request.automatic.encryption:
        bare = [one for one in result.partitions if not one.encryption and not one.existing]
        assert all(one.mount.startswith("/boot") or one.format is Format.BIOSBOOT for one in bare)


@QUICK
@given(case=reinstall_cases())
def test_a_reinstallation_formats_nothing_but_root_and_boot(case: tuple[MachineInfo, StorageRequest]) -> None:
    machine, request = case
    plan = outcome(request, machine)
    if plan is None or request.automatic is None:
        return
    assert not any(one.table or one.remove for one in plan.disks)
    paths = {mount.device: mount.path for mount in plan.mounts}
    new = {paths.get(one.id) for one in plan.blocks() if not one.keep}
    assert new <= {"/", "/boot"}
    others = [one for one in machine.systems if one.name != request.automatic.reinstall]
    others = others if request.automatic.reinstall != "*" else []
    formatted = {one.existing.name for one in plan.blocks() if one.existing and not one.keep}
    assert not formatted & {device for one in others for _, device in one.mounts}


# --- parts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """Something that shares room."""

    size: int
    grow: bool
    max_size: int


ITEMS = st.builds(
    lambda size, grow, limit: Item(size * MiB, grow, max(limit, size) * MiB if limit else 0),
    st.integers(1, 5000),
    st.booleans(),
    st.sampled_from((0, 0, 100, 9000)),
)


@QUICK
@given(items=st.lists(ITEMS), spare=st.integers(0, 10**6))
def test_sharing_uses_the_room_up_and_keeps_every_limit(items: list[Item], spare: int) -> None:
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


@QUICK
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
