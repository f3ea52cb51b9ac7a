"""Host name, language, keyboard and time zone: small files of /etc.

Formats: hostname(5), locale.conf(5), vconsole.conf(5), localtime(5), adjtime in hwclock(8), keyboard(5), xorg.conf(5).
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from pathlib import Path

from ashore_installer.chroot import inside
from ashore_installer.configure.files import read, write
from ashore_installer.plan import SystemPlan

ZONES = "/usr/share/zoneinfo"
KEYMAPS = ("/usr/share/keymaps", "/usr/lib/kbd/keymaps", "/usr/share/kbd/keymaps", "/lib/kbd/keymaps")
LOCALES = "/usr/lib/locale"
MODEL_MAP = "/usr/share/systemd/kbd-model-map"
BUILT_IN = ("C", "POSIX", "C.UTF-8", "C.utf8")
"""Locales that glibc has without any file."""

_LAYOUT = re.compile(r"\s*([^\s()]+)\s*(?:\(([^()]*)\))?\s*")
_LOCAL_TIME = "0.0 0 0.0\n0\nLOCAL\n"

Warn = Callable[[str], None]


def set_identity(root: Path, system: SystemPlan, warn: Warn) -> None:
    """Write what `system` says into /etc of the system at `root`; `warn` hears of what the image lacks for it."""
    if system.hostname:
        write(root, "/etc/hostname", f"{system.hostname}\n")
    if system.locale:
        _set_locale(root, system.locale, warn)
    if system.keymap or system.x11_layouts:
        _set_keyboard(root, system, warn)
    if system.timezone:
        _set_timezone(root, system.timezone, warn)
    if not system.utc:
        write(root, "/etc/adjtime", _LOCAL_TIME)
    elif "LOCAL" in read(root, "/etc/adjtime"):
        write(root, "/etc/adjtime", _LOCAL_TIME.replace("LOCAL", "UTC"))


def split_layouts(layouts: tuple[str, ...]) -> tuple[str, str]:
    """Layouts as `de` or `de (nodeadkeys)`, as X11 has them: names and variants, both joined by commas."""
    matches = [match for layout in layouts if (match := _LAYOUT.fullmatch(layout))]
    variants = ",".join((match[2] or "").strip() for match in matches)
    return ",".join(match[1] for match in matches), variants.strip(",") and variants


def has_locale(root: Path, locale: str) -> bool:
    """Whether the image can speak `locale`: a directory of its own, or in glibc's archive."""
    name, _, codeset = locale.partition(".")
    codeset, at, modifier = codeset.partition("@")
    names = {locale, f"{name}.{codeset.replace('-', '').lower()}{at}{modifier}" if codeset else locale}
    if names & set(BUILT_IN) or any(inside(root, f"{LOCALES}/{one}").is_dir() for one in names):
        return True
    archive = inside(root, f"{LOCALES}/locale-archive")
    if not archive.is_file() or archive.stat().st_size == 0:
        return False
    with archive.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(one.encode() + b"\0") >= 0 for one in names)


def _set_locale(root: Path, locale: str, warn: Warn) -> None:
    if not has_locale(root, locale):
        warn(f"The system does not have the locale {locale}; programs will speak English until it is there.")
    write(root, "/etc/locale.conf", f"LANG={locale}\n")
    if _is_debian(root):
        # The same file by a link since Debian 13.
        write(root, "/etc/default/locale", f"LANG={locale}\n")


def _set_keyboard(root: Path, system: SystemPlan, warn: Warn) -> None:
    layouts, variants = split_layouts(system.x11_layouts)
    if system.keymap:
        if not _has_keymap(root, system.keymap):
            warn(f"The system does not have the console keymap {system.keymap}.")
        write(root, "/etc/vconsole.conf", _vconsole(system.keymap, layouts, variants))
    if layouts:
        write(root, "/etc/X11/xorg.conf.d/00-keyboard.conf", _xorg(layouts, variants))
    if _is_debian(root):
        # console-setup makes the console's keys from an X11 layout.
        layouts, variants = (layouts, variants) if layouts else _layout_of(root, system.keymap)
        if layouts:
            write(root, "/etc/default/keyboard", _debian_keyboard(layouts, variants))
        else:
            warn(f"The system does not say which X11 layout the keymap {system.keymap} is; the console keeps its keys.")


def _layout_of(root: Path, keymap: str) -> tuple[str, str]:
    """X11's layout and variant for a console keymap, from systemd's table (in its columns `-` is none)."""
    for line in read(root, MODEL_MAP).splitlines():
        columns = line.split()
        if len(columns) >= 4 and columns[0] == keymap:
            return columns[1], columns[3].strip("-")
    return "", ""


def _set_timezone(root: Path, zone: str, warn: Warn) -> None:
    if not inside(root, f"{ZONES}/{zone}").is_file():
        warn(f"The system does not have the time zone {zone}; it will use UTC until it is there.")
    link = inside(root, "/etc") / "localtime"
    link.unlink(missing_ok=True)
    link.symlink_to(f"..{ZONES}/{zone}")
    if read(root, "/etc/timezone"):
        write(root, "/etc/timezone", f"{zone}\n")


def _has_keymap(root: Path, keymap: str) -> bool:
    places = (inside(root, directory) for directory in KEYMAPS)
    return any(next(place.rglob(f"{keymap}.map*"), None) or next(place.rglob(f"{keymap}.kmap*"), None)
               for place in places if place.is_dir())  # fmt: skip


def _vconsole(keymap: str, layouts: str, variants: str) -> str:
    lines = {"KEYMAP": keymap, "XKBLAYOUT": layouts, "XKBVARIANT": variants}
    return "".join(f"{name}={value}\n" for name, value in lines.items() if value)


def _xorg(layouts: str, variants: str) -> str:
    """As systemd-localed writes it."""
    options = {"XkbLayout": layouts, "XkbVariant": variants}
    lines = "".join(f'        Option "{name}" "{value}"\n' for name, value in options.items() if value)
    head = '        Identifier "system-keyboard"\n        MatchIsKeyboard "on"\n'
    return f'Section "InputClass"\n{head}{lines}EndSection\n'


def _debian_keyboard(layouts: str, variants: str) -> str:
    lines = {"XKBMODEL": "pc105", "XKBLAYOUT": layouts, "XKBVARIANT": variants, "XKBOPTIONS": "", "BACKSPACE": "guess"}
    return "".join(f'{name}="{value}"\n' for name, value in lines.items())


def _is_debian(root: Path) -> bool:
    """Whether the image keeps settings in /etc/default as Debian does."""
    return inside(root, "/etc/debian_version").exists() and inside(root, "/etc/default").is_dir()
