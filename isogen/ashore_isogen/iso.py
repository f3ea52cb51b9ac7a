"""The ISO file: one hybrid image that BIOS and UEFI start from a CD and from a disk, written by xorriso.

El Torito has two boot images: GRUB's for BIOS, and the EFI system partition, which is appended behind the file system
and is a partition of the GPT at the same time. GRUB's hybrid MBR starts the BIOS image from a disk. Options:
xorrisofs(1); the recipe is that of Debian's and Fedora's installers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.mediacheck import BOOT_IMAGE
from ashore_installer.run import Runner
from ashore_installer.units import MiB
from ashore_isogen.esp import environment
from ashore_isogen.identity import Identity
from ashore_isogen.report import Report
from ashore_isogen.watch import file_size, watched

ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
_DATA_TYPE = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
"""Partition types of the UEFI specification, 5.3.3: EFI system; basic data, for the file system of the ISO."""
OVERHEAD = 2 * MiB
"""More than directories, boot records and alignment take, for estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file for the medium: `path` is relative to its root, `source` is on this machine."""

    path: str
    source: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoParts:
    """What an ISO is made of. The order of `items` is their order on the medium."""

    items: tuple[Item, ...]
    esp: Path
    boot_hybrid: Path


def write_iso(output: Path, parts: IsoParts, identity: Identity, work: Path, run: Runner, report: Report) -> None:
    """Write the ISO into `output`; `work` gets the lists that xorriso reads. Raises CommandFailed."""
    paths, weights = work / "paths", work / "weights"
    paths.write_text(path_list(parts.items), encoding="utf-8", errors="surrogateescape")
    weights.write_text(weight_list(parts.items), encoding="utf-8")
    total = sum(item.source.stat().st_size for item in parts.items) + parts.esp.stat().st_size
    with watched(lambda: file_size(output), total, report):
        run.run(xorriso_argv(output, parts, identity, paths, weights), env=environment(identity))


def xorriso_argv(output: Path, parts: IsoParts, identity: Identity, paths: Path, weights: Path) -> list[str]:
    """The command that writes the ISO."""
    return [
        *("xorriso", "-no_rc", "-stdio_sync", "off", "-as", "mkisofs", "-quiet"),
        *("-iso-level", "3", "-r", "-f", "-V", identity.volume_id),
        *("-sysid", "LINUX", "-publisher", "ASHORE", "-preparer", "ASHORE", "-appid", "ASHORE INSTALLER MEDIUM"),
        *("--modification-date=" + identity.iso_date, "--set_all_file_dates", identity.iso_date),
        *("--gpt_disk_guid", identity.disk_guid),
        *("--grub2-mbr", str(parts.boot_hybrid), "-partition_offset", "16", "-iso_mbr_part_type", _DATA_TYPE),
        *("-appended_part_as_gpt", "-append_partition", "2", ESP_TYPE, str(parts.esp)),
        *("-c", "boot.cat", "--boot-catalog-hide", "-b", BOOT_IMAGE, "-no-emul-boot", "-boot-load-size", "4"),
        *("-boot-info-table", "--grub2-boot-info"),
        # Padding is for CD drives that read past the end; here the appended partition lies behind the file system.
        *("-no-pad", "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot"),
        *("--sort-weight-list", str(weights), "-o", str(output), "-graft-points", "-path-list", str(paths)),
    ]


def path_list(items: Sequence[Item]) -> str:
    """xorrisofs' list of `PATH=SOURCE`, one a line. Raises BadInput for a source with a line break in its name."""
    for item in items:
        if "\n" in str(item.source):
            raise BadInput(f"The path {str(item.source)!r} has a line break.", "Rename it.")
    return "".join(f"{_pathspec('/' + item.path)}={_pathspec(str(item.source))}\n" for item in items)


def weight_list(items: Sequence[Item]) -> str:
    """xorrisofs' list of `WEIGHT PATH`; heavier files come first.

    Files of equal weight would be written in the order of their inodes, which differs from machine to machine.
    """
    return "".join(f"{len(items) - number} /{item.path}\n" for number, item in enumerate(items))


def _pathspec(path: str) -> str:
    r"""A path in xorrisofs' words: `\` and `=` are escaped."""
    return path.replace("\\", "\\\\").replace("=", "\\=")
