"""GRUB's configuration: static text that shows whatever libostree writes into /boot/loader/entries.

An upgrade or a rollback by the installed system's own `ostree` must change what boots, and nothing of ours runs there.
Three ways were tried:

* `blscfg`, which reads boot loader specification (BLS) entries itself. It is the best one and is used on BIOS, where
  core.img loads its module (`blsuki` since GRUB 2.14). Debian's signed GRUB does not have it and, under Secure Boot,
  loads no module.
* Menu entries made anew at each deployment, by a unit in the deployment or by libostree's grub2 backend. Between the
  deployment and the new menu the machine would start a kernel that may be gone; and it takes programs that the image
  need not have.
* The script below, used on UEFI: GRUB's own language reads the entries. It needs only what is built into signed GRUBs
  (regexp, test, source) and follows the entries by itself.

How the script works. An entry is a text of lines such as `title Debian (ostree:0)`, which is also a line of GRUB's
language: `source` runs it, and `title` and `options` are functions of ours. `linux` and `initrd` are real commands, and
commands win over functions, so the script never lets them be reached: `title` (libostree writes it first) goes on with
the next entry, and after the last one with the menu, from inside; when a menu entry is booted, `options` loads the
kernel and boots it. The kernel's path comes from the `ostree=` argument. While entries are only read, `root` is a
device that does not exist, so that even an entry with its lines in another order loads nothing.

GRUB sees a btrfs volume from its top. When /boot lies in a subvolume, `top` is the subvolume's path (`/root`), which
stands before every other. The paths in the entries lack it, so then the script is used on BIOS too.

The file system is found by its UUID, in whatever GRUB's core can read: a partition, an array or a logical volume. A
member of an array with metadata 1.0 looks like the file system itself; either is right, since GRUB only reads.

The limits: a title or argument with characters of GRUB's language ($ ; & | < > { } ' \\) is not shown or not handed on
as it is; `check` refuses those it can know. An entry that a later version breaks that way is left out or fails, and
GRUB goes on with the next one (`fallback`), which is the deployment before.
"""

from __future__ import annotations

import re

ENTRIES = "/boot/loader/entries"
"""On a separate /boot as well: libostree puts a link `boot -> .` into it when `sysroot.bootprefix` is set."""

KERNELS = "/boot/ostree"

MENU_FILE = "entries.cfg"
"""The second file of the script, beside grub.cfg: what can be chosen."""

TIMEOUT = 3
"""Seconds that the menu waits when nobody says how long."""

HIGHEST = 31
"""Entries are `ostree-N.conf`, N from 1 on, the highest is the default (ostree-sysroot-deploy.c)."""

_SERIAL = re.compile(r"ttyS(\d+)(?:,(\d+)([noe])?([78])?r?)?")
_PARITIES = {"n": "no", "o": "odd", "e": "even"}


def bios_cfg(boot_uuid: str, consoles: tuple[str, ...], top: str = "", timeout: int | None = None) -> str:
    """/boot/grub/grub.cfg for BIOS; the menu is on the serial line too when that is a console (`ttyS0,115200n8`)."""
    start = f"{_HEADER}{_serial(consoles)}{_search(boot_uuid)}"
    if top:
        return f"{start}{_script(top)}"
    return f"{start}{_choice(timeout)}insmod blsuki\nblscfg --path {ENTRIES}\n"


def script_cfg(boot_uuid: str, top: str = "") -> str:
    """/boot/grub/grub.cfg for UEFI, where the firmware brings the menu to the serial line itself."""
    return f"{_HEADER}{_search(boot_uuid)}{_script(top)}"


def script_menu(timeout: int | None = None) -> str:
    """/boot/grub/entries.cfg, the script's second file."""
    return _HEADER + _choice(timeout) + "".join(_MENU_ENTRY.format(number=number) for number in range(HIGHEST, -1, -1))


