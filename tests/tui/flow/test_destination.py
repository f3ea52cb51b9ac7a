from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Format, Tpm2
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, Scheme, ShrinkRequest, StorageRequest
from ashore_tui.flow import evaluate
from ashore_tui.flow.destination import (
    Destination,
    Way,
    form_of,
    replaceable,
    request_of,
    usable,
    usual_disks,
    way_text,
)
from ashore_tui.flow.state import with_storage
from tests.fakes.machines import NAMES, recorded
from tests.tui.flow_values import PlanningEngine

LOCKED = Encryption(passphrase=Secret("correct horse"), tpm2=Tpm2())


@pytest.mark.parametrize(
    "form",
    [
        Destination(),
        Destination(way=Way.FREE),
        Destination(scheme=Scheme.BTRFS, encryption=LOCKED),
        Destination(scheme=Scheme.LVM, format=Format.EXT4, home=True, swap=True),
        Destination(way=Way.FREE, shrink=(ShrinkRequest(existing="nvme0n1p3", size=1 << 36),)),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_form_comes_back_from_the_request_that_it_means(form: Destination, name: str) -> None:
    machine = recorded(name)
    whole = replace(form, disks=tuple(disk.id for disk in usable(machine))[:1])

    assert form_of(request_of(whole, machine), machine) == whole


def test_a_replacement_comes_back_too() -> None:
    machine = recorded("laptop-btrfs-fedora")
    form = Destination(way=Way.REPLACE, replaces=machine.systems[0].name)

    assert form_of(request_of(form, machine), machine) == form


def test_kickstarts_shortest_request_is_erasing_all_usable_disks() -> None:
    machine = recorded("medium-on-usb")
    form = form_of(StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic()), machine)

    assert form is not None
    assert form.way is Way.ERASE
    assert form.disks == tuple(disk.id for disk in machine.disks if disk.name == "nvme0n1")


@pytest.mark.parametrize(
    "request_",
    [
        None,
        StorageRequest(partitions=(PartitionRequest(mount="/", size=1),)),
        StorageRequest(clear=Clear.LINUX, automatic=Automatic()),
        StorageRequest(automatic=Automatic(), ignore=("sda",)),
        StorageRequest(automatic=Automatic(boot=False)),
    ],
)
def test_what_no_form_means(request_: StorageRequest | None) -> None:
    assert form_of(request_, recorded("two-sata")) is None


def test_free_space_never_takes_a_table_from_a_disk_that_has_one() -> None:
    dual, blank = recorded("dual-boot"), recorded("qemu-bios-virtio")

    assert not request_of(Destination(way=Way.FREE, disks=("nvme0n1",)), dual).zero_mbr
    assert request_of(Destination(way=Way.FREE, disks=("vda",)), blank).zero_mbr


def test_what_is_proposed_is_fixed_and_large() -> None:
    assert usual_disks(recorded("medium-on-usb")) == (recorded("medium-on-usb").disk("nvme0n1").id,)
    assert usual_disks(recorded("two-sata")) == (recorded("two-sata").disk("sda").id,)


def test_windows_can_not_be_replaced() -> None:
    assert [one.name for one in replaceable(recorded("dual-boot"))] == ["Debian GNU/Linux 13 (trixie)"]


@pytest.mark.parametrize("name", NAMES)
def test_erasing_the_proposed_disk_gives_a_plan_or_words_why_not(name: str) -> None:
    machine = recorded(name)
    engine = PlanningEngine(machine=machine)
    request = request_of(Destination(disks=usual_disks(machine)), machine)

    flow = evaluate.evaluate(with_storage(evaluate.begin(engine), request), engine)

    assert flow.checked
    assert (flow.plan is not None and not flow.problems) or all(one.message for one in flow.problems)
    # Their arrays lie on several disks, so that one of them can't be erased alone; others have no disk at all.
    assert bool(flow.problems) == (name in {"server-md", "raid-of-four"} or not usable(machine))


def test_every_way_has_a_text() -> None:
    assert len({way_text(way) for way in Way}) == len(Way)
