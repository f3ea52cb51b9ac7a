"""The boot menu's text: what it starts, what it warns of, and that no name of an image can change its meaning."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.grubcfg import (
    Menu,
    check_kargs,
    grub_cfg,
    kernel_arguments,
    loopback_cfg,
    printable,
    quoted,
    stub_cfg,
)

MENU = Menu(name="Sample System 1", volume_id="ASHORE-0123ABCD", marker=".disk/ashore-0123")
SERIOUS = Menu(name="Sample System 1", volume_id="X", marker=".disk/x", unattended=True)


def titles(text: str) -> list[str]:
    return re.findall(r"^menuentry '(.*)' --id", text, re.MULTILINE)


def test_the_whole_menu() -> None:
    assert grub_cfg(MENU) == (Path(__file__).parent / "grub.cfg.expected").read_text()


def test_the_default_entry_installs_after_a_few_seconds() -> None:
    text = grub_cfg(MENU)
    assert "\nset default=install\n" in text
    assert "\nset timeout=5\n" in text
    assert "menuentry 'Install Sample System 1' --id install {" in text


def test_unattended_titles_warn() -> None:
    install, check, rescue, local = titles(grub_cfg(SERIOUS))
    assert install == "Install Sample System 1 (ERASES DISKS without asking)"
    assert check.endswith("(ERASES DISKS without asking)")
    assert "ERASES" not in rescue + local
    assert "ERASES" not in grub_cfg(MENU)


def test_titles_fit_into_80_columns() -> None:
    menu = Menu(name="N" * 200, volume_id="X", marker="m", unattended=True)
    assert max(map(len, titles(grub_cfg(menu)))) <= 74


def test_only_the_check_entry_asks_for_a_media_check() -> None:
    lines = [line for line in grub_cfg(MENU).splitlines() if line.startswith("  linux ")]
    assert [" ashore.mediacheck " in line for line in lines] == [False, True, False]


def test_both_consoles_and_the_label_are_on_every_command_line() -> None:
    assert kernel_arguments(MENU) == (
        "root=live:CDLABEL=ASHORE-0123ABCD",
        "rd.live.image",
        "rd.overlay",
        "loop.max_loop=0",
        "console=tty0",
        "console=ttyS0,115200",
        "quiet",
    )


def test_the_users_arguments_come_last_and_stay_one_word_each() -> None:
    menu = Menu(name="S", volume_id="X", marker="m", kargs=("nomodeset", "ip=dhcp", "dyndbg=file a +p", "a$b;c"))
    assert kernel_arguments(menu)[-4:] == ("nomodeset", "ip=dhcp", "dyndbg=file a +p", "a$b;c")
    assert " quiet nomodeset ip=dhcp 'dyndbg=file a +p' 'a$b;c' $iso_scan\n" in grub_cfg(menu)


@pytest.mark.parametrize("karg", ["", "a\nb", 'a="b c"', "a='b'", "a\\b", "ä", "\t"])
def test_arguments_that_grub_would_change_are_refused(karg: str) -> None:
    with pytest.raises(BadInput, match="can't be put into a boot menu"):
        check_kargs(("quiet", karg))


def test_plain_arguments_are_taken() -> None:
    check_kargs(("quiet", "rd.luks.uuid=a-b", "x=$y", "a b"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Debian GNU/Linux 14", "Debian GNU/Linux 14"),
        ("two\nlines\x1b[2J", "two?lines?[2J"),
        ("Grün", "Gr?n"),
        ("x" * 37, "x" * 33 + "..."),
    ],
)
def test_names_become_printable(name: str, shown: str) -> None:
    assert printable(name) == shown


@pytest.mark.parametrize("name", ["it's", "'; reboot; echo '", '"}\nreboot', "$(reboot)", "a { b } c"])
def test_no_name_ends_its_title(name: str) -> None:
    """GRUB quotes as the shell does, so the shell tells where the word ends."""
    title = next(line for line in grub_cfg(Menu(name=name, volume_id="X", marker="m")).splitlines() if "--id" in line)
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {title}"], capture_output=True, check=True, text=True)
    assert words.stdout.split("\0") == ["menuentry", f"Install {printable(name)}", "--id", "install", "{", ""]


def test_quoted_leaves_plain_words_alone() -> None:
    assert quoted("console=ttyS0,115200") == "console=ttyS0,115200"
    assert quoted("") == "''"


def test_stub_finds_this_medium_only_and_loopback_reads_the_same_menu() -> None:
    assert stub_cfg(".disk/ashore-1").splitlines() == [
        "search --no-floppy --set=root --file /.disk/ashore-1",
        "set prefix=($root)/boot/grub",
        "source $prefix/grub.cfg",
    ]
    assert loopback_cfg() == "source /boot/grub/grub.cfg\n"
