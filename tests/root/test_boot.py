"""Boot loaders from the runtime's own GRUB and shim, on file systems and disks that are files."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.boot.efi import find_programs
from ashore_installer.boot.install import boot_top
from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.boot.menu import bios_cfg, efi_stub, script_cfg, script_menu
from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.context import Context
from ashore_installer.events import Event
from ashore_installer.machine import Firmware
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.run import Commands
from ashore_installer.units import MiB
from tests.fakes.values import a_machine, a_plan, an_image
from tests.installer.stacks import subvolumes

pytestmark = pytest.mark.root

UUID = "11111111-2222-3333-4444-555555555555"
KARGS = ("quiet", 'dyndbg="file a.c +p"', "ip=[fd00::1]:::64:host:eth0:none")
BUILT_IN = (
    "boot", "configfile", "ext2", "fat", "linux", "minicmd", "normal", "part_gpt", "regexp", "search_fs_uuid", "test",
    "true", "xfs",
)  # fmt: skip
"""Modules whose commands the script on UEFI uses, and the file systems it reads."""


@pytest.mark.parametrize("text", [bios_cfg(UUID, ("ttyS0,115200",)), script_cfg(UUID), script_menu(), efi_stub(UUID)])
def test_grub_parses_the_configuration(text: str) -> None:
    subprocess.run(["grub-script-check"], input=text, text=True, check=True)


def test_the_signed_grub_has_what_the_script_uses() -> None:
    """Module names stand in the program, each between zero bytes (grub-core/kern/dl.c, `.modname`)."""
    program = find_programs(Path("/"), "the runtime").grub.read_bytes()
    assert [name for name in BUILT_IN if b"\0" + name.encode() + b"\0" not in program] == []


@pytest.mark.parametrize("make", ["mkfs.ext4 -q", "mkfs.xfs -q", "mkfs.btrfs -q"])
def test_grub_reads_boot_on_every_kind_of_root(make: str, tmp_path: Path) -> None:
    """Also through libostree's link `boot -> .`, as it is made by today's mkfs."""
    image, mounted = tmp_path / "image", tmp_path / "mounted"
    with image.open("wb") as file:
        file.truncate(400 * MiB)
    subprocess.run([*make.split(), str(image)], check=True)
    mounted.mkdir()
    subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
    try:
        (mounted / "boot/loader/entries").mkdir(parents=True)
        (mounted / "boot/boot").symlink_to(".")
        (mounted / "boot/loader/entries/ostree-1.conf").write_text("title Sample (ostree:0)\n")
    finally:
        subprocess.run(["umount", mounted], check=True)
    argv = ["grub-fstest", str(image), "cat", "/boot/boot/loader/entries/ostree-1.conf"]
    assert subprocess.run(argv, check=True, capture_output=True, text=True).stdout == "title Sample (ostree:0)\n"


def test_grub_reads_a_subvolume_from_the_top_of_its_volume(tmp_path: Path) -> None:
    """`boot_top` stands before every path in the script."""
    image, mounted = tmp_path / "image", tmp_path / "mounted"
    with image.open("wb") as file:
        file.truncate(400 * MiB)
    subprocess.run(["mkfs.btrfs", "-q", image], check=True)
    mounted.mkdir()
    subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
    try:
        subprocess.run(["btrfs", "-q", "subvolume", "create", mounted / "root"], check=True)
        (mounted / "root/boot/loader/entries").mkdir(parents=True)
        (mounted / "root/boot/boot").symlink_to(".")
        (mounted / "root/boot/loader/entries/ostree-1.conf").write_text("title Sample (ostree:0)\n")
    finally:
        subprocess.run(["umount", mounted], check=True)
    top = boot_top(subvolumes(boot=False))
    argv = ["grub-fstest", str(image), "cat", f"{top}/boot/boot/loader/entries/ostree-1.conf"]
    assert subprocess.run(argv, check=True, capture_output=True, text=True).stdout == "title Sample (ostree:0)\n"


@pytest.mark.parametrize("metadata", ["1.0", "1.2"])
@pytest.mark.parametrize("there", [(0, 1), (0,), (1,)])
def test_grub_reads_boot_on_a_mirror_with_a_member_missing(
    metadata: str, there: tuple[int, ...], tmp_path: Path
) -> None:
    """By the array's own name, and with metadata 1.0 from a member as if it were no array."""
    content = tmp_path / "content"
    with content.open("wb") as file:
        file.truncate(16 * MiB)
    (tmp_path / "tree/boot").mkdir(parents=True)
    (tmp_path / "tree/boot/file").write_text("kernel")
    subprocess.run(["mkfs.ext4", "-q", "-U", UUID, "-d", tmp_path / "tree", content], check=True)
    members = [mirror_member(tmp_path / f"member{number}", content, number, metadata) for number in there]
    argv = ["grub-fstest", f"--diskcount={len(members)}", *map(str, members)]
    read = subprocess.run([*argv, "--root=md/boot", "cat", "/boot/file"], check=True, capture_output=True, text=True)
    assert read.stdout == "kernel"
    if metadata == "1.0":
        plain = subprocess.run([*argv[:1], str(members[0]), "cat", "/boot/file"], capture_output=True, check=True)
        assert plain.stdout == b"kernel"


