"""What dracut is told, so that every initramfs that the installed system makes opens what its root lies on.

dracut looks for that by itself, in what is mounted and in udev's data. Here it runs in a target that is not the running
system, and what it does not see there it would leave out. Names are those of dracut's modules (dracut.modules(7)) and
of the kernel's (dracut.conf(5), `filesystems`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.boot.stack import below, resume_from
from ashore_installer.storage_plan import Format, StoragePlan, VolumeKind

PATH = "/etc/dracut.conf.d/50-ashore.conf"
_EXT = (Format.EXT2, Format.EXT3)


def dracut_conf(storage: StoragePlan, memory: int) -> str:
    """The text of `PATH`; `memory` in bytes decides whether there is swap space to resume from."""
    modules, systems = " ".join(dict.fromkeys(_modules(storage, memory))), " ".join(_file_systems(storage))
    lines = ["# Written by Ashore: what the root file system lies on."]
    lines += [f'add_dracutmodules+=" {modules} "'] if modules else []
    lines += [f'filesystems+=" {systems} "'] if systems else []
    return "".join(f"{line}\n" for line in lines)


def _modules(storage: StoragePlan, memory: int) -> Iterator[str]:
    root, resume = storage.mount("/"), resume_from(storage, memory)
    needed = {lower for start in (root, resume) if start for lower in below(storage, start.device)}
    encrypted = [one for one in storage.encrypted if one.id in needed]
    if encrypted:
        yield "crypt"
    if any(one.encryption.tpm2 for one in encrypted):
        yield "tpm2-tss"
    if any(one.id in needed for one in storage.volumes):
        yield "lvm"
    if any(one.id in needed and one.kind is VolumeKind.THIN for one in storage.volumes):
        yield "lvmthinpool-monitor"
    if any(one.id in needed for one in storage.arrays):
        yield "mdraid"
    if storage.format_of("/") is Format.BTRFS:
        yield "btrfs"
    if resume:
        yield "resume"


def _file_systems(storage: StoragePlan) -> Iterator[str]:
    """Of the root and of /usr, which the initramfs mounts (dracut.bootup(7)); ext4 drives the older ones too."""
    formats = (storage.format_of(path) for path in ("/", "/usr"))
    yield from dict.fromkeys(str(Format.EXT4 if one in _EXT else one) for one in formats if one)
