"""Traditional mode for real: packages of the laboratory distribution, installed without a touch, and looked into.

The repository is served on this machine's loopback, which a guest sees as 10.0.2.2 (QEMU's user network).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from ashore_installer.run import Commands
from ashore_isogen.qemu.spec import Bus, Disk, Firmware, Machine, Medium
from tests.lab.build import Laboratory, ensure_laboratory
from tests.lab.serve import served
from tests.vm.cases import USER, Case
from tests.vm.driver import Vm
from tests.vm.media import SAME_ADDRESSES, STEADY_CLOCK
from tests.vm.system import BOOT, INSTALLATION, TARGET_SIZE, Hardware, System, free_port, new_hardware

pytestmark = [pytest.mark.vm, pytest.mark.long, pytest.mark.timeout(7200), pytest.mark.needs("ssh", "ssh-keygen")]

HOST = "10.0.2.2"
CHANGED = re.compile(r"^\S{9}\s+[cg] ")
"""A line of `rpm -Va` about a configuration file (rpm(8)): those are changed on purpose."""

UEFI_LUKS = Case(
    name="traditional-uefi",
    firmware=Firmware.UEFI,
    bus=Bus.VIRTIO,
    format="xfs",
    hostname="lagoon.harbour.example",
    locale="en_US.UTF-8",
    keymap="us",
    timezone="UTC",
    groups=frozenset({"anna", "wheel"}),
    mounts=frozenset({("/", "xfs"), ("/boot", "ext4"), ("/boot/efi", "vfat")}),
    passphrase="lee shore",
)

BIOS_MIRROR = Case(
    name="traditional-bios",
    firmware=Firmware.BIOS,
    bus=Bus.VIRTIO,
    format="ext4",
    hostname="sandbar.harbour.example",
    locale="de_DE.UTF-8",
    keymap="de",
    timezone="Europe/Berlin",
    groups=frozenset({"anna", "wheel"}),
    mounts=frozenset({("/", "ext4"), ("/boot", "ext4")}),
)


@pytest.fixture(scope="session")
def laboratory() -> Laboratory:
    return ensure_laboratory()


def others(case: Case, place: Path) -> tuple[Disk, ...]:
    """The disks of a case's machine besides its first, which are made when they are missing; their files are sparse."""
    if case is not BIOS_MIRROR:
        return ()
    path = place / "second.raw"
    with path.open("ab") as file:
        file.truncate(TARGET_SIZE)
    return (Disk(path=path, bus=case.bus, serial="second", boot=3, scratch=True),)


def ashore_iso(output: Path, kickstart: Path, *words: str) -> Path:
    """An ISO of packages, made by the command that people use."""
    kargs = f"{STEADY_CLOCK} {SAME_ADDRESSES}"
    command = [sys.executable, "-m", "ashore_tui", "iso", "build", "-o", str(output), "--kargs", kargs]
    Commands().run([*command, "--kickstart", str(kickstart), *words])
    return output


def install(machine: Machine, logs: Path) -> None:
    """Let the machine's medium install without a touch until the machine is off."""
    with Vm(machine, logs) as vm:
        seconds = (BOOT + 2 * INSTALLATION) * vm.patience
        end = vm.console.expect(r"^ashore: installation finished \(status (\d+)\)$", seconds)
        assert end[1] == "0", f"The installation failed. The last lines were:\n{vm.console.tail(40)}"
        vm.wait(BOOT)


@pytest.fixture(scope="class")
def installed(case: Case, laboratory: Laboratory, key: Path, big: Path, logs: Path) -> Hardware:
    """A machine on whose disk the packages were installed: from the network, or without one from the medium."""
    place = big / case.name
    place.mkdir()
    hardware, kickstart = new_hardware(case.firmware, case.bus, place), place / "ks.cfg"
    text = case.text(key.with_suffix(".pub").read_text().strip())
    with served(laboratory.repository) as port:
        text = text.replace("@URL@", f"http://{HOST}:{port}").replace("@FINGERPRINT@", laboratory.fingerprint)
        kickstart.write_text(text)
        offline = text.count("\ncdrom\n") == 1
        words = ("--repo", str(laboratory.repository), "--repo-key", str(laboratory.key)) if offline else ()
        iso = ashore_iso(place / "ashore.iso", kickstart, *words)
        machine = hardware.machine(disks=others(case, place), medium=Medium(path=iso, boot=2))
        install(replace(machine, network=not offline), logs / f"{case.name}-install")
    iso.unlink()
    return hardware


@pytest.fixture(scope="class")
def system(case: Case, installed: Hardware, logs: Path) -> Iterator[System]:
    """The installed system, booted from its disk alone."""
    port = free_port()
    with Vm(installed.machine(disks=others(case, installed.disk.parent), ssh=port), logs / f"{case.name}-boot") as vm:
        system = System(vm, case, port)
        system.login()
        yield system


