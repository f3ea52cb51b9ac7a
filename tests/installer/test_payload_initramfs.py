"""What an initramfs can do, seen from its files, however it is compressed."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from ashore_installer.payload.initramfs import abilities, look_into
from ashore_installer.payload.scan import scan_image
from ashore_installer.payload_info import PROGRAMS
from ashore_isogen.oci import Entry, hardlink, regular
from tests.fakes.cpio import cpio
from tests.installer.images import BASE, KERNEL, TAG, layout

EARLY = cpio({"early_cpio": b"1", "kernel/x86/microcode/GenuineIntel.bin": b"\1" * 1001})
MODULES = "usr/lib/modules/7.0"
BUILT_IN = {f"{MODULES}/modules.builtin": b"kernel/drivers/char/tpm/tpm_tis.ko\nkernel/fs/ext4/ext4.ko\n"}
CRYPT = (
    f"{MODULES}/kernel/drivers/md/dm-crypt.ko.xz",
    "usr/lib/systemd/systemd-cryptsetup",
    "usr/lib/systemd/system-generators/systemd-cryptsetup-generator",
)
TSS2 = tuple(f"usr/lib64/libtss2-{name}.so.0" for name in ("esys", "mu", "tcti-device"))
LVM = (f"{MODULES}/kernel/drivers/md/dm-mod.ko", "usr/sbin/lvm")
THIN = (f"{MODULES}/kernel/drivers/md/dm-thin-pool.ko.zst", "usr/sbin/thin_check")


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def found(*names: str, files: Mapping[str, bytes] = BUILT_IN) -> tuple[str, ...]:
    return abilities(look_into(pieces(cpio({**dict.fromkeys(names, b"content"), **files}))))


@pytest.mark.parametrize(
    "compress",
    [
        bytes,
        gzip.compress,
        lzma.compress,
        lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE),
        bz2.compress,
        zstandard.ZstdCompressor().compress,
    ],
)
@pytest.mark.parametrize("early", [b"", EARLY, EARLY + EARLY])
def test_every_compression_is_read_with_and_without_microcode(compress: Callable[[bytes], bytes], early: bytes) -> None:
    content = early + compress(cpio(dict.fromkeys((*CRYPT, *LVM), b"x" * 5000) | BUILT_IN))
    assert abilities(look_into(pieces(content))) == ("crypt", "lvm", "ext4")


@settings(deadline=None)  # on a busy machine an example takes as long as it takes
@given(st.integers(1, 4000))
def test_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    content = EARLY + gzip.compress(cpio(dict.fromkeys(CRYPT, b"x" * 5000)))
    assert abilities(look_into(pieces(content, size))) == ("crypt",)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), ("ext4",)),
        (CRYPT, ("crypt", "ext4")),
        (CRYPT[:2], ("ext4",)),
        (CRYPT[1:], ("ext4",)),
        ((*CRYPT, *TSS2), ("crypt", "tpm2", "ext4")),
        ((*CRYPT, *TSS2[1:]), ("crypt", "ext4")),
        (TSS2, ("ext4",)),
        (LVM, ("lvm", "ext4")),
        ((*LVM, *THIN), ("lvm", "thin", "ext4")),
        ((*LVM, THIN[0]), ("lvm", "ext4")),
        (THIN, ("ext4",)),
        ((f"{MODULES}/kernel/drivers/md/raid1.ko", "usr/sbin/mdadm"), ("raid", "ext4")),
        (("usr/sbin/mdadm",), ("ext4",)),
        ((f"{MODULES}/x/virtio_blk.ko", f"{MODULES}/x/virtio_pci.ko.gz"), ("ext4", "virtio")),
    ],
)
def test_words(names: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert found(*names) == words


def test_what_is_built_in_counts_also_when_only_the_image_says_so() -> None:
    assert abilities(look_into(pieces(cpio({}))), "kernel/fs/xfs/xfs.ko\n") == ("xfs",)


@pytest.mark.parametrize(
    "content",
    [
        b"\x02\x21\x4c\x18lz4 legacy",
        b"no archive",
        cpio(dict.fromkeys(CRYPT, b""))[:-600],
        gzip.compress(cpio({}))[:40],
        b"070701" + b"z" * 200,
    ],
    ids=["lz4", "text", "cut cpio", "cut gzip", "no numbers"],
)
def test_what_can_not_be_read_is_not_judged(content: bytes) -> None:
    left = pieces(content, 10)
    assert look_into(left) is None
    assert next(left, None) is None


def test_an_empty_initramfs_can_nothing() -> None:
    assert abilities(look_into(iter(()))) == ()


def initramfs(*names: str) -> bytes:
    return EARLY + gzip.compress(cpio(dict.fromkeys(names, b"")))


def without_initramfs() -> tuple[Entry, ...]:
    return tuple(entry for entry in BASE if not entry.path.endswith(b"/initramfs.img"))


def test_a_scan_tells_what_initramfs_and_programs_can_do(tmp_path: Path) -> None:
    image = (
        *without_initramfs(),
        regular(f"usr/lib/modules/{KERNEL}/initramfs.img", initramfs(*CRYPT)),
        regular(f"usr/lib/modules/{KERNEL}/modules.builtin", b"kernel/fs/xfs/xfs.ko\n"),
        *(regular(f"usr/sbin/{name}") for name in ("lvm", "fsck.xfs", "thin_check")),
        *(regular(name) for name in TSS2),
        regular("usr/lib/systemd/system-generators/zram-generator"),
        regular("usr/bin/systemd-cryptenroll", b"\x7fELF...\0unlock-key-file\0unlock-tpm2-device\0"),
    )
    scanned = scan_image(layout(tmp_path, image), TAG, architecture="amd64")
    assert scanned.initramfs == ("crypt", "xfs")
    assert scanned.programs == (
        "systemd-cryptenroll", "tss2", "lvm", "thin", "xfs", "zram-generator", "unlock-tpm2",
    )  # fmt: skip
    assert set(scanned.programs) <= set(PROGRAMS)


def test_an_older_cryptenroll_can_not_unlock_by_a_tpm(tmp_path: Path) -> None:
    image = (*BASE, regular("usr/bin/systemd-cryptenroll", b"\x7fELF...\0unlock-key-file\0"))
    scanned = scan_image(layout(tmp_path, image), TAG, architecture="amd64")
    assert scanned.programs == ("systemd-cryptenroll",)


def test_the_initramfs_of_the_last_layer_counts_and_may_be_a_hard_link(tmp_path: Path) -> None:
    path, stored = f"usr/lib/modules/{KERNEL}/initramfs.img", "sysroot/ostree/repo/objects/ab/cd.file"
    later = (regular(stored, initramfs(*LVM)), hardlink(path, stored))
    scanned = scan_image(layout(tmp_path, BASE, later), TAG, architecture="amd64")
    assert scanned.initramfs == ("lvm",)
