"""What `bench_deploy` runs inside the runtime root: mount a disk image and fill it in one of two ways."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ashore_installer import codec
from ashore_installer.image import ImageInfo
from ashore_installer.payload.layout import open_image
from ashore_installer.payload.ostree import Sysroot
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.store import ImageImport
from ashore_installer.run import Commands

TARGET = Path("/run/bench")
TAG = "1"


def main(disk: str, way: str, words: Sequence[str]) -> None:
    commands = Commands()
    TARGET.mkdir(parents=True)
    commands.run(["mount", "-o", "loop", disk, TARGET])
    try:
        if way == "unpack":
            for blob in words:
                commands.run(["tar", "-x", "-p", *_unpacking(blob), "-C", TARGET])
        else:
            _install(Path(words[0]), Path(words[1]))
    finally:
        commands.run(["umount", TARGET])


def _unpacking(blob: str) -> list[str]:
    """tar's options for a layer; it can't tell the compression of a file without a suffix from a pipe."""
    with Path(blob).open("rb") as file:
        zstd = file.read(4) == bytes.fromhex("28b52ffd")
    return ["--xattrs", "--xattrs-include=*", "--numeric-owner", "--zstd" if zstd else "--gzip", "-f", blob]


def _install(layout: Path, facts: Path) -> None:
    name = parse_image_name("docker://registry.example/os/sample:1")
    image = codec.from_json(facts.read_text(encoding="utf-8"), ImageInfo, "The image's description")
    sysroot = Sysroot.create(TARGET, "default")
    source = open_image(layout, TAG, image.architecture)
    commit = ImageImport(sysroot=sysroot, image=source, info=image, target=name).run()
    sysroot.deploy("default", commit, name.origin(signed=False), ["root=UUID=1111", "rw"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
