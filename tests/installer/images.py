"""Small images for tests: what a bootable one has at least, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.payload.layout import blob_path
from ashore_isogen.oci import Entry, ImageSpec, Layer, directory, regular, symlink, write_layout

TAG = "v1"
KERNEL = "6.12.0-test"
LABELS = {"containers.bootc": "1", "org.opencontainers.image.version": "1.0"}

BASE: tuple[Entry, ...] = (
    directory("usr"),
    directory("usr/lib"),
    directory(f"usr/lib/modules/{KERNEL}"),
    regular(f"usr/lib/modules/{KERNEL}/vmlinuz", b"kernel" * 100),
    regular(f"usr/lib/modules/{KERNEL}/initramfs.img", b"initramfs" * 1000),
    regular("usr/lib/os-release", b'ID=test\nPRETTY_NAME="Test System 1"\n'),
    regular("usr/lib/ostree/prepare-root.conf", b"[composefs]\nenabled = yes\n"),
    directory("etc"),
    symlink("etc/os-release", "../usr/lib/os-release"),
    directory("sysroot"),
    symlink("ostree", "sysroot/ostree"),
    regular("etc/shells", b"# shells\n/bin/sh\n/bin/bash\n"),
)


def image(*layers: Layer | tuple[Entry, ...], labels: dict[str, str] | None = None, arch: str = "amd64") -> ImageSpec:
    """An image with these layers; plain tuples of entries become gzip layers."""
    return ImageSpec(
        layers=tuple(layer if isinstance(layer, Layer) else Layer(entries=layer) for layer in layers),
        labels=LABELS if labels is None else labels,
        architecture=arch,
        created=1_700_000_000,
    )


def layout(directory: Path, *layers: Layer | tuple[Entry, ...]) -> Path:
    """A layout with one image, tagged `TAG`, of these layers."""
    write_layout(directory, {TAG: image(*layers)})
    return directory


def spoil(root: Path, digest: str) -> None:
    """Change one byte in the middle of a blob."""
    path = blob_path(root, digest)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
