"""The distribution's own GRUB on directories: what is written, what is run in the target, and what the proof finds."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.boot.choose import choose_loader
from ashore_installer.boot.dracut import dracut_conf
from ashore_installer.boot.grub2 import default_grub, efi_stub, install_grub2, write_settings
from ashore_installer.boot.kargs import package_kargs
from ashore_installer.boot.prove import Unbootable
from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note, Warned
from ashore_installer.machine import Firmware
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan
from ashore_installer.units import GiB
from tests.fakes.cpio import cpio
from tests.fakes.packages import KERNEL, a_package_plan, some_packages
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import a_machine
from tests.installer.stacks import LUKS_UUIDS, luks_lvm, subvolumes

GRUB_EFI = b"MZ...(,gpt1)/EFI/BOOT\0../EFI/Linux\0../EFI/lagoon\0..."
"""Since 2.14 GRUB looks for unified kernel images too."""
UUIDS = {"root": "r-1", "boot": "b-1", "efi": "E-1"}
MODULES = f"usr/lib/modules/{KERNEL}"
INITRAMFS = {
    f"{MODULES}/kernel/fs/xfs/xfs.ko": b"",
    f"{MODULES}/kernel/drivers/virtio/virtio_pci.ko": b"",
    f"{MODULES}/kernel/drivers/block/virtio_blk.ko": b"",
}


@dataclass(frozen=True)
class Installation:
    context: Context
    runner: FakeRunner
    events: list[Event]

    @property
    def root(self) -> Path:
        return self.context.target

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    def run(self, *names: str) -> list[tuple[str, ...]]:
        """Commands with these names, from their names on: in the target, or outside."""
        return [argv[argv.index(name) :] for argv in self.runner.argvs for name in names if name in argv]

    def install(self) -> None:
        InstallBootLoader(boot=self.context.plan.boot).run(self.context)

    def prove(self) -> None:
        ProveBoot(boot=self.context.plan.boot).run(self.context)


def uefi_plan() -> InstallPlan:
    plan = a_package_plan()
    esp = PartitionPlan(id="efi", disk=plan.boot.disks[0], start=1 << 20, size=512 << 20, format=Format.EFI)
    storage = replace(
        plan.storage,
        partitions=(esp, *plan.storage.partitions[1:]),
        mounts=(*plan.storage.mounts, MountPlan(device="efi", path="/boot/efi", options="umask=0077")),
    )
    return replace(plan, storage=storage)


def put(root: Path, path: str, content: bytes = b"x") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def installed(tmp_path: Path, *answers: Answer, plan: InstallPlan | None = None, uefi: bool = False) -> Installation:
    """A target as the packages leave it."""
    plan = plan or (uefi_plan() if uefi else a_package_plan())
    disk, target, events, runner = tmp_path / "disk", tmp_path / "target", list[Event](), FakeRunner(*answers)
    disk.write_bytes(b"GRUB".ljust(512, b"\0"))
    esp = tmp_path / "esp1"
    esp.write_bytes(b"FAT".ljust(510, b"\0") + b"\x55\xaa")
    (tmp_path / "chroot/run").mkdir(parents=True)
    for name in ("grub2-mkconfig", "grub2-install"):
        put(target, f"usr/sbin/{name}")
    context = Context(
        plan=plan,
        machine=a_machine(firmware=Firmware.UEFI if uefi else Firmware.BIOS),
        payload=some_packages(grub_efi_vendor="lagoon" if uefi else ""),
        run=runner,
        listener=events.append,
        log_file=tmp_path / "ashore.log",
        target=target,
        deployment=target,
        uuids=dict(UUIDS),
        devices={plan.boot.disks[0]: str(disk), "efi": str(esp)},
    )
    with_kernel(context)
    return Installation(context, runner, events)


def with_kernel(context: Context) -> None:
    root = context.target
    kargs = package_kargs(context.plan, context.machine, context.uuids, context.own_uuids)
    prefix = "" if context.plan.storage.mount("/boot") else "/boot"
    put(root, f"{MODULES}/vmlinuz")
    put(root, f"{MODULES}/modules.builtin", b"kernel/fs/ext4/ext4.ko\n")
    put(root, f"boot/vmlinuz-{KERNEL}")
    put(root, f"boot/initramfs-{KERNEL}.img", cpio(INITRAMFS))
    entry = f"""title Lagoon Linux
