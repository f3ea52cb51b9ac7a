"""Storage plans carried out by blivet on loop devices, and read back byte by byte."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note
from ashore_installer.machine import BtrfsInfo, DiskInfo, Firmware, MachineInfo, PartitionTable
from ashore_installer.run import Commands
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.steps import FinishStorage, MountDeploymentVolumes, MountTarget, PrepareStorage
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
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.values import a_plan, an_image
from tests.root.loopdisks import as_disk, attached, blkid, btrfs_known, in_a_process, let_blivet_see_loops, read_gpt

pytestmark = pytest.mark.root

IMAGE = an_image(unpacked_size=512 * MiB)
BIOS_BOOT, ESP, LINUX = (
    "21686148-6449-6e6f-744e-656564454649",
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    "0fc63daf-8483-4772-8e79-3d69d8477de4",
)
ERASE = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic())


@pytest.fixture(scope="session", autouse=True)
def _blivet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    let_blivet_see_loops(tmp_path_factory.mktemp("libblockdev"))
    with btrfs_known():
        yield


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.truncate(size)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    sparse(path, 4 * GiB)
    return path


@pytest.fixture
def node(image: Path) -> Iterator[str]:
    with attached(image) as found:
        yield found


def machine(*disks: DiskInfo, firmware: Firmware = Firmware.BIOS) -> MachineInfo:
    return MachineInfo(architecture="amd64", firmware=firmware, memory=GiB, disks=disks)


def context_for(plan: StoragePlan, info: MachineInfo, folder: Path) -> tuple[Context, list[Event]]:
    events: list[Event] = []
    context = Context(
        plan=a_plan(storage=plan), machine=info, image=IMAGE, run=Commands(), listener=events.append,
        log_file=folder / "log", target=folder / "target",
    )  # fmt: skip
    return context, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What PrepareStorage leaves in a context, and what it told."""

    devices: dict[str, str]
    uuids: dict[str, str]
    notes: tuple[str, ...]


def prepared(plan: StoragePlan, info: MachineInfo, now: tuple[DiskInfo, ...], folder: Path) -> Prepared:
    context, events = context_for(plan, info, folder)
    PrepareStorage(storage=plan, look=lambda machine: replace(machine, disks=now)).run(context)
    notes = tuple(event.text for event in events if isinstance(event, Note))
    return Prepared(devices=context.devices, uuids=context.uuids, notes=notes)


def prepare(request: StorageRequest, info: MachineInfo, folder: Path) -> tuple[StoragePlan, Context, tuple[str, ...]]:
    plan = plan_storage(request, info, IMAGE)
    done = in_a_process(partial(prepared, plan, info, info.disks, folder))
    context, _ = context_for(plan, info, folder)
    context.devices.update(done.devices)
    context.uuids.update(done.uuids)
    return plan, context, done.notes


def places(plan: StoragePlan) -> list[tuple[int, int]]:
    return sorted((one.start, one.size) for one in plan.partitions)


@pytest.mark.parametrize("root", [Format.XFS, Format.EXT4, Format.BTRFS])
def test_the_automatic_layout_is_made_exactly(image: Path, node: str, tmp_path: Path, root: Format) -> None:
    plan, context, notes = prepare(replace(ERASE, automatic=Automatic(format=root)), machine(as_disk(node)), tmp_path)
    entries = read_gpt(image)
    assert [(one.start, one.size) for one in entries] == places(plan)
    assert [one.type for one in entries] == [BIOS_BOOT, LINUX, LINUX]
    assert context.devices == {
        plan.disks[0].id: node, "biosboot": f"{node}p1", "boot": f"{node}p2", "root": f"{node}p3",
    }  # fmt: skip
    boot, found = blkid(f"{node}p2"), blkid(f"{node}p3")
    assert (boot["TYPE"], boot["LABEL"], found["TYPE"], found["LABEL"]) == ("ext4", "boot", root.value, "root")
    assert context.uuids == {"boot": boot["UUID"], "root": found["UUID"]}
    assert any(f"{node}p3" in note for note in notes)


