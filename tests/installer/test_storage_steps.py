"""The storage steps without disks: which programs are run, in which order, and what stops them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note, Warned
from ashore_installer.executor import Step
from ashore_installer.machine import ArrayInfo, DiskInfo, MachineInfo, PartitionInfo, PartitionTable
from ashore_installer.storage.changes import changes, current
from ashore_installer.storage.mounts import make_mount_point, place_in_deployment
from ashore_installer.storage.readback import difference, parse_blkid
from ashore_installer.storage.sentences import actions
from ashore_installer.storage.steps import (
    FinishStorage,
    MountDeploymentVolumes,
    MountTarget,
    PrepareStorage,
    ProveStorage,
    Realise,
)
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, FakeRunner
from tests.fakes.values import DISK, a_machine, a_plan, a_storage_plan, an_image

PLAN = a_storage_plan()
NODES = {DISK.id: "/dev/vda", "biosboot": "/dev/vda1", "boot": "/dev/vda2", "root": "/dev/vda3"}
TYPES = {Format.BIOSBOOT: "", Format.EXT4: "ext4", Format.XFS: "xfs"}


def context_with(runner: FakeRunner, folder: Path, **changes: object) -> tuple[Context, list[Event]]:
    events: list[Event] = []
    context = Context(
        plan=a_plan(), machine=a_machine(), payload=an_image(), run=runner, listener=events.append,
        log_file=folder / "log", target=folder / "target",
    )  # fmt: skip
    for name, value in changes.items():
        setattr(context, name, value)
    return context, events


def blkid_answer(partition: PartitionPlan, **changes: str) -> Answer:
    facts = {
        "UUID": f"uuid-{partition.id}",
        "TYPE": TYPES[partition.format],
        "LABEL": partition.label,
        "PART_ENTRY_OFFSET": str(partition.start // 512),
        "PART_ENTRY_SIZE": str(partition.size // 512),
        "PART_ENTRY_TYPE": "21686148-6449-6e6f-744e-656564454649",
        **changes,
    }
    text = "".join(f"{name}={value}\n" for name, value in facts.items() if value)
    return Answer(words=("export", NODES[partition.id]), output=f"DEVNAME={NODES[partition.id]}\n{text}")


def seen(*disks: DiskInfo) -> Callable[[MachineInfo], MachineInfo]:
    """A look at a machine that has these disks now."""
    return lambda machine: replace(machine, disks=disks)


def fake_blivet(runner: FakeRunner) -> Realise:
    def make(
        plan: StoragePlan, disks: Mapping[str, str], tell: Callable[[str], None], begin: Callable[[], None]
    ) -> dict[str, str]:
        tell(f"Creating xfs on {len(plan.partitions)}")
        begin()
        runner.run(["blivet", *disks.values()])
        return {partition.id: NODES[partition.id] for partition in plan.partitions}

    return make


# --- prepare -------------------------------------------------------------------------------------------------


def prepare(runner: FakeRunner, folder: Path, disk: DiskInfo, plan: StoragePlan = PLAN) -> Context:
    context, _ = context_with(runner, folder, machine=a_machine(disks=(disk,)))
    PrepareStorage(storage=plan, look=seen(disk), make=fake_blivet(runner)).run(context)
    return context


def test_the_disk_is_made_and_read_back(tmp_path: Path) -> None:
    runner = FakeRunner(*map(blkid_answer, PLAN.partitions))
    old = PartitionInfo(number=1, start=MiB, size=GiB)
    context = prepare(runner, tmp_path, replace(DISK, table=PartitionTable.GPT, partitions=(old,)))
    assert [argv[:1] + argv[-1:] for argv in runner.argvs] == [
        ("udevadm", "settle"),
        ("udevadm", "--property=ANACONDA=1"),
        ("blivet", "/dev/vda"),
        ("udevadm", "settle"),
        ("blkid", "/dev/vda1"),
        ("blkid", "/dev/vda2"),
        ("blkid", "/dev/vda3"),
        ("udevadm", "--property=ANACONDA="),
    ]
    assert context.devices == NODES
    assert context.uuids == {"boot": "uuid-boot", "root": "uuid-root"}


def test_what_is_done_is_told_in_the_words_of_the_summary(tmp_path: Path) -> None:
    runner = FakeRunner(*map(blkid_answer, PLAN.partitions))
    context, events = context_with(runner, tmp_path, machine=a_machine(disks=(DISK,)))
    PrepareStorage(storage=PLAN, look=seen(DISK), make=fake_blivet(runner)).run(context)
    told = [event.text for event in events if isinstance(event, Note)]
    assert told == ["Creating xfs on 3", *actions(PLAN, context.machine)]


@pytest.mark.parametrize(("format", "wiped"), [("zfs_member", True), ("LVM2_member", False), ("", False)])
def test_signatures_that_blivet_does_not_know_are_erased(tmp_path: Path, format: str, wiped: bool) -> None:  # noqa: A002
    runner = FakeRunner(*map(blkid_answer, PLAN.partitions))
    prepare(runner, tmp_path, replace(DISK, format=format))
    assert bool(runner.ran("wipefs", "--all", "--force", "/dev/vda")) is wiped


def test_an_array_of_whole_disks_is_stopped_before_they_are_cleared(tmp_path: Path) -> None:
    runner = FakeRunner(
        *map(blkid_answer, PLAN.partitions),
        Answer(words=("mdadm", "--stop"), status=1, stderr="mdadm: error opening /dev/md127"),
    )
    arrays = tuple(
        ArrayInfo(name=f"md{n}", uuid=str(n), level="raid1", members=("vda", "vdb"), active=n == 1) for n in (1, 2)
    )
    context, _ = context_with(runner, tmp_path, machine=a_machine(arrays=arrays))
    PrepareStorage(storage=PLAN, look=seen(DISK), make=fake_blivet(runner)).run(context)
    assert [call.argv for call in runner.ran("mdadm")] == [("mdadm", "--stop", "/dev/md1")]


def test_a_new_kernel_name_is_followed(tmp_path: Path) -> None:
    runner = FakeRunner(*map(blkid_answer, PLAN.partitions))
    context, _ = context_with(runner, tmp_path)
    renamed = replace(DISK, name="vdb")
    PrepareStorage(storage=PLAN, look=seen(renamed), make=fake_blivet(runner)).run(context)
    assert runner.ran("blivet", "/dev/vdb")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((), "is gone"),
        ((replace(DISK, size=GiB),), "the plan was made for"),
        ((replace(DISK, serial="disk1"),), "is not the one that was planned for"),
        ((replace(DISK, table=PartitionTable.GPT),), "have changed since the plan"),
        ((replace(DISK, busy="vda is mounted at /mnt"),), "it is in use"),
    ],
)
def test_nothing_is_written_on_a_disk_that_changed(tmp_path: Path, now: tuple[DiskInfo, ...], words: str) -> None:
    runner = FakeRunner()
    context, _ = context_with(runner, tmp_path)
    with pytest.raises(InstallerError, match=words):
        PrepareStorage(storage=PLAN, look=seen(*now), make=fake_blivet(runner)).run(context)
    assert runner.argvs == [("udevadm", "settle")]
    assert bool(changes(PLAN, a_machine(), now))


def test_the_disk_of_a_plan_may_be_gone() -> None:
    with pytest.raises(InstallerError, match="is gone"):
        current(PLAN.disks[0], ())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PART_ENTRY_OFFSET": "1"}, "boot lies at 512"),
        ({"PART_ENTRY_SIZE": ""}, "boot lies at 2097152 with -512 bytes"),
        ({"TYPE": "xfs"}, "boot holds xfs, and not ext4"),
        ({"TYPE": ""}, "boot holds nothing, and not ext4"),
        ({"LABEL": "other"}, "boot has the label 'other', and not 'boot'"),
        ({"UUID": ""}, "boot has no UUID"),
    ],
)
def test_what_is_not_as_planned_stops_the_installation(tmp_path: Path, change: dict[str, str], words: str) -> None:
    biosboot, boot, root = PLAN.partitions
    runner = FakeRunner(blkid_answer(biosboot), blkid_answer(boot, **change), blkid_answer(root))
    with pytest.raises(InstallerError, match=words):
        prepare(runner, tmp_path, DISK)


def test_a_partition_for_the_firmware_has_the_firmwares_type() -> None:
    plan = PLAN.partitions[0]
    facts = parse_blkid(blkid_answer(plan, PART_ENTRY_TYPE="0fc63daf-8483-4772-8e79-3d69d8477de4").output)
    assert "has the partition type 0fc63daf" in difference(PLAN, plan, facts)


def test_a_label_among_the_options_for_mkfs_is_nobodys_mistake() -> None:
    plan = replace(PLAN.partitions[1], label="", mkfs="-L harbour")
    facts = parse_blkid(blkid_answer(plan, LABEL="harbour").output)
    assert difference(PLAN, plan, facts) == ""
    assert "has the label 'harbour'" in difference(PLAN, replace(plan, mkfs=""), facts)


def test_blkid_escapes_what_a_shell_would_take_for_more() -> None:
    assert parse_blkid("LABEL=my\\ root\\'s\nUUID=x\n\n") == {"LABEL": "my root's", "UUID": "x"}


# --- mounts --------------------------------------------------------------------------------------------------


def plan_with(*mounts: tuple[str, str]) -> StoragePlan:
    return replace(PLAN, mounts=tuple(MountPlan(device=device, path=path) for path, device in mounts))


def test_the_target_is_mounted_from_the_root_on_and_unmounted_backwards(tmp_path: Path) -> None:
    runner = FakeRunner()
    plan = replace(
        PLAN,
        mounts=(
            MountPlan(device="efi", path="/boot/efi", options="umask=0077"),
            MountPlan(device="boot", path="/boot"),
            MountPlan(device="root", path="/", options="noatime"),
            MountPlan(device="home", path="/home"),
            MountPlan(device="swap", path="swap"),
        ),
    )
    devices = {**NODES, "efi": "/dev/vda4", "home": "/dev/vda5", "swap": "/dev/vda6"}
    context, _ = context_with(runner, tmp_path, devices=devices)
    with context.cleanup:
        MountTarget(storage=plan).run(context)
    target = str(tmp_path / "target")
    assert runner.argvs == [
        ("mount", "--options", "noatime", "/dev/vda3", target),
        ("mount", "/dev/vda2", target + "/boot"),
        ("mount", "--options", "umask=0077", "/dev/vda4", target + "/boot/efi"),
        ("umount", "--recursive", target + "/boot/efi"),
        ("umount", "--recursive", target + "/boot"),
        ("umount", "--recursive", target),
    ]


def test_what_is_still_in_use_is_unmounted_later(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("--lazy",)), Answer(words=("umount",), status=32, stderr="target is busy"))
    context, _ = context_with(runner, tmp_path, devices=NODES)
    with context.cleanup:
        MountTarget(storage=plan_with(("/", "root"))).run(context)
    assert [argv[:-1] for argv in runner.argvs[1:]] == [
        ("umount", "--recursive"),
        ("umount", "--recursive", "--lazy"),
    ]


def deployment(tmp_path: Path) -> tuple[Path, Path]:
    """A deployment with the links of a bootable image, and its stateroot's /var."""
    root, var = tmp_path / "target/ostree/deploy/s/deploy/c.0", tmp_path / "target/ostree/deploy/s/var"
    for folder in (root / "usr", root / "var", root / "tmp", root / "sysroot", var / "lib"):
        folder.mkdir(parents=True)
    links = {"home": "var/home", "srv": "/var/srv", "usr/local": "../var/usrlocal", "opt": "../../../../../etc"}
    for name, aim in {**links, "loop": "loop", "deep": "home/../home/x"}.items():
        (root / name).symlink_to(aim)
    return root, var


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/var", "var"),
        ("/var/lib/containers", "var/lib/containers"),
        ("/home", "var/home"),
        ("/home/me", "var/home/me"),
        ("/srv", "var/srv"),
        ("/usr/local", "var/usrlocal"),
        ("/deep", "var/home/x"),
        ("/tmp", "deploy/c.0/tmp"),
        ("/opt", "deploy/c.0/etc"),
    ],
)
def test_links_of_the_image_are_followed_inside_of_it(tmp_path: Path, path: str, where: str) -> None:
    root, var = deployment(tmp_path)
    assert place_in_deployment(path, root, var) == tmp_path / "target/ostree/deploy/s" / where


