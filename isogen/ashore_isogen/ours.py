"""Ashore itself, as files: the four packages and the templates, from a checkout or from an installed wheel."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_isogen.cache import files_of

PACKAGES = ("ashore_installer", "ashore_kickstart", "ashore_tui", "ashore_isogen")
_HERE = Path(__file__).resolve().parent
_COMMANDS = {"ashore": "__main__", "ashore-console": "console"}
"""The programs, each with the module of the faces whose `main` it is."""
_PROGRAM = """#!/usr/bin/python3
import sys

from ashore_tui.{module} import main

sys.exit(main())
"""


def package_directory(name: str) -> Path:
    """Where the package `name` of ours is. It is not imported, so the media makers stay free of faces."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise InstallerError(f"The package {name} is not installed.", "Install Ashore again: pip install -e .")
    return Path(spec.submodule_search_locations[0])


def templates_directory(distribution: str) -> Path:
    """The templates of a distribution: `lorax-templates/` of the checkout, else where a wheel puts them."""
    checkout = _HERE.parents[1] / "lorax-templates"
    installed = Path(sysconfig.get_path("data")) / "share" / "ashore" / "lorax-templates"
    for base in (checkout, installed):
        if (base / distribution).is_dir():
            return base / distribution
    raise InstallerError(f"There are no templates for {distribution}.", f"Looked in {checkout} and {installed}.")


def install_ours(root: Path) -> None:
    """Puts our packages and their programs into a root tree. What is there is replaced, never written into."""
    for name in PACKAGES:
        source, target = package_directory(name), root / "usr/lib/python3/dist-packages" / name
        for path in files_of(source):
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    for name, module in _COMMANDS.items():
        program = root / "usr/bin" / name
        program.write_text(_PROGRAM.format(module=module), encoding="utf-8")
        program.chmod(0o755)