@pytest.mark.parametrize("sector", [512, 4096])
def test_an_esp_is_fat32_as_firmware_sees_it(image: Path, tmp_path: Path, sector: int) -> None:
    with attached(image, sector=sector) as node:
        info = machine(as_disk(node, sector=sector), firmware=Firmware.UEFI)
        plan, context, _ = prepare(ERASE, info, tmp_path)
        entries = read_gpt(image, sector=sector)
        assert [(one.start, one.size) for one in entries] == places(plan)
        assert entries[0].type == ESP
        assert blkid(context.devices["efi"])["LABEL"] == "EFI-SYSTEM"
    with image.open("rb") as stream:
        stream.seek(entries[0].start)
        assert clusters_of_fat32(stream.read(512)) >= 65_525


def clusters_of_fat32(boot: bytes) -> int:
    """Firmware tells FAT32 by this number alone (fatgen103, section 3.5)."""

    def number(at: int, width: int) -> int:
        return int.from_bytes(boot[at : at + width], "little")

    data = number(32, 4) - number(14, 2) - boot[16] * number(36, 4)
    return data // boot[13]


def test_uefi_with_a_bios_boot_partition_swap_and_a_second_file_system(image: Path, node: str, tmp_path: Path) -> None:
    parts = (
        PartitionRequest(mount="/boot/efi", size=100 * MiB),
        PartitionRequest(mount="biosboot", size=MiB),
        PartitionRequest(mount="/", size=2 * GiB, label="my root", format=Format.EXT4),
        PartitionRequest(mount="swap", size=128 * MiB, label="swap0"),
        PartitionRequest(mount="/var", format=Format.BTRFS, size=300 * MiB, grow=True),
    )
    request = replace(ERASE, automatic=None, partitions=parts)
    plan, context, _ = prepare(request, machine(as_disk(node), firmware=Firmware.UEFI), tmp_path)
    assert [(one.start, one.size) for one in read_gpt(image)] == places(plan)
    assert blkid(context.devices["root"])["LABEL"] == "my root"
    assert blkid(context.devices["swap"])["TYPE"] == "swap"
    assert "LABEL" not in blkid(context.devices["var"])
    assert set(context.uuids) == {"efi", "root", "swap", "var"}


def test_two_disks(node: str, tmp_path: Path) -> None:
    other = tmp_path / "other.img"
    sparse(other, 2 * GiB)
    with attached(other) as second:
        first_disk, second_disk = as_disk(node), as_disk(second)
        parts = (
            PartitionRequest(mount="biosboot", size=MiB),
            PartitionRequest(mount="/", size=2 * GiB),
            PartitionRequest(mount="/home", size=MiB, grow=True, disk=second_disk.name, format=Format.EXT4),
        )
        request = replace(ERASE, automatic=None, partitions=parts)
        _, context, _ = prepare(request, machine(first_disk, second_disk), tmp_path)
        assert context.devices["home"] == f"{second}p1"
        assert [one.start for one in read_gpt(other)] == [MiB]


# --- what is kept, and what must not come back ---------------------------------------------------------------


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def digest(image: Path, start: int, size: int) -> str:
    with image.open("rb") as stream:
        stream.seek(start)
        return hashlib.sha256(stream.read(size)).hexdigest()


def write(node: str, text: bytes, *, at: int) -> None:
    with Path(node).open("r+b") as stream:
        stream.seek(at)
        stream.write(text)


def test_partitions_that_stay_are_not_touched(image: Path, node: str, tmp_path: Path) -> None:
    run("parted", "--script", node, "mklabel", "gpt", "mkpart", "a", "1MiB", "301MiB",
        "mkpart", "b", "301MiB", "3000MiB", "mkpart", "c", "3500MiB", "3600MiB")  # fmt: skip
    run("mkfs.ext4", "-q", f"{node}p1")
    run("mkfs.xfs", "-q", f"{node}p2")
    write(f"{node}p3", b"precious" * 1000, at=0)
    info = machine(as_disk(node))
    kept = [(one.start, one.size) for one in info.disks[0].partitions if one.number in (1, 3)]
    before = [digest(image, *span) for span in kept]
    parts = (PartitionRequest(mount="biosboot", size=MiB), PartitionRequest(mount="/", size=GiB, grow=True))
    listed = (f"{info.disks[0].name}p2",)
    request = StorageRequest(clear=Clear.LIST, clear_partitions=listed, partitions=parts)
    plan, _, _ = prepare(request, info, tmp_path)
    assert [digest(image, *span) for span in kept] == before
    assert sorted((one.start, one.size) for one in read_gpt(image)) == sorted([*kept, *places(plan)])


