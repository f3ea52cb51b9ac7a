"""The EFI system partition of a medium: a FAT image with the signed boot chain, made by mtools without root.

UEFI specification 2.10, 13.3 (FAT) and 3.5.1.1 (removable media: /EFI/BOOT/BOOTX64.EFI). A CD's firmware reads it as
an El Torito image, whose size is counted in 16 bits of 512-byte sectors, so it has to stay small.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.run import Runner
from ashore_installer.units import MiB, human
from ashore_isogen.identity import Identity

LIMIT = 16 * MiB
LABEL = "ASHORE-ESP"
_SLACK = MiB // 2
"""Room for the FAT itself and for clusters that are not full."""

Files = Mapping[str, Path]
"""What goes into the partition: paths in it, and the files of this machine."""


def write_esp(image: Path, files: Files, identity: Identity, run: Runner) -> None:
    """Make the FAT image with these files. The same files and identity give the same bytes.

    Changes the times of the files. Raises BadInput if they are too large for a CD's firmware.
    """
    size = esp_size(sum(path.stat().st_size for path in files.values()))
    for path in files.values():
        os.utime(path, (identity.epoch, identity.epoch))
    for argv in esp_commands(image, files, identity, size):
        run.run(argv, env=environment(identity))


def esp_size(content: int) -> int:
    """Bytes of a partition for so many bytes of files: whole MiB."""
    size = -(-(content + _SLACK) // MiB) * MiB
    if size > LIMIT:
        raise BadInput(
            f"The boot files for UEFI need {human(size)}; firmware reads no more than {human(LIMIT)} from a CD.",
            "Make the live runtime again with the distribution's own shim and GRUB.",
        )
    return size


def esp_commands(image: Path, files: Files, identity: Identity, size: int) -> list[list[str]]:
    """The mtools commands: the image, its directories from the top, its files in the order of their names."""
    sectors = str(size // 512)
    make = ["mformat", "-i", str(image), "-C", "-T", sectors, "-h", "64", "-s", "32"]
    make += ["-N", identity.fat_serial, "-v", LABEL, "::"]
    parents = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    folders = [f"::{folder}" for folder in sorted(parents)]
    copies = [["mcopy", "-m", "-i", str(image), str(files[name]), f"::{name}"] for name in sorted(files)]
    return [make, ["mmd", "-i", str(image), *folders], *copies]


def environment(identity: Identity) -> dict[str, str]:
    """What mtools and xorriso need to write no times but the medium's: FAT and ISO 9660 have local times."""
    return {"SOURCE_DATE_EPOCH": str(identity.epoch), "TZ": "UTC", "MTOOLSRC": os.devnull}
