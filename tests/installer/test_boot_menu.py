"""GRUB's configuration as text, and the boot entries it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.boot.entries import parse_entry, read_entries
from ashore_installer.boot.menu import HIGHEST, bios_cfg, efi_stub, script_cfg, script_menu

UUID = "11111111-2222-3333-4444-555555555555"

ENTRY = """\
title Debian GNU/Linux forky/sid (ostree:0)
version 2
options root=UUID=1234 rw dyndbg="file a.c +p" ostree=/ostree/boot.1/default/abc/0
linux /boot/ostree/default-abc/vmlinuz-6.18
initrd /boot/ostree/default-abc/initramfs-6.18.img
"""


def test_every_configuration_finds_boot_by_its_uuid() -> None:
    for text in (bios_cfg(UUID, ()), script_cfg(UUID), efi_stub(UUID)):
        assert f"search --no-floppy --fs-uuid --set=root {UUID}\n" in text


@pytest.mark.parametrize(
    ("consoles", "line"),
    [
        (("tty0", "ttyS0,115200n8"), "serial --unit=0 --speed=115200 --word=8 --parity=no --stop=1"),
        (("ttyS1,57600e7r",), "serial --unit=1 --speed=57600 --word=7 --parity=even --stop=1"),
        (("ttyS0",), "serial --unit=0 --speed=9600 --word=8 --parity=no --stop=1"),
        (("ttyS0,9600", "ttyS1,115200"), "serial --unit=1 --speed=115200 --word=8 --parity=no --stop=1"),
    ],
)
def test_the_menu_is_on_the_last_serial_console(consoles: tuple[str, ...], line: str) -> None:
    assert line in bios_cfg(UUID, consoles).splitlines()


@pytest.mark.parametrize("consoles", [(), ("tty0",), ("hvc0",), ("uart8250,io,0x3f8",)])
def test_no_serial_line_no_serial_menu(consoles: tuple[str, ...]) -> None:
    assert "serial" not in bios_cfg(UUID, consoles)


def test_the_script_looks_from_the_newest_entry_on() -> None:
    numbers = " ".join(str(number) for number in range(HIGHEST, -1, -1))
    assert f"for bls_number in {numbers}; do" in script_cfg(UUID)
    assert "@" not in script_cfg(UUID).replace('"$@"', "")
    offered = [line.split()[-1] for line in script_menu().splitlines() if line.startswith("  bls_boot ")]
    assert offered == numbers.split()


@pytest.mark.parametrize("text", [bios_cfg(UUID, ("ttyS0",), "/root"), script_cfg(UUID, "/root")])
def test_in_a_subvolume_every_path_begins_with_it(text: str) -> None:
    assert "blscfg" not in text
    assert '"/root/boot/loader/entries/ostree-$bls_number.conf"' in text
    assert '"/root/boot/ostree/$bls_os-$bls_sum"/vmlinuz-*' in text
    assert '"/boot' not in text
    assert "set prefix=($root)/root/boot/grub\n" in efi_stub(UUID, "/root")


def test_an_entry_as_libostree_writes_it() -> None:
    entry = parse_entry("ostree-2.conf", ENTRY)
    assert entry.title == "Debian GNU/Linux forky/sid (ostree:0)"
    assert entry.options == (
        "root=UUID=1234",
        "rw",
        'dyndbg="file a.c +p"',
        "ostree=/ostree/boot.1/default/abc/0",
    )
    assert entry.linux == "/boot/ostree/default-abc/vmlinuz-6.18"
    assert entry.initrd == "/boot/ostree/default-abc/initramfs-6.18.img"


def test_entries_come_by_number_not_by_name(tmp_path: Path) -> None:
    directory = tmp_path / "boot/loader/entries"
    directory.mkdir(parents=True)
    for name in ("ostree-9.conf", "ostree-10.conf", "other.conf", "ostree-x.conf"):
        (directory / name).write_text(ENTRY)
    assert [entry.name for entry in read_entries(tmp_path)] == ["ostree-10.conf", "ostree-9.conf"]


def test_an_empty_entry_has_empty_fields() -> None:
    entry = parse_entry("ostree-1.conf", "title\n\noptions\n")
    assert (entry.title, entry.options, entry.linux, entry.initrd) == ("", (), "", "")