def mirror_member(path: Path, content: Path, number: int, metadata: str) -> Path:
    """A member of an md RAID1 of two as mdadm writes it (linux/raid/md_p.h, struct mdp_superblock_1)."""
    data = content.read_bytes()
    sectors = len(data) // 512
    size = sectors + 16384
    start, place = (2048, 8) if metadata == "1.2" else (0, (size - 16) // 8 * 8)
    block = bytearray(1024)
    struct.pack_into("<IIII16s32s", block, 0, 0xA92B4EFC, 1, 0, 0, b"A" * 16, b"live:boot")
    struct.pack_into("<IIQII", block, 72, 1, 0, sectors, 0, 2)
    struct.pack_into("<QQQQII16s", block, 128, start, sectors, place, 0, number, 0, bytes([number]) * 16)
    struct.pack_into("<QQQII", block, 192, 1, 5, 2**64 - 1, 0, 2)
    struct.pack_into("<HH", block, 256, 0, 1)
    with path.open("wb") as file:
        file.truncate(size * 512)
        file.seek(start * 512)
        file.write(data)
        file.seek(place * 512)
        file.write(block)
    return path


@dataclass(frozen=True)
class Disk:
    """A GPT disk that is a loop device, and its /boot, deployed and mounted below `target`."""

    node: str
    image: Path
    target: Path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    image, target = tmp_path / "disk", tmp_path / "target"
    with image.open("wb") as file:
        file.truncate(128 * MiB)
    layout = ["-n", "1:2048:4095", "-t", "1:ef02", "-n", "2:4096:204799"]
    subprocess.run(["sgdisk", *layout, image], check=True, capture_output=True)
    (target / "boot").mkdir(parents=True)
    whole = attached(image)
    try:
        boot = attached(image, "--offset", str(4096 * 512), "--sizelimit", str(200704 * 512))
        try:
            subprocess.run(["mkfs.ext4", "-q", "-U", UUID, boot], check=True)
            subprocess.run(["mount", boot, target / "boot"], check=True)
            try:
                yield Disk(whole, image, target)
            finally:
                subprocess.run(["umount", target / "boot"], check=True)
        finally:
            subprocess.run(["losetup", "--detach", boot], check=True)
    finally:
        subprocess.run(["losetup", "--detach", whole], check=True)


def attached(image: Path, *options: str) -> str:
    argv = ["losetup", "--find", "--show", *options, str(image)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def deploy(target: Path, kargs: tuple[str, ...]) -> None:
    """What libostree itself writes into /boot for a commit with a kernel."""
    tree, repo = target.parent / "tree", f"--repo={target}/ostree/repo"
    modules = tree / "usr/lib/modules/6.18"
    modules.mkdir(parents=True)
    (modules / "vmlinuz").write_text("kernel")
    (modules / "initramfs.img").write_text("initramfs")
    (tree / "usr/etc").mkdir()
    (tree / "usr/lib/os-release").write_text('NAME=Sample\nPRETTY_NAME="Sample 1"\nID=debian\n')
    for command in (
        ("ostree", "admin", "init-fs", "--modern", str(target)),
        ("ostree", repo, "config", "set", "sysroot.bootloader", "none"),
        ("ostree", repo, "config", "set", "sysroot.bootprefix", "true"),
        ("ostree", "admin", "stateroot-init", f"--sysroot={target}", "default"),
        ("ostree", repo, "commit", "--branch=sample", f"--tree=dir={tree}"),
        ("ostree", "admin", "deploy", f"--sysroot={target}", "--os=default",
         *(f"--karg-append={karg}" for karg in kargs), "sample"),
    ):  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


def test_grub_for_bios_is_installed_and_proven(disk: Disk) -> None:
    plan = a_plan()
    plan = replace(plan, boot=BootPlan(disks=plan.boot.disks, kargs=KARGS))
    context = a_context(disk, plan)
    deploy(disk.target, deployment_kargs(plan, context.machine, context.payload, context.uuids))
    for step in (FindBootLoader, InstallBootLoader, ProveBoot):
        step(boot=plan.boot).run(context)
    assert (disk.target / "boot/grub/i386-pc/blsuki.mod").is_file()
    with disk.image.open("rb") as file:
        assert b"GRUB" in file.read(512)
        file.seek(2048 * 512)
        core = file.read(MiB)
    assert core.strip(b"\0")
    entry = (disk.target / "boot/loader/entries/ostree-1.conf").read_text()
    assert " ".join(KARGS) in entry


def a_context(disk: Disk, plan: InstallPlan) -> Context:
    events: list[Event] = []
    return Context(
        plan=plan,
        machine=a_machine(firmware=Firmware.BIOS, consoles=("tty0", "ttyS0,115200")),
        payload=an_image(),
        run=Commands(),
        listener=events.append,
        log_file=disk.target.parent / "ashore.log",
        target=disk.target,
        uuids={"root": "r-1", "boot": UUID},
        devices={plan.boot.disks[0]: disk.node},
    )


def test_the_runtime_has_a_signed_chain() -> None:
    programs = find_programs(Path("/"), "the runtime")
    assert programs.vendor == "debian"
    assert programs.fallback is not None
    assert programs.mok is not None
