"""Which accelerator a host really has."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.units import MiB
from ashore_isogen.qemu.probe import accelerator, boot_sector, boot_with_qemu
from ashore_isogen.qemu.spec import BINARY, Accelerator


class Host:
    """A host on which KVM works or does not; counts how often that was tried."""

    def __init__(self, *, works: bool) -> None:
        self.works = works
        self.tried: list[int] = []

    def __call__(self, disk: Path, accelerator: Accelerator) -> bool:
        assert accelerator is Accelerator.KVM
        assert disk.read_bytes()[:512] == boot_sector()
        self.tried.append(disk.stat().st_size)
        return self.works


@pytest.fixture
def device(tmp_path: Path) -> Path:
    node = tmp_path / "kvm"
    node.touch()
    return node


@pytest.mark.parametrize(("works", "expected"), [(True, Accelerator.KVM), (False, Accelerator.TCG)])
def test_the_boot_decides_and_is_made_once(tmp_path: Path, device: Path, works: bool, expected: Accelerator) -> None:
    host = Host(works=works)
    assert [accelerator(tmp_path / "cache", host, device) for _ in range(3)] == [expected] * 3
    assert host.tried == [MiB]


def test_what_another_boot_of_the_host_found_is_forgotten(tmp_path: Path, device: Path) -> None:
    (tmp_path / "accelerator-6.1-yesterday").write_text("kvm")
    assert accelerator(tmp_path, Host(works=False), device) is Accelerator.TCG
    assert not (tmp_path / "accelerator-6.1-yesterday").exists()


def test_without_the_device_nothing_is_tried(tmp_path: Path) -> None:
    host = Host(works=True)
    assert accelerator(tmp_path, host, tmp_path / "missing") is Accelerator.TCG
    assert host.tried == []


def test_the_boot_sector_is_one_sector_that_a_bios_boots() -> None:
    assert len(boot_sector()) == 512
    assert boot_sector().endswith(b"\x55\xaa")


@pytest.mark.needs(BINARY)
def test_the_boot_sector_runs_to_its_end_and_an_empty_disk_does_not(tmp_path: Path) -> None:
    good, empty = tmp_path / "good.img", tmp_path / "empty.img"
    good.write_bytes(boot_sector().ljust(MiB, b"\0"))
    empty.write_bytes(bytes(MiB))
    assert boot_with_qemu(good, Accelerator.TCG, seconds=60)
    assert not boot_with_qemu(empty, Accelerator.TCG, seconds=2)
