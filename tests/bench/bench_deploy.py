"""The sample image installed by us, against its layers unpacked by tar: the same tree to the same kind of disk.

Ours takes the digest of every byte three times (blob, tar stream, object), commits, deploys and makes the composefs
image. Both run inside the runtime root, which has libostree, on a file system that is new each time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.payload.layout import blob_path
from ashore_installer.payload.scan import scan_image
from ashore_installer.units import GiB
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_root
from ashore_isogen.sample.build import ensure_sample
from ashore_isogen.sandbox import Bind, Sandbox
from tests.bench.frame import Comparison, Measured, measure_program

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = ("installer", "kickstart-compat", "tui", "isogen")
TAG = "1"
DISK = 4 * GiB


def compare(work: Path) -> tuple[Comparison, ...]:
    """Install and unpack the first version of the sample on ext4 and on xfs. Needs root, for loop devices."""
    if os.geteuid() != 0:
        raise BadInput("The benchmark deploy mounts file systems.", "Run it as root.")
    layout = ensure_sample(report=Quiet())
    image = scan_image(layout, TAG)  # when a medium is made; both ways find the layers in memory afterwards
    facts = work / "image.json"
    facts.write_text(codec.to_json(image), encoding="utf-8")
    blobs = [str(blob_path(layout, layer.digest)) for layer in image.layers]
    root = ensure_root(Quiet())
    sandbox = _sandbox(root, layout, work)
    return tuple(
        Comparison(
            title=f"Install an image on {kind}",
            plain=_measure(sandbox, work / "disk", kind, "tar -x of its layers", ["unpack", *blobs]),
            ours=_measure(sandbox, work / "disk", kind, "import and deploy", ["install", str(layout), str(facts)]),
        )
        for kind in ("ext4", "xfs")
    )


def _sandbox(root: Path, *shown: Path) -> Sandbox:
    path = ":".join(str(CHECKOUT / source) for source in SOURCES)
    return Sandbox(
        root=root,
        binds=tuple(Bind(source=place, target=str(place)) for place in (CHECKOUT, *shown)),
        env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        chdir=str(CHECKOUT),
    )


def _measure(sandbox: Sandbox, disk: Path, kind: str, name: str, words: Sequence[str]) -> Measured:
    with disk.open("wb") as file:
        file.truncate(DISK)
    sandbox.run([f"mkfs.{kind}", "-q", str(disk)])
    measured = measure_program(name, sandbox.argv(["python3", "-m", "tests.bench.deploying", str(disk), *words]))
    disk.unlink()
    return measured
