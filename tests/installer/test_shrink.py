"""Partitions that make room for a new system: which may, how far, and where the new system goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.resized import resized
from ashore_installer.storage_request import (
    Automatic,
    Clear,
    PartitionRequest,
    Scheme,
    ShrinkRequest,
    StorageRequest,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import recorded
from tests.fakes.values import a_machine, an_image


def full(**changes: Any) -> MachineInfo:
    part = PartitionInfo(
        number=1, start=MiB, size=99 * GiB, format="ntfs", uuid="0A1C", id="c0ffee", minimum=40 * GiB
    )  # fmt: skip
    sda = DiskInfo(
        name="sda", ids=("by-id/sda",), size=100 * GiB, table=PartitionTable.GPT, partitions=(replace(part, **changes),)
    )  # fmt: skip
    return a_machine(disks=(sda,))


@pytest.mark.parametrize("word", ["sda1", "/dev/sda1", "/dev/disk/by-id/sda-part1", "UUID=0A1C", "PARTUUID=c0ffee"])
def test_a_partition_is_shrunk_and_what_it_gives_up_is_used(word: str) -> None:
    request = StorageRequest(
        automatic=Automatic(scheme=Scheme.LVM, home=True), shrink=(ShrinkRequest(existing=word, size=50 * GiB + 1),)
    )
    result = expand(request, full(), an_image())
    assert result.shrink == ()
    assert result.partitions[-1] == PartitionRequest(
        existing="sda1", keep=True, resize=True, size=50 * GiB + MiB, disk="by-id/sda"
    )
    assert next(one.size for one in result.volumes if one.name == "root") > 19 * GiB


def test_shrinking_goes_with_explicit_requests_too() -> None:
    root = PartitionRequest(mount="/", size=8 * GiB)
    request = StorageRequest(partitions=(root,), shrink=(ShrinkRequest(existing="sda1", size=50 * GiB),))
    assert [one.existing for one in expand(request, full(), an_image()).partitions] == ["", "sda1"]


@pytest.mark.parametrize(
    ("changes", "size", "words"),
    [
        ({}, 39, "its content needs 40.0 GiB"),
        ({}, 99, "it has only 99.0 GiB"),
        ({"minimum": 0}, 50, "it holds ntfs, which can't be shrunk"),
        ({"minimum": 0, "format": ""}, 50, "it holds something unknown"),
        ({"mounted": ("/mnt",)}, 50, "it is mounted at /mnt"),
    ],
)
def test_what_can_not_be_shrunk_is_refused(changes: dict[str, Any], size: int, words: str) -> None:
    request = StorageRequest(automatic=Automatic(), shrink=(ShrinkRequest(existing="sda1", size=size * GiB),))
    with pytest.raises(PlanError, match=words):
        expand(request, full(**changes), an_image())


def test_shrinking_what_is_not_there_or_twice_is_refused() -> None:
    missing = ShrinkRequest(existing="sdb1", size=GiB)
    with pytest.raises(PlanError, match="no device 'sdb1'"):
        expand(StorageRequest(automatic=Automatic(), shrink=(missing,)), full(), an_image())
    twice = (ShrinkRequest(existing="sda1", size=50 * GiB), ShrinkRequest(existing="UUID=0A1C", size=60 * GiB))
    with pytest.raises(PlanError, match="sda1 is to be shrunk twice"):
        expand(StorageRequest(automatic=Automatic(), shrink=twice), full(), an_image())


def test_what_goes_can_not_be_shrunk() -> None:
    size = (ShrinkRequest(existing="sda1", size=50 * GiB),)
    request = StorageRequest(clear=Clear.ALL, automatic=Automatic(), shrink=size)
    with pytest.raises(PlanError, match="it is to be removed, too"):
        expand(request, full(), an_image())


def test_the_system_goes_where_room_was_made_for_it() -> None:
    machine = recorded("sata-16tb")
    shrink = (ShrinkRequest(existing="sdb1", size=100 * GiB),)
    request = StorageRequest(automatic=Automatic(), shrink=shrink)
    disks = {one.disk for one in expand(request, machine, an_image()).partitions}
    assert disks == {machine.disk("sdb").id}
    removed = StorageRequest(automatic=Automatic(), clear=Clear.LIST, clear_partitions=("sdb1",))
    assert {one.disk for one in expand(removed, machine, an_image()).partitions} == disks


def test_what_is_no_partition_can_not_be_shrunk() -> None:
    request = StorageRequest(automatic=Automatic(), shrink=(ShrinkRequest(existing="rl_srv1/home", size=GiB),))
    with pytest.raises(PlanError, match="rl_srv1/home is no partition"):
        expand(request, recorded("server-md"), an_image())


def test_resizing_takes_a_size() -> None:
    boot = PartitionRequest(mount="/boot", size=GiB)
    root = PartitionRequest(mount="/", existing="nvme0n1p5", resize=True)
    with pytest.raises(PlanError, match="The size of / is missing"):
        plan_storage(StorageRequest(partitions=(boot, root)), recorded("dual-boot"), an_image())


def test_a_partition_of_no_whole_mib_never_grows_when_it_shrinks() -> None:
    """Rounded up, the new size would be larger than the old one, and reach into the next partition."""
    machine = full(size=50 * GiB + 4096, format="ext4")
    request = PartitionRequest(existing="sda1", keep=True, resize=True, size=50 * GiB + 512)
    sizes, problems = resized(StorageRequest(partitions=(request,)), machine)
    assert (sizes, problems) == ({"sda1": 50 * GiB + 4096}, ())
