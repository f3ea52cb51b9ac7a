"""What mdadm, cryptsetup, LVM and btrfs say of the disks, compared with a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from ashore_installer.storage.prove_stacks import (
    array_differences,
    btrfs_differences,
    btrfs_facts,
    group_differences,
    luks_differences,
    parse_export,
    parse_report,
    volume_differences,
)
from ashore_installer.storage.readback import difference
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    Encryption,
    EncryptionPlan,
    Existing,
    Format,
    GroupPlan,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    SubvolumePlan,
    VolumeKind,
    VolumePlan,
)
from ashore_installer.units import GiB, MiB

NODES = {"a": "/dev/vda1", "b": "/dev/vdb1", "c": "/dev/vdc1", "crypt": "/dev/mapper/cryptroot"}


def named(node: str) -> str:
    return {"/dev/mapper/cryptroot": "dm-0"}.get(node, node.rpartition("/")[2])


def said(texts: Iterable[str]) -> str:
    return "\n".join(texts)


# --- blocks --------------------------------------------------------------------------------------------------


def test_what_stays_is_known_by_its_own_uuid() -> None:
    was = Existing(name="vda1", number=1, format="ext4", content="u1", size=GiB)
    kept = PartitionPlan(id="home", disk="d", start=MiB, size=GiB, format=Format.EXT4, existing=was, keep=True)
    plan = StoragePlan(partitions=(kept,))
    facts = {"PART_ENTRY_OFFSET": "2048", "PART_ENTRY_SIZE": "2097152", "TYPE": "ext4", "LABEL": "any", "UUID": "u1"}
    assert difference(plan, kept, facts) == ""
    assert "should stay, but holds something else" in difference(plan, kept, {**facts, "UUID": "u2"})
    assert "home lies at 1024" in difference(plan, kept, {**facts, "PART_ENTRY_OFFSET": "2"})


def test_members_of_an_array_with_an_esp_are_esps_for_the_firmware() -> None:
    member = PartitionPlan(id="a", disk="d", start=MiB, size=GiB, format=Format.RAID)
    array = ArrayPlan(id="esp", name="esp", level=RaidLevel.RAID1, members=("a",), size=1, format=Format.EFI)
    facts = {"PART_ENTRY_OFFSET": "2048", "PART_ENTRY_SIZE": "2097152", "TYPE": "linux_raid_member", "UUID": "u"}
    linux = {**facts, "PART_ENTRY_TYPE": "a19d880f-05fc-4d3b-a006-743f0f84911e"}
    esp = {**facts, "PART_ENTRY_TYPE": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"}
    plan = StoragePlan(partitions=(member,), arrays=(array,))
    assert "has the partition type a19d880f" in difference(plan, member, linux)
    assert difference(plan, member, esp) == ""
    assert difference(StoragePlan(partitions=(member,)), member, linux) == ""


# --- arrays --------------------------------------------------------------------------------------------------

ARRAY = ArrayPlan(
    id="root", name="root", level=RaidLevel.RAID1, members=("a", "b", "c"), spares=1, size=GiB, format=Format.XFS
)
EXPORT = """\
MD_LEVEL=raid1
MD_DEVICES=2
MD_METADATA=1.2
MD_UUID=8b3d4b1a:5f0d6a5e:0c5ac4a6:93b76a0b
MD_NAME=host:root
MD_DEVICE_dev_vda1_ROLE=0
MD_DEVICE_dev_vda1_DEV=/dev/vda1
MD_DEVICE_dev_vdb1_ROLE=1
MD_DEVICE_dev_vdb1_DEV=/dev/vdb1
MD_DEVICE_dev_vdc1_ROLE=spare
MD_DEVICE_dev_vdc1_DEV=/dev/vdc1
"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"level": RaidLevel.RAID5}, "is a raid1, and not a raid5"),
        ({"members": ("a", "b")}, "is made of vda1, vdb1, vdc1, and not of a, b"),
        ({"spares": 0}, "has 1 spares, and not 0"),
        ({"metadata": "1.0"}, "has metadata 1.2, and not 1.0"),
    ],
)
def test_arrays(change: dict[str, object], words: str) -> None:
    plan = replace(ARRAY, **change)  # type: ignore[arg-type]
    found = said(array_differences(plan, parse_export(EXPORT), NODES, named))
    assert words in found
    assert bool(found) is bool(words)


