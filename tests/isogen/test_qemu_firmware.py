"""Firmware is found by its descriptions, whatever the distribution calls the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_isogen.qemu.firmware import flash_for, installed
from ashore_isogen.qemu.spec import DiskFormat, Firmware

SECURE = ("secure-boot", "enrolled-keys", "requires-smm")


def describe(
    directory: Path,
    name: str,
    features: tuple[str, ...] = (),
    *,
    machine: str = "pc-q35-*",
    architecture: str = "x86_64",
    kind: str = "raw",
) -> None:
    directory.mkdir(exist_ok=True)
    files = {role: directory / f"{name}.{role}" for role in ("code", "vars")}
    for role, path in files.items():
        path.write_text(f"{name} {role}")
    description = {
        "interface-types": ["uefi"],
        "mapping": {
            "device": "flash",
            "executable": {"filename": str(files["code"]), "format": kind},
            "nvram-template": {"filename": str(files["vars"]), "format": kind},
        },
        "targets": [{"architecture": architecture, "machines": [machine]}],
        "features": list(features),
    }
    (directory / name).with_suffix(".json").write_text(json.dumps(description))


def test_secure_boot_needs_enrolled_keys_and_plain_uefi_must_not_have_them(tmp_path: Path) -> None:
    describe(tmp_path, "40", SECURE, kind="qcow2")
    describe(tmp_path, "50", ("secure-boot", "requires-smm"))
    describe(tmp_path, "60")
    secure = flash_for(Firmware.SECURE, tmp_path, (tmp_path,))
    plain = flash_for(Firmware.UEFI, tmp_path, (tmp_path,))
    assert secure is not None
    assert (secure.code.name, secure.secure, secure.format) == ("40.code", True, DiskFormat.QCOW2)
    assert plain is not None
    assert (plain.code.name, plain.secure) == ("60.code", False)


def test_each_machine_gets_its_own_variables(tmp_path: Path) -> None:
    describe(tmp_path / "usr", "60")
    flash = flash_for(Firmware.UEFI, tmp_path, (tmp_path / "usr",))
    assert flash is not None
    assert flash.variables.parent == tmp_path
    assert flash.variables.read_text() == "60 vars"


def test_a_bios_machine_has_no_flash(tmp_path: Path) -> None:
    assert flash_for(Firmware.BIOS, tmp_path, ()) is None


def test_the_machine_owner_hides_the_distributions_choice(tmp_path: Path) -> None:
    describe(tmp_path / "usr", "60")
    describe(tmp_path / "usr", "70")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "60.json").write_text("")
    found = installed((tmp_path / "etc", tmp_path / "usr"))
    assert [files.code.name for files in found] == ["70.code"]


@pytest.mark.parametrize("other", [{"architecture": "aarch64"}, {"machine": "microvm"}])
def test_firmware_for_other_machines_is_passed_over(tmp_path: Path, other: dict[str, str]) -> None:
    describe(tmp_path, "10", **other)  # type: ignore[arg-type]
    assert installed((tmp_path,)) == ()


def test_missing_firmware_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(InstallerError, match="ovmf"):
        flash_for(Firmware.SECURE, tmp_path, (tmp_path,))