def test_an_mbr_stays_with_its_first_partition(image: Path, node: str, tmp_path: Path) -> None:
    run("parted", "--script", node, "mklabel", "msdos", "mkpart", "primary", "1MiB", "101MiB",
        "mkpart", "primary", "ext4", "101MiB", "201MiB", "mkpart", "extended", "201MiB", "1000MiB",
        "mkpart", "logical", "ext4", "202MiB", "500MiB", "mkpart", "logical", "ext4", "501MiB", "900MiB")  # fmt: skip
    for number in (2, 5, 6):
        run("mkfs.ext4", "-q", f"{node}p{number}")
    write(f"{node}p1", b"precious" * 1000, at=0)
    info = machine(as_disk(node))
    assert [one.number for one in info.disks[0].partitions] == [1, 2, 3, 5, 6]
    # Free space here has no type of its own: the first partition is kept because nothing says that it is Linux'.
    disk = replace(info.disks[0], partitions=tuple(
        replace(one, type="0x7") if one.number == 1 else one for one in info.disks[0].partitions
    ))  # fmt: skip
    before = digest(image, MiB, 100 * MiB)
    request = StorageRequest(clear=Clear.LINUX, automatic=Automatic())
    plan, context, _ = prepare(request, machine(disk), tmp_path)
    assert plan.disks[0].remove == (2, 3, 5, 6)
    assert digest(image, MiB, 100 * MiB) == before
    assert [one.number for one in as_disk(node).partitions] == [1, 2, 3]
    assert blkid(context.devices["root"])["PART_ENTRY_SCHEME"] == "dos"


def test_old_signatures_do_not_come_back(node: str, tmp_path: Path) -> None:
    run("mkfs.btrfs", "--quiet", "--force", node)
    write(node, b"LABELONE" + bytes(16) + b"LVM2 001", at=2 * MiB + 512)
    prepare(ERASE, machine(as_disk(node)), tmp_path)
    assert blkid(node)["PTTYPE"] == "gpt"
    assert "TYPE" not in blkid(node)
    assert blkid(f"{node}p2")["TYPE"] == "ext4"


# --- plans made by hand --------------------------------------------------------------------------------------


