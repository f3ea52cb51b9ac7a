"""Which disks can't be used now, and which only hold something that can be stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.storage.probe_disks import disks_from
from ashore_installer.storage.records import BlockRecord, MountRecord, parse_mounts
from ashore_installer.units import GiB

DISK = BlockRecord(name="sda", number="8:0", size=GiB, holders=())
PART = BlockRecord(name="sda1", number="8:1", size=GiB, disk="sda", holders=("md127",))
ARRAY = BlockRecord(
    name="md127", number="9:127", size=GiB, slaves=("sda1",), holders=("dm-0",), md={"level": "raid1"},
    links=("/dev/md/sys",),
)  # fmt: skip
VOLUME = BlockRecord(
    name="dm-0", number="253:0", size=GiB, slaves=("md127",), holders=("dm-1",), dm="vg-root", dm_uuid="LVM-abc",
    properties={"DM_VG_NAME": "vg", "DM_LV_NAME": "root"}, links=("/dev/vg/root", "/dev/mapper/vg-root"),
)  # fmt: skip
OPENED = BlockRecord(
    name="dm-1", number="253:1", size=GiB, slaves=("dm-0",), dm="luks-1", dm_uuid="CRYPT-LUKS2-1",
    links=("/dev/mapper/luks-1",),
)  # fmt: skip
STACK = (DISK, PART, ARRAY, VOLUME, OPENED)


def busy(records: tuple[BlockRecord, ...], mounts: tuple[MountRecord, ...] = (), swaps: tuple[str, ...] = ()) -> str:
    return disks_from(records, mounts, swaps)[0].busy


def test_what_runs_without_being_used_can_be_stopped() -> None:
    assert busy(STACK) == ""


@pytest.mark.parametrize(
    ("mounts", "swaps", "reason"),
    [
        ("1 0 253:1 / /mnt rw - xfs /dev/mapper/luks-1 rw\n", (), "sda1 holds luks-1, which is mounted at /mnt"),
        ("1 0 253:0 / /mnt rw - xfs /dev/mapper/vg-root rw\n", (), "sda1 holds vg/root, which is mounted at /mnt"),
        ("", ("/dev/mapper/luks-1",), "sda1 holds luks-1, which is active swap space"),
        ("1 0 9:127 / /mnt rw - ext4 /dev/md127 rw\n", (), "sda1 holds md127, which is mounted at /mnt"),
        ("1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n", (), "sda1 is mounted at /mnt"),
    ],
)
def test_what_is_used_somewhere_above_makes_the_disk_busy(mounts: str, swaps: tuple[str, ...], reason: str) -> None:
    assert busy(STACK, parse_mounts(mounts), swaps) == reason


def test_a_partition_of_an_array_counts() -> None:
    part = BlockRecord(name="md127p1", number="259:0", size=GiB, disk="md127")
    mounts = parse_mounts("1 0 259:0 / /mnt rw - ext4 /dev/md127p1 rw\n")
    assert busy((*STACK, part), mounts) == "sda1 holds md127p1, which is mounted at /mnt"


@pytest.mark.parametrize("owner", ["mpath-3600", "DMRAID-isw_x", ""])
def test_a_mapped_device_of_somebody_else_is_not_ours_to_stop(owner: str) -> None:
    disk = BlockRecord(name="sda", number="8:0", size=GiB, holders=("dm-0",))
    mapped = BlockRecord(name="dm-0", number="253:0", size=GiB, slaves=("sda",), dm="theirs", dm_uuid=owner)
    assert busy((disk, mapped)) == "sda is part of the active device theirs"


def test_every_member_of_a_mounted_btrfs_volume_is_busy() -> None:
    facts = {"ID_FS_TYPE": "btrfs", "ID_FS_UUID": "u"}
    one = BlockRecord(name="sda", number="8:0", size=GiB, properties=facts)
    other = BlockRecord(name="sdb", number="8:16", size=GiB, properties=facts)
    mounts = parse_mounts("1 0 0:40 / /mnt rw - btrfs /dev/sda rw\n")
    disks = disks_from((one, other), mounts, ())
    assert [disk.busy for disk in disks] == ["sda is mounted at /mnt", "sdb is mounted at /mnt"]


@pytest.mark.parametrize(
    "content", ["linux_raid_member", "LVM2_member", "crypto_LUKS", "btrfs", "ext4", "zfs_member", ""]
)
def test_leftovers_keep_nobody_from_a_disk(content: str) -> None:
    assert busy((BlockRecord(name="sda", number="8:0", size=GiB, properties={"ID_FS_TYPE": content}),)) == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("isw_raid_member", "sda belongs to a firmware RAID (isw_raid_member)"),
        ("ddf_raid_member", "sda belongs to a firmware RAID (ddf_raid_member)"),
        ("mpath_member", "sda is one path of a multipath device"),
    ],
)
def test_members_of_what_we_do_not_run_are_refused(content: str, reason: str) -> None:
    assert busy((BlockRecord(name="sda", number="8:0", size=GiB, properties={"ID_FS_TYPE": content}),)) == reason


SCSI = "/devices/pci0000:00/0000:00:03.0"


@pytest.mark.parametrize(
    ("name", "path", "id_path", "kind"),
    [
        ("sda", "/devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sda", "", "an iSCSI disk; network"),
        ("sda", "", "ip-10.0.0.1:3260-iscsi-iqn.2026-01.x:y-lun-1", "an iSCSI disk; network"),
        ("sda", f"{SCSI}/net/eth3/ctlr_0/host5/rport-5:0-3/target5:0:1/5:0:1:0/block/sda", "", "an FCoE disk; network"),
        ("sda", "/devices/virtual/net/eth4.802-fcoe/host3/rport-3:0-4/x/block/sda", "", "an FCoE disk; network"),
        ("sda", "", "pci-eth0-fc-0x5006-lun-0", "an FCoE disk; network"),
        ("nvme1n1", "/devices/virtual/nvme-fabrics/ctl/nvme1/nvme1n1", "", "an NVMe disk behind a network; network"),
        ("dasda", "/devices/css0/0.0.0000/0.0.0120/block/dasda", "ccw-0.0.0120", "a DASD; mainframe"),
        ("sda", "", "ccw-0.0.1940-fc-0x5005-lun-0x4010", "a zFCP disk; mainframe"),
    ],
)
def test_disks_behind_a_network_or_a_channel_are_refused(name: str, path: str, id_path: str, kind: str) -> None:
    disk = BlockRecord(name=name, number="8:0", size=GiB, path=path, properties={"ID_PATH": id_path})
    assert busy((disk,)) == f"{name} is {kind} disks can't be used yet"


@pytest.mark.parametrize(
    ("path", "id_path"),
    [
        (f"{SCSI}/ata1/host0/target0:0:0/0:0:0:0/block/sda", "pci-0000:00:03.0-ata-1"),
        (f"{SCSI}/host2/rport-2:0-0/target2:0:0/2:0:0:0/block/sda", "pci-0000:00:03.0-fc-0x5006-lun-0"),
        (f"{SCSI}/virtio1/host2/target2:0:0/2:0:0:0/block/sda", "pci-0000:00:03.0-scsi-0:0:0:0"),
    ],
)
def test_disks_of_an_adapter_are_just_disks(path: str, id_path: str) -> None:
    disk = BlockRecord(name="sda", number="8:0", size=GiB, path=path, properties={"ID_PATH": id_path})
    assert busy((disk,)) == ""


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({}, "sda and sdb are two paths to one disk; multipath devices can't be used yet"),
        ({"properties": {"ID_WWN_WITH_EXTENSION": "0x5000c500a1b2c3d5"}}, ""),
        ({"size": 2 * GiB}, ""),
        ({"properties": {}}, ""),
    ],
)
def test_a_disk_that_is_there_twice_is_refused(other: dict[str, Any], reason: str) -> None:
    disk = BlockRecord(name="sda", number="8:0", size=GiB, properties={"ID_WWN_WITH_EXTENSION": "0x5000c500a1b2c3d4"})
    path = replace(disk, **{"name": "sdb", "number": "8:16", **other})
    assert busy((disk, path)) == reason


def test_sticks_have_the_names_of_others() -> None:
    facts = {"ID_WWN": "0x5000000000000001"}
    stick = BlockRecord(name="sda", number="8:0", size=GiB, path="/devices/usb1/1-1/block/sda", properties=facts)
    assert busy((stick, replace(stick, name="sdb", number="8:16"))) == ""
