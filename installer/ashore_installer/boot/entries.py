"""Boot entries as libostree writes them (boot loader specification, type 1): `KEY VALUE` lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.boot.menu import ENTRIES

_NAME = re.compile(r"ostree-(\d+)\.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class BootEntry:
    """One entry; `linux` and `initrd` are paths from the root of the file system that has /boot."""

    name: str
    title: str
    options: tuple[str, ...]
    linux: str
    initrd: str


def parse_entry(name: str, text: str) -> BootEntry:
    """The entry in the text of a file; what is missing is empty. Options are split at blanks outside of quotes."""
    fields = dict(line.split(None, 1) for line in text.splitlines() if len(line.split(None, 1)) == 2)
    return BootEntry(
        name=name,
        title=fields.get("title", "").strip(),
        options=tuple(re.findall(r'(?:[^\s"]|"[^"]*")+', fields.get("options", ""))),
        linux=fields.get("linux", "").strip(),
        initrd=fields.get("initrd", "").strip(),
    )


def read_entries(root: Path) -> tuple[BootEntry, ...]:
    """The entries of a physical root file system with its /boot, the default first."""
    directory = root / ENTRIES.lstrip("/")
    found = [(int(match[1]), path) for path in directory.glob("*.conf") if (match := _NAME.fullmatch(path.name))]
    return tuple(parse_entry(path.name, path.read_text()) for _, path in sorted(found, reverse=True))
