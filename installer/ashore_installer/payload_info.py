"""What is installed, as far as an installation needs to know: of an image or of packages. Values only."""

from __future__ import annotations

from dataclasses import dataclass

INITRAMFS_WORDS = (
    *("crypt", "tpm2", "lvm", "thin", "raid", "btrfs", "xfs", "ext4", "vfat"),
    *("virtio", "ahci", "nvme", "scsi", "usb"),
)
"""What an initramfs can do: `crypt` opens LUKS, `tpm2` does it with a key in the TPM, `lvm` activates logical volumes
and `thin` those of thin pools, `raid` assembles md arrays; then file systems that it mounts, and disks that it finds.

`tpm2` comes with `crypt` only, `thin` with `lvm` only."""

NETWORKMANAGER, NETWORKD = "NetworkManager", "systemd-networkd"
NETWORKS = (NETWORKMANAGER, NETWORKD)
"""What can carry network settings out, in the order of preference."""

PROGRAMS = (
    *("cryptsetup", "systemd-cryptsetup", "systemd-cryptenroll", "tss2", "lvm", "thin", "mdadm", "btrfs", "xfs"),
    *("ext4", "vfat", "zram-generator", "unlock-tpm2"),
    *NETWORKS,
)
"""What a system's own programs can do, for its network and for what is opened and mounted after the root: their names;
`tss2` for the libraries that speak to a TPM, `thin` for thin_check(8), `xfs`, `ext4`, `vfat` for the checkers,
`unlock-tpm2` for a systemd-cryptenroll that can open a device with the TPM's key (systemd 256 and newer)."""


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
class PayloadInfo:
    """What an image (`ImageInfo`) and a set of packages (`PackagesInfo`) have in common. Sizes in bytes."""

    scanned: bool = True
    """False while the contents are not known: an image elsewhere, or packages, before they are fetched."""
    architecture: str
    """OCI's word: `amd64`, `arm64`."""
    unpacked_size: int
    """What the files take on a disk with blocks of 4 KiB; files that a later layer hides count."""
    files: int
    """Regular files."""
    kernel: str
    """The kernel's version, the name of its directory in /usr/lib/modules; empty unless there is exactly one."""
    kernel_size: int
    initramfs_size: int
    install: InstallConfig = InstallConfig()
    kargs: tuple[str, ...] = ()
    """What the system itself asks for; of an image from /usr/lib/bootc/kargs.d/*.toml, for this architecture."""
    os_release: dict[str, str]
    composefs: bool = False
    selinux: str = ""
    """Name of the SELinux policy that is enabled (`targeted`), or empty."""
    bootupd: bool = False
    grub_efi_vendor: str = ""
    """Vendor directory (`fedora`, `debian`) of signed EFI programs that come with it, or empty."""
    shells: tuple[str, ...] = ()
    initramfs: tuple[str, ...] = ()
    """What the initramfs can open and boot from, in words of `INITRAMFS_WORDS`, in their order; empty if unknown."""
    programs: tuple[str, ...] = ()
    """Which of `PROGRAMS` there are, in their order; empty if unknown."""

    @property
    def name(self) -> str:
        """What to call the system on a screen."""
        return self.os_release.get("PRETTY_NAME") or self.os_release.get("NAME") or "an unnamed system"
