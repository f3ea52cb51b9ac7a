"""The laboratory distribution installed by us, against `dnf5 --installroot`: one transaction, one kind of disk.

Ours resolves twice more (for the plan and before the transaction), checks every signature by the keys of the package's
own repository, and asks the rpm database at the end. Both run inside the runtime root, from the repository's files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.units import GiB
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_root
from ashore_isogen.sandbox import Bind, Sandbox
from tests.bench.frame import Comparison, Measured, measure_program
from tests.lab.build import ensure_laboratory

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = ("installer", "kickstart-compat", "tui", "isogen")
DISK = 6 * GiB


def compare(work: Path) -> tuple[Comparison, ...]:
    """Install the laboratory's group core on ext4. Needs root, for loop devices."""
    if os.geteuid() != 0:
        raise BadInput("The benchmark packages mounts file systems.", "Run it as root.")
    laboratory = ensure_laboratory(Quiet())
    root = ensure_root(Quiet())
    path = ":".join(str(CHECKOUT / source) for source in SOURCES)
    sandbox = Sandbox(
        root=root,
        binds=tuple(Bind(source=place, target=str(place)) for place in (CHECKOUT, laboratory.directory, work)),
        env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        chdir=str(CHECKOUT),
    )
    words = [str(laboratory.repository), str(laboratory.key)]
    return (
        Comparison(
            title="Install packages on ext4",
            plain=_measure(sandbox, work / "disk", "dnf5 --installroot", ["dnf5", *words]),
            ours=_measure(sandbox, work / "disk", "resolve, download, check, install", ["ours", *words]),
        ),
    )


def _measure(sandbox: Sandbox, disk: Path, name: str, words: Sequence[str]) -> Measured:
    with disk.open("wb") as file:
        file.truncate(DISK)
    sandbox.run(["mkfs.ext4", "-q", str(disk)])
    measured = measure_program(name, sandbox.argv(["python3", "-m", "tests.bench.packaging", str(disk), *words]))
    disk.unlink()
    return measured
