"""What the live system says before its shell when nothing is to be installed by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import ashore_installer
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.medium import MediumManifest, MediumPackages
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
    """The welcome for a medium, with the disks that what it carries could go to."""
    return "\n".join((*_head(manifest), "", *_disks(machine), "", _HOW, ""))


def _head(manifest: MediumManifest) -> Iterator[str]:
    yield f"Ashore {ashore_installer.__version__}: this medium installs {medium_name(manifest)}."
    yield ""
    if manifest.image:
        yield from _image(manifest.image, manifest.target)
    if manifest.packages:
        yield from _packages(manifest.packages)


def medium_name(manifest: MediumManifest) -> str:
    """What a medium installs, in a few words."""
    image, packages = manifest.image, manifest.packages
    version = f", version {image.image_version}" if image and image.image_version else ""
    names = [f"{image.name}{version}"] if image else []
    names += [f"packages of {packages.name}" if packages.name else "packages"] if packages else []
    return ", or ".join(names) or "what is elsewhere: images from a registry, packages from the network"


def _image(image: ImageInfo, target: str) -> Iterator[str]:
    yield f"  Updates from  {target}"
    yield f"  Digest        {image.manifest_digest}"
    yield f"  Kernel        {image.kernel}"
    yield f"  Size          {human(image.download_size)}, {human(image.unpacked_size)} when installed"


def _packages(packages: MediumPackages) -> Iterator[str]:
    size, installed = human(packages.download_size), human(packages.unpacked_size)
    yield f"  Packages      {packages.count}, {size}, {installed} when installed"
    yield f"  Signatures    {'checked' if packages.signed else 'not checked'}"


def _disks(machine: MachineInfo) -> Iterator[str]:
    yield "Disks of this machine:"
    disks = [disk for disk in machine.disks if not disk.medium]
    yield from (f"  {disk.describe()}" for disk in disks)
    if not disks:
        yield "  none that can be installed on"
