"""What does not run is started read-only, looked at and stopped again; and what LVM, md and btrfs say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.machine import ArrayInfo, GroupInfo, VolumeInfo
from ashore_installer.storage.probe_btrfs import parse_shown, parse_subvolumes
from ashore_installer.storage.probe_lvm import groups_from, parse_report, reports
from ashore_installer.storage.probe_raid import arrays_from, dashed, parse_examined, stopped_names
from ashore_installer.storage.probe_stacks import Stacks, look
from ashore_installer.storage.probe_tools import Seeing
from ashore_installer.storage.records import BlockRecord
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, FakeRunner

UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
MD_UUID = "0a1b2c3d:4e5f6071:8293a4b5:c6d7e8f9"
EXAMINED = f"""\
ARRAY /dev/md/sys  level=raid1 metadata=1.2 num-devices=2 UUID={MD_UUID} name=server:sys
   devices=/dev/sdb1,/dev/sda1
ARRAY metadata=imsm UUID=11111111:22222222:33333333:44444444
   devices=/dev/sdc
ARRAY /dev/md/data  level=raid5 metadata=1.0 num-devices=3 UUID=55555555:66666666:77777777:88888888 name=data
   spares=1   devices=/dev/sdd1
ARRAY /dev/md0 level=raid0 num-devices=2 UUID=99999999:aaaaaaaa:bbbbbbbb:cccccccc
   devices=/dev/sde1,/dev/gone
