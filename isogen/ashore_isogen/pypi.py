"""Python libraries that the distribution lacks, from PyPI, by exact version and hash."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed, Commands

REQUIREMENTS = "requirements.txt"
BUILD_REQUIREMENTS = "build-requirements.txt"
_HINT = "Is a Python package index reachable, and does this Python environment have pip?"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile", "--no-deps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    name: str
    version: str


def install_libraries(templates: Path, target: Path) -> tuple[Library, ...]:
    """Installs what `requirements.txt` in `templates` names into `target`; pip checks every hash.

    What is published as source is built with the tools of `build-requirements.txt` and nothing else. Raises
    InstallerError.
    """
    with tempfile.TemporaryDirectory(prefix="ashore-pip-") as tools:
        _pip(templates / BUILD_REQUIREMENTS, Path(tools), {})
        _pip(templates / REQUIREMENTS, target, {"PYTHONPATH": tools}, "--no-build-isolation")
    return tuple(_library(target, name) for name in _names(templates / REQUIREMENTS))


def _pip(requirements: Path, target: Path, env: dict[str, str], *options: str) -> None:
    words = [*_PIP, "--require-hashes", *options, "--target", str(target), "--requirement", str(requirements)]
    # Only pure Python is pinned, so the version of the Python that installs does not matter.
    try:
        Commands().run(words, env={"PIP_ROOT_USER_ACTION": "ignore", **env})
    except CommandFailed as error:
        reason = next((line for line in error.stderr.splitlines() if "ERROR" in line), error.message)
        raise InstallerError(f"The libraries of {requirements.name} can't be installed: {reason}", _HINT) from error


def _names(requirements: Path) -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", requirements.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _library(target: Path, name: str) -> Library:
    (metadata,) = target.glob(f"{name}-*.dist-info/METADATA")
    headers = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
    return Library(name=headers["Name"], version=headers["Version"])
