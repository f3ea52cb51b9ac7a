"""What a bootable container image is, as far as an installation needs to know. A value; `payload/scan.py` fills it."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """One layer. `digest` and `size` (bytes) are of the blob as stored, `diff_id` is of the tar stream."""

    digest: str
    size: int
    media_type: str
    diff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallConfig:
    """The merged `[install]` tables of the image's bootc/install/*.toml drop-ins (bootc, install/config.rs)."""

    root_fs_type: str = ""
    kargs: tuple[str, ...] = ()
    karg_deletes: tuple[str, ...] = ()
    stateroot: str = ""
    root_mount_spec: str = ""
    boot_mount_spec: str = ""
    enforce_container_sigpolicy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """A bootable image, scanned once. Sizes in bytes.

    `manifest_digest` is that of the top-level manifest (an index for a multi-arch tag) and goes into the merge commit.
    """

    version: int = VERSION
    manifest_digest: str
    platform_digest: str
    config_digest: str
    architecture: str
    labels: dict[str, str]
    created: str
    layers: tuple[LayerInfo, ...]
    unpacked_size: int
    files: int
    kernel: str
    """The kernel's version, the name of its directory in /usr/lib/modules."""
    kernel_size: int
    initramfs_size: int
    install: InstallConfig = InstallConfig()
    kargs: tuple[str, ...] = ()
    """From /usr/lib/bootc/kargs.d/*.toml, for this architecture."""
    os_release: dict[str, str]
    composefs: bool = False
    selinux: str = ""
    """Name of the SELinux policy the image enables (`targeted`), or empty."""
    bootupd: bool = False
    grub_efi_vendor: str = ""
    """Vendor directory (`fedora`, `debian`) of signed EFI programs that the image carries, or empty."""
    shells: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What to call the system on a screen."""
        return self.os_release.get("PRETTY_NAME") or self.os_release.get("NAME") or "an unnamed system"

    @property
    def image_version(self) -> str:
        return self.labels.get("org.opencontainers.image.version") or self.labels.get("version", "")

    @property
    def download_size(self) -> int:
        return sum(layer.size for layer in self.layers)
