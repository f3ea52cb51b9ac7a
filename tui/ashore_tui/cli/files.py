"""Files that people name on a command line: kickstarts, plans, machines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Draft, InstallPlan
from ashore_installer.run import Commands
from ashore_kickstart.fetch import Fetcher, KickstartFile, read_text
from ashore_kickstart.read_system import LEFT_OUT

_SOURCE = re.compile(r"(https?://|(file|hd|cdrom):)")


def read_kickstart(name: str) -> KickstartFile:
    """The kickstart in a file, or at a place in `inst.ks=`'s words. Raises BadInput, InstallerError."""
    if _SOURCE.match(name):
        return Fetcher(run=Commands()).fetch(name)
    return KickstartFile(name=name, text=read_text(Path(name), name))


def draft_of(file: KickstartFile) -> Draft:
    from ashore_kickstart.read import draft_from_text

    return draft_from_text(file.text, file.name)


def read_plan(path: Path) -> InstallPlan:
    """A plan to carry out, from JSON. Raises BadInput, also where its passwords were left out."""
    return codec.from_json(_read(path), InstallPlan, f"The plan {path}")


def read_machine(path: Path) -> MachineInfo:
    return codec.from_json(_read(path), MachineInfo, f"The machine {path}")


def read_any(name: str) -> Draft | InstallPlan:
    """A plan or a draft to look at: from JSON, even without its passwords, or from a kickstart."""
    path = Path(name)
    text = _read(path) if path.is_file() else ""
    if not text.lstrip().startswith("{"):
        return draft_of(read_kickstart(name))
    data = _with_marks(codec.from_json(text, dict[str, Any], name))
    # Only whole plans say where the boot loader goes.
    return codec.from_data(data, InstallPlan, name) if "boot" in data else codec.from_data(data, Draft, name)


def _with_marks(data: Any) -> Any:
    """JSON data with kickstart's mark where a password was left out."""
    if isinstance(data, dict):
        return LEFT_OUT if data == codec.LEFT_OUT else {name: _with_marks(value) for name, value in data.items()}
    return [_with_marks(value) for value in data] if isinstance(data, list) else data


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.", "Check its path.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text.", "Check that it is the right file.") from error
