"""The image of a rehearsal: an example that any machine could install. It exists nowhere."""

from __future__ import annotations

from ashore_installer.image import ImageInfo, LayerInfo
from ashore_installer.payload_info import INITRAMFS_WORDS, PROGRAMS
from ashore_installer.plan import PayloadRequest
from ashore_installer.units import GiB, MiB

EXAMPLE = PayloadRequest(
    source="oci:/run/initramfs/live/ashore/payload:payload", target="docker://registry.example/example/os:1"
)
_LAYERS = (412 * MiB, 238 * MiB, 97 * MiB, 31 * MiB, 4 * MiB)
_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"


def example_image(architecture: str) -> ImageInfo:
    """An image for `architecture` (OCI's word) whose initramfs and programs can do all that Ashore knows of."""
    return ImageInfo(
        manifest_digest=_digest("e"),
        platform_digest=_digest("e"),
        config_digest=_digest("c"),
        architecture=architecture,
        labels={
            "containers.bootc": "1",
            "org.opencontainers.image.version": "1.0",
            "org.opencontainers.image.title": "Example OS",
            "org.opencontainers.image.vendor": "Nobody: this image is an example",
        },
        created="2026-01-01T00:00:00Z",
        layers=tuple(_layer(number, size) for number, size in enumerate(_LAYERS)),
        unpacked_size=2 * GiB,
        files=61_000,
        kernel="6.18.1",
        kernel_size=14 * MiB,
        initramfs_size=58 * MiB,
        os_release={"ID": "example", "PRETTY_NAME": "Example OS 1", "NAME": "Example OS", "VERSION_ID": "1"},
        grub_efi_vendor="example",
        shells=("/bin/bash", "/bin/sh"),
        initramfs=INITRAMFS_WORDS,
        programs=PROGRAMS,
    )


def _layer(number: int, size: int) -> LayerInfo:
    return LayerInfo(digest=_digest(str(number)), size=size, media_type=_GZIP, diff_id=_digest(f"{number + 5}"))


def _digest(character: str) -> str:
    return "sha256:" + character * 64
