"""What a plan destroys, in the sentences that people confirm."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.losses import losses
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from tests.fakes.machines import recorded
from tests.fakes.values import an_image


def texts(request: StorageRequest, machine: str) -> list[str]:
    info = recorded(machine)
    return [loss.text for loss in losses(plan_storage(request, info, an_image()), info)]


ERASE = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic())


def test_erasing_windows_names_each_partition() -> None:
    disk = "476.9 GiB SKHynix_HFS512GDE9X084N, nvme, serial 4YA7N0123, /dev/nvme0n1 [by-id/nvme-eui.ace42e0017aabbcc]"
    whole, *parts = texts(ERASE, "laptop-windows")
    assert whole == f"{disk} is erased. It loses its partition table and every partition on it."
    assert [part.removesuffix(" is deleted with everything in it.") for part in parts] == [
        "nvme0n1p1 (260.0 MiB, EFI system partition, vfat, “SYSTEM”, “EFI system partition”)",
        "nvme0n1p2 (16.0 MiB, Windows reserved, “Microsoft reserved partition”)",
        "nvme0n1p3 (400.0 GiB, Windows data, ntfs, “Windows”, “Basic data partition”)",
        "nvme0n1p4 (1.0 GiB, Windows recovery, ntfs, “Recovery”, “Basic data partition”)",
    ]


def test_only_what_goes_is_named() -> None:
    info = recorded("medium-on-usb")
    plan = plan_storage(StorageRequest(clear=Clear.LINUX, automatic=Automatic()), info, an_image())
    found = losses(plan, info)
    assert [(loss.name, loss.number, loss.label, loss.format, loss.kind) for loss in found] == [
        ("nvme0n1p2", 2, "boot", "ext4", "Linux data"),
        ("nvme0n1p3", 3, "fedora", "btrfs", "Linux data"),
    ]


def test_free_space_costs_nothing() -> None:
    assert texts(StorageRequest(automatic=Automatic()), "laptop-windows") == []


def test_content_without_a_table_is_named_or_called_unknown() -> None:
    assert texts(replace(ERASE, only_use=("sdc",)), "server-raid")[0].endswith("It loses its LVM2_member content.")
    assert "whatever is on it is lost" in texts(ERASE, "qemu-bios-virtio")[0]
