"""The command that writes an ISO, and what only its bytes can show: order, times, names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.identity import identity
from ashore_isogen.iso import IsoParts, Item, path_list, weight_list, xorriso_argv

WHO = identity({"image": "x"}, "2026-01-01T00:00:00Z", "MY_LABEL")
ITEMS = (Item(path="boot/grub/eltorito.img", source=Path("/r/eltorito.img")), Item(path="b", source=Path("/r/b")))


def test_the_command() -> None:
    parts = IsoParts(items=ITEMS, esp=Path("/w/esp.img"), boot_hybrid=Path("/r/boot_hybrid.img"))
    assert xorriso_argv(Path("/o/x.iso"), parts, WHO, Path("/w/paths"), Path("/w/weights")) == [
        "xorriso", "-no_rc", "-stdio_sync", "off", "-as", "mkisofs", "-quiet",
        "-iso-level", "3", "-r", "-f", "-V", "MY_LABEL",
        "-sysid", "LINUX", "-publisher", "ASHORE", "-preparer", "ASHORE", "-appid", "ASHORE INSTALLER MEDIUM",
        "--modification-date=2026010100000000", "--set_all_file_dates", "2026010100000000",
        "--gpt_disk_guid", WHO.disk_guid,
        "--grub2-mbr", "/r/boot_hybrid.img", "-partition_offset", "16",
        "-iso_mbr_part_type", "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
        "-appended_part_as_gpt", "-append_partition", "2", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "/w/esp.img",
        "-c", "boot.cat", "--boot-catalog-hide", "-b", "boot/grub/eltorito.img", "-no-emul-boot",
        "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
        "-no-pad", "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
        "--sort-weight-list", "/w/weights", "-o", "/o/x.iso", "-graft-points", "-path-list", "/w/paths",
    ]  # fmt: skip


def test_earlier_items_are_heavier() -> None:
    assert weight_list(ITEMS) == "2 /boot/grub/eltorito.img\n1 /b\n"


def test_paths_of_this_machine_may_have_odd_names() -> None:
    items = [Item(path="a", source=Path("/odd = name/with\\slash")), Item(path="b=c", source=Path("/x"))]
    assert path_list(items) == "/a=/odd \\= name/with\\\\slash\n/b\\=c=/x\n"
    with pytest.raises(BadInput, match="line break"):
        path_list([Item(path="a", source=Path("/two\nlines"))])
