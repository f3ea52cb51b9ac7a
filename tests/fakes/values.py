"""Small whole values for tests: a machine, an image, a plan. Each takes the fields that matter as keywords."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashore_installer.image import ImageInfo, LayerInfo
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionTable
from ashore_installer.plan import BootPlan, ImagePayload, InstallPlan
from ashore_installer.storage_plan import DiskPlan, Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import GiB, MiB

DISK = DiskInfo(
    name="vda",
    ids=("by-id/virtio-disk0", "by-path/pci-0000:00:04.0"),
    size=20 * GiB,
    transport="virtio",
    serial="disk0",
)


def a_machine(**changes: Any) -> MachineInfo:
    """A BIOS machine with one empty 20 GiB virtio disk."""
    machine = MachineInfo(architecture="amd64", firmware=Firmware.BIOS, memory=2 * GiB, disks=(DISK,))
    return replace(machine, **changes)


def an_image(**changes: Any) -> ImageInfo:
    """A bootable image of 1 GiB with one layer."""
    layer = LayerInfo(
        digest="sha256:" + "1" * 64,
        size=300 * MiB,
        media_type="application/vnd.oci.image.layer.v1.tar+gzip",
        diff_id="sha256:" + "2" * 64,
    )
    image = ImageInfo(
        manifest_digest="sha256:" + "a" * 64,
        platform_digest="sha256:" + "a" * 64,
        config_digest="sha256:" + "b" * 64,
        architecture="amd64",
        labels={"containers.bootc": "1", "org.opencontainers.image.version": "1"},
        created="2026-01-01T00:00:00Z",
        layers=(layer,),
        unpacked_size=1 * GiB,
        files=20_000,
        kernel="6.18.1-amd64",
        kernel_size=12 * MiB,
        initramfs_size=40 * MiB,
        os_release={"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux forky/sid"},
    )
    return replace(image, **changes)


def a_storage_plan() -> StoragePlan:
    """GPT with a BIOS boot partition, /boot and an xfs root on the disk of `a_machine`."""
    disk = DISK.id
    return StoragePlan(
        disks=(DiskPlan(id=disk, name="vda", size=DISK.size, table=PartitionTable.GPT),),
        partitions=(
            PartitionPlan(id="biosboot", disk=disk, start=1 * MiB, size=1 * MiB, format=Format.BIOSBOOT),
            PartitionPlan(id="boot", disk=disk, start=2 * MiB, size=1 * GiB, format=Format.EXT4, label="boot"),
            PartitionPlan(id="root", disk=disk, start=1026 * MiB, size=18 * GiB, format=Format.XFS, label="root"),
        ),
        mounts=(MountPlan(device="root", path="/"), MountPlan(device="boot", path="/boot")),
    )


def a_plan(**changes: Any) -> InstallPlan:
    """Image mode on the disk of `a_machine`."""
    plan = InstallPlan(
        payload=ImagePayload(source="oci:/srv/image:1", target="docker://registry.example/sample:1"),
        storage=a_storage_plan(),
        boot=BootPlan(disks=(DISK.id,)),
    )
    return replace(plan, **changes)
