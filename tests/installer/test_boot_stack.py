"""What the initramfs is told to open, and what the installed system opens by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ashore_installer.boot.check import check_boot
from ashore_installer.boot.kargs import NO_UUIDS, deployment_kargs
from ashore_installer.boot.stack import early, mdadm_uuid, resume_from
from ashore_installer.configure.check import check_system
from ashore_installer.configure.crypttab import crypttab, mdadm_conf
from ashore_installer.configure.fstab import fstab
from ashore_installer.configure.zram import zram_conf
from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import EncryptionPlan, Format, MountPlan, StoragePlan, ZramPlan
from ashore_installer.units import GiB
from tests.fakes.values import a_machine, a_plan, an_image
from tests.installer.stacks import (
    BTRFS_UUIDS,
    LUKS_UUIDS,
    MIRROR_OWN,
    MIRROR_UUIDS,
    luks_lvm,
    mirror,
    part,
    subvolumes,
    thin,
)


def kargs(
    storage: StoragePlan, uuids: Mapping[str, str], own: Mapping[str, str] = NO_UUIDS, memory: int = 2 * GiB
) -> tuple[str, ...]:
    return deployment_kargs(a_plan(storage=storage), a_machine(memory=memory), an_image(), uuids, own)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def same(path: str) -> str:
    return path


def test_root_on_lvm_on_luks() -> None:
    """Neither /srv nor /home nor the small swap space is the initramfs's business."""
    assert kargs(luks_lvm(), LUKS_UUIDS) == (
        "root=UUID=r-1",
        "rw",
        "boot=UUID=b-1",
        "rd.luks.uuid=luks-c-1",
        "rd.luks.options=c-1=discard,tpm2-device=auto",
        "rd.lvm.lv=system/root",
    )


def test_a_name_of_a_luks_device_is_told_to_dracut_and_to_systemd() -> None:
    found = kargs(luks_lvm(name="vault"), LUKS_UUIDS)
    assert found[3:5] == ("rd.luks.uuid=luks-c-1", "rd.luks.name=c-1=vault")


def test_a_thin_volume_brings_its_pool_along_by_itself() -> None:
    assert kargs(thin(), LUKS_UUIDS)[-1] == "rd.lvm.lv=system/root"


def test_swap_that_takes_the_memory_is_opened_to_resume_from() -> None:
    found = kargs(luks_lvm(), LUKS_UUIDS, memory=GiB)
    assert found[-3:] == ("rd.lvm.lv=system/root", "rd.lvm.lv=system/swap", "resume=UUID=s-1")
    mount = resume_from(luks_lvm(), GiB)
    assert mount
    assert mount.device == "lv-swap"
    assert resume_from(luks_lvm(), 2 * GiB) is None


def test_root_on_an_array_has_its_uuid_as_mdadm_writes_it() -> None:
    found = kargs(mirror(), MIRROR_UUIDS, MIRROR_OWN)
    assert found == ("root=UUID=r-1", "rw", "boot=UUID=b-1", "rd.md.uuid=0a1b2c3d:4e5f6071:8293a4b5:c6d7e8f9")
    assert mdadm_uuid(mdadm_uuid(MIRROR_OWN["root"])) == "0a1b2c3d:4e5f6071:8293a4b5:c6d7e8f9"


def test_luks_on_an_array_needs_both() -> None:
    storage = mirror()
    arrays = tuple(replace(one, format=Format.LUKS) if one.id == "root" else one for one in storage.arrays)
    opened = EncryptionPlan(
        id="open", device="root", name="", size=GiB, format=Format.XFS, encryption=luks_lvm().encrypted[1].encryption
    )
    mounts = (MountPlan(device="open", path="/"), storage.mounts[0])
    stacked = replace(storage, arrays=arrays, encrypted=(opened,), mounts=mounts)
    found = kargs(stacked, {**MIRROR_UUIDS, "root": "c-1", "open": "r-1"}, MIRROR_OWN)
    assert found[0] == "root=UUID=r-1"
    assert found[-3:] == (
        "rd.md.uuid=0a1b2c3d:4e5f6071:8293a4b5:c6d7e8f9",
        "rd.luks.uuid=luks-c-1",
        "rd.luks.options=c-1=discard",
    )


def test_root_on_a_subvolume() -> None:
    assert kargs(subvolumes(), BTRFS_UUIDS)[:2] == ("root=UUID=v-1", "rootflags=subvol=root")
    storage = subvolumes()
    mounts = (replace(storage.mounts[0], options="noatime"), *storage.mounts[1:])
    assert kargs(replace(storage, mounts=mounts), BTRFS_UUIDS)[1] == "rootflags=subvol=root,noatime"


def test_a_missing_uuid_is_named() -> None:
    with pytest.raises(InstallerError, match="encrypted device crypt has no UUID"):
        kargs(luks_lvm(), {**LUKS_UUIDS, "crypt": ""})
    with pytest.raises(InstallerError, match="RAID array root has no UUID"):
        kargs(mirror(), MIRROR_UUIDS)
    with pytest.raises(InstallerError, match="RAID array root has no UUID"):
        mdadm_conf("", mirror(), {"boot": "1"})