def carried_out(plan: StoragePlan, info: MachineInfo, folder: Path) -> Context:
    done = in_a_process(partial(prepared, plan, info, info.disks, folder))
    context, _ = context_for(plan, info, folder)
    context.devices.update(done.devices)
    context.uuids.update(done.uuids)
    return context


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
    context = carried_out(plan, info, tmp_path)
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
    context = carried_out(
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
    context = carried_out(plan, info, tmp_path)
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


# --- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 5 * GiB}, "the plan was made for"),
        ({"serial": "another"}, "is not the one that was planned for"),
        ({"format": "ext4"}, "have changed since the plan"),
        ({"busy": "it is mounted"}, "it is in use"),
        ({"ids": ("by-id/another",)}, "is gone"),
    ],
)
def test_a_disk_that_changed_since_the_plan_is_not_written(
    image: Path, node: str, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    write(node, b"precious" * 1000, at=0)
    write(node, b"precious" * 1000, at=4 * GiB - MiB)
    before = digest(image, 0, MiB), digest(image, 4 * GiB - MiB, MiB)
    info = machine(as_disk(node))
    plan = plan_storage(ERASE, info, IMAGE)
    now = replace(info.disks[0], **change)  # type: ignore[arg-type]
    with pytest.raises(InstallerError, match=words):
        in_a_process(partial(prepared, plan, info, (now,), tmp_path))
    assert (digest(image, 0, MiB), digest(image, 4 * GiB - MiB, MiB)) == before


# --- mounting and finishing ----------------------------------------------------------------------------------


def test_target_and_volumes_are_mounted_filled_and_left_clean(image: Path, tmp_path: Path) -> None:
    parts = (
        PartitionRequest(mount="biosboot", size=MiB),
        PartitionRequest(mount="/boot", size=300 * MiB),
        PartitionRequest(mount="/", size=2 * GiB),
        PartitionRequest(mount="/home", size=320 * MiB, options="noatime"),
        PartitionRequest(mount="/var", size=400 * MiB, format=Format.EXT4),
    )
    with attached(image) as node:
        request = replace(ERASE, automatic=None, partitions=parts)
        plan, context, _ = prepare(request, machine(as_disk(node)), tmp_path)
        with context.cleanup:
            MountTarget(storage=plan).run(context)
            var = context.target / "ostree/deploy/default/var"
            context.deployment = context.target / "ostree/deploy/default/deploy/x.0"
            (var / "lib").mkdir(parents=True)
            (var / "lib/state").write_text("kept")
            (var / "lib").chmod(0o750)
            context.deployment.mkdir(parents=True)
            (context.deployment / "home").symlink_to("var/home")
            MountDeploymentVolumes(storage=plan, stateroot="default").run(context)
            assert (var / "home").is_mount()
            (var / "home/me").write_text("here")
            FinishStorage(storage=plan).run(context)
            assert not context.target.is_mount()
        assert subprocess.run(["findmnt", "--source", node], check=False, capture_output=True).returncode != 0
        for name, path in (("var", "lib/state"), ("home", "me")):
            run("mount", "--options", "ro,norecovery", "--mkdir", context.devices[name], str(tmp_path / name))
            try:
                assert (tmp_path / name / path).read_text() in ("kept", "here")
            finally:
                run("umount", str(tmp_path / name))
        run("e2fsck", "-n", "-f", context.devices["var"])
        run("xfs_repair", "-n", context.devices["home"])
        assert not any(one.name.startswith("state") for one in tmp_path.glob("target/ostree/deploy/default/var/*"))


@pytest.mark.parametrize("root", [Format.XFS, Format.EXT4, Format.BTRFS])
def test_grub_reads_what_was_made(image: Path, tmp_path: Path, root: Format) -> None:
    with attached(image) as node:
        request = replace(ERASE, automatic=Automatic(format=root))
        plan, context, _ = prepare(request, machine(as_disk(node)), tmp_path)
        with context.cleanup:
            MountTarget(storage=plan).run(context)
            (context.target / "marker").write_text("on root")
            (context.target / "boot/marker").write_text("on boot")
            FinishStorage(storage=plan).run(context)
    for number, text in ((2, "on boot"), (3, "on root")):
        argv = ["grub-fstest", str(image), "cat", f"(loop0,gpt{number})/marker"]
        assert output(*argv) == text


def test_file_systems_have_no_features_that_older_systems_lack(node: str, tmp_path: Path) -> None:
    """What Linux 5.15 and GRUB 2.06 can't read, by the names that the file systems' own tools use."""
    prepare(ERASE, machine(as_disk(node)), tmp_path)
    xfs = output("xfs_db", "-r", "-c", "version", f"{node}p3").strip().split(",")
    assert "BIGTIME" in xfs
    assert not {"NREXT64", "PARENT", "EXCHANGE", "METADIR", "RMAPBT"} & set(xfs)
    ext4 = output("dumpe2fs", "-h", f"{node}p2").partition("Filesystem features:")[2].splitlines()[0].split()
    assert "verity" in ext4
    assert not {"orphan_file", "metadata_csum_seed"} & set(ext4)
    prepare(replace(ERASE, automatic=Automatic(format=Format.BTRFS)), machine(as_disk(node)), tmp_path)
    super_block = output("btrfs", "inspect-internal", "dump-super", f"{node}p3")
    assert "FREE_SPACE_TREE" in super_block
    assert "BLOCK_GROUP_TREE" not in super_block


def output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
