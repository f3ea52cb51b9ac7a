"""What is on the disks already: opened before, resized, given subvolumes and keys, and closed in the end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note
from ashore_installer.machine import ArrayInfo
from ashore_installer.run import CommandFailed
from ashore_installer.secret import Secret
from ashore_installer.storage.closing import close_all
from ashore_installer.storage.mounts import is_new, options_of
from ashore_installer.storage.opening import open_what_stays
from ashore_installer.storage.recovery import add_recovery_keys, new_recovery_key
from ashore_installer.storage.resizing import check_resizable, grow_contents, shrink_contents
from ashore_installer.storage.subvolumes import make_subvolumes, remove_subvolumes
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    DiskPlan,
    Encryption,
    EncryptionPlan,
    Existing,
    Format,
    GroupPlan,
    Kind,
    MountPlan,
    PartitionPlan,
    RaidLevel,
    Removal,
    StoragePlan,
    SubvolumePlan,
    VolumePlan,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, FakeRunner
from tests.fakes.values import DISK, a_machine, a_plan, an_image

PASSPHRASE = Secret("high tide")
MD = "01234567:89abcdef:01234567:89abcdef"


def context_with(runner: FakeRunner, folder: Path, **changes: object) -> tuple[Context, list[Event]]:
    events: list[Event] = []
    context = Context(
        plan=a_plan(), machine=a_machine(), payload=an_image(), run=runner, listener=events.append,
        log_file=folder / "log", target=folder / "target",
    )  # fmt: skip
    for name, value in changes.items():
        setattr(context, name, value)
    return context, events


def partition(number: int, kind: Format, **changes: object) -> PartitionPlan:
    was = Existing(name=f"vda{number}", number=number, size=GiB)
    plan = PartitionPlan(
        id=f"p{number}", disk=DISK.id, start=number * GiB, size=GiB, format=kind, existing=was, keep=True
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


STACK = StoragePlan(
    disks=(DiskPlan(id=DISK.id, name="vda", size=DISK.size),),
    partitions=(partition(1, Format.RAID), partition(2, Format.RAID)),
    arrays=(
        ArrayPlan(
            id="md", name="data", level=RaidLevel.RAID1, members=("p1", "p2"), size=GiB, format=Format.LUKS,
            existing=Existing(name="md127", uuid=MD, size=GiB), keep=True,
        ),
    ),
    encrypted=(
        EncryptionPlan(
            id="crypt", device="md", name="", size=GiB - 16 * MiB, format=Format.LVMPV,
            existing=Existing(name="luks", uuid="l-1", size=GiB - 16 * MiB), keep=True,
            encryption=Encryption(passphrase=PASSPHRASE),
        ),
    ),
    groups=(
        GroupPlan(id="vg", name="sys", members=("crypt",), extent=4 * MiB, existing=Existing(name="sys", uuid="v-1")),
    ),
    volumes=(
        VolumePlan(
            id="home", group="vg", name="home", size=GiB // 2, format=Format.EXT4,
            existing=Existing(name="sys/home", uuid="h-1", size=GiB // 2), keep=True,
        ),
    ),
)  # fmt: skip


# --- opening and closing -------------------------------------------------------------------------------------


def test_a_stack_that_stays_is_opened_from_below(tmp_path: Path) -> None:
    runner = FakeRunner()
    context, _ = context_with(runner, tmp_path)
    open_what_stays(context, STACK, {DISK.id: replace(DISK, name="vdb")}, (), tmp_path)
    assert runner.argvs == [
        ("mdadm", "--assemble", f"--uuid={MD}", "/dev/md/data"),
        ("udevadm", "settle"),
        ("cryptsetup", "open", "--type", "luks", "--key-file", "-", "/dev/md/data", "luks-l-1"),
        ("vgchange", "--quiet", "--activate", "y", "--select", "vg_uuid=v-1"),
    ]
    assert [call.stdin for call in runner.ran("cryptsetup")] == [b"high tide"]
    assert context.devices == {
        "p1": "/dev/vdb1", "p2": "/dev/vdb2", "md": "/dev/md/data", "crypt": str(tmp_path / "luks-l-1"),
        "home": "/dev/sys/home",
    }  # fmt: skip


def test_what_is_active_already_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "luks-l-1").touch()
    arrays = (ArrayInfo(name="md5", uuid=MD.replace(":", "-").upper(), level="raid1"),)
    runner = FakeRunner()
    context, _ = context_with(runner, tmp_path)
    open_what_stays(context, STACK, {DISK.id: DISK}, arrays, tmp_path)
    assert context.devices["md"] == "/dev/md5"
    assert [argv[0] for argv in runner.argvs] == ["vgchange"]


def test_a_wrong_passphrase_is_said_before_anything_is_written(tmp_path: Path) -> None:
    context, _ = context_with(FakeRunner(Answer(words=("cryptsetup",), status=2, stderr="No key available")), tmp_path)
    with pytest.raises(InstallerError, match="The passphrase does not open /dev/md/data") as caught:
        open_what_stays(context, STACK, {DISK.id: DISK}, (), tmp_path)
    assert "high tide" not in str(caught.value)


def test_without_a_passphrase_nothing_is_opened(tmp_path: Path) -> None:
    plan = replace(STACK, encrypted=(replace(STACK.encrypted[0], encryption=Encryption()),))
    context, _ = context_with(FakeRunner(), tmp_path)
    with pytest.raises(InstallerError, match="There is no passphrase for luks"):
        open_what_stays(context, plan, {DISK.id: DISK}, (), tmp_path)


def test_everything_is_closed_from_the_top_tried_twice_and_even_if_a_part_was_never_made(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("vgchange",), status=5, stderr='Volume group "sys" not found'))
    context, _ = context_with(runner, tmp_path, devices={"md": "/dev/md127"}, uuids={"md": "l-1"})
    close_all(context, STACK)
    assert runner.argvs == [
        ("udevadm", "settle"),
        ("vgchange", "--quiet", "--activate", "n", "sys"),
        ("udevadm", "settle"),
        ("vgchange", "--quiet", "--activate", "n", "sys"),
        ("cryptsetup", "close", "luks-l-1"),
        ("mdadm", "--stop", "/dev/md127"),
        ("udevadm", "settle"),
    ]


def test_what_has_no_name_yet_is_not_closed(tmp_path: Path) -> None:
    runner = FakeRunner()
    context, _ = context_with(runner, tmp_path)
    close_all(context, STACK)
    assert not runner.ran("cryptsetup")


# --- resizing ------------------------------------------------------------------------------------------------


def resized(kind: Format, size: int) -> StoragePlan:
    return StoragePlan(partitions=(partition(1, kind, size=size),))


def resize(runner: FakeRunner, folder: Path, plan: StoragePlan) -> list[tuple[str, ...]]:
    context, _ = context_with(runner, folder, devices={"p1": "/dev/vda1"})
    check_resizable(plan)
    shrink_contents(context, plan)
    runner.run(["blivet"])
    grow_contents(context, plan)
    return runner.argvs


def test_file_systems_shrink_before_their_device_and_grow_after_it(tmp_path: Path) -> None:
    place, super_block = str(tmp_path / "resize"), Answer(words=("dump-super",), output="dev_item.devid\t\t3\n")
    check = ("e2fsck", "-f", "-p", "/dev/vda1")
    smaller, larger = GiB // 2, 2 * GiB
    assert resize(FakeRunner(), tmp_path, resized(Format.EXT4, smaller)) == [
        check, ("resize2fs", "/dev/vda1", "1048576s"), ("blivet",),
    ]  # fmt: skip
    assert resize(FakeRunner(), tmp_path, resized(Format.EXT3, larger)) == [
        ("blivet",), check, ("resize2fs", "/dev/vda1"),
    ]  # fmt: skip
    assert resize(FakeRunner(), tmp_path, resized(Format.NTFS, smaller))[0][-3:] == (
        "--size", str(smaller), "/dev/vda1",
    )  # fmt: skip
    assert resize(FakeRunner(super_block), tmp_path, resized(Format.BTRFS, smaller))[:4] == [
        ("mount", "/dev/vda1", place),
        ("btrfs", "inspect-internal", "dump-super", "/dev/vda1"),
        ("btrfs", "filesystem", "resize", f"3:{smaller}", place),
        ("umount", place),
    ]
    assert ("btrfs", "filesystem", "resize", "1:max", place) in resize(
        FakeRunner(), tmp_path, resized(Format.BTRFS, larger)
    )
    assert ("xfs_growfs", place) in resize(FakeRunner(), tmp_path, resized(Format.XFS, larger))


def test_only_what_can_be_resized_is(tmp_path: Path) -> None:
    for kind, size, words in ((Format.XFS, MiB, "xfs, which can't be made smaller"), (Format.LUKS, 2 * GiB, "larger")):
        with pytest.raises(InstallerError, match=words):
            check_resizable(resized(kind, size))
    assert resize(FakeRunner(), tmp_path, resized(Format.XFS, GiB)) == [("blivet",)]


def test_e2fsck_may_repair_but_not_give_up(tmp_path: Path) -> None:
    resize(FakeRunner(Answer(words=("e2fsck",), status=1)), tmp_path, resized(Format.EXT4, MiB))
    with pytest.raises(CommandFailed):
        resize(FakeRunner(Answer(words=("e2fsck",), status=4)), tmp_path, resized(Format.EXT4, MiB))


# --- subvolumes ----------------------------------------------------------------------------------------------

VOLUME = StoragePlan(
    partitions=(partition(1, Format.BTRFS),),
    btrfs=(BtrfsPlan(id="vol", members=("p1",), existing=Existing(name="vda1", uuid="b-1")),),
    subvolumes=(
        SubvolumePlan(id="home", volume="vol", path="home", existing=True),
        SubvolumePlan(id="root", volume="vol", path="new/root"),
        SubvolumePlan(id="new", volume="vol", path="new"),
    ),
    remove=(
        Removal(kind=Kind.SUBVOLUME, name="root", on="b-1"),
        Removal(kind=Kind.SUBVOLUME, name="root/inner", on="b-1"),
        Removal(kind=Kind.SUBVOLUME, name="x", on="b-2"),
        Removal(kind=Kind.VOLUME, name="sys/old", uuid="o"),
    ),
)


def test_subvolumes_of_a_volume_that_stays(tmp_path: Path) -> None:
    runner, place = FakeRunner(), tmp_path / "btrfs"
    context, _ = context_with(runner, tmp_path, devices={"p1": "/dev/vda1"})
    remove_subvolumes(context, VOLUME)
    make_subvolumes(context, VOLUME)
    done = [argv for argv in runner.argvs if argv[:3] != ("btrfs", "subvolume", "set-default")]
    assert done == [
        ("mount", "--options", "subvolid=5", "/dev/vda1", str(place)),
        ("btrfs", "subvolume", "delete", str(place / "root/inner")),
        ("btrfs", "subvolume", "delete", str(place / "root")),
        ("umount", str(place)),
        ("mount", "--options", "subvolid=5", "/dev/disk/by-uuid/b-2", str(place)),
        ("btrfs", "subvolume", "delete", str(place / "x")),
        ("umount", str(place)),
        ("mount", "--options", "subvolid=5", "/dev/vda1", str(place)),
        ("btrfs", "subvolume", "create", str(place / "new")),
        ("btrfs", "subvolume", "create", str(place / "new/root")),
        ("umount", str(place)),
    ]


def test_only_new_file_systems_are_filled() -> None:
    plan = replace(VOLUME, partitions=(*VOLUME.partitions, replace(partition(2, Format.EXT4), keep=False)))
    assert [is_new(plan, one) for one in ("home", "root", "vol", "p1", "p2")] == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("device", "options", "full", "place"),
    [
        ("home", "defaults", "subvol=home", "subvol=home"),
        ("root", "compress=zstd", "compress=zstd,subvol=new/root", "subvol=new/root"),
        ("home", "noatime,subvol=@x", "noatime,subvol=@x", "subvol=home"),
        ("p1", "defaults", "", ""),
    ],
)
def test_subvolumes_are_mounted_by_their_paths(device: str, options: str, full: str, place: str) -> None:
    mount = MountPlan(device=device, path="/x", options=options)
    assert options_of(VOLUME, mount) == full
    assert options_of(VOLUME, mount, only_place=True) == place


# --- recovery keys -------------------------------------------------------------------------------------------


def test_a_recovery_key_has_systemds_form() -> None:
    key = new_recovery_key()
    groups = key.split("-")
    assert [len(group) for group in groups] == [8] * 8
    assert set("".join(groups)) <= set("cbdefghijklnrtuv")
    assert key != new_recovery_key()


class KeySlots(FakeRunner):
    """A LUKS device with one key, and one more after each `luksAddKey`."""

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        super().run(argv, stdin=stdin, cwd=cwd, env=env)
        count = 1 + len(self.ran("luksAddKey"))
        return json.dumps({"keyslots": {str(slot): {} for slot in range(count)}}) if "luksDump" in argv else ""


def test_a_recovery_key_is_added_and_only_its_place_is_told(tmp_path: Path) -> None:
    wanted = Encryption(passphrase=PASSPHRASE, recovery_key=True)
    plan = replace(STACK, encrypted=(replace(STACK.encrypted[0], name="cryptroot", existing=None, encryption=wanted),))
    runner = KeySlots()
    context, events = context_with(runner, tmp_path, devices={"md": "/dev/md/data"})
    add_recovery_keys(context, plan, tmp_path / "keys")
    path = tmp_path / "keys/cryptroot"
    key = path.read_text()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [call.stdin for call in runner.ran("luksAddKey")] == [b"high tide"]
    assert [json.loads(call.stdin) for call in runner.ran("token")] == [{"type": "systemd-recovery", "keyslots": ["1"]}]
    told = [event.text for event in events if isinstance(event, Note)]
    assert any(str(path) in text for text in told)
    assert key not in "".join([*told, *(word for argv in runner.argvs for word in argv)])
