"""Storage for real: installed from the ISO without a touch, and booted from the disks alone, even from half of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.units import GiB
from ashore_isogen.qemu.spec import Bus, Firmware
from ashore_isogen.report import Quiet
from tests.vm.cases import KICKSTARTS
from tests.vm.guest import Guest
from tests.vm.media import bake
from tests.vm.rig import Rig, log_in, new_rig, power_off

pytestmark = [pytest.mark.vm, pytest.mark.long, pytest.mark.timeout(7200)]

PASSPHRASE = "lee shore"
BOOT_THE_OTHER = r"""
cd /sys/firmware/efi/efivars
global=8be4df61-93ca-11d2-aa0d-00e098032b8c
now=$(od -An -t x1 -j 4 BootCurrent-$global | awk '{ print toupper($2 $1) }')
for entry in $(ls | sed -En "s/^Boot([0-9A-F]{4})-$global\$/\1/p"); do
  tr -d '\0' <Boot$entry-$global | grep -qaiF '\EFI\' && [ $entry != $now ] && other=$entry
done
printf "$(printf '\\7\\0\\0\\0\\%03o\\%03o' 0x${other#??} 0x${other%??})" >BootNext-$global
"""
"""The firmware's other entry that starts a program of an ESP comes next (UEFI specification, 3.3: four bytes of
attributes, then the number of the entry, little endian)."""
Bake = Callable[[str], Path]


@pytest.fixture
def baked(sample: Path, big: Path) -> Bake:
    """Makes the ISO that installs the sample by a kickstart of this name."""

    def baked(name: str) -> Path:
        return bake(sample, "1", KICKSTARTS / "storage" / f"{name}.ks", big / f"{name}.iso", Quiet())

    return baked


def is_well(guest: Guest) -> None:
    """The system is up, and every file system of its fstab can be found and mounted."""
    state = guest.out("systemctl is-system-running --wait || true", 120)
    assert (state, guest.out("systemctl list-units --failed --plain --no-legend")) == ("running", "")
    assert guest.run("findmnt --verify").status == 0


def copied(disk: Path, directory: Path) -> Path:
    """A copy of a disk's file, with its holes."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["cp", "--sparse=always", disk, directory], check=True)
    return directory / disk.name


def installed(rig: Rig, iso: Path, logs: Path) -> None:
    rig.install(iso, logs / f"{iso.stem}-install")
    iso.unlink()


@pytest.mark.needs("swtpm")
def test_luks_and_lvm_are_opened_by_the_tpm_and_without_it_by_the_passphrase(
    baked: Bake, big: Path, logs: Path
) -> None:
    place = big / "luks"
    place.mkdir()
    rig = new_rig(Firmware.UEFI, Bus.VIRTIO, (12 * GiB,), place, tpm=True)
    installed(rig, baked("luks-lvm-tpm"), logs)
    with rig.on(logs / "luks-first") as vm:
        guest = log_in(vm)
        is_well(guest)
        assert guest.out("findmnt -no FSTYPE,SOURCE /sysroot").split() == ["xfs", "/dev/mapper/harbour-root"]
        kinds = guest.out("lsblk -lsno TYPE /dev/mapper/harbour-root").split()
        assert set(kinds) == {"lvm", "crypt", "part", "disk"}
        assert guest.out("swapon --noheadings --show=NAME").count("/dev/dm-") == 1
        guest.out("until ! test -e /etc/ashore-enrol; do sleep 1; done", 180)
        # The image has no cryptsetup(8). The metadata follows the binary header (LUKS2 On-Disk Format, 2).
        token = guest.out("dd if=/dev/vda3 bs=4K skip=1 count=3 status=none | tr -d '\\0 \\n'")
        assert '"tpm2-pcrs":[7]' in token
        power_off(vm, guest)
    with rig.on(logs / "luks-bound") as vm:
        power_off(vm, log_in(vm))
    with rig.on(logs / "luks-no-tpm", tpm=False) as vm:
        guest = log_in(vm, PASSPHRASE)
        is_well(guest)
        power_off(vm, guest)


