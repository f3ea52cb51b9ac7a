"""Where custom partitioning begins, and that a request in its plain form is the same layout."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from ashore_installer.errors import BadInput
from ashore_installer.machine import MachineInfo
from ashore_installer.storage.layout import layout
from ashore_installer.storage.view import Change
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import Automatic, Clear, Scheme, ShrinkRequest, StorageRequest
from ashore_installer.units import GiB
from ashore_tui.flow.partition_changes import edit, wish_of
from ashore_tui.flow.partition_rows import Thing
from ashore_tui.flow.partition_start import plain_form, start_as_it_is, start_empty
from ashore_tui.flow.partitions import Refused, Site, makes_nothing, picture
from tests.installer.random_requests import cases
from tests.tui.partition_values import IMAGE, all_rows, done, refused, site, told, untouched

PATIENT = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def plan_of(request: StorageRequest, machine: MachineInfo) -> StoragePlan | None:
    try:
        plan = layout(request, machine, IMAGE)
    except BadInput:
        return None
    return replace(plan, disks=tuple(sorted(plan.disks, key=lambda one: one.id)))


@PATIENT
@given(case=cases())
def test_the_plain_form_of_any_request_is_the_same_layout(case: tuple[MachineInfo, StorageRequest]) -> None:
    machine, request = case
    plan = plan_of(request, machine)
    on = Site(machine=machine, image=IMAGE)
    plain = plain_form(request, on)
    if makes_nothing(request):
        return  # the planner has no plan for that, and the screen shows what goes
    if plan is None or (request.automatic and request.automatic.reinstall):
        assert isinstance(plain, Refused)
        return
    assert plan_of(done(plain), machine) == plan
    assert plain_form(done(plain), on) == plain


@PATIENT
@given(case=cases())
def test_rows_of_any_request_have_keys_of_their_own_and_know_what_asks_for_them(
    case: tuple[MachineInfo, StorageRequest],
) -> None:
    machine, request = case
    on = Site(machine=machine, image=IMAGE)
    plain = plain_form(request, on)
    if isinstance(plain, Refused):
        return
    found = all_rows(plain, on)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        if one.change is Change.NEW and one.thing not in (Thing.DISK, Thing.FREE):
            assert one.ref is not None
    refs = [one.ref for one in found if one.ref]
    assert len(set(refs)) == len(refs)


SCHEMES = [
    (name, scheme, more)
    for name in ("laptop-windows", "qemu-bios-virtio", "server-md", "nvme-4kn", "tiny-disk")
    for scheme in Scheme
    for more in (False, True)
]


@pytest.mark.parametrize(("name", "scheme", "more"), SCHEMES)
def test_a_form_that_is_not_changed_changes_nothing(name: str, scheme: Scheme, more: bool) -> None:
    """Request to rows to forms, and back to the same request."""
    on = site(name)
    automatic = Automatic(scheme=scheme, home=more, swap=more)
    request = done(plain_form(StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=automatic), on))
    forms = [one for one in all_rows(request, on) if one.ref and one.ref.list in ("partitions", "volumes")]
    assert forms
    for one in forms:
        if one.kind != "thin pool":
            assert done(edit(request, on, one, wish_of(request, one))) == request


# --- the three beginnings ------------------------------------------------------------------------------------


def test_as_it_is_touches_nothing_and_says_what_is_missing() -> None:
    on = site("laptop-windows")
    drawing = picture(untouched(on), on)
    assert drawing.plan == StoragePlan()
    assert [one.message for one in drawing.problems] == ["Nothing is asked for yet."]
    assert told(untouched(on), on) == [
        "nvme0n1 kept",
        "  nvme0n1p1 kept vfat",
        "  nvme0n1p2 kept",
        "  nvme0n1p3 kept ntfs Windows",
        "  free",
        "  nvme0n1p4 kept ntfs",
    ]


def test_only_the_chosen_disks_are_shown() -> None:
    on = site("nvme-4kn")
    request = start_as_it_is(on, (on.machine.disks[1].id,))
    assert [one.name for one in all_rows(request, on) if one.thing is Thing.DISK] == ["nvme1n1"]


def test_disks_that_can_never_be_used_are_not_shown() -> None:
    on = site("medium-on-usb")
    assert "sda" not in [one.name for one in all_rows(untouched(on), on)]


def test_empty_disks_lose_everything() -> None:
    on = site("laptop-windows")
    request = done(start_empty(on, (on.machine.disks[0].id,)))
    assert told(request, on) == ["nvme0n1 removed", "  free"]
    assert picture(request, on).plan.disks[0].table is not None


def test_half_of_an_array_is_not_emptied() -> None:
    on = site("server-md")
    why = refused(start_empty(on, (on.machine.disks[0].id,)))
    assert "would lose a part" in why.message


def test_what_an_automatic_layout_would_make_is_the_beginning_of_an_edit() -> None:
    on = site("laptop-windows")
    shrink = (ShrinkRequest(existing="nvme0n1p3", size=200 * GiB),)
    request = done(plain_form(StorageRequest(automatic=Automatic(), shrink=shrink), on))
    assert request.automatic is None
    assert told(request, on) == [
        "nvme0n1 kept",
        "  nvme0n1p1 kept vfat /boot/efi",
        "  nvme0n1p2 kept",
        "  nvme0n1p3 resized ntfs Windows",
        "  nvme0n1p5 new ext4 /boot",
        "  nvme0n1p6 new xfs /",
        "  nvme0n1p4 kept ntfs",
    ]
    assert picture(request, on).problems == ()


def test_a_reinstallation_is_not_edited() -> None:
    on = site("dual-boot")
    why = refused(plain_form(StorageRequest(automatic=Automatic(reinstall="*")), on))
    assert "can't be edited" in why.message
