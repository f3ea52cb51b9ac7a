"""The finished live runtime: the files of it that go onto a medium."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRuntime:
    """A cached live runtime in `directory`. `digest` is that of its inputs (templates, package lists, our code)."""

    digest: str
    directory: Path

    @property
    def squashfs(self) -> Path:
        """The root file system, one compressed read-only image."""
        return self.directory / "rootfs.squashfs"

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd.img"

    @property
    def packages(self) -> Path:
        """Every package in it: name, version, architecture, tab separated."""
        return self.directory / "packages.tsv"

    @property
    def shim(self) -> Path:
        """Debian's shim, signed by Microsoft."""
        return self.directory / "efi" / "shimx64.efi"

    @property
    def mok_manager(self) -> Path:
        return self.directory / "efi" / "mmx64.efi"

    @property
    def grub_cd(self) -> Path:
        """GRUB for removable media, signed by Debian: looks for /.disk/info and reads /boot/grub/grub.cfg there."""
        return self.directory / "efi" / "gcdx64.efi"

    @property
    def eltorito(self) -> Path:
        """GRUB's BIOS El Torito image: cdboot.img and a core image with prefix /boot/grub."""
        return self.directory / "bios" / "eltorito.img"

    @property
    def boot_hybrid(self) -> Path:
        """GRUB's MBR for a medium that is written to a disk."""
        return self.directory / "bios" / "boot_hybrid.img"

    @property
    def grub_modules(self) -> Path:
        """Directory with GRUB's i386-pc modules."""
        return self.directory / "bios" / "i386-pc"