linux {prefix}/vmlinuz-{KERNEL}
initrd {prefix}/initramfs-{KERNEL}.img
options {" ".join(kargs)}
"""
    put(root, f"boot/loader/entries/abc-{KERNEL}.conf", entry.encode())
    put(root, "boot/grub2/grub.cfg")


def with_programs(esp: Path) -> None:
    put(esp, "EFI/lagoon/shimx64.efi", b"shim")
    put(esp, "EFI/lagoon/grubx64.efi", GRUB_EFI)
    put(esp, "EFI/BOOT/BOOTX64.EFI", b"shim")


# --- settings ------------------------------------------------------------------------------------------------


def test_kernel_arguments_say_nothing_of_deployments(tmp_path: Path) -> None:
    context = installed(tmp_path).context
    plan = replace(context.plan, boot=BootPlan(disks=context.plan.boot.disks, kargs=("quiet",)))
    machine = a_machine(consoles=("ttyS0,115200",))
    assert package_kargs(plan, machine, UUIDS) == ("root=UUID=r-1", "ro", "console=ttyS0,115200", "quiet")


def test_a_root_on_a_subvolume_is_named() -> None:
    storage = subvolumes()
    uuids = {mount.device: "x-1" for mount in storage.mounts}
    assert "rootflags=subvol=root" in package_kargs(a_package_plan(storage=storage), a_machine(), uuids)


def test_defaults_are_read_by_a_shell_as_they_are_meant() -> None:
    kargs = ("root=UUID=r-1", "ro", 'dyndbg="file a.c +p"', "quiet")
    text = default_grub(kargs, ("tty0", "ttyS1,115200n8"), 7)
    script = f'{text}\nprintf \'%s\\n\' "$GRUB_CMDLINE_LINUX" "$GRUB_TIMEOUT" "$GRUB_SERIAL_COMMAND"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        'dyndbg="file a.c +p" quiet',
        "7",
        "serial --unit=1 --speed=115200 --word=8 --parity=no --stop=1",
    ]
    assert shlex.split(text.splitlines()[0]) == ["GRUB_TIMEOUT=7"]


def test_a_screen_gets_no_serial_line() -> None:
    text = default_grub(("root=UUID=r-1", "ro"), ("tty0",), None)
    assert "GRUB_SERIAL_COMMAND" not in text
    assert 'GRUB_TERMINAL_OUTPUT="console"' in text


def test_the_arguments_are_never_older_than_the_defaults(tmp_path: Path) -> None:
    """20-grub.install would make them anew from the defaults."""
    installation = installed(tmp_path)
    write_settings(installation.context)
    times = [(installation.root / path).stat().st_mtime_ns for path in ("etc/default/grub", "etc/kernel/cmdline")]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("plan", "modules"),
    [
        (a_package_plan(), ""),
        (a_package_plan(storage=luks_lvm()), "crypt tpm2-tss lvm"),
        (a_package_plan(storage=subvolumes()), "btrfs"),
    ],
)
def test_dracut_is_told_what_the_root_lies_on(plan: InstallPlan, modules: str) -> None:
    text = dracut_conf(plan.storage, memory=64 * GiB)
    assert (f'add_dracutmodules+=" {modules} "' in text) is bool(modules)
    assert "filesystems" in text


def test_a_hibernated_system_is_found_again() -> None:
    assert "resume" in dracut_conf(luks_lvm(), memory=1)
    assert "resume" not in dracut_conf(luks_lvm(), memory=64 * GiB)


# --- BIOS ----------------------------------------------------------------------------------------------------


def test_grub_for_bios_is_installed_by_the_target(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    FindBootLoader(boot=installation.context.plan.boot).run(installation.context)
    installation.install()
    disk = installation.context.devices[installation.context.plan.boot.disks[0]]
    assert installation.run("grub2-install", "grub2-mkconfig", "kernel-install") == [
        ("grub2-install", "--target=i386-pc", "--boot-directory=/boot", "--no-floppy",
         "--modules=part_gpt part_msdos", disk),
        ("grub2-mkconfig", "-o", "/boot/grub2/grub.cfg"),
    ]  # fmt: skip
    assert all("chroot" in argv for argv in installation.runner.argvs if "grub2-mkconfig" in argv)
    installation.prove()
    assert installation.warnings() == []
    assert Note(step="", text="Boot loader: GRUB from the packages, for BIOS.") in installation.events


@pytest.mark.parametrize("lost", [f"boot/loader/entries/abc-{KERNEL}.conf", f"boot/initramfs-{KERNEL}.img"])
def test_a_kernel_without_entry_or_initramfs_gets_them(tmp_path: Path, lost: str) -> None:
    installation = installed(tmp_path)
    (installation.root / lost).unlink()
    installation.install()
    assert installation.run("kernel-install") == [("kernel-install", "add", KERNEL, f"/{MODULES}/vmlinuz")]


def test_packages_without_grub_are_said_so(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    (installation.root / "usr/sbin/grub2-install").unlink()
    with pytest.raises(InstallerError, match="no grub2-install"):
        installation.install()


def test_arguments_that_mkconfig_changed_are_newer_than_what_it_read(tmp_path: Path) -> None:
    def change(_: Call) -> None:
        (tmp_path / "target/etc/kernel/cmdline").write_text("root=UUID=r-1 ro rhgb\n")

    installation = installed(tmp_path, Answer(words=("grub2-mkconfig",), effect=change))
    installation.install()
    assert (installation.root / "etc/kernel/cmdline").read_text() == "root=UUID=r-1 ro rhgb\n"


# --- UEFI ----------------------------------------------------------------------------------------------------


def test_programs_of_the_packages_lead_to_boot(tmp_path: Path) -> None:
    installation = installed(tmp_path, uefi=True)
    esp = installation.root / "boot/efi"
    with_programs(esp)
    installation.install()
    assert (esp / "EFI/lagoon/grub.cfg").read_text() == efi_stub("b-1", "")
    assert "set prefix=($root)/grub2\n" in efi_stub("b-1", "")
    assert installation.run("grub2-install") == []
    (made,) = installation.runner.ran("efibootmgr", "--create")
    assert made.argv[-4:] == ("--label", "Lagoon Linux", "--loader", "\\EFI\\lagoon\\shimx64.efi")
    installation.prove()


def test_programs_below_usr_are_brought_to_the_esp(tmp_path: Path) -> None:
    installation = installed(tmp_path, uefi=True)
    put(installation.root, "usr/lib/efi/shim/16-1/EFI/lagoon/shimx64.efi", b"shim")
    put(installation.root, "usr/lib/efi/grub2/2.14/EFI/lagoon/grubx64.efi", GRUB_EFI)
    installation.install()
    esp = installation.root / "boot/efi/EFI"
    assert (esp / "lagoon/shimx64.efi").read_bytes() == b"shim"
    assert (esp / "BOOT/BOOTX64.EFI").read_bytes() == b"shim"
    assert "b-1" in (esp / "lagoon/grub.cfg").read_text()
    installation.prove()


def test_firmware_without_memory_for_an_entry_is_a_warning(tmp_path: Path) -> None:
    installation = installed(tmp_path, Answer(words=("--create",), status=5, stderr="No space left"), uefi=True)
    with_programs(installation.root / "boot/efi")
    installation.install()
    assert "fallback path" in installation.warnings()[0]


# --- the proof -----------------------------------------------------------------------------------------------


def entry_of(installation: Installation) -> Path:
    return installation.root / f"boot/loader/entries/abc-{KERNEL}.conf"


def edited(old: str, new: str) -> Callable[[Installation], None]:
    def edit(installation: Installation) -> None:
        file = entry_of(installation)
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return edit


def emptied(installation: Installation) -> None:
    without = {name: data for name, data in INITRAMFS.items() if "xfs" not in name}
    (installation.root / f"boot/initramfs-{KERNEL}.img").write_bytes(cpio(without))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda one: entry_of(one).unlink(), "has no entry"),
        (edited("root=UUID=r-1", "root=UUID=other"), "lacks the kernel arguments root=UUID=r-1"),
        (edited("root=UUID=r-1", "root=UUID=r-1 root=/dev/sda1"), "has another root, root=/dev/sda1"),
        (lambda one: (one.root / f"boot/vmlinuz-{KERNEL}").unlink(), f"names the file /vmlinuz-{KERNEL}"),
        (lambda one: (one.root / f"boot/initramfs-{KERNEL}.img").write_bytes(b""), "initramfs"),
        (emptied, "can't mount xfs"),
        (lambda one: (one.root / "boot/grub2/grub.cfg").unlink(), "/boot/grub2/grub.cfg is not there"),
        (lambda one: Path(one.context.devices[one.context.plan.boot.disks[0]]).write_bytes(b"\0" * 512), "not GRUB's"),
    ],
)
def test_what_would_not_boot_is_found(tmp_path: Path, spoil: Callable[[Installation], object], said: str) -> None:
    installation = installed(tmp_path)
    installation.prove()
    spoil(installation)
    with pytest.raises(Unbootable, match=said):
        installation.prove()


def test_a_rescue_entry_must_be_whole_too_but_its_initramfs_is_its_own(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    text = entry_of(installation).read_text().replace(KERNEL, "0-rescue-abc")
    put(installation.root, "boot/loader/entries/abc-0-rescue.conf", text.encode())
    with pytest.raises(Unbootable, match="vmlinuz-0-rescue-abc"):
        installation.prove()
    put(installation.root, "boot/vmlinuz-0-rescue-abc")
    put(installation.root, "boot/initramfs-0-rescue-abc.img")
    installation.prove()


def test_entries_of_another_system_in_a_boot_that_was_kept_are_its_own_business(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    put(installation.root, "etc/machine-id", b"abc\n")
    put(installation.root, "boot/loader/entries/other-6.0.conf", b"linux /gone\noptions root=/dev/sdb1\n")
    installation.prove()


def test_an_initramfs_that_can_not_be_read_is_a_warning(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    put(installation.root, f"boot/initramfs-{KERNEL}.img", b"\x02\x21\x4c\x18lz4")
    installation.prove()
    assert "can't be read here" in installation.warnings()[0]


def test_paths_on_the_root_file_system_begin_with_boot(tmp_path: Path) -> None:
    plan = a_package_plan()
    storage = replace(plan.storage, mounts=(MountPlan(device="root", path="/"),))
    installation = installed(tmp_path, plan=replace(plan, storage=storage))
    installation.prove()
    edited("linux /boot/", "linux /")(installation)
    with pytest.raises(Unbootable, match="names the file /vmlinuz"):
        installation.prove()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("EFI/BOOT/BOOTX64.EFI", "BOOTX64.EFI is missing"),
        ("EFI/lagoon/shimx64.efi", "shimx64.efi is missing in lagoon"),
        ("EFI/lagoon/grubx64.efi", "No directory of the ESP has grubx64.efi"),
        ("EFI/lagoon/grub.cfg", "grub.cfg is missing"),
    ],
)
def test_an_esp_that_leads_nowhere_is_found(tmp_path: Path, spoil: str, said: str) -> None:
    installation = installed(tmp_path, uefi=True)
    with_programs(installation.root / "boot/efi")
    installation.install()
    (installation.root / "boot/efi" / spoil).unlink()
    with pytest.raises(Unbootable, match=said):
        installation.prove()


def test_a_stub_for_another_system_is_found(tmp_path: Path) -> None:
    installation = installed(tmp_path, uefi=True)
    with_programs(installation.root / "boot/efi")
    put(installation.root, "boot/efi/EFI/lagoon/grub.cfg", efi_stub("other", "").encode())
    with pytest.raises(Unbootable, match="does not lead to /boot"):
        installation.prove()


def test_the_stack_of_an_encrypted_root_is_asked_of_its_initramfs(tmp_path: Path) -> None:
    plan = a_package_plan(storage=luks_lvm())
    installation = installed(tmp_path, plan=replace(a_package_plan(), storage=a_package_plan().storage))
    context = installation.context
    context.plan, context.uuids = plan, dict(LUKS_UUIDS)
    with_kernel(context)
    with pytest.raises(Unbootable, match="can't open encrypted devices"):
        installation.prove()


def test_the_loader_of_packages_is_the_distributions(tmp_path: Path) -> None:
    context = installed(tmp_path, uefi=True).context
    loader = choose_loader(context.machine, context.payload)
    assert loader.describe == "GRUB from the packages, for UEFI"
    assert loader.vendor == "lagoon"
    with pytest.raises(InstallerError, match=r"no signed shimx64\.efi in the installed packages"):
        install_grub2(context, loader, ())