@pytest.mark.parametrize("name", ["my vault", "a$b", "x;y"])
def test_names_that_a_boot_loader_would_change_are_refused(name: str) -> None:
    problems = check_boot(a_plan(storage=luks_lvm(name=name)), a_machine(), an_image())
    assert [problem.field for problem in problems] == ["storage"]
    assert name in problems[0].message
    assert check_boot(a_plan(storage=luks_lvm(name="vault")), a_machine(), an_image()) == ()


def test_a_subvolume_with_a_blank_can_not_be_the_root() -> None:
    storage = subvolumes()
    broken = replace(storage, subvolumes=(replace(storage.subvolumes[0], path="my root"), storage.subvolumes[1]))
    assert "my root" in check_boot(a_plan(storage=broken), a_machine(), an_image())[0].message


def test_crypttab_has_every_device_and_keeps_early_ones_open() -> None:
    storage = luks_lvm()
    text = crypttab("", storage, LUKS_UUIDS, early(storage, 2 * GiB))
    assert lines(text) == [
        "luks-c-1 UUID=c-1 - luks,discard,tpm2-device=auto,x-initrd.attach",
        "luks-c-2 UUID=c-2 - luks,discard",
    ]


def test_lines_of_the_images_crypttab_stay_and_ours_are_there_once() -> None:
    storage = luks_lvm(name="vault")
    opened = early(storage, 2 * GiB)
    text = crypttab("other UUID=x - luks\nvault UUID=old - luks\n\n", storage, LUKS_UUIDS, opened)
    assert lines(text)[0] == "other UUID=x - luks"
    assert [line.split()[0] for line in lines(text) if line] == ["other", "vault", "luks-c-2"]
    assert crypttab(text, storage, LUKS_UUIDS, opened) == text


def test_fstab_of_a_stack() -> None:
    """What is on a device that is opened after the initramfs waits for a person; what is on the root's does not."""
    storage = luks_lvm()
    assert lines(fstab("", storage, LUKS_UUIDS, same, early(storage, 2 * GiB))) == [
        "UUID=b-1 /boot ext4 ro 0 2",
        "UUID=h-1 /home ext4 defaults 0 2",
        "UUID=d-1 /srv xfs nodev,x-systemd.device-timeout=0 0 0",
        "UUID=s-1 none swap defaults 0 0",
    ]


def test_fstab_of_subvolumes() -> None:
    assert lines(fstab("", subvolumes(), BTRFS_UUIDS, same)) == [
        "UUID=b-1 /boot ext4 ro 0 2",
        "UUID=v-1 /home btrfs subvol=home,compress=zstd:1 0 0",
    ]


def test_blanks_in_names_are_written_as_fstab_wants_them() -> None:
    storage = subvolumes()
    named = replace(storage, subvolumes=(storage.subvolumes[0], replace(storage.subvolumes[1], path="my home")))
    assert "subvol=my\\040home" in fstab("", named, BTRFS_UUIDS, same)


def test_two_swap_spaces_and_what_the_image_mounts_stay_apart() -> None:
    storage = StoragePlan(
        partitions=(part("s1", Format.SWAP), part("s2", Format.SWAP)),
        mounts=(MountPlan(device="s1", path="swap"), MountPlan(device="s2", path="swap", options="pri=5")),
    )
    uuids = {"s1": "1", "s2": "2"}
    once = fstab("UUID=9 none swap defaults 0 0\n", storage, uuids, same)
    assert lines(once) == [
        "UUID=9 none swap defaults 0 0",
        "UUID=1 none swap defaults 0 0",
        "UUID=2 none swap pri=5 0 0",
    ]
    assert fstab(once, storage, uuids, same) == once


def test_mdadm_conf_names_the_arrays_once() -> None:
    text = mdadm_conf("", mirror(), MIRROR_OWN)
    assert lines(text) == [
        "MAILADDR root",
        "ARRAY /dev/md/boot UUID=11111111:22222222:33333333:44444444",
        "ARRAY /dev/md/root UUID=0a1b2c3d:4e5f6071:8293a4b5:c6d7e8f9",
    ]
    assert mdadm_conf(text, mirror(), MIRROR_OWN) == text


def test_zram_needs_its_generator() -> None:
    plan = a_plan(storage=replace(a_plan().storage, zram=ZramPlan()))
    assert [problem.field for problem in check_system(plan, an_image())] == ["storage.zram"]
    assert check_system(plan, an_image(programs=("zram-generator",))) == ()
    assert check_system(plan, an_image(scanned=False)) == ()
    assert lines(zram_conf(ZramPlan(size="ram / 4", algorithm="lz4"))) == [
        "[zram0]",
        "zram-size = ram / 4",
        "compression-algorithm = lz4",
        "swap-priority = 100",
    ]
