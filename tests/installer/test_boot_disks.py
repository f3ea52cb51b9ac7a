"""Boot loaders on several disks, beside other systems, and in firmware that has entries already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.boot.bootupd import STATE
from ashore_installer.boot.check import check_boot
from ashore_installer.boot.efi import find_programs
from ashore_installer.boot.esp import Member
from ashore_installer.boot.firmware import make_entries, same_entries
from ashore_installer.boot.install import boot_top
from ashore_installer.boot.kargs import deployment_kargs
from ashore_installer.boot.prove import Unbootable
from ashore_installer.boot.shared import kept_esp, still_there
from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Warned
from ashore_installer.machine import Firmware, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.storage_plan import DiskPlan, Existing, Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import DISK, a_machine, a_plan, an_image
from tests.installer.stacks import MIRROR_OWN, MIRROR_UUIDS, SECOND, luks_lvm, mirror, subvolumes
from tests.installer.test_boot_install import GRUB_INSTALL, debian_programs, deployed_boot, fat_partition

LOADER = r"\EFI\debian\shimx64.efi"
LISTING = r"""BootCurrent: 0001
Timeout: 0 seconds
BootOrder: 0003,0001
Boot0001* Windows Boot Manager	HD(1,GPT,aaaa-1,0x800,0x32000)/\EFI\Microsoft\Boot\bootmgfw.efi
Boot0003* debian	HD(1,GPT,AAAA-1,0x800,0x32000)/\EFI\debian\shimx64.efi
Boot000A  debian	HD(1,GPT,bbbb-2,0x800,0x32000)/File(\EFI\debian\shimx64.efi)
"""
HERE = Member(disk="/dev/vda", node="/dev/vda1", number="1", id="aaaa-1")
FRESH = (
    Member(disk="/dev/vda", node="/dev/vda1", number="1"),
    Member(disk="/dev/vdb", node="/dev/vdb1", number="1"),
)


class Rig:
    """An installation on directories: the context, its runner and its live system."""

    def __init__(self, tmp_path: Path, plan: InstallPlan, machine: MachineInfo, *answers: Answer) -> None:
        self.runner, self.events, self.runtime = FakeRunner(*answers), list[Event](), tmp_path / "runtime"
        target = tmp_path / "target"
        debian_programs(self.runtime)
        devices = {one.id: str(fat_partition(tmp_path / f"{one.id}p1")) for one in plan.storage.partitions}
        for disk in plan.storage.disks:
            (tmp_path / disk.name).write_bytes(b"GRUB".ljust(512, b"\0"))
            devices[disk.id] = str(tmp_path / disk.name)
        self.context = Context(
            plan=plan,
            machine=machine,
            payload=an_image(),
            run=self.runner,
            listener=self.events.append,
            log_file=tmp_path / "ashore.log",
            target=target,
            deployment=target / "ostree/deploy/default/deploy/abc.0",
            uuids=dict(MIRROR_UUIDS) | {"efi": "E-1", "sub-root": "v-1"},
            own_uuids=dict(MIRROR_OWN),
            devices=devices,
        )
        context = self.context
        kargs = deployment_kargs(plan, machine, context.payload, context.uuids, context.own_uuids)
        deployed_boot(target, kargs)
        self.esp = target / "boot/efi"
        self.esp.mkdir()
        context.root().mkdir(parents=True)

    def install(self) -> None:
        InstallBootLoader(boot=self.context.plan.boot, runtime=self.runtime).run(self.context)

    def find(self) -> None:
        FindBootLoader(boot=self.context.plan.boot, runtime=self.runtime).run(self.context)

    def prove(self) -> None:
        ProveBoot(boot=self.context.plan.boot).run(self.context)

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]


def mirrored(tmp_path: Path, firmware: Firmware, *answers: Answer, leave_order: bool = False) -> Rig:
    boot = BootPlan(disks=(DISK.id, SECOND), leave_order=leave_order)
    storage = mirror(efi=firmware is Firmware.UEFI)
    second = replace(DISK, name="vdb", ids=(SECOND,))
    return Rig(
        tmp_path, a_plan(storage=storage, boot=boot), a_machine(firmware=firmware, disks=(DISK, second)), *answers
    )


# --- several disks -------------------------------------------------------------------------------------------


def test_bios_gets_grub_on_every_disk_with_what_reads_arrays(tmp_path: Path) -> None:
    rig = mirrored(tmp_path, Firmware.BIOS, GRUB_INSTALL_ONCE)
    rig.install()
    calls = rig.runner.ran("grub-install")
    assert [call.argv[-1] for call in calls] == [str(tmp_path / "vda"), str(tmp_path / "vdb")]
    assert {call.argv[-2] for call in calls} == {"--modules=part_gpt part_msdos mdraid1x"}
    rig.prove()
    (tmp_path / "vdb").write_bytes(b"\0" * 512)
    with pytest.raises(Unbootable, match=r"first sector of .*vdb"):
        rig.prove()


def make_grub_directory_once(call: Call) -> None:
    option = next(word for word in call.argv if word.startswith("--boot-directory="))
    (Path(option.partition("=")[2]) / "grub/i386-pc").mkdir(parents=True, exist_ok=True)


GRUB_INSTALL_ONCE = Answer(words=("grub-install",), effect=make_grub_directory_once)


def test_grub_on_lvm_has_what_reads_it(tmp_path: Path) -> None:
    storage = luks_lvm()
    mounts = tuple(one for one in storage.mounts if one.path not in ("/boot", "/", "swap"))
    storage = replace(storage, mounts=(MountPlan(device="lv-root", path="/"), *mounts))
    rig = Rig(tmp_path, a_plan(), a_machine(), GRUB_INSTALL)
    rig.context.plan = a_plan(storage=storage)
    rig.context.uuids = {"lv-root": "r-1"}
    rig.install()
    assert "--modules=part_gpt part_msdos lvm" in rig.runner.argvs[0]


def test_firmware_gets_an_entry_for_each_member_of_the_esp(tmp_path: Path) -> None:
    rig = mirrored(tmp_path, Firmware.UEFI)
    rig.install()
    disks = [call.argv[call.argv.index("--disk") + 1] for call in rig.runner.ran("efibootmgr", "--create")]
    assert disks == [str(tmp_path / "vdb"), str(tmp_path / "vda")]  # the last one is tried first
    rig.prove()
    Path(rig.context.devices["efi-2"]).write_bytes(b"\0" * 512)
    with pytest.raises(Unbootable, match=r"Firmware would see no EFI system partition on .*efi-2"):
        rig.prove()


def test_a_member_without_a_device_is_an_error(tmp_path: Path) -> None:
    rig = mirrored(tmp_path, Firmware.UEFI)
    del rig.context.devices["efi-2"]
    with pytest.raises(InstallerError, match="no device"):
        rig.install()


def test_a_boot_disk_without_a_device_is_an_error(tmp_path: Path) -> None:
    rig = mirrored(tmp_path, Firmware.BIOS)
    del rig.context.devices[SECOND]
    with pytest.raises(InstallerError, match="disk1 has no device"):
        rig.install()


def test_the_images_bootupd_takes_one_disk_and_its_grub_the_others(tmp_path: Path) -> None:
    rig = mirrored(tmp_path, Firmware.BIOS)
    rig.context.payload = an_image(bootupd=True)
    (rig.context.target / STATE).write_text("{}")
    rig.install()
    (first,) = rig.runner.ran("bootupctl", "backend", "install")
    assert first.argv[-2:] == (str(tmp_path / "vda"), "/")
    (second,) = rig.runner.ran("grub2-install")
    assert second.argv[-1] == str(tmp_path / "vdb")
    assert not (rig.context.target / STATE).exists()


def test_bootupd_leaves_the_firmware_to_us_for_several_disks_or_an_order(tmp_path: Path) -> None:
    for number, rig in enumerate((
        mirrored(fresh(tmp_path, "mirror"), Firmware.UEFI),
        Rig(fresh(tmp_path, "order"), *beside()),
    )):  # fmt: skip
        rig.context.payload = an_image(bootupd=True)
        if number:
            rig.context.plan = replace(rig.context.plan, boot=replace(rig.context.plan.boot, leave_order=True))
        shim = rig.esp / "EFI/fedora/shimx64.efi"
        shim.parent.mkdir(parents=True)
        shim.write_bytes(b"shim")
        rig.install()
        assert not rig.runner.ran("--update-firmware")
        made = [call.argv for call in rig.runner.calls if "--loader" in call.argv]
        assert {argv[-1] for argv in made} == {r"\EFI\fedora\shimx64.efi"}
        assert [argv[1] for argv in made] == (["--create-only"] if number else ["--create", "--create"])


def fresh(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


# --- subvolumes ----------------------------------------------------------------------------------------------


def test_boot_in_a_subvolume(tmp_path: Path) -> None:
    assert boot_top(subvolumes()) == ""
    storage = subvolumes(boot=False)
    assert boot_top(storage) == "/root"
    rig = Rig(tmp_path, a_plan(storage=storage), a_machine(), GRUB_INSTALL)
    rig.install()
    text = (rig.context.target / "boot/grub/grub.cfg").read_text()
    assert "/root/boot/loader/entries" in text
    assert (rig.context.target / "boot/grub/entries.cfg").is_file()
    assert check_boot(a_plan(storage=storage), a_machine(), an_image()) == ()
    (problem,) = check_boot(a_plan(storage=storage), a_machine(), an_image(bootupd=True))
    assert "subvolume" in problem.message


# --- firmware's entries --------------------------------------------------------------------------------------


def test_an_own_entry_is_replaced_and_foreign_ones_stay() -> None:
    runner = FakeRunner(Answer(words=("efibootmgr",), output=LISTING))
    assert same_entries(LISTING, HERE, LOADER) == ["0003"]
    make_entries(runner, (HERE,), LOADER, "Debian", leave_order=False)
    assert runner.argvs[1] == ("efibootmgr", "--quiet", "--bootnum", "0003", "--delete-bootnum")
    assert runner.argvs[2][:2] == ("efibootmgr", "--create")
    assert len(runner.calls) == 3


def test_new_partitions_have_no_entries_yet() -> None:
    assert [same_entries(LISTING, member, LOADER) for member in FRESH] == [[], []]


class Listing(FakeRunner):
    """efibootmgr with entries that come by `--create-only`."""

    def __init__(self, before: str) -> None:
        super().__init__()
        self._listing = before

    def _answer(self, call: Call, on_line: Callable[[str], None] = lambda _line: None) -> str:
        super()._answer(call, on_line)
        if "--create-only" in call.argv:
            self._listing += f"Boot{len(self.calls):04X}* Debian\tHD(1,GPT,new)\n"
        return self._listing


@pytest.mark.parametrize(("before", "order"), [(LISTING, "00B3,0001,0002,0003"), ("", "0002,0003")])
def test_new_entries_come_last_when_the_order_is_left(before: str, order: str) -> None:
    runner = Listing(before.replace("0003", "00B3"))
    make_entries(runner, FRESH, LOADER, "Debian", leave_order=True)
    assert [argv[1] for argv in runner.argvs[1:3]] == ["--create-only", "--create-only"]
    assert runner.argvs[-1] == ("efibootmgr", "--quiet", "--bootorder", order)


def test_an_own_entry_is_left_where_it_is_when_the_order_is_left() -> None:
    runner = FakeRunner(Answer(words=("efibootmgr",), output=LISTING))
    make_entries(runner, (HERE,), LOADER, "Debian", leave_order=True)
    assert runner.argvs == [("efibootmgr",)]


# --- an ESP that is there already ----------------------------------------------------------------------------

OTHER, REPLACED = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"


def beside() -> tuple[InstallPlan, MachineInfo]:
    """A machine with an ESP, a system that is replaced and one that stays; the plan keeps ESP and the latter."""
    parts = (
        PartitionInfo(number=1, start=MiB, size=512 * MiB, format="vfat", uuid="AAAA-BBBB", id="aaaa-1"),
        PartitionInfo(number=2, start=GiB, size=4 * GiB, format="ext4", uuid=REPLACED),
        PartitionInfo(number=3, start=8 * GiB, size=4 * GiB, format="ext4", uuid=OTHER),
    )
    disk = replace(DISK, table=PartitionTable.GPT, partitions=parts)
    existing = Existing(name="vda1", size=512 * MiB, uuid="AAAA-1", number=1, format="vfat", content="AAAA-BBBB")
    storage = StoragePlan(
        disks=(DiskPlan(id=DISK.id, name="vda", size=DISK.size, remove=(2,)),),
        partitions=(
            PartitionPlan(
                id="efi", disk=DISK.id, start=MiB, size=512 * MiB, format=Format.EFI, existing=existing, keep=True
            ),
            PartitionPlan(id="root", disk=DISK.id, start=GiB, size=4 * GiB, format=Format.XFS),
        ),
        mounts=(MountPlan(device="root", path="/"), MountPlan(device="efi", path="/boot/efi")),
    )
    return a_plan(storage=storage), a_machine(firmware=Firmware.UEFI, disks=(disk,))


def stub_of(uuid: str) -> Callable[[Call], None]:
    """What `mount` shows: an ESP whose EFI/debian leads to the file system `uuid`."""

    def mounted(call: Call) -> None:
        vendor = Path(call.argv[-1]) / "EFI/debian"
        vendor.mkdir(parents=True)
        (vendor / "grub.cfg").write_text(f"search.fs_uuid {uuid} root hd0,gpt2\nset prefix=($root)'/boot/grub'\n")

    return mounted


def test_the_directory_of_a_system_that_stays_is_refused_before_the_first_write(tmp_path: Path) -> None:
    plan, machine = beside()
    rig = Rig(tmp_path, plan, machine, Answer(words=("mount", "-o", "ro"), effect=stub_of(OTHER)))
    with pytest.raises(
        InstallerError, match=r"/dev/vda1 has .* EFI/debian, which starts from vda3 and stays"
    ) as caught:
        rig.find()
    assert "Nothing was written" in caught.value.hint
    assert [argv[0] for argv in rig.runner.argvs] == ["mount", "umount"]


@pytest.mark.parametrize("uuid", [REPLACED, "00000000-0000-0000-0000-000000000000"])
def test_the_directory_of_a_system_that_goes_is_free(tmp_path: Path, uuid: str) -> None:
    plan, machine = beside()
    rig = Rig(tmp_path, plan, machine, Answer(words=("mount", "-o", "ro"), effect=stub_of(uuid)))
    rig.find()
    assert rig.runner.ran("mount", "-o", "ro", "/dev/vda1")


def test_what_stays_is_found_in_what_is_named() -> None:
    plan, machine = beside()
    assert kept_esp(plan.storage, machine) == "/dev/vda1"
    assert kept_esp(replace(plan.storage, partitions=(replace(plan.storage.partitions[0], keep=False),)), machine) == ""
    assert still_there(f"search --fs-uuid --set=root {OTHER.upper()}", plan.storage, machine) == "vda3"
    assert still_there("configfile /x", plan.storage, machine) == ""


def test_foreign_directories_and_a_foreign_fallback_stay(tmp_path: Path) -> None:
    plan, machine = beside()
    rig = Rig(tmp_path, plan, machine, Answer(words=("efibootmgr", "--create"), status=1, stderr="read-only"))
    foreign = {"EFI/Microsoft/Boot/bootmgfw.efi": b"windows", "EFI/BOOT/BOOTX64.EFI": b"windows",
               "EFI/fedora/grubx64.efi": b"fedora", "EFI/fedora/grub.cfg": b"elsewhere"}  # fmt: skip
    for name, content in foreign.items():
        (rig.esp / name).parent.mkdir(parents=True, exist_ok=True)
        (rig.esp / name).write_bytes(content)
    rig.install()
    assert {name: (rig.esp / name).read_bytes() for name in foreign} == foreign
    assert sorted(path.name for path in (rig.esp / "EFI/BOOT").iterdir()) == ["BOOTX64.EFI"]
    assert r"choose the file \EFI\debian\shimx64.efi" in rig.warnings()[0]
    rig.prove()


@pytest.mark.parametrize("old", [b"shim", b"old shim"])
def test_a_fallback_that_our_vendor_put_there_is_ours(tmp_path: Path, old: bytes) -> None:
    plan, machine = beside()
    rig = Rig(tmp_path, plan, machine)
    for name in ("EFI/BOOT/BOOTX64.EFI", "EFI/debian/shimx64.efi"):
        (rig.esp / name).parent.mkdir(parents=True, exist_ok=True)
        (rig.esp / name).write_bytes(old)
    rig.install()
    assert (rig.esp / "EFI/BOOT/BOOTX64.EFI").read_bytes() == find_programs(rig.runtime, "x").shim.read_bytes()
    rig.prove()


def test_an_image_with_bootupd_looks_after_the_esp_itself(tmp_path: Path) -> None:
    plan, machine = beside()
    rig = Rig(tmp_path, plan, machine)
    rig.context.payload = an_image(bootupd=True)
    rig.find()
    assert rig.runner.calls == []
