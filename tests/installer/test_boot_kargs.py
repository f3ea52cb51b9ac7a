"""Kernel arguments: bootc's order, and nothing that a boot loader would change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.boot.kargs import deployment_kargs, is_safe
from ashore_installer.errors import InstallerError
from ashore_installer.payload_info import InstallConfig
from ashore_installer.plan import BootPlan, InstallPlan
from ashore_installer.storage_plan import MountPlan
from tests.fakes.values import a_machine, a_plan, an_image

UUIDS = {"root": "r-1", "boot": "b-1"}


def with_kargs(*kargs: str) -> InstallPlan:
    plan = a_plan()
    return replace(plan, boot=BootPlan(disks=plan.boot.disks, kargs=kargs))


def test_order_is_root_then_image_then_consoles_then_user() -> None:
    image = an_image(install=InstallConfig(kargs=("a=1",)), kargs=("b=2",))
    machine = a_machine(consoles=("tty0", "ttyS0,115200"))
    assert deployment_kargs(with_kargs("c=3"), machine, image, UUIDS) == (
        "root=UUID=r-1",
        "rw",
        "boot=UUID=b-1",
        "a=1",
        "b=2",
        "console=tty0",
        "console=ttyS0,115200",
        "c=3",
    )


def test_no_boot_argument_without_a_separate_boot() -> None:
    plan = a_plan()
    storage = replace(plan.storage, mounts=(MountPlan(device="root", path="/"),))
    kargs = deployment_kargs(replace(plan, storage=storage), a_machine(), an_image(), UUIDS)
    assert kargs == ("root=UUID=r-1", "rw")


def test_mount_options_of_the_root_become_rootflags() -> None:
    plan = a_plan()
    storage = replace(plan.storage, mounts=(MountPlan(device="root", path="/", options="noatime,discard"),))
    kargs = deployment_kargs(replace(plan, storage=storage), a_machine(), an_image(), UUIDS)
    assert kargs == ("root=UUID=r-1", "rootflags=noatime,discard", "rw")


@pytest.mark.parametrize(
    ("deletes", "left"),
    [
        ((), ("quiet", "x=1", "x=2")),
        (("quiet",), ("x=1", "x=2")),
        (("x=1",), ("quiet", "x=2")),
        (("x",), ("quiet",)),
        (("y", "x=3"), ("quiet", "x=1", "x=2")),
    ],
)
def test_deletes_take_from_the_image_only(deletes: tuple[str, ...], left: tuple[str, ...]) -> None:
    install = InstallConfig(kargs=("quiet", "x=1"), karg_deletes=deletes)
    kargs = deployment_kargs(with_kargs("quiet"), a_machine(), an_image(install=install, kargs=("x=2",)), UUIDS)
    assert kargs[3:] == (*left, "quiet")


def test_a_console_of_the_user_replaces_those_of_the_running_system() -> None:
    kargs = deployment_kargs(with_kargs("console=hvc0"), a_machine(consoles=("ttyS0",)), an_image(), UUIDS)
    assert [karg for karg in kargs if karg.startswith("console")] == ["console=hvc0"]


def test_a_console_that_the_image_has_is_not_said_twice() -> None:
    machine = a_machine(consoles=("tty0", "ttyS0", "tty0"))
    kargs = deployment_kargs(a_plan(), machine, an_image(kargs=("console=ttyS0",)), UUIDS)
    assert [karg for karg in kargs if karg.startswith("console")] == ["console=ttyS0", "console=tty0"]


@pytest.mark.parametrize("missing", ["root", "boot"])
def test_a_file_system_without_uuid_is_an_error(missing: str) -> None:
    uuids = {name: uuid for name, uuid in UUIDS.items() if name != missing}
    with pytest.raises(InstallerError, match="has no UUID"):
        deployment_kargs(a_plan(), a_machine(), an_image(), uuids)


# What GRUB 2.14 handed to a kernel as it was, seen on the kernel's own command line.
@pytest.mark.parametrize(
    "karg",
    ["quiet", "a=*", "b=?", "c=[x]", "ip=[fd00::1]::[fd00::2]:64:host:eth0:none", "e=x#y", "f=~", "h=%d", "j=(k)",
     "l==m", "n@o", 'i="p q"', 'dyndbg="file drivers/* +p"', "--"],
)  # fmt: skip
def test_safe(karg: str) -> None:
    assert is_safe(karg)


@pytest.mark.parametrize(
    "karg",
    ["a=$HOME", "a;reboot", "a&b", "a|b", "a<b", "a>b", "a={b}", "a='b'", 'a="b', "a\\b", "a b", "a\tb", "a\nb", "#a",
     "", "a=`b`", 'a="b\nc"', 'a="$b"'],
)  # fmt: skip
def test_unsafe(karg: str) -> None:
    assert not is_safe(karg)


@given(st.text(st.characters(exclude_characters="$;&|<>{}'\\`\"#", exclude_categories=("Cc", "Cs", "Z")), min_size=1))
def test_ordinary_characters_are_safe(karg: str) -> None:
    assert is_safe(karg)
