"""The QEMU command line of a machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.units import GiB
from ashore_isogen.qemu.spec import (
    Accelerator,
    Bus,
    Disk,
    DiskFormat,
    Flash,
    Forward,
    Kernel,
    Machine,
    Medium,
    Socket,
    Terminal,
    argv,
)


def values(words: tuple[str, ...], option: str) -> list[str]:
    return [words[number + 1] for number, word in enumerate(words) if word == option]


def nodes(words: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {node["node-name"]: node for node in map(json.loads, values(words, "-blockdev"))}


def device(words: tuple[str, ...], driver: str) -> str:
    return next(value for value in values(words, "-device") if value.split(",")[0] == driver)


def test_a_plain_machine_is_a_translated_q35_without_window() -> None:
    words = argv(Machine(memory=3 * GiB, cpus=4), Accelerator.TCG)
    assert values(words, "-machine") == ["q35"]
    assert values(words, "-accel") == ["tcg,thread=multi"]
    assert values(words, "-cpu") == ["max"]
    assert values(words, "-m") == ["3072"]
    assert values(words, "-smp") == ["4"]
    assert values(words, "-display") == ["none"]
    assert "-no-reboot" not in words


def test_kvm_gives_the_guest_this_processor() -> None:
    words = argv(Machine(), Accelerator.KVM)
    assert values(words, "-accel") == ["kvm"]
    assert values(words, "-cpu") == ["host"]


@pytest.mark.parametrize(
    ("bus", "driver"),
    [
        (Bus.VIRTIO, "virtio-blk-pci"),
        (Bus.NVME, "nvme"),
        (Bus.SATA, "ide-hd"),
        (Bus.SCSI, "scsi-hd"),
        (Bus.USB, "usb-storage"),
    ],
)
def test_every_bus_has_its_device(bus: Bus, driver: str) -> None:
    disk = Disk(path=Path("/d.qcow2"), format=DiskFormat.QCOW2, bus=bus, serial="S1", boot=2)
    words = argv(Machine(disks=(disk,)), Accelerator.TCG)
    assert "drive=disk0,serial=S1,bootindex=2" in device(words, driver)
    assert nodes(words)["disk0"]["driver"] == "qcow2"


def test_an_nvme_drive_always_has_a_serial_number() -> None:
    words = argv(Machine(disks=(Disk(path=Path("/d"), bus=Bus.NVME),)), Accelerator.TCG)
    assert device(words, "nvme") == "nvme,drive=disk0,serial=disk0"


def test_a_path_is_any_text() -> None:
    path = Path('/media/a, "b":é.iso')
    words = argv(Machine(medium=Medium(path=path), serial=(Socket(path=Path("/run/a,b")),)), Accelerator.TCG)
    assert nodes(words)["medium"]["file"]["filename"] == str(path)
    assert "socket,id=serial0,path=/run/a,,b,server=off" in values(words, "-chardev")


def test_only_scratch_disks_skip_flushes() -> None:
    disks = (Disk(path=Path("/kept")), Disk(path=Path("/thrown"), scratch=True, readonly=True))
    found = nodes(argv(Machine(disks=disks), Accelerator.TCG))
    assert "cache" not in found["disk0"]
    assert found["disk1"]["cache"] == {"no-flush": True}
    assert [found[name]["read-only"] for name in ("disk0", "disk1")] == [False, True]


def test_a_medium_is_a_disc_or_a_stick_and_never_written() -> None:
    disc = argv(Machine(medium=Medium(path=Path("/x.iso"), boot=1)), Accelerator.TCG)
    stick = argv(Machine(medium=Medium(path=Path("/x.iso"), usb=True)), Accelerator.TCG)
    assert device(disc, "ide-cd").endswith("drive=medium,bootindex=1")
    assert device(stick, "usb-storage").endswith("drive=medium")
    assert nodes(disc)["medium"]["read-only"] is nodes(stick)["medium"]["read-only"] is True


def test_secure_flash_is_locked_to_system_management_mode() -> None:
    flash = Flash(code=Path("/code"), variables=Path("/vars"), secure=True)
    words = argv(Machine(flash=flash), Accelerator.TCG)
    assert values(words, "-machine") == ["q35,pflash0=firmware,pflash1=variables,smm=on"]
    assert "driver=cfi.pflash01,property=secure,value=on" in values(words, "-global")
    assert nodes(words)["firmware"]["read-only"] is True
    assert nodes(words)["variables"]["read-only"] is False


def test_ports_of_the_guest_are_open_to_this_machine_only() -> None:
    words = argv(Machine(forwards=(Forward(host=2222, guest=22),)), Accelerator.TCG)
    assert values(words, "-netdev") == ["user,id=net,hostfwd=tcp:127.0.0.1:2222-:22"]
    assert "-netdev" not in argv(Machine(network=False), Accelerator.TCG)


def test_the_terminal_is_shared_with_the_monitor() -> None:
    words = argv(Machine(serial=(Terminal(),)), Accelerator.TCG)
    assert values(words, "-serial") == ["chardev:serial0"]
    assert values(words, "-chardev") == ["stdio,id=serial0,mux=on,signal=off"]
    assert values(words, "-mon") == ["chardev=serial0,mode=readline"]


def test_a_kernel_is_loaded_without_a_boot_loader() -> None:
    kernel = Kernel(kernel=Path("/vmlinuz"), initrd=Path("/initrd"), append="quiet a=b,c")
    words = argv(Machine(kernel=kernel, reboot=False, monitor=Path("/m")), Accelerator.TCG)
    assert values(words, "-append") == ["quiet a=b,c"]
    assert words[-1] == "-no-reboot"
    assert values(words, "-mon") == ["chardev=monitor,mode=control"]
