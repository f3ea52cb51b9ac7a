"""The live system, unpacked: what was cut out is missed by nothing that is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_isogen.live import LiveRuntime
from ashore_isogen.runtime import Lines, ensure_live
from ashore_isogen.sandbox import Sandbox

pytestmark = [
    pytest.mark.vm,  # like the tests that boot it: needs the finished live system, and root
    pytest.mark.needs("unsquashfs"),
    pytest.mark.skipif(os.geteuid() != 0, reason="unpacks a tree with owners and enters it: needs root"),
]

# Says of each program and library which other library it misses. Without ldd's shell script this takes a second.
MISSING_LIBRARIES = r"""
export LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/systemd  # of one of its libraries that only its own programs load
find /usr/bin /usr/sbin /usr/lib/systemd /usr/libexec /usr/lib/x86_64-linux-gnu /usr/lib/python3* -type f \
    \( -perm -u+x -o -name '*.so*' \) -print | while read -r file; do
    IFS= read -r -N 4 start < "$file" 2> /dev/null
    case $start in *ELF*) ;; *) continue ;; esac
    LD_TRACE_LOADED_OBJECTS=1 /lib64/ld-linux-x86-64.so.2 "$file" 2>&1 | sed -n "s|^.*not found|$file: &|p"
done
"""
INTERPRETERS = r"""
for file in /usr/bin/* /usr/sbin/* /usr/lib/systemd/systemd-*; do
    IFS= read -r line < "$file" 2> /dev/null || continue
    case $line in '#!'*) set -- ${line#??}; [ -x "$1" ] || echo "$file: $1" ;; esac
done
"""
IMPORTS = """
import ashore_installer.run, ashore_kickstart, ashore_tui.live, ashore_tui.__main__, ashore_isogen.report
import attr, blivet, cattrs, libdnf5.base, parted, pykickstart.parser, pyudev
import requests, selinux, shtab, textual, zstandard
import gi
for name, version in (("OSTree", "1.0"), ("BlockDev", "3.0"), ("GLib", "2.0"), ("Gio", "2.0")):
    gi.require_version(name, version)
from gi.repository import BlockDev, OSTree
import blivet.devices, blivet.formats
print(OSTree.VERSION_S, *BlockDev.get_available_plugin_names())
"""
PROGRAMS = """
ashore blkid btrfs cryptsetup dmsetup dumpe2fs efibootmgr gpg grub-install grub-mkconfig ip lsblk lvm mdadm mkfs.btrfs
mkfs.ext4 mkfs.fat mkfs.xfs mkswap mount mcopy ntfsls ntfsresize ostree parted resize2fs sfdisk sgdisk skopeo smartctl
systemctl systemd-cryptenroll thin_check udevadm useradd wipefs zstd
"""


@pytest.fixture(scope="module")
def live() -> LiveRuntime:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        return ensure_live(Lines(nowhere))


@pytest.fixture(scope="module")
def tree(live: LiveRuntime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("live") / "tree"
    subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-dest", place, live.squashfs], check=True)
    yield place
    subprocess.run(["rm", "-rf", "--one-file-system", place], check=True)


def test_no_program_misses_a_library(tree: Path) -> None:
    assert Sandbox(root=tree).run(["bash", "-c", MISSING_LIBRARIES]) == ""


def test_no_script_misses_its_interpreter(tree: Path) -> None:
    assert Sandbox(root=tree).run(["bash", "-c", INTERPRETERS]) == ""


def test_all_libraries_are_there(tree: Path) -> None:
    version, *plugins = Sandbox(root=tree).run(["python3", "-c", IMPORTS]).split()
    assert version >= "2024.5"
    assert {"btrfs", "crypto", "dm", "fs", "lvm", "mdraid", "part", "swap"} <= set(plugins)


def test_all_programs_are_there(tree: Path) -> None:
    Sandbox(root=tree).run(
        ["bash", "-c", 'for name; do type "$name" > /dev/null || exit 1; done', "-", *PROGRAMS.split()]
    )


def test_no_compiler_no_documents_no_caches_and_no_package_tools(tree: Path) -> None:
    names = ("gcc", "cc", "make", "apt", "apt-get", "dpkg", "perl", "dracut", "pytest", "docker-registry", "umoci")
    assert [name for name in names if (tree / "usr/bin" / name).exists()] == []
    assert not (tree / "usr/share/man").exists() or not any(
        path.is_file() for path in (tree / "usr/share/man").rglob("*")
    )
    assert not list((tree / "var/cache").rglob("*.deb"))
    assert not (tree / "var/lib/dpkg").exists()
    assert not any((tree / "boot").iterdir())


def test_nothing_of_the_machine_that_built_it_is_inside(tree: Path) -> None:
    assert (tree / "etc/machine-id").read_bytes() == b""
    assert (tree / "etc/hostname").read_text(encoding="ascii") == "ashore\n"
    assert (tree / "etc/resolv.conf").is_symlink()
    assert not list((tree / "etc").glob(".resolv*"))
    assert not list((tree / "var/log").rglob("*.log"))


def test_all_files_of_a_medium_are_there(live: LiveRuntime) -> None:
    packages = dict(line.split("\t")[:2] for line in live.packages.read_text(encoding="utf-8").splitlines())
    assert {"systemd", "linux-image-amd64", "skopeo", "pypi:blivet", "pypi:pykickstart"} <= set(packages)
    assert not {"docker-registry", "apt", "perl", "python3-pytest"} & set(packages)
    for path in (live.kernel, live.initrd, live.shim, live.mok_manager, live.grub_cd, live.eltorito, live.boot_hybrid):
        assert path.stat().st_size > 0
    assert (live.grub_modules / "linux.mod").exists()
    assert live.shim.read_bytes()[:2] == live.grub_cd.read_bytes()[:2] == b"MZ"
