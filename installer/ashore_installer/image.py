"""What a bootable container image is, as far as an installation needs to know. A value; `payload/scan.py` fills it."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1

INITRAMFS_WORDS = (
    *("crypt", "tpm2", "lvm", "thin", "raid", "btrfs", "xfs", "ext4", "vfat"),
    *("virtio", "ahci", "nvme", "scsi", "usb"),
)
"""What an initramfs can do: `crypt` opens LUKS, `tpm2` does it with a key in the TPM, `lvm` activates logical volumes
and `thin` those of thin pools, `raid` assembles md arrays; then file systems that it mounts, and disks that it finds.

`tpm2` comes with `crypt` only, `thin` with `lvm` only."""

PROGRAMS = (
    *("cryptsetup", "systemd-cryptsetup", "systemd-cryptenroll", "tss2", "lvm", "thin", "mdadm", "btrfs", "xfs"),
    *("ext4", "vfat", "zram-generator", "unlock-tpm2"),
)
"""What an image's own programs can do, for what is opened and mounted after the root: names of the programs, and
`tss2` for the libraries that speak to a TPM, `thin` for thin_check(8), `xfs`, `ext4`, `vfat` for the checkers,
`unlock-tpm2` for a systemd-cryptenroll that can open a device with the TPM's key (systemd 256 and newer)."""


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
    scanned: bool = True
    """False while only manifest and configuration are known: an image elsewhere, before it is fetched."""
    manifest_digest: str
    platform_digest: str
    config_digest: str
    architecture: str
    labels: dict[str, str]
    created: str
    layers: tuple[LayerInfo, ...]
    unpacked_size: int
    """What the files of all layers take on a disk with blocks of 4 KiB; files that a later layer hides count."""
    files: int
    """Regular files of all layers."""
    kernel: str
    """The kernel's version, the name of its directory in /usr/lib/modules; empty unless there is exactly one."""
    kernels: tuple[str, ...] = ()
    """Every directory in /usr/lib/modules that has a kernel."""
    missing: tuple[str, ...] = ()
    """What a deployment needs to boot and the image has not: `/sysroot`, `/ostree`."""
    uki: str = ""
    """Path of a unified kernel image (/boot/EFI/Linux/*.efi), or empty."""
    kernel_size: int
    initramfs_size: int
    install: InstallConfig = InstallConfig()
    kargs: tuple[str, ...] = ()
    """From /usr/lib/bootc/kargs.d/*.toml, for this architecture."""
    os_release: dict[str, str]
    composefs: bool = False
    verity: bool = False
    """The image's prepare-root.conf demands fs-verity of the root file system."""
    selinux: str = ""
    """Name of the SELinux policy the image enables (`targeted`), or empty."""
    policy_layers: tuple[int, ...] = ()
    """Which layers (by index) have files of the SELinux policy."""
    bootupd: bool = False
    grub_efi_vendor: str = ""
    """Vendor directory (`fedora`, `debian`) of signed EFI programs that the image carries, or empty."""
    shells: tuple[str, ...] = ()
    initramfs: tuple[str, ...] = ()
    """What the initramfs can open and boot from, in words of `INITRAMFS_WORDS`, in their order; empty if unknown."""
    programs: tuple[str, ...] = ()
    """Which of `PROGRAMS` the image has, in their order; empty if unknown."""

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
