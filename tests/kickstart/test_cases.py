"""The kickstarts that stand for public kickstart-tests, planned: what the VM rows must find on the disks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ashore_installer.finalize import finalize
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.plan import InstallPlan, PayloadRequest
from ashore_installer.storage_plan import BlockPlan, Format, StoragePlan, VolumeKind
from ashore_installer.units import MiB
from ashore_kickstart.read import draft_from_text
from tests.fakes.values import a_machine
from tests.kickstarts.expected import CASES, STORAGE, Case
from tests.vm.storage.images import ABLE
from tests.vm.storage.row import Seen

PAYLOAD = PayloadRequest(source="oci:/srv/os:1", target="docker://quay.example/os:1")
_BLKID = {
    Format.BIOSBOOT: "",
    Format.EFI: "vfat",
    Format.LUKS: "crypto_LUKS",
    Format.LVMPV: "LVM2_member",
    Format.RAID: "linux_raid_member",
    Format.NONE: "",
}
_TYPES = {"vfat": "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"}


def machine(case: Case) -> MachineInfo:
    """The machine of a row; what its `prepare` makes is written down here once more."""
    firmware = Firmware(case.row.firmware.value)
    sizes = {"mountpoint-assignment-plain": (500, 1024, 4096, 1024, 1024, 1024), "clearpart-3": (1024,)}
    formats = ("vfat", "ext4", "ext4", "ext4", "swap", "swap") if firmware is Firmware.UEFI else ("ext4",)
    parts = _partitions(sizes.get(case.row.source, ()), formats)
    table = PartitionTable.MSDOS if len(parts) == 1 else PartitionTable.GPT if parts else None
    disks = tuple(
        DiskInfo(name=f"vd{letter}", ids=(f"by-id/virtio-{letter}",), size=spec.size, table=table, partitions=parts)
        for letter, spec in zip("ab", case.row.disks, strict=False)
    )
    return a_machine(firmware=firmware, disks=disks)


def _partitions(sizes: tuple[int, ...], formats: tuple[str, ...]) -> tuple[PartitionInfo, ...]:
    made = []
    for number, (size, content) in enumerate(zip(sizes, formats, strict=False), start=1):
        made.append(
            PartitionInfo(
                number=number,
                start=(1 + sum(sizes[: number - 1])) * MiB,
                size=size * MiB,
                type=_TYPES.get(content, ""),
                format=content,
                uuid=f"{number:08}-0000",
                id=f"{number:08}-1111",
            )
        )
    return tuple(made)


def plan(case: Case) -> InstallPlan:
    text = (STORAGE / f"{case.row.source}.ks").read_text()
    return finalize(replace(draft_from_text(text, "x.ks"), payload=PAYLOAD), machine(case), ABLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row.source)
def test_the_plan_is_what_the_public_test_checks(case: Case) -> None:
    made = plan(case)

    wanted = {one.name: one for one in case.row.seen if not _is_inside(one)}
    found = {one.name: one for one in _seen(made.storage)}
    assert wanted.keys() == found.keys()
    for name, one in wanted.items():
        size = found[name].size if one.size else 0
        assert (one.name, size, one.format, one.mount) == (name, one.size, found[name].format, found[name].mount)
        assert one.label in (found[name].label, "root-test-label")
    assert {path: made.storage.mount(path) for path, _ in case.options}.keys() == dict(case.options).keys()
    assert [(path, _options(made.storage, path)) for path, _ in case.options] == list(case.options)
    assert made.boot.kargs == case.kargs


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row.source)
def test_the_menu_waits_as_long_as_it_says(case: Case) -> None:
    text = (STORAGE / f"{case.row.source}.ks").read_text()

    assert draft_from_text(text, "x.ks").boot_timeout == case.timeout


def test_every_kickstart_has_its_case() -> None:
    assert {path.stem for path in STORAGE.glob("*.ks")} == {case.row.source for case in CASES}


def _is_inside(one: Seen) -> bool:
    """What LVM makes for itself, and what is on a disk that the plan says nothing of."""
    kept = one.name in ("vdb1", "vda5") and not one.mount and not one.label and one.format in ("ext4", "swap")
    return kept or one.name.endswith(("_tmeta", "_tdata", "-tpool"))


def _options(storage: StoragePlan, path: str) -> str:
    mount = storage.mount(path)
    return mount.options if mount else ""


def _seen(storage: StoragePlan) -> Iterator[Seen]:
    names = dict(_names(storage))
    mounts = {mount.device: mount.path for mount in storage.mounts}
    labels = {member: volume.label for volume in storage.btrfs for member in volume.members}
    for one in storage.blocks():
        kind = _BLKID.get(one.format, one.format.value)
        label = one.label or labels.get(one.id, "")
        yield Seen(name=names[one.id], size=one.size, format=kind, mount=mounts.get(one.id, ""), label=label)
    for sub in storage.subvolumes:
        member = next(volume.members[0] for volume in storage.btrfs if volume.id == sub.volume)
        yield Seen(name=f"{names[member]}:{sub.path}", mount=mounts.get(sub.id, ""))


def _names(storage: StoragePlan) -> Iterator[tuple[str, str]]:
    """Ids with the names that lsblk would give: partitions are numbered in the order of their places."""
    disks = {disk.id: disk.name for disk in storage.disks}
    found: dict[str, str] = {}
    for disk, name in disks.items():
        mine = sorted((one for one in storage.partitions if one.disk == disk), key=lambda one: one.start)
        for place, one in enumerate(mine, start=1):
            found[one.id] = f"{name}{one.existing.number if one.existing else place}"
    found |= {one.id: f"md:{one.name}" for one in storage.arrays}
    groups = {group.id: group.name for group in storage.groups}
    found |= {one.id: f"{groups[one.group]}/{one.name}" for one in storage.volumes}
    found |= {one.id: f"luks:{found[one.device]}" for one in storage.encrypted}
    yield from found.items()


def test_a_thin_pool_is_no_block_of_its_own() -> None:
    (case,) = (case for case in CASES if case.row.source == "lvm-thinp-1")
    pool: BlockPlan = next(one for one in plan(case).storage.volumes if one.kind is VolumeKind.POOL)

    assert (pool.size, pool.format) == (7000 * MiB, Format.NONE)
