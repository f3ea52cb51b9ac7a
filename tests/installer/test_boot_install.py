"""Boot loader steps on directories, with a runner that only records; and what the proof finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.boot.efi import boot_csv, find_programs, grub_vendor
from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.boot.menu import efi_stub
from ashore_installer.boot.prove import Unbootable
from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note, Warned
from ashore_installer.image import ImageInfo
from ashore_installer.machine import Firmware
from ashore_installer.plan import InstallPlan
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import a_machine, a_plan, an_image

GRUB_EFI = b"MZ...(,gpt1)/EFI/BOOT\0../EFI/debian\0..."
UUIDS = {"root": "r-1", "boot": "b-1", "efi": "E-1"}


@dataclass(frozen=True)
class Installation:
    """A context on directories, its runner and what it told."""

    context: Context
    runner: FakeRunner
    events: list[Event]
    runtime: Path

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    def install(self) -> None:
        InstallBootLoader(boot=self.context.plan.boot, runtime=self.runtime).run(self.context)

    def prove(self) -> None:
        ProveBoot(boot=self.context.plan.boot).run(self.context)


def uefi_plan() -> InstallPlan:
    plan = a_plan()
    esp = PartitionPlan(id="efi", disk=plan.boot.disks[0], start=1 << 20, size=512 << 20, format=Format.EFI)
    storage = replace(
        plan.storage,
        partitions=(esp, *plan.storage.partitions[1:]),
        mounts=(*plan.storage.mounts, MountPlan(device="efi", path="/boot/efi", options="umask=0077")),
    )
    return replace(plan, storage=storage)


def debian_programs(root: Path) -> None:
    for name, content in (
        ("usr/lib/shim/shimx64.efi.signed", b"shim"),
        ("usr/lib/shim/fbx64.efi.signed", b"fallback"),
        ("usr/lib/shim/mmx64.efi.signed", b"mok"),
        ("usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", GRUB_EFI),
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def deployed_boot(target: Path, kargs: tuple[str, ...]) -> None:
    """/boot as libostree leaves it."""
    boot = target / "boot"
    kernel = boot / "ostree/default-abc"
    kernel.mkdir(parents=True)
    (kernel / "vmlinuz-6.18").write_text("kernel")
    (kernel / "initramfs-6.18.img").write_text("initramfs")
    (boot / "boot").symlink_to(".")
    (boot / "loader.1/entries").mkdir(parents=True)
    (boot / "loader").symlink_to("loader.1")
    (boot / "loader/entries/ostree-1.conf").write_text(
        f"title Debian (ostree:0)\nversion 1\noptions {' '.join(kargs)} ostree=/ostree/boot.1/default/abc/0\n"
        "linux /boot/ostree/default-abc/vmlinuz-6.18\ninitrd /boot/ostree/default-abc/initramfs-6.18.img\n"
    )


def fat_partition(device: Path) -> Path:
    """What mkfs.fat leaves in the first sector."""
    device.write_bytes((b"\xeb\x58\x90mkfs.fat".ljust(82, b"\0") + b"FAT32   ").ljust(510, b"\0") + b"\x55\xaa")
    return device


def an_installation(
    tmp_path: Path, firmware: Firmware, *answers: Answer, image: ImageInfo | None = None
) -> Installation:
    target, runtime, disk = tmp_path / "target", tmp_path / "runtime", tmp_path / "disk"
    plan = uefi_plan() if firmware is Firmware.UEFI else a_plan()
    disk.write_bytes(b"\0" * 400 + b"GRUB \0" + b"\0" * 106)
    debian_programs(runtime)
    runner, events = FakeRunner(*answers), list[Event]()
    context = Context(
        plan=plan,
        machine=a_machine(firmware=firmware, consoles=("ttyS0,115200",)),
        payload=image or an_image(),
        run=runner,
        listener=events.append,
        log_file=tmp_path / "ashore.log",
        target=target,
        deployment=target / "ostree/deploy/default/deploy/abc.0",
        uuids=UUIDS,
        devices={"efi": str(fat_partition(tmp_path / "nvme0n1p1")), plan.boot.disks[0]: str(disk)},
    )
    deployed_boot(target, deployment_kargs(plan, context.machine, context.payload, UUIDS))
    (target / "boot/efi").mkdir()
    context.root().mkdir(parents=True)
    return Installation(context, runner, events, runtime)


def make_grub_directory(call: Call) -> None:
    """What grub-install makes."""
    option = next(word for word in call.argv if word.startswith("--boot-directory="))
    (Path(option.partition("=")[2]) / "grub/i386-pc").mkdir(parents=True)


GRUB_INSTALL = Answer(words=("grub-install",), effect=make_grub_directory)


def test_bios(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.BIOS, GRUB_INSTALL)
    installation.install()
    boot = installation.context.target / "boot"
    assert installation.runner.argvs == [
        ("grub-install", "--target=i386-pc", f"--boot-directory={boot}", "--modules=part_gpt part_msdos",
         str(tmp_path / "disk"))
    ]  # fmt: skip
    text = (boot / "grub/grub.cfg").read_text()
    assert "--set=root b-1" in text
    assert "blscfg --path /boot/loader/entries" in text
    assert "serial --unit=0 --speed=115200" in text
    installation.prove()


def test_uefi(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.UEFI)
    installation.install()
    esp = installation.context.target / "boot/efi"
    contents = {
        str(path.relative_to(esp)): path.read_bytes()
        for path in esp.rglob("*")
        if path.is_file() and path.suffix != ".CSV"
    }
    assert contents == {
        "EFI/BOOT/BOOTX64.EFI": b"shim",
        "EFI/BOOT/fbx64.efi": b"fallback",
        "EFI/BOOT/mmx64.efi": b"mok",
        "EFI/debian/shimx64.efi": b"shim",
        "EFI/debian/mmx64.efi": b"mok",
        "EFI/debian/grubx64.efi": GRUB_EFI,
        "EFI/debian/grub.cfg": efi_stub("b-1").encode(),
    }
    listing, call = installation.runner.calls
    assert listing.argv == ("efibootmgr",)
    assert call.argv[:4] == ("efibootmgr", "--create", "--disk", str(tmp_path / "disk"))
    assert call.argv[call.argv.index("--part") + 1] == "1"
    assert call.argv[call.argv.index("--loader") + 1] == r"\EFI\debian\shimx64.efi"
    installation.prove()


def test_a_firmware_that_takes_no_entry_is_a_warning(tmp_path: Path) -> None:
    refusing = Answer(words=("efibootmgr",), status=5, stderr="EFI variables are read-only")
    installation = an_installation(tmp_path, Firmware.UEFI, refusing)
    installation.install()
    (warning,) = installation.warnings()
    assert "read-only" in warning
    assert "fallback path" in warning
    installation.prove()


def test_programs_of_the_image_are_taken_from_the_deployment(tmp_path: Path) -> None:
    image = an_image(grub_efi_vendor="fedora", os_release={"ID": "fedora", "NAME": "Fedora Linux"})
    installation = an_installation(tmp_path, Firmware.UEFI, image=image)
    for name, content in (
        ("shim/9.2-1/EFI/fedora/shimx64.efi", b"old shim"),
        ("shim/16.1-5/EFI/fedora/shimx64.efi", b"new shim"),
        ("shim/16.1-5/EFI/BOOT/fbx64.efi", b"fallback"),
        ("grub2/2.12-60/EFI/fedora/grubx64.efi", b"..(hd0)/EFI/fedora\0"),
    ):
        file = installation.context.root() / "usr/lib/efi" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    installation.install()
    esp = installation.context.target / "boot/efi"
    assert (esp / "EFI/fedora/shimx64.efi").read_bytes() == b"new shim"
    assert (esp / "EFI/BOOT/fbx64.efi").read_bytes() == b"fallback"
    assert not (esp / "EFI/debian").exists()
    assert "Fedora Linux" in (esp / "EFI/fedora/BOOTX64.CSV").read_text(encoding="utf-16")
    installation.prove()


def test_an_image_without_the_programs_it_was_said_to_have(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.UEFI, image=an_image(grub_efi_vendor="fedora"))
    with pytest.raises(InstallerError, match=r"no signed shimx64\.efi in the image"):
        installation.install()


@pytest.mark.parametrize("firmware", list(Firmware))
def test_bootupd_runs_in_the_deployment(tmp_path: Path, firmware: Firmware) -> None:
    installation = an_installation(tmp_path, firmware, image=an_image(bootupd=True))
    installation.install()
    (call,) = installation.runner.ran("bootupctl", "backend", "install", "--auto", "--write-uuid")
    update = ("--update-firmware",) if firmware is Firmware.UEFI else ()
    assert call.argv[-7 - len(update) :] == (
        "bootupctl", "backend", "install", "--auto", "--write-uuid", *update,
        "--device", str(tmp_path / "disk"), "/",
    )[-7 - len(update) :]  # fmt: skip
    assert call.argv[:2] == ("env", "-i")
    mounts = [argv[-1] for argv in installation.runner.argvs if argv[0] == "mount"]
    assert {str(tmp_path / "chroot" / name) for name in ("boot", "sysroot", "var", "dev")} <= set(mounts)


def test_bootupd_goes_on_without_the_firmware(tmp_path: Path) -> None:
    refusing = Answer(words=("--update-firmware",), status=1, stderr="efibootmgr failed")
    installation = an_installation(tmp_path, Firmware.UEFI, refusing, image=an_image(bootupd=True))
    installation.install()
    assert len(installation.runner.ran("bootupctl")) == 2
    assert "efibootmgr failed" in installation.warnings()[0]


def test_the_loader_is_looked_for_before_the_first_write(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.UEFI)
    step = FindBootLoader(boot=installation.context.plan.boot, runtime=installation.runtime)
    step.run(installation.context)
    assert not step.writes
    assert [event.text for event in installation.events if isinstance(event, Note)] == [
        "Boot loader: GRUB from this medium, for UEFI."
    ]
    with pytest.raises(InstallerError, match="the live system"):
        replace(step, runtime=tmp_path / "nothing").run(installation.context)


def test_a_runtime_without_grub_for_bios(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.BIOS)
    with pytest.raises(InstallerError, match="no GRUB for BIOS"):
        FindBootLoader(boot=installation.context.plan.boot, runtime=installation.runtime).run(installation.context)


def without_entry(target: Path) -> None:
    (target / "boot/loader/entries/ostree-1.conf").unlink()


def without_kernel(target: Path) -> None:
    (target / "boot/ostree/default-abc/vmlinuz-6.18").unlink()


def with_empty_initramfs(target: Path) -> None:
    (target / "boot/ostree/default-abc/initramfs-6.18.img").write_text("")


def without_boot_link(target: Path) -> None:
    (target / "boot/boot").unlink()


def with_other_kargs(target: Path) -> None:
    entry = target / "boot/loader/entries/ostree-1.conf"
    entry.write_text(entry.read_text().replace("rw ", ""))


def without_fallback(target: Path) -> None:
    (target / "boot/efi/EFI/BOOT/BOOTX64.EFI").unlink()


def with_stub_of_another_disk(target: Path) -> None:
    (target / "boot/efi/EFI/debian/grub.cfg").write_text(efi_stub("another"))


def without_menu(target: Path) -> None:
    (target / "boot/grub/entries.cfg").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without_entry, "has no entry"),
        (without_kernel, "vmlinuz-6.18, which is not there"),
        (with_empty_initramfs, "initramfs-6.18.img, which is not there"),
        (without_boot_link, "which is not there"),
        (with_other_kargs, "kernel arguments"),
        (without_fallback, "BOOTX64.EFI is missing"),
        (with_stub_of_another_disk, "does not lead to /boot"),
        (without_menu, "entries.cfg is missing"),
    ],
)
def test_the_proof_finds_what_is_wrong(tmp_path: Path, damage: Callable[[Path], None], message: str) -> None:
    installation = an_installation(tmp_path, Firmware.UEFI)
    installation.install()
    installation.prove()
    damage(installation.context.target)
    with pytest.raises(Unbootable, match=message):
        installation.prove()


def test_the_proof_looks_at_the_first_sector(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Firmware.BIOS, GRUB_INSTALL)
    installation.install()
    (tmp_path / "disk").write_bytes(b"\0" * 512)
    with pytest.raises(Unbootable, match="first sector"):
        installation.prove()


def test_the_vendor_is_the_one_built_into_grub(tmp_path: Path) -> None:
    assert grub_vendor(GRUB_EFI) == "debian"
    assert grub_vendor(b"no prefix here") == ""
    debian_programs(tmp_path)
    assert find_programs(tmp_path, "here").loader == r"\EFI\debian\shimx64.efi"


def test_the_fallback_table_is_utf_16_with_a_mark() -> None:
    table = boot_csv("Bob's, Linux\n")
    assert table[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert table.decode("utf-16") == "shimx64.efi,Bobs Linux,,This is the boot entry for Bobs Linux\n"
