"""Whatever a plan says, looking at it ends in problems or in words, and never in a crash."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashore_installer.machine import MachineInfo, PartitionTable
from ashore_installer.storage.changes import all_changes
from ashore_installer.storage.check import check_layout, check_storage
from ashore_installer.storage.losses import losses
from ashore_installer.storage.sentences import actions
from ashore_installer.storage.view import layouts
from ashore_installer.storage.view_stacks import stacks_after, stacks_before
from ashore_installer.storage_plan import Existing, Format, Kind, RaidLevel, Removal, StoragePlan, VolumeKind
from ashore_installer.units import GiB, MiB
from tests.fakes.storage import new_machine, new_plan, old_machine, old_plan
from tests.fakes.values import a_plan, an_image

PLANS = (
    (new_plan(), new_machine()),
    (old_plan(), old_machine()),
    (old_plan(), new_machine()),
    (new_plan(), old_machine()),
)
TUPLES = ("disks", "partitions", "arrays", "encrypted", "groups", "volumes", "btrfs", "subvolumes", "mounts")
WORDS = (
    "root",
    "vg",
    "data",
    "boot",
    "pool",
    "pv",
    "sda-pv",
    "windows",
    "home",
    "",
    "/",
    "/boot",
    "by-id/ata-a",
    "x y",
)
NUMBERS = (-1, 0, 1, 512, MiB, 4 * MiB, 5 * GiB, 40 * GiB, 1 << 60)
THERE = Existing(name="sda4", number=4, size=20 * GiB, uuid="vg-1", format="ext4", content="fs-1")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.sampled_from(WORDS),
    "int": st.sampled_from(NUMBERS),
    "bool": st.booleans(),
    "Format": st.sampled_from(Format),
    "RaidLevel": st.sampled_from(RaidLevel),
    "VolumeKind": st.sampled_from(VolumeKind),
    "tuple[str, ...]": st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
    "tuple[int, ...]": st.lists(st.integers(0, 5), max_size=3).map(tuple),
    "Existing | None": st.sampled_from((None, THERE)),
    "PartitionTable | None": st.sampled_from((None, *PartitionTable)),
}
REMOVALS = st.builds(
    Removal,
    kind=st.sampled_from(Kind),
    name=st.sampled_from(("vg", "md127", "vg/root", "home", "x")),
    on=st.just("bt-1"),
)


@st.composite
def mangled(draw: st.DrawFn) -> tuple[StoragePlan, MachineInfo]:
    """A good plan with a few fields changed, things left out, and removals added; perhaps on the wrong machine."""
    plan, machine = draw(st.sampled_from(PLANS))
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(TUPLES))
        things = list(getattr(plan, name))
        if not things:
            continue
        number = draw(st.integers(0, len(things) - 1))
        one = things[number]
        known = [field.name for field in fields(one) if str(field.type) in VALUES]
        if not known or draw(st.integers(0, 5)) == 0:
            del things[number]
        else:
            field = draw(st.sampled_from(known))
            kind = next(str(found.type) for found in fields(one) if found.name == field)
            things[number] = replace(one, **{field: draw(VALUES[kind])})
        changes: dict[str, Any] = {name: tuple(things)}
        plan = replace(plan, **changes)
    return replace(plan, remove=tuple(draw(st.lists(REMOVALS, max_size=2)))), machine


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=mangled())
def test_looking_at_a_plan_never_crashes(case: tuple[StoragePlan, MachineInfo]) -> None:
    plan, machine = case
    problems = check_storage(a_plan(storage=plan), machine, an_image())
    assert all(one.message and one.field for one in problems)
    if check_layout(plan, machine, an_image()) == ():
        assert all(loss.text.endswith(".") for loss in losses(plan, machine))
        assert all_changes(plan, machine, machine) == ()
        assert all(text and not text.endswith(".") for text in actions(plan, machine))
        stacks = (*stacks_before(plan, machine), *stacks_after(plan, machine))
        assert all(layer.name for layer in stacks)
        for view in layouts(plan, machine):
            for segments in (view.before, view.after):
                ends = 0
                for one in segments:
                    assert one.start >= ends
                    ends = one.start + one.size
                assert ends <= view.size
