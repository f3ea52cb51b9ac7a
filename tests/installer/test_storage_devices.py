"""What is compared and named around blivet's devices, with small stand-ins for them; the real ones need a machine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.storage.devices_existing import digits
from ashore_installer.storage.devices_formats import btrfs_options, name_opened
from ashore_installer.storage.devices_proof import prove_places, prove_stacks, prove_untouched
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    Encryption,
    EncryptionPlan,
    Existing,
    Format,
    GroupPlan,
    PartitionPlan,
    RaidLevel,
    StoragePlan,
    VolumePlan,
)
from ashore_installer.units import GiB, MiB


@dataclass
class Sectors:
    sectorSize: int = 512  # noqa: N815 (parted's name)


@dataclass
class Geometry:
    start: int
    length: int
    device: Sectors = field(default_factory=Sectors)


@dataclass
class Parted:
    geometry: Geometry


@dataclass
class Luks:
    type: str = "luks"
    exists: bool = True
    map_name: str = "luks-1"


@dataclass(eq=False)
class Device:
    """As much of a device of blivet as is looked at."""

    path: str = ""
    name: str = ""
    lvname: str = ""
    size: int = 0
    pe_size: int = 4 * MiB
    level: str = ""
    spares: int = 0
    members: tuple[Any, ...] = ()
    raw_device: Any = None
    format: Any = None
    parted_partition: Any = None


@dataclass
class Action:
    device: Device


@dataclass
class Storage:
    """blivet with devices, and actions for some of their formats."""

    devices: list[Device]
    queued: list[Action] = field(default_factory=list)

    @property
    def devicetree(self) -> Storage:
        return self

    @property
    def actions(self) -> Storage:
        return self

    def find(self, *, object_type: str) -> list[Action]:
        assert object_type == "format"
        return self.queued


PARTITIONS = tuple(
    PartitionPlan(id=name, disk="d", start=start * MiB, size=MiB, format=Format.RAID)
    for start, name in enumerate("ab", 1)
)
ARRAY = ArrayPlan(id="md", name="root", level=RaidLevel.RAID1, members=("a", "b"), size=MiB, format=Format.LUKS)
CRYPT = EncryptionPlan(
    id="crypt", device="md", name="cryptroot", size=MiB, format=Format.LVMPV, encryption=Encryption()
)
GROUP = GroupPlan(id="vg", name="sys", members=("crypt",), extent=4 * MiB)
HOME = VolumePlan(id="home", group="vg", name="home", size=GiB, format=Format.XFS)
PLAN = StoragePlan(partitions=PARTITIONS, arrays=(ARRAY,), encrypted=(CRYPT,), groups=(GROUP,), volumes=(HOME,))


def devices() -> dict[str, Device]:
    a, b = (Device(path=f"/dev/vda{n}", parted_partition=Parted(Geometry(n * 2048, 2048))) for n in (1, 2))
    md = Device(path="/dev/md/root", name="root", level="raid1", members=(b, a))
    crypt = Device(path="/dev/mapper/cryptroot", raw_device=md)
    return {"a": a, "b": b, "md": md, "crypt": crypt, "home": Device(name="sys-home", lvname="home", size=GiB)}


def test_all_is_as_planned() -> None:
    prove_places(PLAN, devices())
    prove_stacks(PLAN, devices(), {"vg": Device(name="sys")})


def test_a_partition_at_another_place_is_not_made() -> None:
    found = devices()
    found["b"].parted_partition = Parted(Geometry(4096, 4096))
    with pytest.raises(
        InstallerError, match="would make b at 2097152 with 2097152 bytes, and not at 2097152 with 1048"
    ):
        prove_places(PLAN, found)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (replace(PLAN, arrays=(replace(ARRAY, name="a-long-name"),)), "call the array a-long-name root"),
        (replace(PLAN, arrays=(replace(ARRAY, members=("a",)),)), "would not make the array root of a"),
        (replace(PLAN, arrays=(replace(ARRAY, level=RaidLevel.RAID10),)), "make root a raid1 with 0 spares"),
        (replace(PLAN, arrays=(replace(ARRAY, spares=1),)), "make root a raid1 with 0 spares"),
        (replace(PLAN, encrypted=(replace(CRYPT, device="a"),)), "would open /dev/md/root, and not a"),
        (replace(PLAN, groups=(replace(GROUP, name="other"),)), "call the volume group other sys"),
        (replace(PLAN, groups=(replace(GROUP, extent=8 * MiB),)), "give sys extents of 4194304 bytes"),
        (replace(PLAN, volumes=(replace(HOME, size=2 * GiB),)), "give home 1073741824 bytes, and not 2147483648"),
        (replace(PLAN, volumes=(replace(HOME, name="ho me"),)), "call the logical volume ho me home"),
    ],
)
def test_what_blivet_would_make_otherwise_is_not_made(plan: StoragePlan, words: str) -> None:
    with pytest.raises(InstallerError, match=words):
        prove_stacks(plan, devices(), {"vg": Device(name="sys")})


def test_what_stays_is_neither_removed_nor_formatted() -> None:
    home, other = Device(), Device()
    prove_untouched({"home": home}, Storage(devices=[home, other], queued=[Action(other)]))
    with pytest.raises(InstallerError, match="home should stay, but lies on something that goes"):
        prove_untouched({"home": home}, Storage(devices=[other]))
    with pytest.raises(InstallerError, match="home should stay, but blivet would format it"):
        prove_untouched({"home": home}, Storage(devices=[home], queued=[Action(home)]))


def test_new_luks_devices_get_the_plans_names() -> None:
    was = Existing(name="md127")
    cases = {
        "cryptroot": (CRYPT, Luks()),
        "luks-1": (replace(CRYPT, name=""), Luks()),
        "luks-2": (replace(CRYPT, existing=was), Luks(map_name="luks-2")),
        "luks-3": (CRYPT, Luks(exists=False, map_name="luks-3")),
    }
    for name, (plan, luks) in cases.items():
        name_opened(replace(PLAN, encrypted=(plan,)), {"md": Device(format=luks)})
        assert luks.map_name == name


def test_btrfs_gets_the_profiles_of_the_plan() -> None:
    volume = BtrfsPlan(id="vol", members=("a",), data="raid1c3", metadata="dup", mkfs="--checksum xxhash")
    assert btrfs_options(volume) == "-O ^block-group-tree -d raid1c3 -m dup --checksum xxhash"
    assert btrfs_options(replace(volume, data="", metadata="", mkfs="")) == "-O ^block-group-tree"


def test_uuids_are_the_same_however_they_are_written() -> None:
    assert digits("8b3d4b1a:5f0d6a5e:0c5ac4a6:93b76a0b") == digits("8B3D4B1A-5f0d-6a5e-0c5a-c4a693b76a0b")
