"""Looking into ISO files without mounting them: what they carry, how they start, whether they are whole."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.medium import KICKSTART, MediumManifest
from ashore_installer.run import Commands
from ashore_isogen.bootfacts import SECTOR, read_boot_facts
from ashore_isogen.build import BuildRequest, build_iso
from ashore_isogen.inspect import Extent, check_iso, extents, inspect_iso, parse_extents
from tests.fakes.media import Notes, a_layout, a_runtime


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MediumManifest]:
    """An ISO, made once for the tests that only read it."""
    directory = tmp_path_factory.mktemp("media")
    (directory / "ks.cfg").write_text("reboot\n")
    request = BuildRequest(
        image=a_layout(directory / "layout"), output=directory / "x.iso", kickstart=directory / "ks.cfg"
    )
    return request.output, build_iso(request, a_runtime(directory / "runtime"), Commands(), Notes())


def test_inspection_gives_the_manifest_and_four_ways_to_start(built: tuple[Path, MediumManifest]) -> None:
    path, manifest = built
    found = inspect_iso(path, Commands())
    assert found.manifest == manifest
    assert len(found.manifest_digest) == 64
    boot = found.boot
    assert (boot.bios_cd, boot.bios_disk, boot.uefi_cd, boot.uefi_disk) == (True, True, True, True)
    assert boot.volume_id == manifest.volume_id
    assert boot.size == path.stat().st_size
    assert manifest.esp is not None
    assert boot.esp_size == manifest.esp.size


def test_a_whole_iso_is_whole(built: tuple[Path, MediumManifest]) -> None:
    path, manifest = built
    notes = Notes()
    assert check_iso(path, Commands(), notes) == ()
    assert manifest.esp is not None
    total = sum(file.size for file in manifest.files) + manifest.esp.size
    assert notes.progresses[-1] == (total, total, "bytes")


def damaged(built: tuple[Path, MediumManifest], copy: Path, offset: int) -> Path:
    content = bytearray(built[0].read_bytes())
    content[offset] ^= 1
    copy.write_bytes(content)
    return copy


def test_one_wrong_byte_of_any_file_is_found(built: tuple[Path, MediumManifest], tmp_path: Path) -> None:
    places = extents(built[0], Commands())
    for file in built[1].files:
        copy = damaged(built, tmp_path / "y.iso", places[file.path][0].start + file.size - 1)
        assert check_iso(copy, Commands(), Notes()) == (file.path,)


def test_a_wrong_byte_in_the_esp_is_found(built: tuple[Path, MediumManifest], tmp_path: Path) -> None:
    boot = inspect_iso(built[0], Commands()).boot
    copy = damaged(built, tmp_path / "y.iso", boot.esp_start + boot.esp_size // 2)
    assert check_iso(copy, Commands(), Notes()) == ("the EFI system partition",)


def test_a_manifest_that_was_changed_is_found(built: tuple[Path, MediumManifest], tmp_path: Path) -> None:
    content = built[0].read_bytes()
    assert content.count(b'"kickstart": true') == 1
    (tmp_path / "y.iso").write_bytes(content.replace(b'"kickstart": true', b'"kickstart": trux'))
    with pytest.raises(BadInput, match="manifest is not JSON"):
        check_iso(tmp_path / "y.iso", Commands(), Notes())
    (tmp_path / "y.iso").write_bytes(content.replace(b'"kickstart": true', b'"kickstart":true '))
    assert check_iso(tmp_path / "y.iso", Commands(), Notes()) == ("ashore/manifest.json",)


def test_a_broken_download_is_found(built: tuple[Path, MediumManifest], tmp_path: Path) -> None:
    """Half of the file is missing, as after an interrupted copy that kept the size."""
    content = built[0].read_bytes()
    start = extents(built[0], Commands())["LiveOS/squashfs.img"][0].start
    (tmp_path / "y.iso").write_bytes(content[:start] + bytes(len(content) - start))
    with pytest.raises(BadInput):
        check_iso(tmp_path / "y.iso", Commands(), Notes())


def test_the_kickstart_can_be_read_from_the_file(built: tuple[Path, MediumManifest]) -> None:
    (place,) = extents(built[0], Commands())[str(KICKSTART)]
    assert built[0].read_bytes()[place.start : place.start + place.size] == b"reboot\n"


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        inspect_iso(tmp_path / "none.iso", Commands())
    (tmp_path / "text.iso").write_text("no ISO" * 10_000)
    with pytest.raises(BadInput, match="no ISO image"):
        inspect_iso(tmp_path / "text.iso", Commands())
    (tmp_path / "empty.iso").touch()
    with pytest.raises(BadInput, match="no ISO image"):
        check_iso(tmp_path / "empty.iso", Commands(), Notes())


def test_isos_of_others_are_refused(tmp_path: Path) -> None:
    (tmp_path / "readme").write_text("hello")
    argv = ["xorriso", "-as", "mkisofs", "-quiet", "-o", str(tmp_path / "other.iso"), str(tmp_path / "readme")]
    subprocess.run(argv, check=True, capture_output=True)
    with pytest.raises(BadInput, match="no Ashore medium"):
        inspect_iso(tmp_path / "other.iso", Commands())
    with (tmp_path / "other.iso").open("rb") as stream:
        boot = read_boot_facts(stream, 1)
    assert (boot.bios_cd, boot.bios_disk, boot.uefi_cd, boot.uefi_disk) == (False, False, False, False)


def test_files_of_several_extents() -> None:
    text = """\
Report layout: xt , Startlba ,   Blocks , Filesize , ISO image path
File data lba:  0 ,      100 ,        3 ,     5000 , '/a b'
File data lba:  0 ,      200 ,        2 ,     6000 , '/it'"'"'s'
File data lba:  1 ,      300 ,        1 ,     6000 , '/it'"'"'s'
"""
    assert parse_extents(text) == {
        "a b": (Extent(start=100 * SECTOR, size=5000),),
        "it's": (Extent(start=200 * SECTOR, size=4096), Extent(start=300 * SECTOR, size=1904)),
    }


@pytest.mark.parametrize(("first", "count", "size"), [(2, 1 << 30, 128), (2, 4, 0), (2, 4, 1 << 31), (1 << 60, 4, 128)])
def test_impossible_partition_tables_are_no_tables(first: int, count: int, size: int) -> None:
    image = bytearray(20 * SECTOR)
    image[16 * SECTOR : 16 * SECTOR + 6] = b"\x01CD001"
    image[512:520] = b"EFI PART"
    struct.pack_into("<QII", image, 512 + 72, first, count, size)
    assert not read_boot_facts(io.BytesIO(image), len(image)).uefi_disk


def test_an_impossible_boot_catalog_is_no_catalog() -> None:
    image = bytearray(20 * SECTOR)
    image[16 * SECTOR : 16 * SECTOR + 6] = b"\x01CD001"
    image[17 * SECTOR : 17 * SECTOR + 30] = b"\x00CD001\x01EL TORITO SPECIFICATION"
    struct.pack_into("<I", image, 17 * SECTOR + 71, 0xFFFFFFFF)
    assert not read_boot_facts(io.BytesIO(image), len(image)).bios_cd
