"""What the sample promises, checked on a finished layout: nothing here trusts the build.

Sources: ostree's ostree-prepare-root(1) and libostree's kernel lookup, bootc's `container lint`, and what our own tests
rely on.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from ashore_installer.payload.initramfs import abilities, look_into
from ashore_isogen.oci import Kind
from ashore_isogen.sample.merged import Merged, merge
from ashore_isogen.sample.recipe import Version

_ZSTD = bytes.fromhex("28b52ffd")
_EMPTY = ("boot", "dev", "proc", "run", "sys", "sysroot", "tmp", "var")
_LINKS = {
    "home": "var/home",
    "root": "var/roothome",
    "opt": "var/opt",
    "srv": "var/srv",
    "mnt": "var/mnt",
    "usr/local": "../var/usrlocal",
    "ostree": "sysroot/ostree",
}
_NOT_THERE = (
    "usr/etc",
    "etc/hostname",
    "etc/fstab",
    "etc/apt",
    "etc/ssh/ssh_host_ed25519_key",
    "etc/ssh/ssh_host_rsa_key",
)
_MODULES = (
    "ahci",
    "btrfs",
    "dm-crypt",
    "dm-mod",
    "erofs",
    "ext4",
    "nvme",
    "overlay",
    "raid1",
    "vfat",
    "virtio_blk",
    "xfs",
)
_ABILITIES = (*("crypt", "tpm2", "lvm", "thin", "raid", "btrfs", "xfs", "ext4", "vfat"), "virtio", "ahci", "nvme")
"""Words of `INITRAMFS_WORDS`: the image boots from whatever the installer can make."""
_ENABLED = ("systemd-networkd.service", "ssh.service", "ostree-remount.service", "systemd-resolved.service")
_PROGRAMS = (
    *("mkfs.xfs", "mkfs.ext4", "mkfs.btrfs", "mkfs.fat", "lvm", "mdadm", "systemd-cryptenroll"),
    "sudo",
    "useradd",
    "sshd",
    "ostree",
    "loadkeys",
)

Promise = Callable[[Merged, Version], Iterator[str]]
"""Gives a sentence for each way in which the promise is broken."""


def broken_promises(layout: Path, version: Version) -> list[str]:
    """A sentence for each broken promise of one version of the sample in `layout`. Raises BadInput."""
    image = merge(layout, version.tag, wanted=("/initramfs.img",))
    return [sentence for promise in PROMISES for sentence in promise(image, version)]


def _config(image: Merged, version: Version) -> Iterator[str]:
    labels = image.config.get("config", {}).get("Labels", {})
    wanted = {"containers.bootc": "1", "org.opencontainers.image.version": version.tag}
    for key, value in wanted.items():
        if labels.get(key) != value:
            yield f"the label {key} is not {value}"
    if image.config.get("architecture") != "amd64":
        yield "the architecture is not amd64"
    if len(image.layers) < 3:
        yield "there are fewer than three layers"


def _kernel(image: Merged, _version: Version) -> Iterator[str]:
    kernels = [name for name in image.names("usr/lib/modules") if _size(image, f"usr/lib/modules/{name}/vmlinuz")]
    if len(kernels) != 1:
        yield f"there is not exactly one kernel, but {kernels}"
        return
    content = image.tree.get(f"usr/lib/modules/{kernels[0]}/initramfs.img".encode())
    if content is None or not isinstance(content.content, bytes) or not content.content:
        yield "there is no initramfs beside the kernel"
        return
    builtin = image.text(f"usr/lib/modules/{kernels[0]}/modules.builtin").encode()
    plain = _plain(content.content)
    yield from _initramfs(plain, image.text("usr/lib/ostree/prepare-root.conf"))
    known_words = abilities(look_into(iter((content.content,))), builtin.decode())
    yield from (f"the initramfs can't do {word}" for word in _ABILITIES if word not in known_words)
    for place, known in (("kernel", b"\n".join(image.tree)), ("initramfs", plain)):
        for module in _MODULES:
            if f"/{module}.ko".encode() not in known + builtin:
                yield f"the {place} has no {module}"


def _plain(initramfs: bytes) -> bytes:
    """The cpio archive of an initramfs; microcode in front of it is left out."""
    import zstandard  # Only whoever checks an initramfs needs the library.

    start = initramfs.find(_ZSTD)
    return zstandard.ZstdDecompressor().decompressobj().decompress(initramfs[start:]) if start >= 0 else initramfs


def _initramfs(plain: bytes, prepare_root: str) -> Iterator[str]:
    """The classic mistake is an initramfs that was made before its configuration was final."""
    if b"usr/lib/ostree/ostree-prepare-root" not in plain:
        yield "the initramfs does not know ostree"
    if not prepare_root or prepare_root.encode() not in plain:
        yield "the initramfs has another prepare-root.conf than the image"


def _composefs(image: Merged, _version: Version) -> Iterator[str]:
    lines = [line.strip() for line in image.text("usr/lib/ostree/prepare-root.conf").splitlines()]
    for line in ("[composefs]", "enabled = yes", "[sysroot]", "readonly = true"):
        if line not in lines:
            yield f"prepare-root.conf lacks {line}"


def _places(image: Merged, _version: Version) -> Iterator[str]:
    for name in _EMPTY:
        entry = image.tree.get(name.encode())
        if entry is None or entry.kind is not Kind.DIRECTORY:
            yield f"/{name} is no directory"
        if names := sorted(image.names(name)):
            yield f"/{name} is not empty, it has {names[0]}"
    for name, target in _LINKS.items():
        entry = image.tree.get(name.encode())
        if entry is None or entry.kind is not Kind.SYMLINK or entry.link.decode() != target:
            yield f"/{name} is no link to {target}"
    for name in _NOT_THERE:
        if name.encode() in image.tree:
            yield f"/{name} is in the image"
    for path, entry in image.tree.items():
        if entry.kind in (Kind.CHARACTER, Kind.BLOCK, Kind.FIFO):
            yield f"/{path.decode(errors='replace')} is a device or a fifo, which libostree refuses"


def _var(image: Merged, _version: Version) -> Iterator[str]:
    text = "".join(image.text(f"usr/lib/tmpfiles.d/{name}") for name in image.names("usr/lib/tmpfiles.d"))
    made = {line.split()[1] for line in text.splitlines() if line and line[0] in "dCLqQ"}
    for target in ("home", "roothome", "opt", "srv", "mnt", "usrlocal", "lib/dpkg"):
        if f"/var/{target}" not in made:
            yield f"nothing makes /var/{target} at boot"
    if "/home" in made:
        yield "tmpfiles.d wants to make /home, which is a link"


def _identity(image: Merged, _version: Version) -> Iterator[str]:
    machine_id = image.tree.get(b"etc/machine-id")
    if machine_id is None or machine_id.size:
        yield "/etc/machine-id is not an empty file"
    shadow = dict(line.split(":")[:2] for line in image.text("etc/shadow").splitlines())
    if shadow.get("root") not in ("*", "!", "!*"):
        yield "root has a password in the image, or no entry"


def _programs(image: Merged, _version: Version) -> Iterator[str]:
    for program in _PROGRAMS:
        if f"usr/bin/{program}".encode() not in image.tree and f"usr/sbin/{program}".encode() not in image.tree:
            yield f"there is no {program}"
    sudo, ping = image.tree.get(b"usr/bin/sudo"), image.tree.get(b"usr/bin/ping")
    if sudo is None or not sudo.mode & stat.S_ISUID:
        yield "sudo is not setuid"
    if ping is None or "security.capability" not in dict(ping.xattrs):
        yield "ping has no file capability"
    for unit in _ENABLED:
        if not any(path.endswith(f".wants/{unit}".encode()) for path in image.tree):
            yield f"{unit} is not enabled"
    if not _size(image, "usr/lib/sysimage/dpkg/status"):
        yield "the package database is not in /usr/lib/sysimage/dpkg"


def _languages(image: Merged, _version: Version) -> Iterator[str]:
    names = image.names("usr/lib/locale")
    if "locale-archive" not in names and "de_DE.utf8" not in names:
        yield "there is no locale but C.UTF-8"
    if b"usr/share/zoneinfo/Europe/Berlin" not in image.tree:
        yield "there are no time zones"


def _version_files(image: Merged, version: Version) -> Iterator[str]:
    if image.text("usr/lib/ashore-sample/version").strip() != version.tag:
        yield "/usr/lib/ashore-sample/version does not say the version"
    if f'VERSION_ID="{version.tag}"' not in image.text("usr/lib/os-release"):
        yield "os-release does not say the version"
    if f"version {version.tag}" not in image.text("etc/ashore-sample.conf"):
        yield "/etc/ashore-sample.conf does not change with the version"
    if image.names("usr/share/ashore-sample") != {f"only-in-{version.tag}"}:
        yield "the whiteout in /usr/share/ashore-sample does not work"
    if image.names("etc/update-motd.d") != {"10-ashore-sample"}:
        yield "the opaque directory /etc/update-motd.d still shows what is below"


def _installation(image: Merged, _version: Version) -> Iterator[str]:
    if 'type = "xfs"' not in image.text("usr/lib/bootc/install/00-sample.toml"):
        yield "bootc's install configuration names no file system"
    if "ashore.sample=yes" not in image.text("usr/lib/bootc/kargs.d/10-sample.toml"):
        yield "kargs.d lacks ashore.sample=yes"


def _size(image: Merged, path: str) -> int:
    entry = image.tree.get(path.encode())
    return entry.size if entry else 0


PROMISES: tuple[Promise, ...] = (
    _config, _kernel, _composefs, _places, _var, _identity, _programs, _languages, _version_files, _installation,
)  # fmt: skip
