"""Random requests for property tests: what people could ask of what is on a machine already."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.secret import Secret
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage.partition_types import BIOS_BOOT, ESP
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import (
    BtrfsRequest,
    GroupRequest,
    MountRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import GiB, MiB

LOCKED = Encryption(passphrase=Secret("a passphrase"))
LOCK = st.sampled_from((None, None, LOCKED))
SIZES = st.sampled_from((0, MiB, 300 * MiB, 2 * GiB + 17, 9 * GiB, 70 * GiB))
_PERCENT = st.sampled_from((0, 0, 50, 100))


def names_of(machine: MachineInfo) -> list[str]:
    """Words for everything in the machine that holds something, and for something that is not there."""
    names = [partition_name(disk, one.number) for disk in machine.disks for one in disk.partitions]
    names += [f"UUID={one.uuid}" for disk in machine.disks for one in disk.partitions if one.uuid]
    names += [f"{group.name}/{one.name}" for group in machine.groups for one in group.volumes]
    return [*names, *(one.name for one in machine.arrays)] or ["sdz9"]


def existing(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """A system on what is there: devices formatted or kept, new volumes in old groups, new subvolumes in old btrfs."""
    base = _firmware(machine)
    boot = [PartitionRequest(mount="/boot", size=GiB)] if draw(st.booleans()) else []
    more = draw(st.lists(st.sampled_from(names_of(machine)), max_size=1))
    kept = [MountRequest(device=one, path="/var", reformat=draw(st.booleans())) for one in more]
    tops = [_in_device, _in_device, _in_group, _in_btrfs]
    top = draw(st.sampled_from(tops))(draw, machine)
    return replace(top, zero_mbr=True, partitions=(*base, *boot, *top.partitions), mounts=(*top.mounts, *kept))


def _firmware(machine: MachineInfo) -> list[PartitionRequest]:
    """What the machine boots from, there already if it is."""
    uefi = machine.firmware is Firmware.UEFI
    pairs = [(disk, one) for disk in machine.disks for one in disk.partitions]
    wanted = (ESP, "0xef") if uefi else (BIOS_BOOT,)
    there = [partition_name(disk, one.number) for disk, one in pairs if one.type in wanted]
    request = (
        PartitionRequest(mount="/boot/efi", size=300 * MiB) if uefi else PartitionRequest(mount="biosboot", size=MiB)
    )
    return [replace(request, size=0, existing=one, keep=True) for one in there[:1]] or [request]


def _in_device(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    word, name = st.sampled_from(names_of(machine)), draw(st.sampled_from(names_of(machine)))
    if draw(st.booleans()):
        return StorageRequest(mounts=(MountRequest(device=draw(word), path="/", reformat=draw(st.booleans())),))
    root = PartitionRequest(
        mount="/", existing=name, format=Format.XFS, resize=draw(st.sampled_from((False, False, True))),
        size=draw(SIZES), encryption=draw(LOCK),
    )  # fmt: skip
    member = PartitionRequest(name="pv.1", existing=name)
    group = GroupRequest(name="new", members=("pv.1",))
    volume = VolumeRequest(mount="/", name="root", group="new", size=2 * GiB, grow=draw(st.booleans()))
    if draw(st.booleans()):
        return StorageRequest(partitions=(member,), groups=(group,), volumes=(volume,))
    return StorageRequest(partitions=(replace(root, size=0) if not root.resize else root,))


def _in_group(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """Volumes of a group that stays: a new one, one that is formatted, one that is removed before."""
    names = [f"{group.name}/{one.name}" for group in machine.groups for one in group.volumes]
    group = machine.groups[0].name if machine.groups else "vg"
    old = draw(st.sampled_from((*names, f"{group}/none")))
    root = VolumeRequest(
        mount="/", name="fresh", group=group, size=2 * GiB, grow=draw(st.booleans()), percent=draw(_PERCENT)
    )  # fmt: skip
    root = replace(root, size=0, grow=False) if root.percent else root
    formatted = VolumeRequest(mount="/", name=old.partition("/")[2], group=group, existing=old, format=Format.EXT4)
    more = (PartitionRequest(name="pv.1", size=3 * GiB),) if draw(st.booleans()) else ()
    return StorageRequest(
        partitions=more,
        remove=draw(st.sampled_from(((), (), (old,)))),
        groups=(GroupRequest(name=group, keep=True, members=tuple(one.name for one in more)),),
        volumes=(draw(st.sampled_from((root, formatted))),),
    )


def _in_btrfs(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """A new subvolume beside the old ones or in the place of one; an old one mounted."""
    found = [(one.members[0], f"UUID={one.uuid}") for one in machine.btrfs] or [("vda1", "UUID=none")]
    device, name = draw(st.sampled_from(found))
    path = draw(st.sampled_from(("fresh", "root", "root")))
    return StorageRequest(
        remove=(f"{device}:root",) if draw(st.booleans()) else (),
        btrfs=(BtrfsRequest(name=name, keep=True),),
        subvolumes=(
            SubvolumeRequest(volume=name, path=path, mount="/"),
            SubvolumeRequest(volume=name, path="home", mount="/home", keep=True),
        ),
    )
