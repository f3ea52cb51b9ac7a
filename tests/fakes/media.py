"""Inputs of media that are made in a moment: a live runtime of dummy files, and a small image that could boot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ashore_isogen.live import LiveRuntime
from ashore_isogen.oci import Entry, ImageSpec, Layer, directory, regular, symlink, write_layout

TAG = "v1"
CREATED = 1_767_225_600  # 2026-01-01T00:00:00Z


def a_runtime(directory: Path, *, digest: str = "sha256:" + "d" * 64) -> LiveRuntime:
    """A runtime whose files have the names and about the shape of real ones, but no sense."""
    runtime = LiveRuntime(digest=digest, directory=directory)
    contents: dict[Path, bytes] = {
        runtime.squashfs: b"squashfs" * 40_000,
        runtime.kernel: b"kernel" * 5_000,
        runtime.initrd: b"initrd" * 9_000,
        runtime.packages: b"bash\t5.2\tamd64\n",
        runtime.shim: b"shim" * 1_000,
        runtime.mok_manager: b"mok" * 1_000,
        runtime.grub_cd: b"grub" * 4_000,
        runtime.eltorito: b"eltorito" * 4_096,
        runtime.boot_hybrid: b"\xeb\x63\x90" + b"mbr" * 100 + bytes(209),
        runtime.grub_modules / "normal.mod": b"normal" * 100,
        runtime.grub_modules / "command.lst": b"*linux: linux\n",
    }
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return runtime


def bootable_entries() -> list[Entry]:
    """A tree with a kernel, an initramfs, a name and a place for the physical root."""
    return [
        directory("usr/lib/modules/6.18.1-amd64"),
        regular("usr/lib/modules/6.18.1-amd64/vmlinuz", b"vmlinuz" * 1_000),
        regular("usr/lib/modules/6.18.1-amd64/initramfs.img", b"initramfs" * 1_000),
        directory("sysroot"),
        symlink("ostree", "sysroot/ostree"),
        regular("usr/lib/os-release", b'ID=sample\nPRETTY_NAME="Sample System"\n'),
    ]


def an_image_spec(
    *, labels: Mapping[str, str] | None = None, entries: list[Entry] | None = None, architecture: str = "amd64"
) -> ImageSpec:
    """A bootable image of one layer, made on the first day of 2026."""
    return ImageSpec(
        layers=(Layer(entries=bootable_entries() if entries is None else entries),),
        architecture=architecture,
        labels={"containers.bootc": "1", "org.opencontainers.image.version": "1"} if labels is None else labels,
        created=CREATED,
    )


def a_layout(directory: Path, *images: ImageSpec) -> str:
    """An OCI layout with an image under TAG (several: one per platform). Gives its name for skopeo."""
    write_layout(directory, {TAG: images or (an_image_spec(),)})
    return f"oci:{directory}:{TAG}"


class Notes:
    """A report that remembers. `furthest` is the last progress: done, total, unit."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.progresses: list[tuple[int, int, str]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        self.progresses.append((done, total, unit))
