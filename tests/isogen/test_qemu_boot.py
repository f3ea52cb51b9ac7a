"""`ashore iso boot`: what it refuses, and which machine it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.boot import DISK_SIZE, BootRequest, check, disk_from, machine_for
from ashore_isogen.qemu.spec import Accelerator, DiskFormat, Firmware, Terminal


@pytest.fixture
def iso(tmp_path: Path) -> Path:
    path = tmp_path / "x.iso"
    path.write_bytes(bytes(0x8001) + b"CD001" + bytes(2048))
    return path


def test_what_is_no_iso_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    for path in (text, tmp_path / "missing.iso", tmp_path):
        with pytest.raises(BadInput, match="not an ISO image") as caught:
            check(BootRequest(iso=path))
        assert caught.value.status is ExitStatus.BAD_INPUT


@pytest.mark.parametrize("disk", [12, Path("/"), Path("/nowhere/disk.img")])
def test_impossible_disks_are_refused(iso: Path, disk: int | Path) -> None:
    with pytest.raises(BadInput):
        check(BootRequest(iso=iso, disk=disk))


def test_a_machine_without_memory_is_refused(iso: Path) -> None:
    with pytest.raises(BadInput, match="memory"):
        check(BootRequest(iso=iso, memory=64 * MiB))


@pytest.mark.parametrize(("text", "disk"), [("20G", 20 * GiB), ("disk.img", Path("disk.img")), ("./20G", Path("20G"))])
def test_a_disk_is_a_size_or_a_file(text: str, disk: int | Path) -> None:
    assert disk_from(text) == disk


def test_a_new_disk_is_sparse_and_boots_first(iso: Path, tmp_path: Path) -> None:
    machine = machine_for(BootRequest(iso=iso, firmware=Firmware.BIOS), tmp_path, Accelerator.TCG)
    (disk,) = machine.disks
    status = disk.path.stat()
    assert (status.st_size, status.st_blocks) == (DISK_SIZE, 0)
    assert disk.path.parent == tmp_path
    assert machine.medium is not None
    assert (disk.boot, machine.medium.boot) == (1, 2)
    assert disk.scratch
    assert machine.serial == (Terminal(),)


def test_a_disk_with_a_system_on_it_boots_after_the_medium(iso: Path, tmp_path: Path) -> None:
    path = tmp_path / "disk.qcow2"
    path.write_bytes(b"QFI\xfb" + bytes(MiB))
    machine = machine_for(
        BootRequest(iso=iso, firmware=Firmware.BIOS, disk=path, window=True), tmp_path, Accelerator.TCG
    )
    (disk,) = machine.disks
    assert machine.medium is not None
    assert (machine.medium.boot, disk.boot) == (1, 2)
    assert disk.format is DiskFormat.QCOW2
    assert not disk.scratch
    assert machine.serial == ()


def test_a_disk_file_that_does_not_exist_is_made_and_kept(iso: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.raw"
    machine = machine_for(
        BootRequest(iso=iso, firmware=Firmware.BIOS, disk=path), tmp_path / "scratch", Accelerator.TCG
    )
    assert machine.disks[0].path == path
    assert path.stat().st_size == DISK_SIZE


@pytest.mark.parametrize(("asked", "how", "cpus"), [(None, "kvm", 2), (None, "tcg", 1), (4, "tcg", 4)])
def test_a_translated_machine_has_one_processor_unless_more_were_asked_for(
    iso: Path, tmp_path: Path, asked: int | None, how: str, cpus: int
) -> None:
    request = BootRequest(iso=iso, firmware=Firmware.BIOS, cpus=asked)
    assert machine_for(request, tmp_path, Accelerator(how)).cpus == cpus


def test_a_machine_without_processors_is_refused(iso: Path) -> None:
    with pytest.raises(BadInput, match="processors"):
        check(BootRequest(iso=iso, cpus=0))