"""
GROUP, OTHER = "rUa0aF-uuuu", "s2wdyS-vvvv"


def lvm(kind: str, *rows: dict[str, str]) -> str:
    return json.dumps({"report": [{kind: list(rows)}], "log": []})


VGS = lvm(
    "vg",
    {"vg_uuid": GROUP, "vg_name": "vg", "vg_size": str(GiB), "vg_free": str(100 * MiB),
     "vg_extent_size": str(4 * MiB), "vg_missing_pv_count": "1"},
)  # fmt: skip
PVS = lvm(
    "pv",
    {"pv_name": "/dev/md127", "vg_uuid": GROUP, "pv_missing": ""},
    {"pv_name": "[unknown]", "vg_uuid": GROUP, "pv_missing": "missing"},
    {"pv_name": "/dev/sdz1", "vg_uuid": "", "pv_missing": ""},
)


def row(name: str, kind: str = "linear", attributes: str = "-wi-------", pool: str = "") -> dict[str, str]:
    return {
        "lv_uuid": f"{name}-id", "lv_name": name, "vg_uuid": GROUP, "vg_name": "vg", "lv_size": str(64 * MiB),
        "segtype": kind, "pool_lv": pool, "lv_attr": attributes, "lv_active": "active" if "a" in attributes else "",
    }  # fmt: skip


LVS = lvm(
    "lv",
    row("root", attributes="owi-------"),
    row("root", kind="striped", attributes="owi-------"),
    row("pool", "thin-pool", "twi---tz--"),
    row("thin", "thin", "Vwi---tz--", "pool"),
    row("copy", "thin", "Vwi---tz-k", "pool"),
    row("snap", attributes="swi-------"),
    row("mirror", "raid1", "rwi---r---"),
    row("running", attributes="-wi-a-----"),
)

MEMBER = {"ID_FS_TYPE": "linux_raid_member", "ID_FS_UUID": UUID}
DISKS = tuple(BlockRecord(name=name, number=f"8:{16 * at}", size=GiB) for at, name in enumerate(("sda", "sdb")))
PARTS = tuple(
    BlockRecord(name=f"{disk.name}1", number=f"{disk.number}1", size=GiB, disk=disk.name, properties=MEMBER)
    for disk in DISKS
)
ARRAY = BlockRecord(
    name="md127", number="9:127", size=GiB, slaves=("sda1", "sdb1"), links=("/dev/md/ashore-0",),
    md={"level": "raid1", "raid_disks": "2", "metadata_version": "1.2", "array_state": "readonly"},
    properties={"ID_FS_TYPE": "LVM2_member", "ID_FS_UUID": "pv", "MD_UUID": MD_UUID, "MD_NAME": "server:sys"},
)  # fmt: skip
VOLUME = BlockRecord(
    name="dm-0", number="253:0", size=64 * MiB, slaves=("md127",), links=("/dev/vg/root",), dm="vg-root",
    dm_uuid="LVM-rUa0aFuuuurootid", properties={"ID_FS_TYPE": "ext4", "ID_FS_UUID": "fs", "DM_VG_NAME": "vg"},
)  # fmt: skip


class Machine:
    """Gives one set of records after the other; the last stays."""

    def __init__(self, run: FakeRunner, place: Path, *states: Sequence[BlockRecord]) -> None:
        self._states: Iterator[Sequence[BlockRecord]] = iter(states)
        self._now: Sequence[BlockRecord] = ()
        self.seeing = Seeing(records=self._next, mounts=lambda: (), run=run, place=place)

    def _next(self) -> tuple[BlockRecord, ...]:
        self._now = next(self._states, self._now)
        return tuple(self._now)


SNAPSHOTS = tuple(f"ashore-0-{at}" for at in range(2))
COPIES = tuple(
    BlockRecord(
        name=f"dm-{at + 7}",
        number=f"253:{at + 7}",
        size=GiB,
        slaves=(part.name, f"loop{at + 1}"),
        dm=name,
        properties=MEMBER,
    )
    for at, (name, part) in enumerate(zip(SNAPSHOTS, PARTS, strict=True))
)
"""Through what a stopped array is looked at."""


def copied(place: Path) -> tuple[Answer, ...]:
    """What programs say while snapshots of the members are made; `place` is where their writes go."""
    sizes = (Answer(words=("--getsz", f"/dev/{part.name}"), output="2097152\n") for part in PARTS)
    loops = (
        Answer(words=("--show", str(place / name)), output=f"/dev/loop{number}\n")
        for number, name in enumerate(SNAPSHOTS, 1)
    )
    return (*sizes, *loops)


def seen(run: FakeRunner, place: Path, *states: Sequence[BlockRecord]) -> Stacks:
    return look(Machine(run, place, *states).seeing, ())


# --- all together --------------------------------------------------------------------------------------------


def test_a_group_on_a_stopped_array_is_looked_at_and_everything_is_stopped_again(tmp_path: Path) -> None:
    asleep = (*DISKS, *PARTS)
    run = FakeRunner(
        Answer(words=("--examine",), output=EXAMINED.split("ARRAY metadata", 1)[0]),
        *copied(tmp_path),
        *(Answer(words=(name,), output=text) for name, text in (("vgs", VGS), ("pvs", PVS), ("lvs", LVS))),
        Answer(words=("dumpe2fs",), output="Block size: 1024\n"),
        Answer(words=("resize2fs",), output="Estimated minimum size of the filesystem: 10240\n"),
    )
    running = (*asleep, *COPIES, replace(ARRAY, slaves=("dm-7", "dm-8")))
    found = seen(run, tmp_path, asleep, running, running, (*running, VOLUME))
    (array,) = found.arrays
    assert (array.name, array.active, array.format, array.members) == ("sys", False, "LVM2_member", ("sda1", "sdb1"))
    (group,) = found.groups
    assert group.members == ("sys",)
    root = next(volume for volume in group.volumes if volume.name == "root")
    assert (root.format, root.content, root.minimum) == ("ext4", "fs", 11 * MiB)
    assert [disk.busy for disk in found.disks] == ["", ""]
    names = ("vg/root", "vg/thin")
    config = 'activation/read_only_volume_list=["vg"] global/thin_check_options=["-q"]'
    work = [argv for argv in run.argvs if argv[0] in ("mdadm", "lvchange", "losetup", "dmsetup") or "control" in argv]
    assert work == [
        ("mdadm", "--examine", "--scan", "--verbose"),
        ("udevadm", "control", "--property=ANACONDA=1"),
        ("losetup", "--find", "--show", str(tmp_path / "ashore-0-0")),
        ("dmsetup", "create", "ashore-0-0", "--table", "0 2097152 snapshot /dev/sda1 /dev/loop1 N 8"),
        ("losetup", "--find", "--show", str(tmp_path / "ashore-0-1")),
        ("dmsetup", "create", "ashore-0-1", "--table", "0 2097152 snapshot /dev/sdb1 /dev/loop2 N 8"),
        (
            "mdadm",
            "--assemble",
            "--readonly",
            "--run",
            "/dev/md/ashore-0",
            *(f"/dev/mapper/{one}" for one in SNAPSHOTS),
        ),
        ("lvchange", "--config", config, "--activate", "y", "--monitor", "n", *names),
        ("lvchange", "--activate", "n", *names),
        ("mdadm", "--stop", "/dev/md/ashore-0"),
        ("dmsetup", "remove", "--retry", "ashore-0-1"),
        ("losetup", "--detach", "/dev/loop2"),
        ("dmsetup", "remove", "--retry", "ashore-0-0"),
        ("losetup", "--detach", "/dev/loop1"),
        ("udevadm", "control", "--property=ANACONDA="),
    ]
    assert list(tmp_path.iterdir()) == []


def test_what_was_started_is_stopped_when_looking_fails(tmp_path: Path) -> None:
    asleep, running = (*DISKS, *PARTS), (*DISKS, *PARTS, ARRAY)
    run = FakeRunner(
        Answer(words=("--examine",), output=EXAMINED), Answer(words=("vgs",), status=127, stderr="")
    )  # fmt: skip
    with pytest.raises(InstallerError, match="vgs is missing"):
        seen(run, tmp_path, asleep, running)
    assert run.ran("mdadm", "--stop", "/dev/md/ashore-0")


def test_a_machine_without_stacks_is_asked_nothing(tmp_path: Path) -> None:
    run = FakeRunner()
    assert seen(run, tmp_path, DISKS) == Stacks(disks=seen(run, tmp_path, DISKS).disks)
    assert run.argvs == []


# --- arrays --------------------------------------------------------------------------------------------------


def test_arrays_are_read_from_their_superblocks() -> None:
    sys, data, old = parse_examined(EXAMINED)
    assert (sys.uuid, sys.label, sys.level, sys.metadata, sys.wanted) == (UUID, "sys", "raid1", "1.2", 2)
    assert sys.members == ("/dev/sda1", "/dev/sdb1")
    assert (data.label, data.metadata, data.wanted, data.members) == ("data", "1.0", 3, ("/dev/sdd1",))
    assert (old.name, old.label, old.metadata) == ("md0", "", "0.90")
    assert dashed(MD_UUID) == UUID
    assert list(stopped_names((sys, data, old)).values()) == ["sys", "data", "md0"]
    assert stopped_names((sys, data, old, data))[data.uuid] == "data"


def test_an_array_that_can_not_run_is_known_by_its_members() -> None:
    part = BlockRecord(name="sde1", number="8:65", size=GiB, disk="sde")
    (old,) = [array for array in arrays_from((part,), (), parse_examined(EXAMINED), {}) if array.name == "md0"]
    assert old == ArrayInfo(
        name="md0", uuid="99999999-aaaa-aaaa-bbbb-bbbbcccccccc", level="raid0", metadata="0.90", members=("sde1",),
        wanted=2, active=False,
    )  # fmt: skip


def test_an_array_that_runs_keeps_its_name_and_a_firmware_container_is_none() -> None:
    container = BlockRecord(name="md126", number="9:126", size=0, md={"metadata_version": "external:imsm"})
    (array,) = arrays_from((*PARTS, ARRAY, container), (), parse_examined(EXAMINED)[:1], {})
    assert (array.name, array.uuid, array.label, array.level) == ("md127", UUID, "sys", "raid1")
    assert (array.active, array.wanted, array.size, array.metadata) == (True, 2, GiB, "1.2")


def test_half_an_array_that_udev_has_begun_to_assemble_is_not_active() -> None:
    half = BlockRecord(
        name="md127", number="9:127", size=0, slaves=("sda1",),
        md={"level": "", "raid_disks": "0", "metadata_version": "1.2", "array_state": "inactive"},
    )  # fmt: skip
    (array,) = arrays_from((*PARTS, half), (), parse_examined(EXAMINED)[:1], {})
    assert (array.name, array.uuid, array.active, array.level, array.wanted) == ("md127", UUID, False, "raid1", 2)


# --- volume groups -------------------------------------------------------------------------------------------


def test_groups_have_volumes_with_their_content(tmp_path: Path) -> None:
    run = FakeRunner(*(Answer(words=(name,), output=text) for name, text in (("vgs", VGS), ("pvs", PVS), ("lvs", LVS))))
    found = reports(Machine(run, tmp_path).seeing, (ARRAY,))
    (group,) = groups_from(found, (ARRAY, VOLUME), (), {}, {"dm-0": 5 * MiB})
    assert (group.name, group.uuid, group.size, group.free, group.extent) == ("vg", GROUP, GiB, 100 * MiB, 4 * MiB)
    assert (group.members, group.missing) == (("md127",), 1)
    kinds = {volume.name: (volume.kind, volume.pool, volume.format) for volume in group.volumes}
    assert kinds == {
        "copy": ("thin", "pool", ""),
        "mirror": ("raid1", "", ""),
        "pool": ("thin-pool", "", ""),
        "root": ("linear", "", "ext4"),
        "running": ("linear", "", ""),
        "snap": ("linear", "", ""),
        "thin": ("thin", "pool", ""),
    }
    root = next(volume for volume in group.volumes if volume.name == "root")
    assert root == VolumeInfo(
        name="root", uuid="root-id", size=64 * MiB, format="ext4", content="fs", minimum=5 * MiB
    )  # fmt: skip


def test_two_groups_with_one_name_stay_two_and_are_not_activated(tmp_path: Path) -> None:
    second = VGS.replace(GROUP, OTHER)
    both = json.dumps({"report": [{"vg": [*parse_report(VGS, "vg"), *parse_report(second, "vg")]}]})
    run = FakeRunner(
        *(Answer(words=(name,), output=text) for name, text in (("vgs", both), ("pvs", PVS), ("lvs", LVS)))
    )
    disk = BlockRecord(name="sda", number="8:0", size=GiB, properties={"ID_FS_TYPE": "LVM2_member"})
    found = seen(run, tmp_path, (disk,))
    assert [(group.name, group.uuid) for group in found.groups] == [("vg", GROUP), ("vg", OTHER)]
    assert not run.ran("lvchange")


def test_a_report_that_was_cut_off_has_no_rows_and_a_failure_keeps_what_was_said(tmp_path: Path) -> None:
    assert parse_report('{"report": [{"vg": [', "vg") == ()
    run = FakeRunner(Answer(words=("vgs",), output=VGS, status=5, stderr="read failed"))
    disk = BlockRecord(name="sda", number="8:0", size=GiB, properties={"ID_FS_TYPE": "LVM2_member"})
    (group,) = seen(run, tmp_path, (disk,)).groups
    assert group == GroupInfo(name="vg", uuid=GROUP, size=GiB, free=100 * MiB, missing=1)


# --- btrfs ---------------------------------------------------------------------------------------------------

SHOWN = """\
Label: 'my pool'  uuid: 1c7ffe65-0f5c-4ac2-a5b2-0f3b7d8d2c11
\tTotal devices 2 FS bytes used 147456
\tdevid    1 size 1073741824 used 230162432 path /dev/vdb
\tdevid    2 size 1073741824 used 230162432 path /dev/vdc

Label: none  uuid: 2c7ffe65-0f5c-4ac2-a5b2-0f3b7d8d2c11
\tTotal devices 2 FS bytes used 16384
\tdevid    1 size 1073741824 used 230162432 path /dev/mapper/luks-x
\t*** Some devices missing

"""


def test_btrfs_volumes_have_members_and_may_miss_some() -> None:
    pool, half = parse_shown(SHOWN)
    assert (pool.label, pool.members, pool.wanted, pool.used) == ("my pool", ("/dev/vdb", "/dev/vdc"), 2, 147456)
    assert (half.label, half.members, half.wanted) == ("", ("/dev/mapper/luks-x",), 2)
    assert parse_shown("") == ()


def test_subvolumes_may_have_spaces_in_their_paths() -> None:
    text = """\
ID 256 gen 9 top level 5 parent_uuid -                                    uuid 1c7ffe65-aaaa path root
ID 258 gen 9 top level 5 parent_uuid 1c7ffe65-aaaa                        uuid 3c7ffe65-bbbb path a snap path x
"""
    assert [(one.id, one.path, one.snapshot) for one in parse_subvolumes(text)] == [
        (258, "a snap path x", True),
        (256, "root", False),
    ]