@pytest.mark.parametrize(
    ("name", "firmware", "arrays"), [("mirror", Firmware.BIOS, "2"), ("mirror-uefi", Firmware.UEFI, "3")]
)
def test_a_mirror_boots_when_either_disk_is_gone(
    name: str, firmware: Firmware, arrays: str, baked: Bake, big: Path, logs: Path
) -> None:
    place = big / name
    place.mkdir()
    rig = new_rig(firmware, Bus.VIRTIO, (10 * GiB, 10 * GiB), place)
    installed(rig, baked(name), logs)
    with rig.on(logs / f"{name}-whole") as vm:
        guest = log_in(vm)
        is_well(guest)
        assert guest.out("grep -c '\\[UU\\]' /proc/mdstat") == arrays
        power_off(vm, guest)
    for missing in (0, 1):
        # A boot of one half makes the other one old, so each half gets the disks as they were.
        half = replace(rig, disks=tuple(copied(disk, big / f"{name}-{missing}") for disk in rig.disks))
        with half.on(logs / f"{name}-without-{missing}", without=(missing,)) as vm:
            guest = log_in(vm)
            assert guest.out("grep -Ec '\\[(U_|_U)\\]' /proc/mdstat") == arrays
            assert guest.out("findmnt -no FSTYPE /sysroot; findmnt -no FSTYPE /boot").split() == ["xfs", "ext4"]
            power_off(vm, guest)


def test_btrfs_subvolumes_on_nvme(baked: Bake, big: Path, logs: Path) -> None:
    place = big / "btrfs"
    place.mkdir()
    rig = new_rig(Firmware.UEFI, Bus.NVME, (12 * GiB,), place)
    installed(rig, baked("btrfs"), logs)
    with rig.on(logs / "btrfs") as vm:
        guest = log_in(vm)
        is_well(guest)
        assert guest.out("findmnt -no FSROOT,FSTYPE /sysroot").split() == ["/root", "btrfs"]
        assert guest.out("findmnt -no FSROOT,FSTYPE /var/home").split() == ["/home", "btrfs"]
        assert "rootflags=subvol=root" in guest.out("cat /proc/cmdline")
        power_off(vm, guest)


def test_thin_volumes_on_sata(baked: Bake, big: Path, logs: Path) -> None:
    place = big / "thin"
    place.mkdir()
    rig = new_rig(Firmware.BIOS, Bus.SATA, (12 * GiB,), place)
    installed(rig, baked("thin"), logs)
    with rig.on(logs / "thin") as vm:
        guest = log_in(vm)
        is_well(guest)
        rows = guest.out("lvs --noheadings -o lv_name,segtype,pool_lv harbour").split("\n")
        assert sorted(row.split() for row in rows) == [
            ["pool", "thin-pool"],
            ["root", "thin", "pool"],
            ["var", "thin", "pool"],
        ]
        assert guest.out("findmnt -no SOURCE /sysroot") == "/dev/mapper/harbour-root"
        power_off(vm, guest)


def test_a_second_system_leaves_the_first_one_bootable(baked: Bake, big: Path, logs: Path) -> None:
    place = big / "beside"
    place.mkdir()
    rig = new_rig(Firmware.UEFI, Bus.VIRTIO, (16 * GiB,), place)
    installed(rig, baked("first"), logs)
    with rig.on(logs / "first") as vm:
        guest = log_in(vm)
        guest.out("echo 'here first' >/etc/ashore-first; sync")
        power_off(vm, guest)
    installed(rig, baked("second"), logs)
    with rig.on(logs / "second") as vm:
        guest = log_in(vm)
        is_well(guest)
        assert guest.run("test -e /etc/ashore-first").status != 0
        assert guest.out("findmnt -no SOURCE /sysroot") == "/dev/vda6"
        guest.out(BOOT_THE_OTHER)
        power_off(vm, guest)
    with rig.on(logs / "first-again") as vm:
        guest = log_in(vm)
        assert guest.out("cat /etc/ashore-first; findmnt -no SOURCE /sysroot").split("\n") == [
            "here first",
            "/dev/vda3",
        ]
        power_off(vm, guest)


def test_a_reinstallation_keeps_home_byte_for_byte(baked: Bake, big: Path, logs: Path) -> None:
    place = big / "home"
    place.mkdir()
    rig = new_rig(Firmware.BIOS, Bus.VIRTIO, (12 * GiB,), place)
    installed(rig, baked("home"), logs)
    content = "cd /var/home && find . -path ./lost+found -prune -o -type f -print0 | sort -z | xargs -0 sha256sum"
    with rig.on(logs / "home") as vm:
        guest = log_in(vm)
        guest.out("mkdir /var/home/anna && head -c 50000000 /dev/urandom >/var/home/anna/letters")
        guest.out("echo old >/etc/ashore-old")
        before = guest.out(content, 60)
        power_off(vm, guest)
    installed(rig, baked("again"), logs)
    with rig.on(logs / "home-again") as vm:
        guest = log_in(vm)
        is_well(guest)
        assert guest.run("test -e /etc/ashore-old").status != 0
        assert guest.out(content, 60) == before
        power_off(vm, guest)
