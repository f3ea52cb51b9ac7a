"""How small file systems can get and how healthy disks are, from what the programs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.machine import DiskInfo
from ashore_installer.storage.probe_health import failing, parse_health, unreadable
from ashore_installer.storage.probe_sizes import btrfs_minimum, unmounted_minimum, with_margin
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, FakeRunner

DUMPE2FS = """\
dumpe2fs 1.47.4 (6-Mar-2025)
Filesystem volume name:   <none>
Filesystem state:         clean
Block count:              262144
First block:              1
Block size:               1024
Fragment size:            1024
"""
RESIZE2FS = "resize2fs 1.47.4 (6-Mar-2025)\nEstimated minimum size of the filesystem: 27308\n"
NTFSRESIZE = """\
ntfsresize v2026.9.28 (libntfs-3g)
Device name        : /dev/vda3
NTFS volume version: 3.1
Cluster size       : 4096 bytes
Current volume size: 268431872 bytes (269 MB)
Current device size: 268435456 bytes (269 MB)
Checking filesystem consistency ...
Accounting clusters ...
Space in use       : 2 MB (0.7%)
Collecting resizing constraints ...
You might resize at 1810432 bytes or 2 MB (freeing 267 MB).
Please make a test run using both the -n and -s options before real resizing!
"""


@pytest.mark.parametrize(
    ("least", "size", "safe"),
    [
        (0, GiB, 0),
        (100 * MiB, GiB, 110 * MiB),
        (100 * MiB + 1, GiB, 111 * MiB),
        (100 * GiB, 200 * GiB, 100 * GiB + 500 * MiB),
        (95 * MiB, 100 * MiB, 0),
    ],
)
def test_an_estimate_gets_a_margin_in_whole_mebibytes(least: int, size: int, safe: int) -> None:
    assert with_margin(least, size) == safe


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4"])
def test_ext_counts_in_its_blocks(kind: str) -> None:
    run = FakeRunner(Answer(words=("dumpe2fs",), output=DUMPE2FS), Answer(words=("resize2fs",), output=RESIZE2FS))
    assert unmounted_minimum(run, "/dev/vda2", kind, 256 * MiB) == 30 * MiB
    assert run.argvs == [("dumpe2fs", "-h", "/dev/vda2"), ("resize2fs", "-P", "/dev/vda2")]


def test_what_needs_a_check_first_can_not_be_shrunk() -> None:
    refusal = Answer(words=("resize2fs",), status=1, stderr="Please run 'e2fsck -f /dev/vda2' first.")
    run = FakeRunner(Answer(words=("dumpe2fs",), output=DUMPE2FS), refusal)
    assert unmounted_minimum(run, "/dev/vda2", "ext4", 256 * MiB) == 0
    assert unmounted_minimum(FakeRunner(Answer(words=("dumpe2fs",), status=1)), "/dev/vda2", "ext4", GiB) == 0


def test_ntfs_counts_in_bytes_and_hibernated_windows_can_not_be_shrunk() -> None:
    run = FakeRunner(Answer(words=("ntfsresize", "--info"), output=NTFSRESIZE))
    assert unmounted_minimum(run, "/dev/vda3", "ntfs", 256 * MiB) == 2 * MiB
    hibernated = Answer(words=("ntfsresize",), status=1, stderr="Windows is hibernated, refused to mount.")
    assert unmounted_minimum(FakeRunner(hibernated), "/dev/vda3", "ntfs", 256 * MiB) == 0


def test_btrfs_with_one_member_can_be_shrunk() -> None:
    run = FakeRunner(Answer(words=("min-dev-size",), output="1141899264 bytes (1.06GiB)\n"))
    assert btrfs_minimum(run, "/mnt", ("/dev/vda",), 8 * GiB) == 1198 * MiB
    assert btrfs_minimum(run, "/mnt", ("/dev/vda", "/dev/vdb"), 8 * GiB) == 0


@pytest.mark.parametrize("kind", ["xfs", "swap", "vfat", "crypto_LUKS", "LVM2_member", ""])
def test_others_can_not_be_shrunk_and_nothing_is_asked(kind: str) -> None:
    run = FakeRunner()
    assert unmounted_minimum(run, "/dev/vda3", kind, GiB) == 0
    assert run.argvs == []


def test_a_missing_program_is_named() -> None:
    run = FakeRunner(Answer(words=("ntfsresize",), status=127))
    with pytest.raises(InstallerError, match="ntfsresize is missing"):
        unmounted_minimum(run, "/dev/vda3", "ntfs", GiB)


# --- health --------------------------------------------------------------------------------------------------

GOOD = '{"smartctl":{"exit_status":0},"smart_status":{"passed":true}}'
BAD = '{"smartctl":{"exit_status":8},"smart_status":{"passed":false,"nvme":{"value":4}}}'
SILENT = '{"smartctl":{"messages":[{"string":"/dev/vda: Unable to detect device type"}],"exit_status":1}}'


@pytest.mark.parametrize(("text", "bad"), [(GOOD, False), (BAD, True), (SILENT, False), ("", False), ("{", False)])
def test_only_a_disk_that_says_so_is_failing(text: str, bad: bool) -> None:
    assert bool(parse_health(text)) is bad


def test_a_failing_disk_makes_smartctl_fail_and_is_heard_all_the_same(tmp_path: Path) -> None:
    disk = DiskInfo(name="sda", ids=(), size=GiB, transport="sata")
    (tmp_path / "sda").write_bytes(b"x")
    run = FakeRunner(Answer(words=("smartctl",), status=8, output=BAD))
    assert failing(run, disk, tmp_path) == "its self-assessment (SMART) says that it is about to fail"
    assert failing(FakeRunner(Answer(words=("smartctl",), status=127)), disk, tmp_path) == ""


def test_virtual_disks_have_no_opinion_of_themselves(tmp_path: Path) -> None:
    (tmp_path / "vda").write_bytes(b"x")
    run = FakeRunner()
    assert failing(run, DiskInfo(name="vda", ids=(), size=GiB, transport="virtio"), tmp_path) == ""
    assert run.argvs == []


def test_a_disk_that_can_not_be_read_is_failing(tmp_path: Path) -> None:
    assert unreadable(tmp_path / "gone") == "it can't be read (No such file or directory)"
    assert unreadable(tmp_path) == "it can't be read (Is a directory)"
