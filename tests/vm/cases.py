"""The two installations that are proved: what is asked for, and what the running system must say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ashore_isogen.qemu.spec import Bus, Firmware

KICKSTARTS = Path(__file__).parent / "kickstarts"
KEY = "@KEY@"
"""Stands for the public key of this test run in the kickstarts."""

ROOT_PASSWORD = "high tide"
USER = "anna"
USER_PASSWORD = "lee shore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An installation by the kickstart `name`.ks. `mounts` are mount points and file systems beside those of ostree."""

    name: str
    firmware: Firmware
    bus: Bus
    format: str
    hostname: str
    locale: str
    keymap: str
    timezone: str
    groups: frozenset[str]
    mounts: frozenset[tuple[str, str]]
    passphrase: str = ""
    """What opens the disks at each boot, where they are encrypted."""

    @property
    def kickstart(self) -> Path:
        return KICKSTARTS / f"{self.name}.ks"

    def text(self, public_key: str) -> str:
        return self.kickstart.read_text(encoding="utf-8").replace(KEY, public_key)


BIOS_XFS = Case(
    name="bios-xfs",
    firmware=Firmware.BIOS,
    bus=Bus.VIRTIO,
    format="xfs",
    hostname="bios.harbour.example",
    locale="de_DE.UTF-8",
    keymap="de",
    timezone="Europe/Berlin",
    groups=frozenset({"anna", "crew", "sudo"}),
    mounts=frozenset({("/boot", "ext4")}),
)
SECURE_EXT4 = Case(
    name="secure-ext4",
    firmware=Firmware.SECURE,
    bus=Bus.NVME,
    format="ext4",
    hostname="secure.harbour.example",
    locale="en_US.UTF-8",
    keymap="us",
    timezone="UTC",
    groups=frozenset({"anna", "sudo"}),
    mounts=frozenset({("/boot", "ext4"), ("/boot/efi", "vfat"), ("/var", "ext4")}),
)
CASES = (BIOS_XFS, SECURE_EXT4)
