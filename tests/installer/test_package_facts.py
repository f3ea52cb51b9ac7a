"""What a set of packages will be, from its metadata."""

from __future__ import annotations

import pytest

from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload.package_facts import (
    INITRAMFS_SIZE,
    KERNEL_SIZE,
    PackageFiles,
    kernel_version,
    packages_info,
    release_of,
    rpm_database,
)

VERSION = "6.12.1-3.fc43.x86_64"


def a_package(name: str, *files: str, **changes: object) -> PackageFiles:
    fields: dict[str, object] = {
        "version": "6.12.1", "release": "3.fc43", "machine": "x86_64", "install_size": 1000, "provides": (name,),
    }  # fmt: skip
    return PackageFiles(name=name, files=files, **{**fields, **changes})  # type: ignore[arg-type]


KERNEL = a_package("kernel-core", f"/lib/modules/{VERSION}/vmlinuz", f"/lib/modules/{VERSION}/kernel/fs/xfs.ko.xz")
DRACUT = a_package("dracut", "/usr/bin/dracut")


def info(*found: PackageFiles, left_out: frozenset[str] = frozenset()) -> PackagesInfo:
    return packages_info(found, (), "amd64", left_out=left_out)


def test_kernel_is_named_by_its_directory() -> None:
    assert kernel_version((KERNEL, a_package("bash"))) == VERSION


def test_kernel_without_file_list_is_named_by_its_package() -> None:
    assert kernel_version((a_package("kernel-core"),)) == VERSION


def test_two_kernels_are_none() -> None:
    other = a_package("kernel-rt-core", "/usr/lib/modules/6.12.1-3.fc43.x86_64+rt/vmlinuz")
    assert kernel_version((KERNEL, other)) == ""


def test_room_for_kernel_and_initramfs_is_counted() -> None:
    small, large = info(DRACUT), info(DRACUT, KERNEL)
    added = large.unpacked_size - small.unpacked_size
    assert added > KERNEL_SIZE + INITRAMFS_SIZE
    assert (small.kernel_size, large.kernel_size) == (0, KERNEL_SIZE)


def test_initramfs_does_what_its_programs_and_drivers_do() -> None:
    lvm = a_package("lvm2", "/usr/sbin/lvm")
    assert "lvm" in info(DRACUT, KERNEL, lvm).initramfs
    assert "lvm" not in info(DRACUT, KERNEL).initramfs
    completion = a_package("bash-completion", "/usr/share/bash-completion/completions/lvm")
    assert "lvm" not in info(DRACUT, KERNEL, completion).initramfs
    assert {"xfs", "ext4", "virtio", "ahci"} <= set(info(DRACUT, KERNEL).initramfs)


def test_driver_of_a_package_that_is_left_out_is_missing() -> None:
    found = info(DRACUT, KERNEL, left_out=frozenset({"btrfs"})).initramfs
    assert "btrfs" not in found
    assert "ext4" in found


def test_without_dracut_nothing_is_known_of_the_initramfs() -> None:
    assert info(KERNEL).initramfs == ()


@pytest.mark.parametrize(
    ("files", "word"),
    [
        (("/usr/sbin/cryptsetup",), "cryptsetup"),
        (("/sbin/mdadm",), "mdadm"),
        (("/usr/lib/systemd/systemd-cryptsetup", "/usr/lib/systemd"), "systemd-cryptsetup"),
        (("/usr/lib/systemd/system-generators/zram-generator",), "zram-generator"),
        (("/usr/sbin/fsck.vfat",), "vfat"),
        (
            ("/usr/lib64/libtss2-esys.so.0", "/usr/lib64/libtss2-mu.so.0", "/usr/lib64/libtss2-tcti-device.so.0"),
            "tss2",
        ),
    ],
)
def test_programs_by_their_files(files: tuple[str, ...], word: str) -> None:
    assert info(a_package("some", *files)).programs == (word,)


def test_systemd_opens_by_tpm_from_256_on() -> None:
    assert "unlock-tpm2" in info(a_package("systemd", version="257.2")).programs
    assert "unlock-tpm2" not in info(a_package("systemd", version="255.1")).programs


def test_shells_have_both_names() -> None:
    found = info(a_package("bash", "/usr/bin/bash", "/usr/bin/sh"), a_package("zsh", "/bin/zsh", "/usr/bin/push"))
    assert found.shells == ("/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh", "/bin/zsh", "/usr/bin/zsh")


def test_vendor_of_the_boot_loader() -> None:
    fallback = "/boot/efi/EFI/BOOT/shimx64.efi"
    assert info(a_package("shim-x64", fallback, "/boot/efi/EFI/fedora/shimx64.efi")).grub_efi_vendor == "fedora"
    assert info(a_package("shim-x64", "/usr/lib/efi/shim/16.1-5/EFI/fedora/shimx64.efi")).grub_efi_vendor == "fedora"


def test_policy_and_the_usual_one_of_several() -> None:
    minimum = a_package("selinux-policy-minimum", "/etc/selinux/minimum/contexts/files/file_contexts")
    targeted = a_package("selinux-policy-targeted", "/etc/selinux/targeted/contexts/files/file_contexts")
    assert info(minimum).selinux == "minimum"
    assert info(minimum, targeted).selinux == "targeted"
    assert info().selinux == ""


def test_release() -> None:
    package = a_package("fedora-release-server", version="43", provides=("fedora-release-server", "system-release"))
    assert info(package).name == "Fedora 43"
    assert info(package).os_release["ID"] == "fedora"
    assert release_of((package,)) == "43"
    assert release_of((KERNEL,)) == ""


@pytest.mark.parametrize(
    ("paths", "database"),
    [
        (("/usr/lib/sysimage/rpm", "/var/lib/rpm"), "/usr/lib/sysimage/rpm"),
        (("/var/lib/rpm/",), "/var/lib/rpm"),
        ((), "/usr/lib/sysimage/rpm"),
    ],
)
def test_database_is_where_the_new_rpm_looks(paths: tuple[str, ...], database: str) -> None:
    assert rpm_database(paths) == database
