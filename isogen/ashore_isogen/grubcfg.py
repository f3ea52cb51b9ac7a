"""The boot menu of a medium: GRUB's configuration as text, made by pure functions.

BIOS and UEFI, CD and disk, Secure Boot or not: all read the one /boot/grub/grub.cfg. The signed GRUB can't load
modules under Secure Boot, so only commands that are built into it are used (Debian's gcdx64.efi).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashore_installer.errors import BadInput
from ashore_installer.mediacheck import KARG as MEDIACHECK

KERNEL = "images/pxeboot/vmlinuz"
INITRD = "images/pxeboot/initrd.img"
TIMEOUT = 5
NAME_WIDTH = 36
"""Columns for the name of the system; the longest title then fits into 80 columns with GRUB's frame."""
RESCUE = (
    "systemd.unit=rescue.target",
    "systemd.setenv=SYSTEMD_SULOGIN_FORCE=1",
    "systemd.mask=ashore-live.service",
    "ashore.shell",
)
"""A root shell without a password: whoever can choose it in the menu could edit the kernel's arguments as well. The
installer stays away, because leaving the shell goes on to the default target (kernel-command-line(7))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What the menu depends on. `name` is what would be installed; `marker` a path that only this medium has."""

    name: str
    volume_id: str
    marker: str
    kargs: tuple[str, ...] = ()
    unattended: bool = False


def grub_cfg(menu: Menu) -> str:
    """/boot/grub/grub.cfg."""
    warning = " (ERASES DISKS without asking)" if menu.unattended else ""
    install = f"Install {printable(menu.name)}{warning}"
    check = f"Check this medium, then install{warning}"
    return "\n".join(
        [
            _HEADER.format(marker=menu.marker, timeout=TIMEOUT),
            _entry("install", install, kernel_arguments(menu)),
            _entry("check", check, (*kernel_arguments(menu), MEDIACHECK)),
            _entry("rescue", "Rescue shell (changes nothing)", (*kernel_arguments(menu), *RESCUE)),
            _LOCAL,
        ]
    )


def stub_cfg(marker: str) -> str:
    """The grub.cfg of the EFI directories, on the ISO file system and on the EFI system partition.

    Firmware that starts GRUB from a CD reads one, from a disk the other; both lead to the one menu.
    """
    return _STUB.format(marker=marker)


def loopback_cfg() -> str:
    """/boot/grub/loopback.cfg, which boot loaders read that start ISO files from a disk.

    They set `iso_path` and make the ISO their root (https://supergrubdisk.org/wiki/Loopback.cfg).
    """
    return "source /boot/grub/grub.cfg\n"


def kernel_arguments(menu: Menu) -> tuple[str, ...]:
    """Arguments of the live system (dracut.cmdline(7), "Booting live images"); the user's come last and win."""
    return (
        f"root=live:CDLABEL={menu.volume_id}",
        "rd.live.image",
        "rd.overlay",
        "loop.max_loop=0",  # none before somebody asks for one: udev looks at each
        "console=tty0",
        "console=ttyS0,115200",
        "quiet",
        *menu.kargs,
    )


def check_kargs(kargs: tuple[str, ...]) -> None:
    """Raise BadInput for arguments that GRUB can't hand to the kernel as they are."""
    for karg in kargs:
        if not karg or re.search(r"""[\\'"]|[^ -~]""", karg):
            raise BadInput(
                f"The kernel argument {karg!r} can't be put into a boot menu.",
                "Use printable ASCII characters without quotes and backslashes, one argument each.",
            )


def printable(text: str) -> str:
    """Text of an image for a boot menu in text mode: printable ASCII, not too long."""
    plain = " ".join(re.sub(r"[^ -~]", "?", text).split())
    return plain if len(plain) <= NAME_WIDTH else plain[: NAME_WIDTH - 3].rstrip() + "..."


def quoted(word: str) -> str:
    """A word of GRUB's script language that stands for itself (GRUB manual, "Shell-like scripting", Quoting)."""
    return word if re.fullmatch(r"[\w./:=,@%+-]+", word, re.ASCII) else "'" + word.replace("'", r"'\''") + "'"


def _entry(id: str, title: str, kargs: tuple[str, ...]) -> str:  # noqa: A002 (GRUB's own word)
    words = " ".join(map(quoted, kargs))
    return f"""menuentry {quoted(title)} --id {id} {{
  echo 'Loading the kernel ...'
  linux /{KERNEL} {words} $iso_scan
  echo 'Loading the initial RAM disk ...'
  initrd /{INITRD}
}}
"""


_HEADER = """\
# The medium that GRUB came from may not be the one it found first: this file is on ours only.
# A boot loader that started this ISO from a file has set iso_path and the root already.
if [ -n "$iso_path" ]; then
  set iso_scan="iso-scan/filename=$iso_path"
else
  search --no-floppy --set=root --file /{marker}
fi

# Without a serial port the command fails and only the screen is used.
if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output console serial
fi

set default=install
set timeout_style=menu
set timeout={timeout}
"""

_LOCAL = """\
menuentry 'Boot from the first disk of this machine' --id local {
  if [ "$grub_platform" = efi ]; then
    # Back to the firmware, which goes on with its next boot option.
    exit
  fi
  # The disk we were booted from is hd0 for the BIOS, if it is a disk.
  set disk=hd0
  if regexp '^hd0' "$root"; then
    set disk=hd1
  fi
  chainloader ($disk)+1
}
"""

_STUB = """\
search --no-floppy --set=root --file /{marker}
set prefix=($root)/boot/grub
source $prefix/grub.cfg
"""
