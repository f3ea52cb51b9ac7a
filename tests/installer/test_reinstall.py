"""A system in the place of another: what of it is kept, what is formatted, and when that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.finalize import finalize
from ashore_installer.machine import (
    Firmware,
    GroupInfo,
    MachineInfo,
    PartitionInfo,
    SystemInfo,
    SystemKind,
    VolumeInfo,
)
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.secret import Secret
from ashore_installer.storage.automatic import expand
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.reinstall import stateroot_of
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import (
    Automatic,
    BtrfsRequest,
    Clear,
    GroupRequest,
    ShrinkRequest,
    StorageRequest,
    SubvolumeRequest,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.machines import recorded
from tests.fakes.values import an_image

ANY = StorageRequest(automatic=Automatic(reinstall="*"))


def used(request: StorageRequest, machine: MachineInfo) -> list[tuple[str, str, str, bool]]:
    """Everything in the result that is a block: what it is, format, mount point, and whether its content stays."""
    result = expand(request, machine, an_image())
    assert result.automatic is None
    blocks = (*result.partitions, *result.arrays, *result.volumes)
    assert all(one.existing and not one.size and not one.grow for one in blocks)
    return [(one.existing, one.format.value if one.format else "", one.mount, one.keep) for one in blocks]


def change(machine: MachineInfo, system: Callable[[SystemInfo], SystemInfo]) -> MachineInfo:
    """The machine with its last system changed."""
    return replace(machine, systems=(*machine.systems[:-1], system(machine.systems[-1])))


def mounting(machine: MachineInfo, **devices: str) -> MachineInfo:
    """The machine whose last system mounts other devices: `home="…"`, `root="…"`; empty takes the mount away."""
    changed = {"/" if name == "root" else f"/{name}": device for name, device in devices.items()}

    def with_mounts(system: SystemInfo) -> SystemInfo:
        mounts = {path: device for path, device in {**dict(system.mounts), **changed}.items() if device}
        return replace(system, mounts=tuple(mounts.items()))

    return change(machine, with_mounts)


def refused(request: StorageRequest, machine: MachineInfo) -> str:
    with pytest.raises(PlanError) as caught:
        expand(request, machine, an_image())
    assert all(problem.message and problem.hint for problem in caught.value.problems)
    return "\n".join(f"{problem.message} {problem.hint}" for problem in caught.value.problems)


# --- a traditional Linux -------------------------------------------------------------------------------------


def test_beside_windows_only_root_is_formatted() -> None:
    assert used(ANY, recorded("dual-boot")) == [
        ("nvme0n1p1", "efi", "/boot/efi", True),
        ("nvme0n1p5", "xfs", "/", False),
        ("nvme0n1p7", "ext4", "/home", True),
    ]


def test_the_swap_space_is_used_again_if_there_is_to_be_any() -> None:
    request = StorageRequest(
        automatic=Automatic(reinstall="Debian GNU/Linux 13 (trixie)", swap=True, format=Format.EXT4)
    )
    assert used(request, recorded("dual-boot"))[1:] == [
        ("nvme0n1p5", "ext4", "/", False),
        ("nvme0n1p7", "ext4", "/home", True),
        ("nvme0n1p6", "swap", "", True),
    ]


def test_swap_space_in_the_group_of_the_root_is_used_again() -> None:
    machine, sleepy = recorded("server-md"), StorageRequest(automatic=Automatic(reinstall="*", hibernation=True))
    swap = ("rl_srv1/swap", "swap", "", True)
    assert used(StorageRequest(automatic=Automatic(reinstall="*", swap=True)), machine)[-1] == swap
    assert "no swap space that could take 31.2 GiB of memory" in refused(sleepy, machine)
    assert used(sleepy, replace(machine, memory=8 * GiB))[-1] == swap


def test_logical_volumes_and_arrays_stay_what_they_are() -> None:
    machine = recorded("server-md")
    assert used(ANY, machine) == [
        ("sda1", "biosboot", "", True),
        ("sdb1", "biosboot", "", True),
        ("md127", "ext4", "/boot", False),
        ("rl_srv1/root", "xfs", "/", False),
        ("rl_srv1/home", "xfs", "/home", True),
    ]
    assert expand(ANY, machine, an_image()).groups == (GroupRequest(name="rl_srv1", keep=True),)


def test_a_btrfs_root_is_a_new_subvolume_in_the_place_of_the_old() -> None:
    machine = recorded("laptop-btrfs-fedora")
    result = expand(ANY, machine, an_image())
    volume = "UUID=6f1d2c3b-4a59-4867-9758-6a4b3c2d1e0f"
    assert used(ANY, machine) == [
        ("nvme0n1p1", "efi", "/boot/efi", True),
        ("nvme0n1p2", "ext4", "/boot", False),
    ]
    assert result.btrfs == (BtrfsRequest(name=volume, keep=True),)
    assert result.remove == ("nvme0n1p3:root",)
    assert result.subvolumes == (
        SubvolumeRequest(volume=volume, path="root", mount="/"),
        SubvolumeRequest(volume=volume, path="home", mount="/home", keep=True),
    )


def test_an_esp_at_boot_is_no_boot() -> None:
    machine = mounting(recorded("dual-boot"), boot="nvme0n1p1")
    machine = mounting(machine, **{"boot/efi": ""})
    assert used(ANY, machine)[0] == ("nvme0n1p1", "efi", "/boot/efi", True)
    assert "/boot" not in [one[2] for one in used(ANY, machine)]


def test_a_system_without_an_esp_uses_one_of_its_disk() -> None:
    machine = mounting(recorded("dual-boot"), **{"boot/efi": ""})
    assert used(ANY, machine)[0] == ("nvme0n1p1", "efi", "/boot/efi", True)


def test_a_disk_with_an_mbr_needs_no_bios_boot_partition() -> None:
    machine = replace(recorded("two-sata"), firmware=Firmware.BIOS, systems=(
        SystemInfo(name="Old", kind=SystemKind.LINUX, mounts=(("/", "sda2"), ("/home", "sda6"))),
    ))  # fmt: skip
    assert [one[0] for one in used(ANY, machine)] == ["sda2", "sda6"]


# --- image mode ----------------------------------------------------------------------------------------------


def test_an_image_mode_system_keeps_its_root_with_all_stateroots() -> None:
    assert used(ANY, recorded("ostree-home")) == [
        ("nvme0n1p1", "efi", "/boot/efi", True),
        ("nvme0n1p3", "ext4", "/", True),
        ("nvme0n1p2", "ext4", "/boot", True),
    ]


def test_its_data_is_mounted_again() -> None:
    machine = mounting(recorded("ostree-home"), var="nvme0n1p4", usr="nvme0n1p3")
    disk = machine.disks[0]
    more = PartitionInfo(number=4, start=disk.size - GiB, size=MiB, format="xfs")
    machine = replace(machine, disks=(replace(disk, partitions=(*disk.partitions, more)),))
    assert used(ANY, machine)[3:] == [("nvme0n1p4", "xfs", "/var", True)]


def test_it_needs_room_beside_what_is_there() -> None:
    machine, image = recorded("ostree-home"), an_image(unpacked_size=160 * GiB)
    with pytest.raises(PlanError, match=r"needs .* beside what stays of CentOS Stream 10 \(Coughlan\), and 176.0 GiB"):
        expand(ANY, machine, image)
    assert expand(ANY, machine, an_image(unpacked_size=130 * GiB)).partitions


def test_the_only_stateroot_takes_the_new_deployment() -> None:
    machine = recorded("ostree-home")
    assert stateroot_of(ANY, machine) == ""
    alone = change(machine, lambda system: replace(system, stateroots=("fedora",)))
    assert stateroot_of(ANY, alone) == "fedora"
    assert stateroot_of(StorageRequest(automatic=Automatic()), alone) == ""
    assert stateroot_of(ANY, recorded("dual-boot")) == ""
    draft = Draft(payload=PayloadRequest(source="oci:/x", target="docker://x/y:1"), storage=ANY)
    assert finalize(draft, alone, an_image()).image.stateroot == "fedora"


def test_its_file_system_stays() -> None:
    request = StorageRequest(automatic=Automatic(reinstall="*", format=Format.XFS))
    assert "stays and is ext4, not xfs" in refused(request, recorded("ostree-home"))


# --- refusals ------------------------------------------------------------------------------------------------


def test_a_home_in_the_root_file_system_is_not_thrown_away() -> None:
    assert "would be lost with the root" in refused(ANY, mounting(recorded("dual-boot"), home=""))
    assert "would be lost with the root" in refused(ANY, mounting(recorded("dual-boot"), home="nvme0n1p5"))


@pytest.mark.parametrize(
    ("root", "home", "lost"),
    [
        ("nvme0n1p3:root", "nvme0n1p3:home", False),
        ("nvme0n1p3:root", "nvme0n1p3:root/var/lib/machines", True),
        ("nvme0n1p3:root", "nvme0n1p3:root", True),
        ("nvme0n1p3", "nvme0n1p3:home", True),
        ("nvme0n1p3:root", "nvme0n1p2", False),
    ],
)
def test_a_home_in_the_subvolume_of_the_root_neither(root: str, home: str, lost: bool) -> None:
    machine = mounting(recorded("laptop-btrfs-fedora"), root=root, home=home, boot="")
    if lost:
        assert "would be lost with the root" in refused(ANY, machine)
    else:
        assert expand(ANY, machine, an_image()).subvolumes


def test_what_another_system_needs_is_not_formatted() -> None:
    machine = recorded("laptop-btrfs-fedora")
    other = SystemInfo(name="Other", kind=SystemKind.LINUX, mounts=(("/", "nvme0n1p3:two"), ("/boot", "nvme0n1p2")))
    machine = replace(machine, systems=(other, *machine.systems))
    request = StorageRequest(automatic=Automatic(reinstall="Fedora Linux 43 (Workstation Edition)"))
    assert "/boot of Fedora Linux 43 (Workstation Edition) (nvme0n1p2) is /boot of another" in refused(request, machine)


def test_a_subvolume_with_another_system_inside_is_not_removed() -> None:
    machine = recorded("laptop-btrfs-fedora")
    inside = (("/", "nvme0n1p3:root/var/lib/machines"),)
    machine = replace(
        machine, systems=(SystemInfo(name="Other", kind=SystemKind.LINUX, mounts=inside), *machine.systems)
    )  # fmt: skip
    request = StorageRequest(automatic=Automatic(reinstall="Fedora Linux 43 (Workstation Edition)"))
    assert "is / of another system too" in refused(request, machine)


def test_an_encrypted_system_can_not_be_seen() -> None:
    text = refused(ANY, recorded("laptop-linux-luks"))
    assert "no Linux system on this machine" in text
    assert "in an encrypted partition can't be seen" in text


def test_a_home_on_an_encrypted_device_is_refused() -> None:
    machine = mounting(recorded("dual-boot"), home="luks-7c1d")
    assert "/home lies on luks-7c1d, which is encrypted, or is not to be found" in refused(ANY, machine)


def with_group(machine: MachineInfo, member: str, missing: int = 0) -> MachineInfo:
    volume = VolumeInfo(name="home", uuid="a", size=GiB, format="ext4")
    group = GroupInfo(name="vg", uuid="b", size=2 * GiB, members=(member,), missing=missing, volumes=(volume,))
    return mounting(replace(machine, groups=(group,)), home="vg/home")


def test_a_group_on_an_opened_device_or_without_a_disk_is_refused() -> None:
    machine = recorded("dual-boot")
    assert "that on something that is encrypted" in refused(ANY, with_group(machine, "dm-0"))
    assert "volume group vg, of which 1 disks are missing" in refused(ANY, with_group(machine, "nvme0n1p7", missing=1))
    assert ("vg/home", "ext4", "/home", True) in used(ANY, with_group(machine, "nvme0n1p7"))


@pytest.mark.parametrize("change_", [{"only_use": ("sda",)}, {"ignore": ("sdb",)}])
def test_a_disk_that_must_not_be_used_is_refused(change_: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match=r"is on the disk .*sdb.*, which must not be used"):
        plan_storage(replace(ANY, **change_), recorded("server-md"), an_image())


def test_a_disk_in_use_is_refused() -> None:
    machine = recorded("server-md")
    machine = replace(machine, disks=(machine.disks[0], replace(machine.disks[1], busy="sdb9 is mounted at /mnt")))
    with pytest.raises(PlanError, match=r"is on the disk .*sdb.*, which must not be used"):
        plan_storage(ANY, machine, an_image())


@pytest.mark.parametrize(
    ("request_", "machine", "words"),
    [
        (replace(ANY, clear=Clear.ALL), "dual-boot", "are to be removed or shrunk"),
        (replace(ANY, shrink=(ShrinkRequest(existing="nvme0n1p3", size=200 * GiB),)), "dual-boot", "removed or shrunk"),
        (
            StorageRequest(automatic=Automatic(reinstall="*", encryption=Encryption(passphrase=Secret("x")))),
            "dual-boot",
            "can't encrypt",
        ),
        (StorageRequest(automatic=Automatic(reinstall="*", swap=True)), "ostree-home", "has none that could be used"),
        (StorageRequest(automatic=Automatic(reinstall="Mandrake")), "dual-boot", "There are: Debian GNU/Linux 13"),
        (StorageRequest(automatic=Automatic(reinstall="Windows")), "dual-boot", "There is no system 'Windows'"),
        (ANY, "qemu-uefi-nvme", "Choose another layout"),
    ],
)
def test_what_makes_no_sense_is_refused(request_: StorageRequest, machine: str, words: str) -> None:
    assert words in refused(request_, recorded(machine))


def test_two_systems_have_to_be_told_apart() -> None:
    machine = recorded("dual-boot")
    twice = replace(machine, systems=(*machine.systems, machine.systems[-1]))
    assert "There are several systems that could be replaced" in refused(ANY, twice)
    named = StorageRequest(automatic=Automatic(reinstall="Debian GNU/Linux 13 (trixie)"))
    assert "2 systems called 'Debian GNU/Linux 13 (trixie)'" in refused(named, twice)


def test_the_firmware_must_find_something() -> None:
    uefi = replace(recorded("server-md"), firmware=Firmware.UEFI)
    assert "boots by UEFI, and the disk of Rocky Linux 9.6 (Blue Onyx) has no EFI system partition" in refused(
        ANY, uefi
    )
    bios = replace(recorded("dual-boot"), firmware=Firmware.BIOS)
    assert "has no BIOS boot partition" in refused(ANY, bios)
