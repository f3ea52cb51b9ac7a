"""Operating systems on the disks, recognised in directories by the files that every system has.

Formats: os-release(5), fstab(5); libostree keeps deployments below /ostree/deploy/STATEROOT/deploy (libostree,
ostree-sysroot.c). What is in a LUKS device that is not open can't be known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.chroot import inside
from ashore_installer.errors import InstallerError
from ashore_installer.machine import SystemInfo, SystemKind
from ashore_installer.payload.facts import os_release

_DEPLOYMENT = re.compile(r"[0-9a-f]{64}\.\d+")
_LINUX = "Linux"


@dataclass(frozen=True, slots=True, kw_only=True)
class FstabEntry:
    """A line of an fstab that mounts a device: `device` is a path or a tag as `UUID=…`."""

    device: str
    path: str
    type: str
    options: tuple[str, ...]

    def option(self, name: str) -> str:
        """The value of `name=value`, or empty."""
        return next((one.partition("=")[2] for one in self.options if one.startswith(f"{name}=")), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A Linux system as it is found in a directory; `stateroots` only if it is an ostree one."""

    name: str
    fstab: tuple[FstabEntry, ...]
    stateroots: tuple[str, ...] = ()


def parse_fstab(text: str) -> tuple[FstabEntry, ...]:
    """The lines that mount a device or swap at a path; bind mounts and those without a device are left out."""
    found = []
    for line in text.splitlines():
        words = [_unescaped(word) for word in line.split("#", 1)[0].split()]
        if len(words) < 3 or not words[1].startswith("/"):
            continue
        options = tuple(words[3].split(",")) if len(words) > 3 else ()
        if (words[0].startswith("/dev/") or "=" in words[0]) and not {"bind", "rbind"} & set(options):
            found.append(FstabEntry(device=words[0], path=words[1], type=words[2], options=options))
    return tuple(found)


def _unescaped(word: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def linux_in(top: Path) -> Root | None:
    """The Linux system whose root is the directory `top`, if one is there. What can't be read is not there."""
    deployments = sorted(_deployments(top), key=_age)
    if deployments:
        newest = deployments[-1]
        stateroots = sorted({one.parent.parent.name for one in deployments})
        return Root(name=_name(newest), fstab=parse_fstab(_text(newest, "etc/fstab")), stateroots=tuple(stateroots))
    if not _text(top, "etc/os-release") and not _text(top, "usr/lib/os-release"):
        return None
    return Root(name=_name(top), fstab=parse_fstab(_text(top, "etc/fstab")))


def _deployments(top: Path) -> Iterator[Path]:
    try:
        found = sorted((top / "ostree/deploy").glob("*/deploy/*"))
    except OSError:
        return
    yield from (one for one in found if _DEPLOYMENT.fullmatch(one.name) and one.is_dir())


def _age(deployment: Path) -> tuple[float, str]:
    """Deployments are read-only trees with times of their own; their origin file is written when they are made."""
    try:
        return deployment.with_name(f"{deployment.name}.origin").stat().st_mtime, deployment.name
    except OSError:
        return 0, deployment.name


def _name(root: Path) -> str:
    """For people. `NAME` and `VERSION` stand in where there is no PRETTY_NAME."""
    facts = os_release(_text(root, "etc/os-release") or _text(root, "usr/lib/os-release"))
    own = f"{facts.get('NAME', '')} {facts.get('VERSION', '')}".strip()
    return facts.get("PRETTY_NAME", "") or own or facts.get("ID", "") or _LINUX


def _text(root: Path, path: str) -> str:
    """A file of a system; its links lead nowhere out of it."""
    try:
        return inside(root, path).read_text(encoding="utf-8", errors="replace")
    except (OSError, InstallerError):
        return ""


def linux_system(root: Root, place: str, meant: Callable[[FstabEntry], str]) -> SystemInfo:
    """A system whose root is `place` (`vda3`, `vda3:root`). `meant` names the device of a line; empty if it is gone."""
    found = ((one.path.rstrip("/"), meant(one)) for one in root.fstab if one.path != "/")
    others = {path: device for path, device in found if path and device}
    kind = SystemKind.OSTREE if root.stateroots else SystemKind.LINUX
    mounts = (("/", place), *others.items())
    return SystemInfo(name=root.name, kind=kind, mounts=mounts, stateroots=root.stateroots)


def windows(place: str) -> SystemInfo:
    return SystemInfo(name="Windows", kind=SystemKind.WINDOWS, mounts=(("/", place),))


def locked_windows(place: str) -> SystemInfo:
    return SystemInfo(name="Windows (locked by BitLocker)", kind=SystemKind.WINDOWS, mounts=(("/", place),))


def macos(place: str) -> SystemInfo:
    return SystemInfo(name="macOS", kind=SystemKind.MACOS, mounts=(("/", place),))
