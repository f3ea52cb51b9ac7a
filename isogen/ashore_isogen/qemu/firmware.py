"""Where this distribution keeps UEFI firmware for virtual machines.

Distributions describe theirs in JSON files, in an order of preference, so that nobody has to know paths (QEMU,
docs/interop/firmware.json). Files of the same name in /etc hide those in /usr/share.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_isogen.qemu.spec import DiskFormat, Firmware, Flash

DIRECTORIES = (Path("/etc/qemu/firmware"), Path("/usr/share/qemu/firmware"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareFiles:
    """One firmware build: its program and the variable store that a new machine starts with."""

    code: Path
    variables: Path
    format: DiskFormat
    features: frozenset[str]

    def is_for(self, firmware: Firmware) -> bool:
        if firmware is Firmware.SECURE:
            return {"secure-boot", "enrolled-keys", "requires-smm"} <= self.features
        return firmware is Firmware.UEFI and not {"enrolled-keys", "requires-smm"} & self.features


def flash_for(firmware: Firmware, directory: Path, sources: tuple[Path, ...] = DIRECTORIES) -> Flash | None:
    """The flash of a new machine, its variable store copied into `directory`; None for BIOS.

    Raises InstallerError when this machine has no such firmware.
    """
    if firmware is Firmware.BIOS:
        return None
    found = next((files for files in installed(sources) if files.is_for(firmware)), None)
    if found is None:
        raise InstallerError(
            f"There is no UEFI firmware for virtual machines here ({firmware}).",
            "Install the package ovmf (Debian) or edk2-ovmf (Fedora), or use --firmware bios.",
        )
    variables = directory / f"variables.{found.format}"
    shutil.copyfile(found.variables, variables)
    return Flash(code=found.code, variables=variables, format=found.format, secure="requires-smm" in found.features)


def installed(sources: tuple[Path, ...] = DIRECTORIES) -> tuple[FirmwareFiles, ...]:
    """All usable firmware for x86_64 q35 machines, the distribution's preferred first."""
    descriptions: dict[str, Path] = {}
    for directory in reversed(sources):
        descriptions.update({path.name: path for path in directory.glob("*.json")})
    read = (_read(descriptions[name]) for name in sorted(descriptions))
    return tuple(files for files in read if files and files.code.exists() and files.variables.exists())


def _read(path: Path) -> FirmwareFiles | None:
    """What one description says; None when it is for other machines, or empty as a mask in /etc may be."""
    try:
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not _is_ours(description):
            return None
        mapping = description["mapping"]
        return FirmwareFiles(
            code=Path(mapping["executable"]["filename"]),
            variables=Path(mapping["nvram-template"]["filename"]),
            format=DiskFormat(mapping["nvram-template"]["format"]),
            features=frozenset(description["features"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        # Other projects' files; one that can't be read is one that can't be used.
        return None


def _is_ours(description: dict[str, Any]) -> bool:
    machines = [
        machine
        for target in description["targets"]
        if target["architecture"] == "x86_64"
        for machine in target["machines"]
    ]
    return (
        "uefi" in description["interface-types"]
        and description["mapping"]["device"] == "flash"
        and any("q35" in machine for machine in machines)
    )