# --- LUKS ----------------------------------------------------------------------------------------------------

DUMP = {
    "keyslots": {"0": {"kdf": {"type": "argon2id", "time": 4, "memory": 65536, "cpus": 1}}},
    "segments": {"0": {"encryption": "aes-xts-plain64", "sector_size": 512}},
}
PBKDF2 = {**DUMP, "keyslots": {"0": {"kdf": {"type": "pbkdf2", "iterations": 1000}}}}


@pytest.mark.parametrize(
    ("wanted", "version", "dump", "words"),
    [
        (Encryption(), "2", DUMP, ""),
        (Encryption(luks="luks1", cipher="aes-xts-plain64"), "1", {}, ""),
        (Encryption(), "1", {}, "is encrypted by luks1, and not by luks2"),
        (Encryption(cipher="aes-cbc-plain64"), "2", DUMP, "has the cipher aes-xts-plain64"),
        (Encryption(pbkdf="pbkdf2"), "2", DUMP, "has the key derivation argon2id"),
        (Encryption(pbkdf_memory=32768), "2", DUMP, "needs 65536 KiB"),
        (Encryption(pbkdf="pbkdf2", pbkdf_iterations=1000), "2", PBKDF2, ""),
        (Encryption(pbkdf_iterations=2000), "2", PBKDF2, "takes 1000 iterations"),
        (Encryption(pbkdf_iterations=4), "2", DUMP, ""),
    ],
)
def test_luks(wanted: Encryption, version: str, dump: dict[str, object], words: str) -> None:
    plan = EncryptionPlan(id="crypt", device="a", name="", size=GiB, format=Format.XFS, encryption=wanted)
    found = said(luks_differences(plan, version, dump))
    assert words in found
    assert bool(found) is bool(words)


# --- LVM -----------------------------------------------------------------------------------------------------

GROUP = GroupPlan(id="vg", name="sys", members=("crypt",), extent=4 * MiB)
GROUP_ROWS = parse_report(
    json.dumps({"report": [{"vg": [
        {"vg_name": "sys", "vg_uuid": "u", "vg_extent_size": str(4 * MiB), "pv_name": "/dev/mapper/cryptroot"},
        {"vg_name": "old", "vg_uuid": "v", "vg_extent_size": str(8 * MiB), "pv_name": "/dev/vda1"},
    ]}]}), "vg",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"name": "other"}, "There is no volume group other"),
        ({"extent": 8 * MiB}, "has extents of 4194304 bytes"),
        ({"members": ("crypt", "a")}, "lies on dm-0, and not on crypt, a"),
    ],
)
def test_groups(change: dict[str, object], words: str) -> None:
    found = said(group_differences(replace(GROUP, **change), GROUP_ROWS, NODES, named))  # type: ignore[arg-type]
    assert words in found
    assert bool(found) is bool(words)


POOL = VolumePlan(
    id="pool", group="vg", name="pool00", kind=VolumeKind.POOL, size=GiB, metadata=8 * MiB, chunk=65536,
    format=Format.NONE,
)  # fmt: skip
THIN = VolumePlan(id="root", group="vg", name="root", kind=VolumeKind.THIN, pool="pool", size=GiB, format=Format.XFS)


def row(name: str, **changes: str) -> dict[str, str]:
    common = {"vg_name": "sys", "lv_name": name, "lv_uuid": name, "lv_size": str(GiB), "segtype": "linear"}
    return {**common, "pool_lv": "", "lv_metadata_size": "", "chunk_size": "0", **changes}