def test_links_without_end_are_refused(tmp_path: Path) -> None:
    root, var = deployment(tmp_path)
    with pytest.raises(InstallerError, match="lead nowhere"):
        place_in_deployment("/loop", root, var)


def test_a_link_in_var_that_points_out_stays_inside(tmp_path: Path) -> None:
    root, var = deployment(tmp_path)
    (var / "data").symlink_to("/etc")
    assert place_in_deployment("/var/data/x", root, var) == root / "etc/x"


def test_mount_points_are_made_with_their_modes(tmp_path: Path) -> None:
    for path, mode in (("/home", 0o755), ("/root", 0o700), ("/var/tmp", 0o1777)):
        make_mount_point(path, tmp_path / path.strip("/"))
        assert (tmp_path / path.strip("/")).stat().st_mode & 0o7777 == mode
    (tmp_path / "file").touch()
    with pytest.raises(InstallerError, match="no directory /file to mount"):
        make_mount_point("/file", tmp_path / "file")


def test_volumes_are_filled_and_mounted_from_the_outer_to_the_inner(tmp_path: Path) -> None:
    root, var = deployment(tmp_path)
    runner = FakeRunner()
    plan = plan_with(("/", "root"), ("/home", "home"), ("/tmp", "tmp"), ("/var", "var"), ("swap", "swap"))
    devices = {"root": "/dev/a", "home": "/dev/b", "tmp": "/dev/c", "var": "/dev/d", "swap": "/dev/e"}
    context, _ = context_with(runner, tmp_path, devices=devices, deployment=root)
    MountDeploymentVolumes(storage=plan, stateroot="s").run(context)
    aside = str(tmp_path / "volume")
    assert runner.argvs == [
        ("mount", "/dev/c", aside),
        ("cp", "--archive", "--no-target-directory", str(root / "tmp"), aside),
        ("umount", aside),
        ("mount", "/dev/c", str(root / "tmp")),
        ("mount", "/dev/d", aside),
        ("cp", "--archive", "--no-target-directory", str(var), aside),
        ("find", str(var), "-xdev", "-mindepth", "1", "-delete"),
        ("umount", aside),
        ("mount", "/dev/d", str(var)),
        ("mount", "/dev/b", aside),
        ("cp", "--archive", "--no-target-directory", str(var / "home"), aside),
        ("find", str(var / "home"), "-xdev", "-mindepth", "1", "-delete"),
        ("umount", aside),
        ("mount", "/dev/b", str(var / "home")),
    ]


