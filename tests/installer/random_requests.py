"""Random storage requests for property tests: anything at all, and what people could mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ashore_installer.machine import MachineInfo, PartitionTable
from ashore_installer.storage.destinations import partition_name
from ashore_installer.storage_plan import Format, RaidLevel, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    Automatic,
    BtrfsRequest,
    Clear,
    GroupRequest,
    PartitionRequest,
    Scheme,
    ShrinkRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import GiB, MiB
from tests.installer.random_existing import LOCK, SIZES, existing, names_of
from tests.installer.random_machines import INSTALLED, NAMES, machines, recorded_machines

WORDS = st.lists(st.sampled_from((*NAMES, "by-id/vda-1", "sd*", "missing")), max_size=2).map(tuple)
_MOUNTS = st.sampled_from(("/", "/", "/boot", "/boot/efi", "/var", "/home", "swap", "biosboot", "", "/usr", "x"))


@st.composite
def cases(draw: st.DrawFn) -> tuple[MachineInfo, StorageRequest]:
    """A machine and what somebody could ask of it, with or without sense."""
    kinds = (_automatic, _automatic, _stacks, _stacks, existing, existing, _wild)
    if draw(st.sampled_from((False,) * 6 + (True,))):
        return draw(reinstall_cases())
    kind = draw(st.sampled_from(kinds))
    machine = draw(recorded_machines(INSTALLED) if kind is existing and draw(st.booleans()) else machines())
    return machine, kind(draw, machine)


@st.composite
def automatic_cases(draw: st.DrawFn) -> tuple[MachineInfo, StorageRequest]:
    machine = draw(machines())
    return machine, draw(st.sampled_from((_automatic, _automatic, _reinstall)))(draw, machine)


@st.composite
def reinstall_cases(draw: st.DrawFn) -> tuple[MachineInfo, StorageRequest]:
    machine = draw(recorded_machines(INSTALLED) if draw(st.sampled_from((True, True, False))) else machines())
    return machine, _reinstall(draw, machine)


def _scheme(draw: st.DrawFn) -> Automatic:
    scheme = draw(st.sampled_from(Scheme))
    formats = (None, None, Format.BTRFS) if scheme is Scheme.BTRFS else (None, Format.XFS, Format.EXT4, Format.BTRFS)
    return Automatic(
        scheme=scheme,
        format=draw(st.sampled_from(formats)),
        encryption=draw(LOCK),
        boot=draw(st.sampled_from((True, True, True, False))),
        home=draw(st.booleans()),
        swap=draw(st.booleans()),
        hibernation=draw(st.sampled_from((False, False, True))),
    )


def _allowed(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """Often everything that there is, sometimes single disks or partitions."""
    if draw(st.booleans()):
        return StorageRequest(clear=draw(st.sampled_from((Clear.ALL, Clear.LINUX, Clear.NONE))), zero_mbr=True)
    disks = st.lists(st.sampled_from(machine.disks), unique=True).map(lambda found: tuple(one.name for one in found))
    words = st.one_of(disks, disks, WORDS) if machine.disks else WORDS
    parts = st.lists(st.sampled_from(names_of(machine)), max_size=2).map(tuple)
    return StorageRequest(
        only_use=draw(words),
        ignore=draw(st.one_of(st.just(()), st.just(()), words)),
        clear=draw(st.sampled_from((Clear.ALL, Clear.ALL, *Clear))),
        clear_disks=draw(st.one_of(st.just(()), st.just(()), words)),
        clear_partitions=draw(parts),
        zero_mbr=draw(st.sampled_from((True, True, True, False))),
        new_table=draw(st.booleans()),
        table=draw(st.sampled_from((None, None, PartitionTable.GPT, PartitionTable.MSDOS))),
    )


def _shrink(draw: st.DrawFn, machine: MachineInfo) -> tuple[ShrinkRequest, ...]:
    """Sometimes one partition, as far as it goes or to any size."""
    found = [(partition_name(disk, one.number), one) for disk in machine.disks for one in disk.partitions]
    if not found or draw(st.sampled_from((True, True, False))):
        return ()
    name, part = draw(st.sampled_from(sorted(found, key=lambda pair: not pair[1].minimum)))
    return (ShrinkRequest(existing=name, size=draw(st.sampled_from((part.minimum, part.minimum + MiB + 1, MiB)))),)


def _automatic(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    return replace(_allowed(draw, machine), automatic=_scheme(draw), shrink=_shrink(draw, machine))


def _reinstall(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    names = ("*", *(one.name for one in machine.systems))
    swap = draw(st.sampled_from((False, False, True)))
    return StorageRequest(automatic=Automatic(reinstall=draw(st.sampled_from(names)), swap=swap))


def _blocks(draw: st.DrawFn, machine: MachineInfo, request: type, /, **more: st.SearchStrategy[object]) -> Any:
    """Up to two requests that may make no sense."""
    common: dict[str, st.SearchStrategy[object]] = {
        "mount": _MOUNTS,
        "format": st.one_of(st.none(), st.sampled_from(Format)),
        "size": SIZES,
        "grow": st.booleans(),
        "max_size": st.sampled_from((0, 0, 700 * MiB)),
        "existing": st.sampled_from(("", "", *names_of(machine))),
        "keep": st.booleans(),
        "resize": st.booleans(),
        "encryption": LOCK,
        "recommended": st.sampled_from((False, False, True)),
    }
    return draw(st.lists(st.builds(request, **{**common, **more}), max_size=2).map(tuple))


def _wild(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """Words of the model thrown together."""
    members = st.lists(st.sampled_from(("m.1", "m.2", "m.3", "nobody")), max_size=3).map(tuple)
    name, groups = st.sampled_from(("", "m.1", "m.2", "m.3")), st.sampled_from(("vg", "new"))
    removed = st.sampled_from(("vg", "vg/lv0", "vg/pool", "md127", "vda1:root", "x"))
    group = st.builds(GroupRequest, name=groups, members=members, keep=st.booleans())
    btrfs = st.builds(BtrfsRequest, name=st.just("b"), members=members, keep=st.booleans())
    subvolume = st.builds(SubvolumeRequest, volume=st.sampled_from(("b", "x")), path=st.just("root"), mount=_MOUNTS)
    return replace(
        _allowed(draw, machine),
        remove=draw(st.lists(removed, max_size=1).map(tuple)),
        required=draw(st.booleans()),
        partitions=_blocks(draw, machine, PartitionRequest, name=name, disk=st.sampled_from(("", *NAMES))),
        arrays=_blocks(
            draw, machine, ArrayRequest, member=name, level=st.sampled_from((None, *RaidLevel)), members=members
        ),
        groups=draw(st.lists(group, max_size=1).map(tuple)),
        volumes=_blocks(
            draw, machine, VolumeRequest, name=st.sampled_from(("lv0", "lv1", "pool")), group=groups,
            kind=st.sampled_from(VolumeKind), pool=st.sampled_from(("", "pool")), percent=st.sampled_from((0, 60)),
        ),
        btrfs=draw(st.lists(btrfs, max_size=1).map(tuple)),
        subvolumes=draw(st.lists(subvolume, max_size=2).map(tuple)),
    )  # fmt: skip


def _stacks(draw: st.DrawFn, machine: MachineInfo) -> StorageRequest:
    """What a person could write: firmware partitions, /boot, and a system on LVM, btrfs or arrays."""
    base = (
        PartitionRequest(mount="biosboot", size=MiB),
        PartitionRequest(mount="/boot/efi", size=300 * MiB),
        PartitionRequest(mount="/boot", size=GiB, disk=draw(st.sampled_from(("", "", "vda")))),
    )
    top = draw(st.sampled_from((_on_lvm, _on_btrfs, _on_arrays, _plain)))(draw)
    return replace(
        top,
        partitions=(*base, *top.partitions),
        clear=draw(st.sampled_from((Clear.ALL, Clear.ALL, Clear.LINUX, Clear.NONE))),
        zero_mbr=True,
        shrink=_shrink(draw, machine),
    )


def _members(draw: st.DrawFn, prefix: str, count: int) -> tuple[PartitionRequest, ...]:
    """Each on a disk of its own, if there are several and luck will have it."""
    disks = NAMES if draw(st.booleans()) else ("", "", "")
    encryption = draw(LOCK)
    size = draw(st.sampled_from((2 * GiB, 5 * GiB + 3, 12 * GiB)))
    grow = draw(st.booleans())
    return tuple(
        PartitionRequest(name=f"{prefix}{i}", size=size + i * MiB, grow=grow, disk=disks[i], encryption=encryption)
        for i in range(count)
    )


def _plain(draw: st.DrawFn) -> StorageRequest:
    more = st.builds(
        PartitionRequest,
        mount=st.sampled_from(("/var", "/home", "/srv/x", "swap")),
        size=st.integers(300 * MiB, 8 * GiB),
        grow=st.booleans(),
        max_size=st.sampled_from((0, 0, 9 * GiB)),
        disk=st.sampled_from(("", "", "vda")),
        encryption=LOCK,
    )
    root = PartitionRequest(mount="/", size=3 * GiB, grow=draw(st.booleans()), encryption=draw(LOCK))
    others = draw(st.lists(more, max_size=3, unique_by=lambda request: request.mount))
    return StorageRequest(partitions=(root, *others))


def _on_lvm(draw: st.DrawFn) -> StorageRequest:
    members = _members(draw, "pv.", draw(st.integers(1, 3)))
    group = GroupRequest(
        name=draw(st.sampled_from(("new", "new", "vg"))),
        members=tuple(one.name for one in members),
        extent=draw(st.sampled_from((0, MiB, 32 * MiB))),
        reserved_percent=draw(st.sampled_from((0, 10))),
    )
    root = VolumeRequest(mount="/", name="root", group=group.name, size=2 * GiB, grow=draw(st.booleans()))
    data = VolumeRequest(
        mount="/var", name="data", group=group.name, size=draw(st.sampled_from((GiB, 3 * GiB + 5))),
        grow=draw(st.booleans()), percent=draw(st.sampled_from((0, 0, 50))), encryption=draw(LOCK),
    )  # fmt: skip
    data = replace(data, size=0, grow=False) if data.percent else data
    if draw(st.booleans()):
        pool = VolumeRequest(name="pool", group=group.name, size=3 * GiB, grow=True, kind=VolumeKind.POOL)
        root = replace(root, kind=VolumeKind.THIN, pool="pool")
        return StorageRequest(partitions=members, groups=(group,), volumes=(pool, root))
    return StorageRequest(partitions=members, groups=(group,), volumes=(root, data))


def _on_btrfs(draw: st.DrawFn) -> StorageRequest:
    members = _members(draw, "btrfs.", draw(st.integers(1, 3)))
    levels = st.sampled_from(("", "", "single", "raid0", "raid1"))
    volume = BtrfsRequest(
        name="b", data=draw(levels), metadata=draw(levels), members=tuple(one.name for one in members)
    )  # fmt: skip
    subvolumes = (
        SubvolumeRequest(volume="b", path="root", mount="/"), SubvolumeRequest(volume="b", path="h", mount="/home"),
    )  # fmt: skip
    return StorageRequest(partitions=members, btrfs=(volume,), subvolumes=subvolumes)


def _on_arrays(draw: st.DrawFn) -> StorageRequest:
    members = _members(draw, "raid.", draw(st.integers(2, 3)))
    array = ArrayRequest(
        mount="/",
        name=draw(st.sampled_from(("", "md0", "root"))),
        level=draw(st.sampled_from(RaidLevel)),
        members=tuple(one.name for one in members),
        spares=draw(st.sampled_from((0, 0, 1))),
        chunk=draw(st.sampled_from((0, 64 * 1024))),
        encryption=draw(LOCK),
    )
    if draw(st.booleans()):
        return StorageRequest(partitions=members, arrays=(array,))
    group = GroupRequest(name="new", members=("pv.0",))
    root = VolumeRequest(mount="/", name="root", group="new", size=2 * GiB, grow=True)
    pv = replace(array, mount="", member="pv.0")
    return StorageRequest(partitions=members, arrays=(pv,), groups=(group,), volumes=(root,))
