"""The steps of traditional mode on directories, with a runner and a libdnf5 that only record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.configure.steps import WriteFstab
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note, Warned
from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_protocol import PackagesFailed
from ashore_installer.payload.package_steps import (
    DownloadPackages,
    InstallPackages,
    LabelRoot,
    PrepareRoot,
    ProvePackages,
    VerifyPackages,
    as_installed,
    rpm_names,
)
from ashore_installer.plan import InstallPlan, SystemPlan
from ashore_installer.steps import steps_for
from ashore_installer.storage.steps import MountTarget
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan
from tests.fakes.packages import FakePackages, a_package, a_package_plan, a_payload, some_packages
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import DISK, a_machine, a_plan
from tests.installer.stacks import LUKS_UUIDS, luks_lvm


@dataclass(frozen=True)
class Installation:
    context: Context
    runner: FakeRunner
    events: list[Event]
    packages: FakePackages

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Note)]

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    def start(self) -> Callable[[Context], FakePackages]:
        return lambda _context: self.packages


def an_installation(
    tmp_path: Path, *answers: Answer, plan: InstallPlan | None = None, packages: FakePackages | None = None
) -> Installation:
    runner, events, fake = FakeRunner(*answers), list[Event](), packages or FakePackages()
    (tmp_path / "target").mkdir()
    context = Context(
        plan=plan or a_package_plan(),
        machine=a_machine(),
        payload=some_packages(),
        run=runner,
        listener=events.append,
        log_file=tmp_path / "ashore.log",
        target=tmp_path / "target",
        uuids={"root": "r-1", "boot": "b-1"},
    )
    return Installation(context, runner, events, fake)


def text(installation: Installation, path: str) -> str:
    return (installation.context.target / path).read_text()


# --- the order -----------------------------------------------------------------------------------------------


def test_the_order_of_traditional_mode() -> None:
    plan = a_package_plan()
    assert [step.id for step in steps_for(plan)] == [
        "verify-packages",
        "find-boot-loader",
        "prepare-storage",
        "mount-target",
        "prepare-root",
        "download-packages",
        "install-packages",
        "prove-packages",
        "write-fstab",
        "set-identity",
        "create-accounts",
        "install-boot-loader",
        "run-scripts",
        "save-records",
        "label-root",
        "prove-boot",
        "prove-storage",
        "finish-storage",
    ]


def test_nothing_writes_before_the_packages_are_known_to_be_there() -> None:
    """The storage step, which writes first, comes after everything that only looks."""
    for plan in (a_package_plan(), a_plan()):
        writes = [step.writes for step in steps_for(plan)]
        assert not any(writes[: writes.index(True)])
        assert writes.index(True) == [step.id for step in steps_for(plan)].index("prepare-storage")


# --- verify --------------------------------------------------------------------------------------------------


def test_what_the_plan_was_made_for_is_found_again(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    VerifyPackages(payload=a_payload(), start=installation.start()).run(installation.context)
    assert installation.packages.calls == [("resolve", a_payload())]


def test_another_package_under_the_same_name_is_refused(tmp_path: Path) -> None:
    known = some_packages()
    other = replace(known.packages[0], checksum="sha256:other")
    packages = FakePackages(info=replace(known, packages=(other, *known.packages[1:], a_package("zsh-5-1.noarch"))))
    installation = an_installation(tmp_path, packages=packages)
    with pytest.raises(PackagesFailed, match=r"bash-5\.3-1\.x86_64, zsh-5-1\.noarch") as caught:
        VerifyPackages(payload=a_payload(), start=installation.start()).run(installation.context)
    assert caught.value.hint


# --- the root ------------------------------------------------------------------------------------------------


def test_what_kernel_packages_read_is_there_before_them(tmp_path: Path) -> None:
    system = SystemPlan(hostname="reef", keymap="de", timezone="Europe/Berlin")
    installation = an_installation(tmp_path, plan=a_package_plan(system=system))
    context = installation.context
    PrepareRoot(storage=context.plan.storage, system=system).run(context)
    assert context.plain
    machine_id = text(installation, "etc/machine-id")
    assert len(machine_id) == 33
    assert int(machine_id, 16)
    assert text(installation, "etc/kernel/cmdline") == "root=UUID=r-1 ro\n"
    assert "GRUB_ENABLE_BLSCFG=true\n" in text(installation, "etc/default/grub")
    assert 'filesystems+=" xfs "' in text(installation, "etc/dracut.conf.d/50-ashore.conf")
    # The keyboard of the passphrase goes into the initramfs; the rest waits until the system is there.
    assert "KEYMAP=de" in text(installation, "etc/vconsole.conf")
    assert not (context.target / "etc/hostname").exists()
    assert not (context.target / "etc/localtime").is_symlink()
    assert installation.warnings() == []


def test_two_systems_have_two_machine_ids(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    step = PrepareRoot(storage=installation.context.plan.storage, system=SystemPlan())
    step.run(installation.context)
    first = text(installation, "etc/machine-id")
    step.run(installation.context)
    assert text(installation, "etc/machine-id") != first


def test_the_initramfs_is_told_of_the_stack_below_the_root(tmp_path: Path) -> None:
    storage = luks_lvm()
    installation = an_installation(tmp_path, plan=a_package_plan(storage=storage))
    installation.context.uuids = dict(LUKS_UUIDS)
    PrepareRoot(storage=storage, system=SystemPlan()).run(installation.context)
    conf = text(installation, "etc/dracut.conf.d/50-ashore.conf")
    assert 'add_dracutmodules+=" crypt tpm2-tss lvm"' not in conf
    assert 'add_dracutmodules+=" crypt tpm2-tss lvm ' in conf
    assert "UUID=c-1" in text(installation, "etc/crypttab")
    assert "rd.lvm.lv=system/root" in text(installation, "etc/kernel/cmdline")


def test_every_volume_is_mounted_before_the_packages(tmp_path: Path) -> None:
    plan = a_plan()
    var = PartitionPlan(id="tmp", disk=DISK.id, start=19 << 30, size=1 << 30, format=Format.XFS)
    storage = replace(
        plan.storage,
        partitions=(*plan.storage.partitions, var),
        mounts=(*plan.storage.mounts, MountPlan(device="tmp", path="/var/tmp"), MountPlan(device="s", path="swap")),
    )
    installation = an_installation(tmp_path, plan=a_package_plan(storage=storage))
    installation.context.devices.update({"root": "/dev/vda3", "boot": "/dev/vda2", "tmp": "/dev/vda4"})
    MountTarget(storage=storage, whole=True).run(installation.context)
    target = installation.context.target
    assert [call.argv[-2:] for call in installation.runner.ran("mount")] == [
        ("/dev/vda3", str(target)),
        ("/dev/vda2", str(target / "boot")),
        ("/dev/vda4", str(target / "var/tmp")),
    ]
    assert (target / "var/tmp").stat().st_mode & 0o7777 == 0o1777
    installation.context.cleanup.pop_all()


# --- packages ------------------------------------------------------------------------------------------------


def test_scriptlets_find_the_api_file_systems(tmp_path: Path) -> None:
    seen: list[str] = []
    installation = an_installation(tmp_path)
    installation.packages.effect = lambda: seen.extend(Path(argv[-1]).name for argv in installation.runner.argvs)
    DownloadPackages(payload=a_payload(), start=installation.start()).run(installation.context)
    InstallPackages(payload=a_payload(), start=installation.start()).run(installation.context)
    # Where udev runs, what it knows is there too.
    assert seen[:4] == ["proc", "sys", "dev", "run"]
    assert set(seen[4:]) <= {"udev"}
    assert [name for name, _ in installation.packages.calls] == ["download", "install"]
    assert installation.context.packages.scanned
    modes = {name: (installation.context.target / name).stat().st_mode & 0o777 for name in seen[:4]}
    assert modes == {"proc": 0o555, "sys": 0o555, "dev": 0o755, "run": 0o755}


def test_repositories_to_be_kept_are_written_after_the_packages(tmp_path: Path) -> None:
    kept = Repository(id="updates", baseurls=("http://repo.example/updates",), install=True)
    payload = a_payload(repositories=(*a_payload().repositories, kept))
    installation = an_installation(tmp_path)
    InstallPackages(payload=payload, start=installation.start()).run(installation.context)
    files = sorted(path.name for path in (installation.context.target / "etc/yum.repos.d").iterdir())
    assert files == ["updates.repo"]
    assert any("updates" in note for note in installation.notes())


def test_what_is_installed_is_known_better_than_its_metadata(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    (etc / "selinux").mkdir(parents=True)
    (etc / "os-release").write_text('NAME="Lagoon"\nPRETTY_NAME="Lagoon 2"\n')
    (etc / "shells").write_text("/bin/sh\n/usr/bin/fish\n")
    (etc / "selinux/config").write_text("SELINUX=disabled\nSELINUXTYPE=targeted\n")
    found = as_installed(some_packages(selinux="targeted"), tmp_path)
    assert (found.name, found.shells, found.selinux) == ("Lagoon 2", ("/bin/sh", "/usr/bin/fish"), "")


def proven(tmp_path: Path, listed: str, *, rpm: bool = True) -> Installation:
    installation = an_installation(tmp_path, Answer(words=("rpm", "--query", "--all"), output=listed))
    installation.context.deployment = installation.context.target
    if rpm:
        (tmp_path / "chroot/usr/bin").mkdir(parents=True)
        (tmp_path / "chroot/usr/bin/rpm").write_text("")
    ProvePackages().run(installation.context)
    return installation


def listing(*names: str) -> str:
    return "".join(f"{name}\n" for name in names)


ALL = tuple(one.nevra for one in some_packages().packages)


def test_rpm_of_the_new_system_agrees(tmp_path: Path) -> None:
    installation = proven(tmp_path, listing(*ALL, "gpg-pubkey-12345678-abcdef"))
    (call,) = installation.runner.ran("rpm", "--query")
    assert "chroot" in call.argv


def test_a_package_that_rpm_does_not_know_is_found(tmp_path: Path) -> None:
    with pytest.raises(InstallerError, match=r"knows nothing of bash-5\.3-1\.x86_64"):
        proven(tmp_path, listing(*ALL[1:]))


def test_a_package_too_many_is_found(tmp_path: Path) -> None:
    with pytest.raises(InstallerError, match=r"more installed than was asked for: zsh-5-1\.x86_64"):
        proven(tmp_path, listing(*ALL, "zsh-5-1.x86_64"))


def test_a_system_without_rpm_is_not_asked(tmp_path: Path) -> None:
    assert "no rpm" in proven(tmp_path, "", rpm=False).warnings()[0]


def test_epochs_are_written_as_libdnf5_does() -> None:
    text = "grub2-tools-1:2.14-4.x86_64\nperl-0:5.40-1.x86_64\nfoo-0:bar-1-2.noarch\n\n"
    assert rpm_names(text) == {"grub2-tools-1:2.14-4.x86_64", "perl-5.40-1.x86_64", "foo-0:bar-1-2.noarch"}


def test_without_a_policy_nothing_is_labelled(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    installation.context.deployment = installation.context.target
    LabelRoot().run(installation.context)
    assert installation.notes() == []


# --- what both modes share -----------------------------------------------------------------------------------


def test_the_root_is_in_fstab_and_boot_can_be_written(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    installation.context.deployment = installation.context.target
    WriteFstab(storage=installation.context.plan.storage).run(installation.context)
    assert text(installation, "etc/fstab").splitlines() == [
        "# Written by Ashore.",
        "UUID=r-1 / xfs defaults 0 0",
        "UUID=b-1 /boot ext4 defaults 0 2",
    ]


def test_programs_of_the_new_system_run_in_it_as_it_is(tmp_path: Path) -> None:
    """Nothing of a plain root is read-only, and it has no physical root beside it."""
    called: list[Call] = []
    installation = an_installation(
        tmp_path, Answer(words=("rpm", "--query"), effect=called.append, output=listing(*ALL))
    )
    installation.context.deployment = installation.context.target
    (tmp_path / "chroot/usr/bin").mkdir(parents=True)
    (tmp_path / "chroot/usr/bin/rpm").write_text("")
    ProvePackages().run(installation.context)
    mounts = [call.argv for call in installation.runner.ran("mount")]
    assert mounts[0][1:3] == ("--rbind", "--make-rprivate")
    assert not any("ro" in word.split(",") for argv in mounts for word in argv)
    assert not any(argv[-1].endswith("/sysroot") for argv in mounts)
    assert len(called) == 1
