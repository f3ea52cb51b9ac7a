"""What a scan says of an image, and why images are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.scan import scan_image
from ashore_isogen.oci import (
    Entry,
    block_device,
    character_device,
    directory,
    fifo,
    hardlink,
    opaque,
    regular,
    symlink,
    whiteout,
    write_layout,
)
from tests.installer.images import BASE, KERNEL, TAG, image, layout


def scan(root: Path, *layers: tuple[Entry, ...]) -> ImageInfo:
    return scan_image(layout(root, *layers), TAG, architecture="amd64")


def test_a_bootable_image_is_described(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    digests = write_layout(tmp_path, {TAG: image(BASE)})

    found = scan_image(tmp_path, TAG, lambda done, total: told.append((done, total)), "amd64")

    assert found.manifest_digest == digests[TAG]
    assert (found.kernel, found.kernels) == (KERNEL, (KERNEL,))
    assert (found.kernel_size, found.initramfs_size) == (600, 9000)
    assert found.name == "Test System 1"
    assert found.image_version == "1.0"
    assert found.composefs
    assert not found.verity
    assert found.shells == ("/bin/sh", "/bin/bash")
    assert (found.selinux, found.bootupd, found.grub_efi_vendor, found.uki) == ("", False, "", "")
    assert found.files == 5
    assert found.unpacked_size == (1 + 3 + 1 + 1 + 1) * 4096
    assert told[-1] == (found.download_size, found.download_size)
    assert problems(found, "amd64") == ()


DROP_INS = {
    "usr/lib/bootc/install/00-a.toml": '[install]\nroot-fs-type = "xfs"\nkargs = ["a", "b"]\n',
    "usr/lib/bootc/install/50-hidden.toml": '[install]\nkargs = ["hidden"]\n',
    "etc/bootc/install/50-hidden.toml": '[install]\nstateroot = "own"\nkarg-deletes = ["b"]\n',
    "etc/bootc/install/60-arm.toml": '[install]\nmatch-architectures = ["aarch64"]\nkargs = ["arm"]\n',
    "usr/lib/bootc/install/90-z.toml": '[install]\nkargs = ["c"]\n[install.filesystem.root]\ntype = "ext4"\n',
    "usr/lib/bootc/kargs.d/10-x.toml": 'kargs = ["console=ttyS0"]\nmatch-architectures = ["x86_64"]\n',
    "usr/lib/bootc/kargs.d/20-y.toml": 'kargs = ["arm"]\nmatch-architectures = ["aarch64"]\n',
    "usr/lib/bootc/kargs.d/readme": "no toml",
}


def test_install_configuration_is_merged_as_bootc_does(tmp_path: Path) -> None:
    found = scan(tmp_path, BASE, tuple(regular(path, text.encode()) for path, text in DROP_INS.items()))

    assert found.install.kargs == ("a", "b", "c")
    assert found.install.karg_deletes == ("b",)
    assert found.install.stateroot == "own"
    assert found.install.root_fs_type == "ext4"
    assert found.kargs == ("console=ttyS0",)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("usr/lib/bootc/kargs.d/1.toml", b"kargs = 7", "kargs"),
        ("usr/lib/bootc/kargs.d/1.toml", b"kargs = [", "not TOML"),
        ("usr/lib/bootc/install/1.toml", b"install = 1", "install"),
        ("usr/lib/bootc/install/1.toml", b'[install]\nroot-fs-type = "zfs"', "'zfs'"),
        ("usr/lib/bootc/install/1.toml", b"[install]\nfilesystem = 1", "filesystem"),
        ("usr/lib/bootc/install/1.toml", b"[install]\nstateroot = []", "stateroot"),
        ("usr/lib/ostree/prepare-root.conf", b"[composefs\n", "prepare-root.conf"),
        ("usr/lib/os-release", b"x" * (1 << 21), "bytes"),
    ],
)
def test_wrong_configuration_is_refused_by_its_name(tmp_path: Path, path: str, content: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        scan(tmp_path, BASE, (regular(path, content),))


def test_later_layers_hide_earlier_ones(tmp_path: Path) -> None:
    second = (
        whiteout(f"usr/lib/modules/{KERNEL}"),
        regular("usr/lib/modules/7.0/vmlinuz", b"k"),
        regular("usr/lib/modules/7.0/initramfs.img", b"i"),
        opaque("usr/lib/ostree"),
        whiteout("etc/shells"),
        regular("usr/lib/os-release", b"NAME=New\n"),
    )
    found = scan(tmp_path, BASE, second)
    assert found.kernels == ("7.0",)
    assert not found.composefs
    assert found.shells == ()
    assert found.name == "New"


def test_a_directory_over_a_file_and_a_file_over_a_directory(tmp_path: Path) -> None:
    found = scan(tmp_path, (*BASE, regular("usr/a")), (directory("usr/a"), regular("usr/lib/modules", b"no kernels")))
    assert found.kernels == ()


def test_facts_behind_hard_links_are_found(tmp_path: Path) -> None:
    first = (regular("usr/share/release", b"NAME=Linked\n"), hardlink("usr/lib/os-release", "usr/share/release"))
    assert scan(tmp_path / "same", BASE[:5], first).name == "Linked"
    apart = (first[:1], first[1:])
    assert scan(tmp_path / "across", *apart).name == "Linked"


def test_policy_bootupd_and_efi_programs_are_found(tmp_path: Path) -> None:
    found = scan(
        tmp_path,
        BASE,
        (
            regular("etc/selinux/config", b"# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"),
            regular("etc/selinux/targeted/contexts/files/file_contexts", b""),
        ),
        (
            regular("usr/bin/bootupctl"),
            regular("usr/lib/bootupd/updates/EFI.json"),
            regular("usr/lib/efi/shim/15.8/EFI/fedora/shimx64.efi"),
        ),
    )
    assert (found.selinux, found.policy_layers) == ("targeted", (1,))
    assert found.bootupd
    assert found.grub_efi_vendor == "fedora"


def test_debians_signed_shim_counts_as_its_vendor(tmp_path: Path) -> None:
    assert scan(tmp_path, BASE, (regular("usr/lib/shim/shimx64.efi.signed"),)).grub_efi_vendor == "test"


def test_a_policy_that_is_disabled_or_missing_is_none(tmp_path: Path) -> None:
    config = regular("etc/selinux/config", b"SELINUX=disabled\nSELINUXTYPE=targeted\n")
    contexts = regular("etc/selinux/targeted/contexts/files/file_contexts")
    assert scan(tmp_path / "disabled", BASE, (config, contexts)).selinux == ""
    enforcing = regular("etc/selinux/config", b"SELINUX=enforcing\nSELINUXTYPE=targeted\n")
    assert scan(tmp_path / "missing", BASE, (enforcing,)).selinux == ""


def told(found: ImageInfo, architecture: str = "amd64") -> str:
    return " ".join(problem.message for problem in problems(found, architecture))


def test_images_that_can_not_boot_have_problems(tmp_path: Path) -> None:
    assert "no kernel" in told(scan(tmp_path / "a", (regular("usr/x"),)))
    second = (regular("usr/lib/modules/7.0/vmlinuz"),)
    assert f"several kernels: {KERNEL}, 7.0" in told(scan(tmp_path / "b", BASE, second))
    assert "initramfs.img" in told(scan(tmp_path / "c", BASE, (whiteout(f"usr/lib/modules/{KERNEL}/initramfs.img"),)))
    assert "unified kernel image (/boot/EFI/Linux/x.efi)" in told(
        scan(tmp_path / "d", BASE, (regular("boot/EFI/Linux/x.efi"),))
    )
    verity = (regular("usr/lib/ostree/prepare-root.conf", b"[composefs]\nenabled = verity\n"),)
    assert "fs-verity" in told(scan(tmp_path / "e", BASE, verity))
    assert "no /sysroot and no /ostree" in told(
        scan(tmp_path / "h", BASE, (whiteout("sysroot"), whiteout("ostree"), directory("ostree")))
    )
    assert "no /usr/lib/os-release" in told(scan(tmp_path / "i", BASE, (regular("usr/lib/os-release", b"NAME=x"),)))
    write_layout(tmp_path / "f", {TAG: image(BASE, labels={})})
    assert "no label" in told(scan_image(tmp_path / "f", TAG))
    assert "made for amd64, not for arm64" in told(scan(tmp_path / "g", BASE), "arm64")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (character_device("usr/null", 1, 3), "'/usr/null', a character device"),
        (block_device("usr/disk", 8, 0), "'/usr/disk', a block device"),
        (fifo("usr/pipe"), "'/usr/pipe', a named pipe"),
        (regular(b"usr/latin-\xe9"), r"'/usr/latin-\\\\xe9', a name that isn't UTF-8"),
        (symlink("usr/l", b"latin-\xe9"), "'/usr/l', a name that isn't UTF-8"),
        (symlink("usr/l", b""), "leads nowhere"),
        (regular("usr/../etc/x"), "out of the image"),
        (regular("../x"), "out of the image"),
        (hardlink("usr/x", "../../etc/shadow"), "out of the image"),
        (hardlink("usr/x", "usr/missing"), "a hard link to 'usr/missing', which is not in the image"),
        (hardlink("usr/x", "run/dropped"), "which is not installed"),
        (regular("usr/" + "x" * 300), "more than 255 bytes"),
        (regular("usr/" + "x/" * 300 + "x"), "too deep"),
        (regular("usr/" + "x/" * 3000 + "x"), "no Linux system"),
        (regular("usr"), "both a directory and a file"),
        (regular("usr/lib/os-release/x"), "below a file"),
        (regular("usr/x", uid=(1 << 32) - 1), "impossible user"),
    ],
)
def test_what_can_not_be_installed_is_refused_by_its_path(tmp_path: Path, entry: Entry, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        scan(tmp_path, (*BASE, entry))
    assert caught.value.hint


def test_what_is_left_out_is_not_refused(tmp_path: Path) -> None:
    scan(tmp_path, (*BASE, directory("dev"), character_device("dev/null", 1, 3), fifo("run/pipe"), regular("./tmp/x")))
