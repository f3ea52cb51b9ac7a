"""What the live system says before its shell when nothing is to be installed by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import ashore_installer
from ashore_installer.machine import MachineInfo
from ashore_installer.medium import MediumManifest
from ashore_installer.units import human

_HOW = """\
To install, write a kickstart, try it, and let it run:

  ashore install --kickstart FILE --dry-run
  ashore install --kickstart FILE

FILE may be a path, hd:DEVICE:/path, cdrom:/path or http://….  The shortest
kickstart, which erases every disk of this machine:

  zerombr
  clearpart --all --initlabel
  autopart
  reboot

`ashore kickstart check --commands` lists what a kickstart can say, and
`ashore --help` what else Ashore can do."""


def welcome(manifest: MediumManifest, machine: MachineInfo) -> str:
    """The welcome for a medium that carries an image, with the disks it could go to."""
    return "\n".join((*_head(manifest), "", *_disks(machine), "", _HOW, ""))


def _head(manifest: MediumManifest) -> Iterator[str]:
    image = manifest.image
    version = f", version {image.image_version}" if image.image_version else ""
    yield f"Ashore {ashore_installer.__version__}: this medium installs {image.name}{version}."
    yield ""
    yield f"  Updates from  {manifest.target}"
    yield f"  Digest        {image.manifest_digest}"
    yield f"  Kernel        {image.kernel}"
    yield f"  Size          {human(image.download_size)}, {human(image.unpacked_size)} when installed"


def _disks(machine: MachineInfo) -> Iterator[str]:
    yield "Disks of this machine:"
    disks = [disk for disk in machine.disks if not disk.medium]
    yield from (f"  {disk.describe()}" for disk in disks)
    if not disks:
        yield "  none that can be installed on"