def efi_stub(boot_uuid: str, top: str = "") -> str:
    """EFI/<vendor>/grub.cfg on the ESP, where a signed GRUB looks first: go on in /boot."""
    return f"{_HEADER}{_search(boot_uuid)}set prefix=($root){top}/boot/grub\nconfigfile $prefix/grub.cfg\n"


def _script(top: str) -> str:
    numbers = " ".join(str(number) for number in range(HIGHEST, -1, -1))
    script = _SCRIPT.replace("@ENTRIES@", f"{top}{ENTRIES}").replace("@KERNELS@", f"{top}{KERNELS}")
    return script.replace("@NUMBERS@", numbers).replace("@MENU@", MENU_FILE)


def _search(boot_uuid: str) -> str:
    return f"search --no-floppy --fs-uuid --set=root {boot_uuid}\n"


def serial_command(consoles: tuple[str, ...]) -> str:
    """GRUB's command for the last serial line among `consoles` (`ttyS0,115200n8`), or empty."""
    match = next(filter(None, map(_SERIAL.fullmatch, reversed(consoles))), None)
    if match is None:
        return ""
    unit, speed, parity, word = match.groups()
    options = f"--speed={speed or 9600} --word={word or 8} --parity={_PARITIES[parity or 'n']} --stop=1"
    return f"serial --unit={unit} {options}"


def _serial(consoles: tuple[str, ...]) -> str:
    command = serial_command(consoles)
    return f"{command}\nterminal_input --append serial\nterminal_output --append serial\n" if command else ""


_HEADER = "# Written by Ashore when the system was installed. It follows every upgrade and rollback as it is.\n"


def _choice(timeout: int | None) -> str:
    """What is chosen when nobody does, and after how many seconds."""
    return f"set timeout={TIMEOUT if timeout is None else timeout}\nset default=0\nset fallback=1\n"


_SCRIPT = """set bls_root=$root
export bls_root

function version { true; }

function title {
  if [ "$bls_phase" = read ]; then
    set bls_title_$bls_number="$*"
    export bls_title_$bls_number
    bls_read $bls_rest
  fi
}

function options {
  if [ "$bls_phase" != boot ]; then return; fi
  regexp --set=1:bls_os --set=2:bls_sum 'ostree=/ostree/boot[.][01]/([^/ ]+)/([0-9a-f]+)/[0-9]+' "$*"
  for bls_kernel in "@KERNELS@/$bls_os-$bls_sum"/vmlinuz-*; do true; done
  for bls_initrd in "@KERNELS@/$bls_os-$bls_sum"/initramfs-*; do true; done
  if linux "$bls_kernel" "$@" $bls_more; then
    initrd "$bls_initrd"
    boot
  fi
  set root=none
}

function bls_read {
  if [ $# = 0 ]; then
    bls_menu
    return
  fi
  set bls_number=$1
  shift
  set bls_rest="$*"
  source "($bls_root)@ENTRIES@/ostree-$bls_number.conf"
  # Here when the menu was left, or when the entry could not be read.
  if [ "$bls_shown" != yes ]; then bls_read $bls_rest; fi
}

function bls_menu {
  set bls_shown=yes
  configfile $prefix/@MENU@
}

function bls_boot {
  set root=$bls_root
  set bls_file="@ENTRIES@/ostree-$1.conf"
  shift
  set bls_more="$*"
  set bls_phase=boot
  source "$bls_file"
}

set bls_all=
for bls_number in @NUMBERS@; do
  if [ -f "@ENTRIES@/ostree-$bls_number.conf" ]; then set bls_all="$bls_all $bls_number"; fi
done
set bls_phase=read
set root=none
bls_read $bls_all
bls_menu
"""

_MENU_ENTRY = """if [ -n "$bls_title_{number}" ]; then
menuentry "$bls_title_{number}" --id ostree-{number} {{
  # More kernel arguments can be written at the end of the next line.
  bls_boot {number}
}}
fi
"""
