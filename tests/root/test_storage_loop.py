"""Storage plans carried out by blivet on loop devices, and read back byte by byte."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.steps import FinishStorage, MountDeploymentVolumes, MountTarget
from ashore_installer.storage_plan import (
    Format,
    StoragePlan,
)
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.root.carrying import IMAGE, carried_out, machine, output, prepared, run
from tests.root.loopdisks import as_disk, attached, blkid, in_a_process, read_gpt, sparse

pytestmark = [pytest.mark.root, pytest.mark.usefixtures("loops")]

BIOS_BOOT, ESP, LINUX = (
    "21686148-6449-6e6f-744e-656564454649",
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    "0fc63daf-8483-4772-8e79-3d69d8477de4",
)
ERASE = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic())


def prepare(request: StorageRequest, info: MachineInfo, folder: Path) -> tuple[StoragePlan, Context, tuple[str, ...]]:
    plan = plan_storage(request, info, IMAGE)
    context, notes = carried_out(plan, info, folder)
    return plan, context, notes


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
