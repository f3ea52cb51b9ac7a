"""The EFI system partition: a FAT image that mtools make and read, the same from the same files."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.run import Commands
from ashore_installer.units import MiB
from ashore_isogen.esp import LIMIT, esp_commands, esp_size, write_esp
from ashore_isogen.identity import Identity, identity

WHO = identity({"image": "x"}, "2026-01-01T00:00:00Z")
PATHS = ("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grub.cfg", "EFI/debian/grub.cfg", "boot/grub/grub.cfg")


def made(directory: Path, order: tuple[str, ...] = PATHS, who: Identity = WHO) -> Path:
    directory.mkdir()
    files = {}
    for number, path in enumerate(order):
        files[path] = directory / str(number)
        files[path].write_bytes(path.encode() * 1000)
    image = directory / "esp.img"
    write_esp(image, files, who, Commands())
    return image


def test_every_file_is_in_it(tmp_path: Path) -> None:
    image = made(tmp_path / "a")
    for path in PATHS:
        found = subprocess.run(["mtype", "-i", image, f"::{path}"], capture_output=True, check=True)
        assert found.stdout == path.encode() * 1000


def test_same_bytes_later_elsewhere_and_in_another_order(tmp_path: Path) -> None:
    first = made(tmp_path / "a").read_bytes()
    time.sleep(2.1)  # FAT counts time in steps of two seconds
    assert made(tmp_path / "another directory", PATHS[::-1]).read_bytes() == first


def test_other_media_have_another_serial_number(tmp_path: Path) -> None:
    other = identity({"image": "y"}, "2026-01-01T00:00:00Z")
    assert made(tmp_path / "a").read_bytes() != made(tmp_path / "b", who=other).read_bytes()


def test_directories_come_from_the_top_and_files_by_name() -> None:
    files = {path: Path("/src") / path.replace("/", "-") for path in PATHS[::-1]}
    make, folders, *copies = esp_commands(Path("/work/esp.img"), files, WHO, 2 * MiB)
    assert make[:6] == ["mformat", "-i", "/work/esp.img", "-C", "-T", "4096"]
    assert make[make.index("-N") + 1] == WHO.fat_serial
    assert folders == ["mmd", "-i", "/work/esp.img", "::EFI", "::EFI/BOOT", "::EFI/debian", "::boot", "::boot/grub"]
    assert [copy[-1] for copy in copies] == [f"::{path}" for path in PATHS]


@pytest.mark.parametrize(("content", "size"), [(0, MiB), (MiB // 2, MiB), (MiB // 2 + 1, 2 * MiB), (5 * MiB, 6 * MiB)])
def test_sizes_are_whole_mebibytes_with_some_room(content: int, size: int) -> None:
    assert esp_size(content) == size


def test_what_no_cd_firmware_reads_is_refused() -> None:
    with pytest.raises(BadInput, match=r"16\.0 MiB"):
        esp_size(LIMIT)
