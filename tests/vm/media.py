"""What the VM tests and the demo boot: the sample image and ISOs of it, from the cache where that is possible."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.run import Commands
from ashore_isogen.build import BuildRequest, build_iso
from ashore_isogen.cache import Cache
from ashore_isogen.report import Report
from ashore_isogen.runtime import ensure_live

TARGET = "docker://registry.example/harbour/sample_os:latest"
"""What systems installed from our ISOs would update from. Nobody answers there."""

STEADY_CLOCK = "tsc=unstable"
"""On a busy host a translated machine's TSC drifts. When Linux then changes its clock it patches running code, which
QEMU's parallel translation can catch in the middle: the kernel dies of its own breakpoint (int3). So the change is made
at the start, where one processor runs. The kickstarts say the same for the installed systems."""

SAME_ADDRESSES = "norandmaps"
"""QEMU translates code anew for every address that it runs at: with addresses drawn by lot that is at each start of a
program, which then takes three times as long (30 starts: 2.9 s of processor time, and 0.95 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What an OCI layout says of one of its images, read without our own code."""

    manifest_digest: str
    layers: tuple[str, ...]


def facts_of(layout: Path, tag: str) -> ImageFacts:
    index = _read(layout / "index.json")
    (digest,) = [entry["digest"] for entry in index["manifests"] if _name(entry) == tag]
    manifest = _read(layout / "blobs" / "sha256" / digest.removeprefix("sha256:"))
    return ImageFacts(manifest_digest=digest, layers=tuple(layer["digest"] for layer in manifest["layers"]))


def bake(
    layout: Path, tag: str, kickstart: Path | None, output: Path, report: Report, *, kargs: tuple[str, ...] = ()
) -> Path:
    """An ISO with one image of an OCI layout, made as `ashore iso build` makes it."""
    words = (STEADY_CLOCK, SAME_ADDRESSES, *kargs)
    request = BuildRequest(
        image=f"oci:{layout}:{tag}", output=output, kickstart=kickstart, kargs=words, target=TARGET
    )  # fmt: skip
    build_iso(request, ensure_live(report), Commands(), report, cache=Cache.of_user())
    return output


def _name(entry: dict[str, Any]) -> str:
    name: str = entry.get("annotations", {}).get("org.opencontainers.image.ref.name", "")
    return name


def _read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def damage(iso: Path, layer: str) -> None:
    """Change one byte in the middle of a layer's blob on a medium."""
    blob = f"/ashore/payload/blobs/sha256/{layer.removeprefix('sha256:')}"
    words = ["xorriso", "-indev", str(iso), "-find", blob, "-exec", "report_lba"]
    # Extent, block, number of blocks, size, name (xorriso(1), report_lba).
    (line,) = [line for line in Commands().run(words).splitlines() if line.startswith("File data lba:")]
    block, size = (int(line.split(":")[1].split(",")[number]) for number in (1, 3))
    with iso.open("r+b") as file:
        file.seek(block * 2048 + size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 0xFF]))