class Traditional:
    """What must be true of a system of packages, wherever they came from."""

    case: ClassVar[Case]

    def test_it_boots_to_a_login_with_no_failed_unit(self, system: System) -> None:
        state = system.out("systemctl is-system-running --wait || true", 90)
        failed = system.out("systemctl list-units --failed --plain --no-legend")
        assert (state, failed) == ("running", "")
        assert "Lagoon" in system.out("cat /etc/os-release")

    def test_its_own_rpm_knows_the_packages_that_were_asked_for(self, system: System) -> None:
        names = set(system.out("rpm -qa --qf '%{NAME}\\n'", 120).splitlines())
        assert {"kernel", "kernel-core", "dracut", "bash", "dnf5", "which", "glibc-langpack-en", "btrfs-progs"} <= names
        assert "vim-minimal" not in names
        assert system.guest.run("test -e /usr/bin/vi").status != 0

    def test_every_file_is_as_its_package_brought_it(self, system: System) -> None:
        lines = system.out("rpm -Va || true", 600).splitlines()
        assert [line for line in lines if not CHANGED.match(line)] == []

    def test_only_the_key_of_the_kickstart_is_trusted(self, system: System, laboratory: Laboratory) -> None:
        keys = system.out("rpmkeys --list").splitlines()
        assert len(keys) == 1
        assert laboratory.fingerprint.lower().endswith(keys[0].split()[0].split("-")[0].lower())

    def test_services_are_as_the_distribution_has_them(self, system: System) -> None:
        for unit in ("sshd.service", "NetworkManager.service"):
            assert system.out(f"systemctl is-enabled {unit}; systemctl is-active {unit}").split() == [
                "enabled",
                "active",
            ]
        assert system.guest.run("systemctl is-enabled systemd-networkd.service").stdout.strip() == "disabled"

    def test_every_volume_is_mounted_where_it_was_asked_for(self, system: System, case: Case) -> None:
        rows = system.out("findmnt -rno TARGET,FSTYPE --real").splitlines()
        assert case.mounts <= {tuple(row.split()) for row in rows}
        assert system.guest.run("findmnt --verify").status == 0

    def test_one_boot_entry_has_the_arguments_of_the_plan(self, system: System) -> None:
        words = system.out("cat /proc/cmdline").split()
        assert "ashore.proof=traditional" in words
        (entry,) = system.out("ls /boot/loader/entries").splitlines()
        assert entry == f"{system.out('cat /etc/machine-id')}-{system.out('uname -r')}.conf"
        assert "ashore.proof=traditional" in system.out(f"cat /boot/loader/entries/{entry}")
        assert "blscfg" in system.out("cat /boot/grub2/grub.cfg")

    def test_identity_and_accounts(self, system: System, key: Path, case: Case) -> None:
        assert system.out("hostname") == case.hostname
        assert f"LANG={case.locale}" in system.out("cat /etc/locale.conf")
        assert set(system.out(f"id -nG {USER}").split()) == case.groups
        assert system.ssh(USER, key, "id -un; hostname").split() == [USER, case.hostname]
        assert system.out("cat /etc/ashore-proof") == f"made by root in {case.hostname}"

    def test_another_initramfs_can_be_made(self, system: System) -> None:
        """What the next kernel's package will do: with the machine's own means, for the same root."""
        kernel = system.out("uname -r")
        system.out(f"kernel-install add {kernel} /usr/lib/modules/{kernel}/vmlinuz", 600)
        system.reboot()
        assert system.out("systemctl is-system-running --wait || true", 90) == "running"


class TestUefiLuks(Traditional):
    """Logical volumes on an encrypted disk; the passphrase is typed at each boot."""

    case = UEFI_LUKS

    def test_the_firmware_starts_the_distributions_own_loader(self, system: System) -> None:
        assert system.guest.run("test -d /sys/firmware/efi").status == 0
        assert {"grub2-efi-x64", "shim-x64", "efibootmgr"} <= set(system.out("rpm -qa --qf '%{NAME}\\n'", 120).split())
        assert re.search(r"^BootCurrent: (\w+)(?s:.*)^Boot\1\*? Lagoon", system.out("efibootmgr"), re.MULTILINE)

    def test_the_root_is_a_volume_of_an_encrypted_disk(self, system: System) -> None:
        (root,) = system.out("findmnt -no SOURCE /").splitlines()
        assert set(system.out(f"lsblk -lsno TYPE {root}").split()) == {"lvm", "crypt", "part", "disk"}


class TestBiosMirror(Traditional):
    """Two disks that mirror each other, each with a boot loader."""

    case = BIOS_MIRROR

    def test_it_has_what_was_asked_for_and_no_more(self, system: System) -> None:
        assert system.guest.run("test -d /sys/firmware/efi").status != 0
        names = set(system.out("rpm -qa --qf '%{NAME}\\n'", 120).split())
        assert {"grub2-pc", "glibc-langpack-de"} <= names
        # One is optional in a group that was asked for without such packages, one is for another firmware.
        assert not {"policycoreutils", "shim-x64"} & names

    def test_both_disks_carry_it(self, system: System) -> None:
        assert system.out("grep -c '\\[UU\\]' /proc/mdstat") == "2"
        for place in ("/", "/boot"):
            assert system.out(f"lsblk -dno TYPE $(findmnt -no SOURCE {place})") == "raid1"
        assert system.out("for d in /dev/vd[ab]; do head -c 440 $d | grep -qa GRUB && echo boots; done").split() == [
            "boots",
            "boots",
        ]

    def test_documentation_was_left_out_and_licences_were_not(self, system: System) -> None:
        assert system.guest.run("ls /usr/share/man/man8/*").status != 0
        assert system.guest.run("test -s /usr/share/doc/bash/copyright").status == 0
