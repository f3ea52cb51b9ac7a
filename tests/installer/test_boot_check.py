"""Which boot loader it will be, and why a system would not boot: before anything is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.boot.check import check_boot
from ashore_installer.boot.choose import Origin, choose_loader
from ashore_installer.machine import Firmware
from ashore_installer.payload_info import InstallConfig
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.storage_plan import MountPlan
from tests.fakes.values import a_machine, a_plan, an_image

UEFI = Firmware.UEFI


def with_kargs(*kargs: str) -> InstallPlan:
    plan = a_plan()
    return replace(plan, boot=BootPlan(disks=plan.boot.disks, kargs=kargs))


@pytest.mark.parametrize(
    ("firmware", "bootupd", "vendor", "origin"),
    [
        (Firmware.BIOS, True, "fedora", Origin.BOOTUPD),
        (Firmware.UEFI, True, "fedora", Origin.BOOTUPD),
        (Firmware.UEFI, False, "fedora", Origin.IMAGE),
        (Firmware.BIOS, False, "fedora", Origin.RUNTIME),
        (Firmware.UEFI, False, "", Origin.RUNTIME),
    ],
)
def test_choice(firmware: Firmware, bootupd: bool, vendor: str, origin: Origin) -> None:
    loader = choose_loader(a_machine(firmware=firmware), an_image(bootupd=bootupd, grub_efi_vendor=vendor))
    assert (loader.origin, loader.firmware) == (origin, firmware)
    assert firmware.upper() in loader.describe


def test_an_ordinary_plan_has_no_problem() -> None:
    for firmware in Firmware:
        assert check_boot(with_kargs("quiet"), a_machine(firmware=firmware, secure_boot=True), an_image()) == ()


def test_arguments_that_a_boot_loader_would_take_for_its_own() -> None:
    problems = check_boot(with_kargs("quiet", "a;reboot", "b=$c"), a_machine(), an_image())
    assert [problem.field for problem in problems] == ["kargs", "kargs"]
    assert "'a;reboot'" in problems[0].message


@pytest.mark.parametrize("karg", ["root=/dev/sda1", "ostree=/x", "boot=UUID=1"])
def test_nobody_else_says_where_the_system_is(karg: str) -> None:
    (problem,) = check_boot(with_kargs(karg), a_machine(), an_image())
    assert "where the system is" in problem.message


def test_arguments_of_the_image_are_checked_too() -> None:
    image = an_image(install=InstallConfig(kargs=("a={b}",)), kargs=("c=$d",))
    problems = check_boot(a_plan(), a_machine(), image)
    assert [problem.field for problem in problems] == ["payload.source"] * 2


def test_mount_options_of_the_root_are_an_argument_too() -> None:
    plan = a_plan()
    storage = replace(plan.storage, mounts=(MountPlan(device="root", path="/", options="noatime;reboot"),))
    (problem,) = check_boot(replace(plan, storage=storage), a_machine(), an_image())
    assert (problem.field, "noatime;reboot" in problem.message) == ("storage.mounts", True)


def test_too_many_arguments() -> None:
    kargs = tuple(f"module_blacklist=module{number}" for number in range(100))
    (problem,) = check_boot(with_kargs(*kargs), a_machine(), an_image())
    assert "bytes long" in problem.message


@pytest.mark.parametrize("name", ["Bob's Linux", 'The "Best" Linux', "A & B", "A; reboot", "A $B", "A {B}"])
def test_a_name_that_breaks_the_script_matters_only_where_the_script_is(name: str) -> None:
    image = an_image(os_release={"ID": "debian", "PRETTY_NAME": name})
    (problem,) = check_boot(a_plan(), a_machine(firmware=UEFI), image)
    assert "PRETTY_NAME" in problem.hint
    assert check_boot(a_plan(), a_machine(), replace(image, bootupd=True)) == ()


def test_secure_boot_needs_a_kernel_of_the_loaders_vendor() -> None:
    image = an_image(os_release={"ID": "fedora", "PRETTY_NAME": "Fedora Linux 44"})
    (problem,) = check_boot(a_plan(), a_machine(firmware=UEFI, secure_boot=True), image)
    assert "Fedora Linux 44" in problem.message
    assert check_boot(a_plan(), a_machine(firmware=UEFI), image) == ()
    own = replace(image, grub_efi_vendor="fedora")
    assert check_boot(a_plan(), a_machine(firmware=UEFI, secure_boot=True), own) == ()


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ({"ID": "debian"}, True),
        ({"ID": "site", "ID_LIKE": "debian"}, True),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, False),
        ({"ID": "mint", "ID_LIKE": "ubuntu debian"}, False),
        ({}, False),
    ],
)
def test_a_derivative_has_the_kernels_of_its_origin(words: dict[str, str], fits: bool) -> None:
    image = an_image(os_release={"PRETTY_NAME": "An OS", **words})
    assert (check_boot(a_plan(), a_machine(firmware=UEFI, secure_boot=True), image) == ()) is fits


def test_other_architectures_need_bootupd() -> None:
    machine = a_machine(architecture="arm64", firmware=UEFI)
    (problem,) = check_boot(a_plan(), machine, an_image(architecture="arm64"))
    assert "arm64" in problem.message
    assert check_boot(a_plan(), machine, an_image(architecture="arm64", bootupd=True)) == ()
