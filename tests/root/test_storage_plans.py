"""Plans made by hand, carried out on loop devices: MBRs, what is there already, resized, kept, and btrfs volumes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.machine import BtrfsInfo, MachineInfo, PartitionTable
from ashore_installer.storage_plan import (
    BtrfsPlan,
    DiskPlan,
    Existing,
    Format,
    Kind,
    PartitionPlan,
    Removal,
    StoragePlan,
    SubvolumePlan,
)
from ashore_installer.units import GiB, MiB
from tests.root.carrying import carried_out, machine, output, run
from tests.root.loopdisks import as_disk, blkid

pytestmark = [pytest.mark.root, pytest.mark.usefixtures("loops")]


def found(info: MachineInfo, number: int, kind: Format, **changes: object) -> PartitionPlan:
    """A partition that is there, as it is."""
    disk = info.disks[0]
    part = next(part for part in disk.partitions if part.number == number)
    was = Existing(name=f"{disk.name}p{number}", number=number, size=part.size, format=part.format, content=part.uuid)
    plan = PartitionPlan(
        id=f"p{number}", disk=disk.id, start=part.start, size=part.size, format=kind, existing=was, keep=True
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


def new(info: MachineInfo, id: str, start: int, size: int, kind: Format) -> PartitionPlan:  # noqa: A002
    return PartitionPlan(id=id, disk=info.disks[0].id, start=start, size=size, format=kind)


def disk_plan(info: MachineInfo, **changes: object) -> DiskPlan:
    disk = info.disks[0]
    return replace(DiskPlan(id=disk.id, name=disk.name, size=disk.size), **changes)  # type: ignore[arg-type]


def read_file(node: str, path: str, folder: Path, *options: str) -> str:
    run("mount", "--options", ",".join(("ro", *options)), "--mkdir", node, str(folder / "look"))
    try:
        return (folder / "look" / path).read_text()
    finally:
        run("umount", str(folder / "look"))


def write_file(node: str, path: str, text: str, folder: Path) -> None:
    run("mount", "--mkdir", node, str(folder / "look"))
    try:
        (folder / "look" / path).write_text(text)
    finally:
        run("umount", str(folder / "look"))


def test_an_mbr_with_logical_partitions_is_made_exactly(node: str, tmp_path: Path) -> None:
    info = machine(as_disk(node))
    parts = (
        new(info, "boot", MiB, 300 * MiB, Format.EXT4),
        new(info, "extended", 301 * MiB, 3000 * MiB, Format.NONE),
        new(info, "root", 302 * MiB, GiB, Format.XFS),
        new(info, "swap", 303 * MiB + GiB, 100 * MiB, Format.SWAP),
    )
    plan = StoragePlan(disks=(disk_plan(info, table=PartitionTable.MSDOS),), partitions=parts)
    context, _ = carried_out(plan, info, tmp_path)
    names = {name: path.removeprefix(f"{node}p") for name, path in context.devices.items()}
    assert [names[one.id] for one in parts] == ["1", "2", "5", "6"]
    types = {part.number: part.type for part in as_disk(node).partitions}
    assert (types[2], types[5], types[6]) == ("0xf", "0x83", "0x82")


@pytest.mark.parametrize("kind", [Format.EXT4, Format.BTRFS])
def test_a_file_system_shrinks_with_its_partition_and_grows_again(node: str, tmp_path: Path, kind: Format) -> None:
    run("parted", "--script", node, "mklabel", "gpt", "mkpart", "a", "1MiB", "3001MiB")
    run(f"mkfs.{kind}", "-q", f"{node}p1")
    write_file(f"{node}p1", "file", "precious", tmp_path)
    for size in (1000 * MiB, 2000 * MiB):
        info = machine(as_disk(node))
        parts: tuple[PartitionPlan, ...] = (found(info, 1, kind, size=size),)
        if size == 1000 * MiB:
            parts = (*parts, new(info, "home", MiB + 2000 * MiB, 500 * MiB, Format.XFS))
        carried_out(StoragePlan(disks=(disk_plan(info),), partitions=parts), info, tmp_path)
        first = as_disk(node).partitions[0]
        assert (first.start, first.size) == (MiB, size)
        assert read_file(f"{node}p1", "file", tmp_path) == "precious"
        assert size * 0.8 < file_system_size(f"{node}p1", tmp_path) <= size
    assert blkid(f"{node}p2")["TYPE"] == "xfs"


def file_system_size(node: str, folder: Path) -> int:
    run("mount", "--options", "ro", "--mkdir", node, str(folder / "look"))
    try:
        usage = os.statvfs(folder / "look")
        return usage.f_blocks * usage.f_frsize
    finally:
        run("umount", str(folder / "look"))


def test_what_stays_is_formatted_anew_or_left(node: str, tmp_path: Path) -> None:
    run(
        "parted", "--script", node, "mklabel", "gpt", "mkpart", "a", "1MiB", "501MiB", "mkpart", "b", "501MiB", "901MiB"
    )
    for number in (1, 2):
        run("mkfs.ext4", "-q", f"{node}p{number}")
        write_file(f"{node}p{number}", "file", "precious", tmp_path)
    info = machine(as_disk(node))
    again = found(info, 1, Format.XFS, keep=False, label="root")
    context, _ = carried_out(
        StoragePlan(disks=(disk_plan(info),), partitions=(again, found(info, 2, Format.EXT4))), info, tmp_path
    )
    assert (blkid(f"{node}p1")["TYPE"], blkid(f"{node}p1")["LABEL"]) == ("xfs", "root")
    assert read_file(context.devices["p2"], "file", tmp_path) == "precious"
    assert context.uuids["p2"] == info.disks[0].partitions[1].uuid


def test_btrfs_of_two_partitions_with_subvolumes_of_which_some_stay(node: str, tmp_path: Path) -> None:
    info = machine(as_disk(node))
    parts = tuple(new(info, f"m{n}", MiB + n * GiB, GiB, Format.BTRFS) for n in (0, 1))
    volume = BtrfsPlan(id="vol", members=("m0", "m1"), label="data", data="single", metadata="raid1")
    home = SubvolumePlan(id="home", volume="vol", path="home")
    plan = StoragePlan(
        disks=(disk_plan(info, table=PartitionTable.GPT),), partitions=parts, btrfs=(volume,),
        subvolumes=(home, SubvolumePlan(id="old", volume="vol", path="old")),
    )  # fmt: skip
    context, _ = carried_out(plan, info, tmp_path)
    uuid = context.uuids["vol"]
    assert context.uuids["home"] == uuid == blkid(f"{node}p2")["UUID"]
    write_file(f"{node}p1", "home/file", "precious", tmp_path)

    info = machine(as_disk(node))
    was = Existing(name="data", uuid=uuid)
    plan = StoragePlan(
        disks=(disk_plan(info),),
        remove=(Removal(kind=Kind.SUBVOLUME, name="old", on=uuid),),
        partitions=tuple(found(info, n, Format.BTRFS) for n in (1, 2)),
        btrfs=(replace(volume, members=("p1", "p2"), existing=was),),
        subvolumes=(replace(home, existing=True), SubvolumePlan(id="root", volume="vol", path="sys/root")),
    )
    carried_out(plan, replace(info, btrfs=(BtrfsInfo(uuid=uuid, subvolumes=("home", "old")),)), tmp_path)
    assert read_file(f"{node}p2", "file", tmp_path, "subvol=home") == "precious"
    listed = output_at_top(f"{node}p1", tmp_path)
    assert "path sys/root" in listed
    assert "path old" not in listed


def output_at_top(node: str, folder: Path) -> str:
    run("mount", "--options", "ro", "--mkdir", node, str(folder / "look"))
    try:
        return output("btrfs", "subvolume", "list", str(folder / "look"))
    finally:
        run("umount", str(folder / "look"))
