"""What a bootable container image is, as far as an installation needs to know. A value; `payload/scan.py` fills it."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.payload_info import PayloadInfo

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """One layer. `digest` and `size` (bytes) are of the blob as stored, `diff_id` is of the tar stream."""

    digest: str
    size: int
    media_type: str
    diff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo(PayloadInfo):
    """A bootable image, scanned once. Until then (`scanned`), only manifest and configuration are known.

    `manifest_digest` is that of the top-level manifest (an index for a multi-arch tag) and goes into the merge commit.
    """

    version: int = VERSION
    manifest_digest: str
    platform_digest: str
    config_digest: str
    labels: dict[str, str]
    created: str
    layers: tuple[LayerInfo, ...]
    kernels: tuple[str, ...] = ()
    """Every directory in /usr/lib/modules that has a kernel."""
    missing: tuple[str, ...] = ()
    """What a deployment needs to boot and the image has not: `/sysroot`, `/ostree`."""
    uki: str = ""
    """Path of a unified kernel image (/boot/EFI/Linux/*.efi), or empty."""
    verity: bool = False
    """The image's prepare-root.conf demands fs-verity of the root file system."""
    policy_layers: tuple[int, ...] = ()
    """Which layers (by index) have files of the SELinux policy."""

    @property
    def image_version(self) -> str:
        return self.labels.get("org.opencontainers.image.version") or self.labels.get("version", "")

    @property
    def download_size(self) -> int:
        return sum(layer.size for layer in self.layers)
