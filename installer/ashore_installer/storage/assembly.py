"""Keeps udev from assembling md arrays on its own while the installer puts disks together, or takes them apart.

mdadm's rules (mdadm, udev-md-raid-assembly.rules) hand each member that appears to `mdadm --incremental`: a snapshot of
one, or the remains of an array that begin where a new partition does. They leave it while udev's events have the
property ANACONDA, which is there for installers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ashore_installer.run import Runner
from ashore_installer.storage.probe_tools import ask

_PROPERTY = "--property=ANACONDA="


@contextmanager
def no_assembly(run: Runner) -> Iterator[None]:
    """Within the block arrays are started by us alone."""
    ask(run, "udevadm", "control", f"{_PROPERTY}1")
    try:
        yield
    finally:
        ask(run, "udevadm", "control", _PROPERTY)
