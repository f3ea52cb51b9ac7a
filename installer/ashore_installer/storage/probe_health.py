"""Whether a disk is failing: by reading from it, and by what it says of itself (SMART)."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from ashore_installer.machine import DiskInfo
from ashore_installer.run import CommandFailed, Runner

log = logging.getLogger(__name__)

_WITHOUT_SMART = ("virtio", "mmc")
_PROBE = 4096


def failing(run: Runner, disk: DiskInfo, devices: Path = Path("/dev")) -> str:
    """`DiskInfo.failing`. A disk that is silent about itself, or a system without smartctl, gives no reason."""
    return unreadable(devices / disk.name) or _self_assessment(run, disk, devices)


def unreadable(node: Path) -> str:
    """Why the beginning of a disk can't be read, as a clause, or empty."""
    try:
        with node.open("rb", buffering=0) as file:
            file.read(_PROBE)
    except PermissionError:
        return ""
    except OSError as error:
        return f"it can't be read ({os.strerror(error.errno or 0)})"
    return ""


def _self_assessment(run: Runner, disk: DiskInfo, devices: Path) -> str:
    if disk.transport in _WITHOUT_SMART:
        return ""
    try:
        text = run.run(["smartctl", "--json=c", "--health", devices / disk.name])
    except CommandFailed as error:
        # The exit status is a set of bits; one of them is a failing disk (smartctl(8), EXIT STATUS).
        log.info("%s", error.message)
        text = error.stdout
    return parse_health(text)


def parse_health(text: str) -> str:
    """A clause when `smartctl --json --health` says that the disk has failed its own assessment."""
    try:
        report: Any = json.loads(text)
    except ValueError:
        return ""
    status = report.get("smart_status", {})
    return "" if status.get("passed", True) else "its self-assessment (SMART) says that it is about to fail"
