"""How file systems are looked into: which programs run, that nothing can be written, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ashore_installer.machine import BtrfsInfo, SystemKind
from ashore_installer.storage.probe_look import Inside, look_inside, subvolumes_only
from ashore_installer.storage.probe_names import DeviceNames
from ashore_installer.storage.probe_tools import Seeing
from ashore_installer.storage.records import BlockRecord, parse_mounts
from ashore_installer.units import GiB
from tests.fakes.runner import Answer, Call, FakeRunner

LISTED = """\
ID 256 gen 9 top level 5 parent_uuid -                                    uuid 1111 path root
ID 257 gen 8 top level 5 parent_uuid -                                    uuid 2222 path home
ID 258 gen 9 top level 5 parent_uuid 1111                                 uuid 3333 path a snap
"""


def record(name: str, kind: str, *, links: Sequence[str] = (), read_only: bool = False, **facts: str) -> BlockRecord:
    """A partition of a disk that is named by the letters before its number."""
    return BlockRecord(
        name=name, number=f"8:{name[3:]}", size=GiB, disk=name[:3], read_only=read_only, links=tuple(links),
        properties={"ID_FS_TYPE": kind, **facts},
    )  # fmt: skip


def look(
    place: Path, records: Sequence[BlockRecord], run: FakeRunner, *, mounts: str = "",
    volumes: Sequence[BtrfsInfo] = (), ours: Mapping[str, str] | None = None,
) -> Inside:  # fmt: skip
    seeing = Seeing(records=lambda: tuple(records), mounts=lambda: parse_mounts(mounts), run=run, place=place)
    return look_inside(seeing, records, DeviceNames(records, ours or {}), volumes)


def files(place: Path, node: str, content: Mapping[str, str]) -> Answer:
    """The answer to a mount of `node`: it has this content until the next one."""

    def effect(_call: Call) -> None:
        for path in sorted(place.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, text in content.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")

    return Answer(words=(node, str(place)), effect=effect)


def test_ext4_is_mounted_without_its_journal_on_a_device_that_can_not_be_written(tmp_path: Path) -> None:
    debian = {"etc/os-release": "PRETTY_NAME=Debian\n", "etc/fstab": "LABEL=home /home ext4 x 0 0\n"}
    run = FakeRunner(files(tmp_path, "/dev/sda1", debian), files(tmp_path, "/dev/sda2", {}))
    home = record("sda2", "xfs", ID_FS_LABEL_ENC="home")
    found = look(tmp_path, (record("sda1", "ext4"), home), run)
    (system,) = found.systems
    assert (system.name, system.kind) == ("Debian", SystemKind.LINUX)
    assert system.mounts == (("/", "sda1"), ("/home", "sda2"))
    assert [argv for argv in run.argvs if argv[0] not in ("dumpe2fs", "resize2fs")] == [
        ("blockdev", "--setro", "/dev/sda1"),
        ("mount", "--types", "ext4", "--options", "ro,noload", "/dev/sda1", str(tmp_path)),
        ("umount", str(tmp_path)),
        ("blockdev", "--setrw", "/dev/sda1"),
        ("mount", "--types", "xfs", "--options", "ro,norecovery,nouuid", "/dev/sda2", str(tmp_path)),
        ("umount", str(tmp_path)),
    ]


def test_a_device_that_is_read_only_stays_so(tmp_path: Path) -> None:
    run = FakeRunner(files(tmp_path, "/dev/sda1", {}))
    look(tmp_path, (record("sda1", "ext3", read_only=True),), run)
    assert not run.ran("blockdev")
    assert run.ran("--types", "ext4")


def test_what_can_not_be_mounted_is_passed_over_and_made_writable_again(tmp_path: Path) -> None:
    run = FakeRunner(
        Answer(words=("/dev/sda1", str(tmp_path)), status=32, stderr="bad superblock"),
        files(tmp_path, "/dev/sda2", {"etc/os-release": "NAME=X\n"}),
    )
    found = look(tmp_path, (record("sda1", "ext4"), record("sda2", "ext4")), run)
    assert [system.root for system in found.systems] == ["sda2"]
    assert len(run.ran("umount")) == 1
    assert len(run.ran("--setro")) == len(run.ran("--setrw")) == 2


def test_what_is_mounted_is_looked_at_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "there/etc").mkdir(parents=True)
    (tmp_path / "there/etc/os-release").write_text("NAME=Here\n", encoding="utf-8")
    run = FakeRunner()
    mounts = f"1 0 8:1 / {tmp_path}/there rw - ext4 /dev/sda1 rw\n"
    found = look(tmp_path / "place", (record("sda1", "ext4"),), run, mounts=mounts)
    assert [system.name for system in found.systems] == ["Here"]
    assert run.argvs == []


def test_btrfs_systems_are_subvolumes_and_snapshots_are_copies(tmp_path: Path) -> None:
    fstab = "UUID=u / btrfs subvol=root 0 0\nUUID=u /home btrfs subvol=/home 0 0\nUUID=u /old btrfs subvolid=257 0 0\n"
    system = {"root/etc/os-release": "NAME=Suse\n", "root/etc/fstab": fstab, "a snap/etc/os-release": "NAME=Copy\n"}
    run = FakeRunner(
        files(tmp_path, "/dev/sda1", system),
        Answer(words=("subvolume", "list"), output=LISTED),
        Answer(words=("get-default",), output="ID 5 (FS_TREE)\n"),
    )
    volume = BtrfsInfo(uuid="u", members=("/dev/sda1", "/dev/sdb1"), wanted=2)
    parts = [record(name, "btrfs", ID_FS_UUID="u") for name in ("sda1", "sdb1")]
    found = look(tmp_path, parts, run, volumes=(volume,))
    assert found.btrfs == [
        BtrfsInfo(uuid="u", members=("sda1", "sdb1"), wanted=2, subvolumes=("a snap", "home", "root"))
    ]
    (suse,) = found.systems
    assert suse.mounts == (("/", "sda1:root"), ("/home", "sda1:home"), ("/old", "sda1:home"))
    assert run.ran("ro,subvolid=5,rescue=nologreplay")


def test_a_brief_look_is_for_subvolumes_only(tmp_path: Path) -> None:
    run = FakeRunner(files(tmp_path, "/dev/sda1", {}), Answer(words=("subvolume", "list"), output=LISTED))
    volume = BtrfsInfo(uuid="u", members=("/dev/sda1",))
    parts = (record("sda1", "btrfs", ID_FS_UUID="u"), record("sda2", "ext4"), record("sda3", "ntfs"))
    seeing = Seeing(records=lambda: parts, mounts=lambda: (), run=run, place=tmp_path)
    found = subvolumes_only(seeing, parts, DeviceNames(parts, {}), (volume,))
    assert found == Inside(btrfs=[BtrfsInfo(uuid="u", members=("sda1",), subvolumes=("a snap", "home", "root"))])
    assert [argv[0] for argv in run.argvs] == ["mount", "btrfs", "umount"]


def test_a_snapshot_that_the_volume_is_mounted_by_is_a_system(tmp_path: Path) -> None:
    run = FakeRunner(
        files(tmp_path, "/dev/sda1", {"a snap/etc/os-release": "NAME=Rolled back\n"}),
        Answer(words=("subvolume", "list"), output=LISTED),
        Answer(words=("get-default",), output="ID 258 gen 9 top level 5 path a snap\n"),
    )
    volume = BtrfsInfo(uuid="u", members=("/dev/sda1",))
    found = look(tmp_path, [record("sda1", "btrfs", ID_FS_UUID="u")], run, volumes=(volume,))
    assert [system.mounts for system in found.systems] == [(("/", "sda1:a snap"),)]


@pytest.mark.parametrize(
    ("members", "disks", "options"),
    [
        (("/dev/sda1",), ("sda1",), "ro,subvolid=5,rescue=nologreplay,degraded"),
        (("/dev/sda1", "/dev/sdb1"), ("sda1", "sdb1", "sdc1"), ""),
    ],
)
def test_a_volume_with_a_missing_member_is_degraded_and_one_with_copies_is_left_alone(
    tmp_path: Path, members: tuple[str, ...], disks: tuple[str, ...], options: str
) -> None:
    run = FakeRunner(files(tmp_path, "/dev/sda1", {}))
    volume = BtrfsInfo(uuid="u", members=members, wanted=2)
    look(tmp_path, [record(name, "btrfs", ID_FS_UUID="u") for name in disks], run, volumes=(volume,))
    assert [call.argv[4] for call in run.ran("mount")] == ([options] if options else [])


def test_windows_is_found_without_a_mount(tmp_path: Path) -> None:
    run = FakeRunner(Answer(words=("/Windows/System32", "/dev/sda2"), status=3))
    found = look(tmp_path, (record("sda1", "ntfs"), record("sda2", "ntfs")), run)
    assert [(system.name, system.root) for system in found.systems] == [("Windows", "sda1")]
    assert not run.ran("mount")


def test_windows_behind_bitlocker_is_named_when_the_disk_starts_it(tmp_path: Path) -> None:
    esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
    starter, other = (record(name, "vfat", ID_PART_ENTRY_TYPE=esp) for name in ("sda1", "sdb1"))
    run = FakeRunner(
        files(tmp_path, "/dev/sda1", {"EFI/Microsoft/Boot/bootmgfw.efi": ""}),
        files(tmp_path, "/dev/sdb1", {"EFI/debian/grubx64.efi": ""}),
    )
    locked = [record(name, "BitLocker") for name in ("sda2", "sda3", "sdb2")]
    found = look(tmp_path, (starter, other, *locked), run)
    assert [(system.name, system.root) for system in found.systems] == [("Windows (locked by BitLocker)", "sda2")]


def test_apples_are_known_by_their_format(tmp_path: Path) -> None:
    found = look(tmp_path, (record("sda2", "apfs"),), FakeRunner())
    assert [(system.kind, system.root) for system in found.systems] == [(SystemKind.MACOS, "sda2")]


def test_of_two_copies_an_fstab_means_the_one_on_its_own_disk(tmp_path: Path) -> None:
    content = {"etc/os-release": "NAME=X\n", "etc/fstab": "UUID=h /home xfs x 0 0\n"}
    run = FakeRunner(*[files(tmp_path, f"/dev/{name}", content) for name in ("sda1", "sdb1")])
    parts = [record(name, "ext4", ID_FS_UUID="r") for name in ("sda1", "sdb1")]
    homes = [record(name, "swap", ID_FS_UUID="h") for name in ("sda2", "sdb2")]
    found = look(tmp_path, (*parts, *homes), run)
    assert [dict(system.mounts)["/home"] for system in found.systems] == ["sda2", "sdb2"]
    stray = record("sdc1", "ext4", ID_FS_UUID="r")
    run = FakeRunner(files(tmp_path, "/dev/sdc1", content))
    assert look(tmp_path, (stray, *homes), run).systems[0].mounts == (("/", "sdc1"),)


def test_devices_are_named_as_people_know_them(tmp_path: Path) -> None:
    volume = BlockRecord(
        name="dm-0", number="253:0", size=GiB, links=("/dev/vg/root",), dm="vg-root",
        properties={"ID_FS_TYPE": "ext4", "DM_VG_NAME": "vg", "DM_LV_NAME": "root"},
    )  # fmt: skip
    array = BlockRecord(name="md127", number="9:127", size=GiB, properties={"ID_FS_TYPE": "ext4"})
    opened = BlockRecord(name="dm-1", number="253:1", size=GiB, dm="luks-x", properties={"ID_FS_TYPE": "ext4"})
    content = {"etc/os-release": "NAME=X\n"}
    run = FakeRunner(*[files(tmp_path, f"/dev/{name}", content) for name in ("dm-0", "dm-1", "md127")])
    found = look(tmp_path, (volume, array, opened), run, ours={"md127": "sys"})
    assert [system.root for system in found.systems] == ["dm-1", "sys", "vg/root"]