ROWS = (
    row("pool00", segtype="thin-pool", lv_metadata_size=str(8 * MiB), chunk_size="65536"),
    row("root", segtype="thin", pool_lv="pool00"),
    # It spans two physical volumes: lvs says a line for each segment.
    row("long"),
    row("long"),
)


@pytest.mark.parametrize(
    ("plan", "pool", "words"),
    [
        (POOL, "", ""),
        (THIN, "pool00", ""),
        (replace(THIN, name="long", kind=VolumeKind.LINEAR, pool=""), "", ""),
        (replace(THIN, name="other"), "pool00", "no logical volume sys/other"),
        (replace(THIN, size=2 * GiB), "pool00", "has 1073741824 bytes, and not 2147483648"),
        (replace(THIN, kind=VolumeKind.LINEAR), "pool00", "is thin, and not linear"),
        (THIN, "pool01", "is in the pool 'pool00', and not in 'pool01'"),
        (replace(POOL, metadata=4 * MiB), "", "has metadata of 8388608 bytes"),
        (replace(POOL, chunk=131072), "", "has chunks of 65536 bytes"),
        (replace(POOL, metadata=0, chunk=0), "", ""),
    ],
)
def test_volumes(plan: VolumePlan, pool: str, words: str) -> None:
    found = said(volume_differences(plan, "sys", pool, ROWS))
    assert words in found
    assert bool(found) is bool(words)


# --- btrfs ---------------------------------------------------------------------------------------------------

SHOW = """\
Label: 'my data'  uuid: 5c21b3ab-23fb-4a4d-bdb1-b0aa0d3a0a5a
\tTotal devices 2 FS bytes used 144.00KiB
\tdevid    1 size 2.00GiB used 212.75MiB path /dev/vda1
\tdevid    2 size 2.00GiB used 212.75MiB path /dev/vdb1

"""
USAGE = """\
Data, RAID0: total=204.75MiB, used=0.00B
System, RAID1: total=8.00MiB, used=16.00KiB
Metadata, RAID1: total=102.38MiB, used=128.00KiB
GlobalReserve, single: total=5.50MiB, used=0.00B
"""
LIST = "ID 256 gen 7 top level 5 path home\nID 257 gen 7 top level 256 path home/.old snapshots\n"
VOLUME = BtrfsPlan(id="vol", members=("a", "b"), label="my data", data="raid0", metadata="raid1")
SUBVOLUMES = (SubvolumePlan(id="s", volume="vol", path="home"), SubvolumePlan(id="t", volume="other", path="x"))


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({}, "home", ""),
        ({}, "home/.old snapshots", ""),
        ({}, "var", "has no subvolume var"),
        ({"label": ""}, "home", "has the label 'my data'"),
        ({"label": "", "mkfs": "-L 'my data'"}, "home", ""),
        ({"members": ("a",)}, "home", "lies on vda1, vdb1"),
        ({"data": "single"}, "home", "has the profile raid0 for data, and not single"),
        ({"metadata": "raid1c3"}, "home", "has the profile raid1 for metadata"),
    ],
)
def test_btrfs(change: dict[str, object], path: str, words: str) -> None:
    storage = StoragePlan(subvolumes=(replace(SUBVOLUMES[0], path=path), SUBVOLUMES[1]))
    plan = replace(VOLUME, **change)  # type: ignore[arg-type]
    found = said(btrfs_differences(plan, storage, btrfs_facts(SHOW, USAGE, LIST), NODES, named))
    assert words in found
    assert bool(found) is bool(words)


def test_a_small_btrfs_keeps_data_and_metadata_together() -> None:
    facts = btrfs_facts("Label: none  uuid: x\n", "Data+Metadata, single: total=8.00MiB, used=0.00B\n", "")
    assert (facts.label, facts.profiles["data"], facts.profiles["metadata"]) == ("", "single", "single")
