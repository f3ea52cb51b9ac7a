"""From a draft to a plan, on recorded machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.finalize import finalize
from ashore_installer.machine import MachineInfo
from ashore_installer.payload_info import InstallConfig
from ashore_installer.plan import Draft, InstallPlan, PayloadRequest
from ashore_installer.storage_plan import Format, RaidLevel
from ashore_installer.storage_request import ArrayRequest, Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB
from tests.fakes.values import a_machine, an_image

MACHINES = Path(__file__).parent.parent / "machines"
DRAFT = Draft(
    payload=PayloadRequest(source="oci:/srv/image:1", target="docker://registry.example/os:1"),
    storage=StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic()),
)


def machine(name: str) -> MachineInfo:
    return codec.from_json((MACHINES / f"{name}.json").read_text(), MachineInfo, name)


def test_a_plan_is_whole_and_the_same_every_time() -> None:
    plan = finalize(DRAFT, machine("qemu-bios-virtio"), an_image())
    assert plan == finalize(DRAFT, machine("qemu-bios-virtio"), an_image())
    assert codec.from_json(codec.to_json(plan), InstallPlan, "The plan") == plan
    assert plan.boot.disks[0] == plan.storage.partition("root").disk
    assert plan.image.stateroot == "default"


def test_uefi_boots_from_the_disk_of_the_esp() -> None:
    plan = finalize(DRAFT, machine("qemu-uefi-nvme"), an_image())
    efi = next(partition for partition in plan.storage.partitions if partition.format is Format.EFI)
    assert plan.boot.disks[0] == efi.disk


def test_the_boot_disk_asked_for_is_the_boot_disk() -> None:
    two = machine("two-sata")
    for disk in two.disks:
        plan = finalize(replace(DRAFT, boot_disk=disk.name), two, an_image())
        assert plan.boot.disks[0] == disk.id
        assert plan.storage.partition("root").disk == disk.id


def test_every_disk_of_a_mirror_boots_and_the_order_may_stay() -> None:
    members = ("raid.a", "raid.b")
    request = StorageRequest(
        clear=Clear.ALL,
        zero_mbr=True,
        required=True,
        partitions=tuple(PartitionRequest(name=name, size=60 * GiB) for name in members),
        arrays=(ArrayRequest(mount="/", name="root", level=RaidLevel.RAID1, members=members),),
    )
    two = machine("two-sata")
    can_raid = an_image(initramfs=("raid", "xfs", "ahci"), programs=("mdadm", "xfs"))
    draft = replace(DRAFT, storage=request, leave_boot_order=True, boot_timeout=3)
    plan = finalize(draft, two, can_raid)
    assert plan.boot.disks == tuple(disk.id for disk in two.disks)
    assert (plan.boot.leave_order, plan.boot.timeout) == (True, 3)
    last = two.disks[1]
    assert finalize(replace(draft, boot_disk=last.name), two, can_raid).boot.disks == (last.id, two.disks[0].id)


def test_the_images_install_config_is_the_default() -> None:
    image = an_image(install=InstallConfig(stateroot="shore", root_fs_type="btrfs", enforce_container_sigpolicy=True))
    plan = finalize(DRAFT, a_machine(), image)
    assert plan.image.stateroot == "shore"
    assert plan.image.signed
    assert plan.storage.format_of("/") is Format.BTRFS


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (replace(DRAFT, storage=None), "disks"),
        (replace(DRAFT, payload=PayloadRequest()), "image"),
        (replace(DRAFT, boot_disk="sdz"), "sdz"),
        (replace(DRAFT, storage=StorageRequest(automatic=Automatic(), only_use=("sdz",))), "sdz"),
    ],
)
def test_what_is_missing_or_unknown_is_said_with_a_hint(draft: Draft, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        finalize(draft, a_machine(), an_image())
    assert caught.value.hint


def test_the_medium_is_never_a_destination() -> None:
    for name in ("medium-on-usb",):
        seen = machine(name)
        medium = next(disk for disk in seen.disks if disk.medium)
        plan = finalize(DRAFT, seen, an_image())
        assert medium.id not in {disk.id for disk in plan.storage.disks}
        with pytest.raises(BadInput):
            finalize(
                replace(DRAFT, storage=StorageRequest(clear=Clear.ALL, automatic=Automatic(), only_use=(medium.name,))),
                seen,
                an_image(),
            )