# --- finish --------------------------------------------------------------------------------------------------


def finish(runner: FakeRunner, folder: Path) -> list[Event]:
    efi = replace(PLAN.partitions[0], id="efi", format=Format.EFI)
    plan = replace(PLAN, partitions=(*PLAN.partitions[1:], efi))
    context, events = context_with(runner, folder, devices={**NODES, "efi": "/dev/vda1"})
    context.mounted |= {"root": Path("/t"), "boot": Path("/t/boot"), "efi": Path("/t/boot/efi")}
    context.cleanup.callback(runner.run, ["umount", "all"])
    FinishStorage(storage=plan).run(context)
    return events


def test_file_systems_are_written_out_frozen_once_and_unmounted(tmp_path: Path) -> None:
    runner = FakeRunner()
    assert finish(runner, tmp_path) == []
    assert [argv for argv in runner.argvs if argv[-1] == "/t"] == [
        ("fstrim", "--quiet-unsupported", "/t"),
        ("sync", "--file-system", "/t"),
        ("mount", "--options", "remount,ro", "/t"),
        ("fsfreeze", "--freeze", "/t"),
        ("fsfreeze", "--unfreeze", "/t"),
    ]
    assert not runner.ran("fsfreeze", "--freeze", "/t/boot/efi")
    assert runner.argvs[-1] == ("umount", "all")


def test_a_disk_that_can_not_be_trimmed_is_worth_a_warning_only(tmp_path: Path) -> None:
    runner = FakeRunner(Answer(words=("fstrim",), status=1, stderr="the discard operation is not supported"))
    events = finish(runner, tmp_path)
    assert [type(event) for event in events] == [Warned] * 3
    assert runner.argvs[-1] == ("umount", "all")


def test_the_steps_say_what_they_do() -> None:
    steps: tuple[Step, ...] = (
        PrepareStorage(storage=PLAN),
        MountTarget(storage=PLAN),
        MountDeploymentVolumes(storage=PLAN, stateroot="default"),
        ProveStorage(storage=PLAN, stateroot="default"),
        FinishStorage(storage=PLAN),
    )
    assert len({step.id for step in steps}) == 5
    assert all(step.title for step in steps)
    assert [step.id for step in steps if not step.writes] == ["prove-storage"]
