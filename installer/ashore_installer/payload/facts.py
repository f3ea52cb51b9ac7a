"""What small files of an image say: pure functions of their text.

Formats: os-release(5); ostree-prepare-root(1) and bootc's lib/src/install/config.rs and bootc_kargs.rs for the rest.
"""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Mapping
from typing import Any

from ashore_installer.errors import BadInput
from ashore_installer.payload_info import InstallConfig

_RUST_NAMES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "ppc64le": "powerpc64",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "386": "x86",
}
"""bootc compares architectures by their names in Rust (std::env::consts::ARCH)."""

_ROOT_FORMATS = ("xfs", "ext4", "btrfs")
_YES = ("yes", "true", "1", "maybe", "signed", "verity")
_ASSIGNMENT = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")


def os_release(text: str) -> dict[str, str]:
    """The variables of an os-release file; lines that are none are left out, as systemd does."""
    found = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match:
            found[match[1]] = _unquoted(match[2])
    return found


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return value


def shells(text: str) -> tuple[str, ...]:
    """The login shells of /etc/shells, in their order."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line.startswith("/")))


def composefs(text: str) -> tuple[bool, bool]:
    """Whether prepare-root.conf mounts the root through composefs, and whether that needs fs-verity."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise BadInput(f"The image's prepare-root.conf can't be read: {error}.", "Correct it in the image.") from error
    enabled = (parser.get("composefs", "enabled", fallback="no") or "no").strip().strip('"').lower()
    return enabled in _YES, enabled in ("signed", "verity")


def selinux(text: str) -> str:
    """The policy that /etc/selinux/config enables, or empty (ostree-sepolicy.c: enforcing and permissive enable)."""
    values = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line and line.strip()[0] != "#")
    state = values.get("SELINUX", "").strip().lower()
    return values.get("SELINUXTYPE", "").strip() if state in ("enforcing", "permissive") else ""


def kernel_arguments(files: Mapping[str, str], architecture: str) -> tuple[str, ...]:
    """The arguments in kargs.d files, given as name -> text, that are meant for this architecture (OCI's word)."""
    found: list[str] = []
    for name in sorted(files):
        table = _toml(files[name], name)
        if _matches(table, architecture, name):
            found += _texts(table, "kargs", name)
    return tuple(found)


def install_config(files: Mapping[str, str], architecture: str) -> InstallConfig:
    """The merged `[install]` tables of drop-ins, given as name -> text: scalars of the last file, lists appended."""
    merged: dict[str, Any] = {}
    lists: dict[str, list[str]] = {"kargs": [], "karg-deletes": []}
    for name in sorted(files):
        table = _toml(files[name], name).get("install", {})
        if not isinstance(table, dict):
            raise _wrong(name, "install")
        if not _matches(table, architecture, name):
            continue
        for key, values in lists.items():
            values += _texts(table, key, name)
        merged |= {key: value for key, value in table.items() if key not in lists}
        merged |= {"nested-type": _nested_type(table, name)} if "filesystem" in table else {}
    return InstallConfig(
        root_fs_type=_root_format(merged),
        kargs=tuple(lists["kargs"]),
        karg_deletes=tuple(lists["karg-deletes"]),
        stateroot=_scalar(merged, "stateroot"),
        root_mount_spec=_scalar(merged, "root-mount-spec"),
        boot_mount_spec=_scalar(merged, "boot-mount-spec"),
        enforce_container_sigpolicy=merged.get("enforce-container-sigpolicy") is True,
    )


def _root_format(merged: dict[str, Any]) -> str:
    """`filesystem.root.type` wins over `root-fs-type` (InstallConfiguration::canonicalize)."""
    found = merged.get("nested-type") or _scalar(merged, "root-fs-type")
    if found and found not in _ROOT_FORMATS:
        raise BadInput(
            f"The image asks for the root file system {found!r}.",
            f"Use one of {', '.join(_ROOT_FORMATS)} in its bootc/install/*.toml.",
        )
    return str(found)


def _nested_type(table: dict[str, Any], name: str) -> str:
    value: Any = table
    for key in ("filesystem", "root", "type"):
        if not isinstance(value, dict):
            raise _wrong(name, "filesystem")
        value = value.get(key, "" if key == "type" else {})
    if not isinstance(value, str):
        raise _wrong(name, "filesystem.root.type")
    return value


def _scalar(table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise _wrong("bootc/install", key)
    return value


def _texts(table: dict[str, Any], key: str, name: str) -> list[str]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _wrong(name, key)
    return values


def _matches(table: dict[str, Any], architecture: str, name: str) -> bool:
    if "match-architectures" not in table:
        return True
    return _RUST_NAMES.get(architecture, architecture) in _texts(table, "match-architectures", name)


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"The image's {name} is not TOML: {error}.", "Correct it in the image.") from error


def _wrong(name: str, key: str) -> BadInput:
    return BadInput(f"{key!r} in the image's {name} is not what bootc expects.", "Correct it in the image.")
