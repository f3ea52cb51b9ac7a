"""The steps of traditional mode with libdnf5, rpm's scriptlets and real mounts, on a directory."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import ExitStatus
from ashore_installer.events import Event, Failed, Warned
from ashore_installer.executor import Step, execute
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.payload.package_steps import (
    DownloadPackages,
    InstallPackages,
    LabelRoot,
    PrepareRoot,
    ProvePackages,
    VerifyPackages,
)
from ashore_installer.plan import InstallPlan, SystemPlan
from ashore_installer.run import Commands
from tests.fakes.packages import a_package_plan
from tests.fakes.values import a_machine
from tests.root.packaging import Bench
from tests.root.rpms import Laboratory, Rpm, build, index

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]

SEES = """%post -p <lua>
local null = io.open("/dev/null", "w")
null:write("nothing")
null:close()
local seen = io.open("/usr/share/seer/seen", "w")
for _, path in ipairs({"/dev/null", "/proc/self/mountinfo", "/sys/kernel", "/etc/machine-id", "/etc/kernel/cmdline"}) do
  local kind = posix.stat(path, "type")
  seen:write(path, " ", kind or "missing", "\\n")
end
seen:close()
"""
POLICY = Path("/etc/selinux/default")
"""A real policy, that of the root in which these tests run."""
CONFIG = ("/etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=default")
SEER = Rpm(name="seer", extra="Provides: system-release = 7", scripts=SEES)


@dataclass(frozen=True, kw_only=True)
class BringPolicy:
    """What a distribution's policy package would have brought."""

    id: ClassVar[str] = "bring-policy"
    title: ClassVar[str] = "Bring a policy"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        shutil.copytree(POLICY, context.root() / POLICY.relative_to("/"))


def a_payload(directory: Path, rpm: Rpm = SEER) -> PackagePayload:
    """A repository whose only package looks around in its scriptlet."""
    build((rpm,), directory)
    index(directory)
    repository = Repository(id="base", baseurls=(directory.as_uri(),), gpgcheck=False, install=True)
    return PackagePayload(repositories=(repository,), packages=("seer",), core=False)


def steps(plan: InstallPlan, bench: Bench) -> tuple[Step, ...]:
    assert isinstance(plan.payload, PackagePayload)
    return (
        VerifyPackages(payload=plan.payload, start=lambda _: bench.libdnf5),
        PrepareRoot(storage=plan.storage, system=SystemPlan(keymap="de")),
        DownloadPackages(payload=plan.payload, start=lambda _: bench.libdnf5),
        InstallPackages(payload=plan.payload, start=lambda _: bench.libdnf5),
        ProvePackages(),
    )


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    bench = Bench(path=tmp_path, laboratory=laboratory)
    bench.target.mkdir()
    return bench


def a_context(bench: Bench, plan: InstallPlan, events: list[Event]) -> Context:
    assert isinstance(plan.payload, PackagePayload)
    return Context(
        plan=plan,
        machine=a_machine(),
        payload=bench.resolve(plan.payload),
        run=Commands(),
        listener=events.append,
        log_file=bench.path / "ashore.log",
        target=bench.target,
        uuids={"root": "11111111-2222-3333-4444-555555555555", "boot": "b-1"},
    )


def mounts_below(directory: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if line.split()[4].startswith(os.fspath(directory))]


def test_a_scriptlet_finds_a_system_and_leaves_nothing_of_it_behind(bench: Bench) -> None:
    plan, events = a_package_plan(payload=a_payload(bench.path / "repository")), list[Event]()
    assert execute(steps(plan, bench), a_context(bench, plan, events)) is ExitStatus.DONE
    target = bench.target
    assert (target / "usr/share/seer/seen").read_text().splitlines() == [
        "/dev/null character device",
        "/proc/self/mountinfo regular",
        "/sys/kernel directory",
        "/etc/machine-id regular",
        "/etc/kernel/cmdline regular",
    ]
    assert mounts_below(target) == []
    assert [list((target / name).iterdir()) for name in ("dev", "proc", "run", "sys")] == [[], [], [], []]
    assert (target / "proc").stat().st_mode & 0o777 == 0o555
    assert (target / "etc/yum.repos.d/base.repo").is_file()
    # There is no rpm among the packages that could be asked.
    assert [event.message for event in events if isinstance(event, Warned)] == [
        "The new system has no rpm that could be asked what is installed."
    ]


def test_nothing_stays_mounted_when_packages_fail(bench: Bench, laboratory: Laboratory) -> None:
    laboratory.repository(bench.path / "repository", "fails-before", "tiny-release")
    repository = Repository(id="base", baseurls=((bench.path / "repository").as_uri(),), gpgcheck=False)
    payload = PackagePayload(repositories=(repository,), packages=("fails-before",), core=False)
    plan, events = a_package_plan(payload=payload), list[Event]()
    assert execute(steps(plan, bench), a_context(bench, plan, events)) is ExitStatus.FAILED
    assert isinstance(events[-1], Failed)
    assert events[-1].step == "install-packages"
    assert mounts_below(bench.target) == []


def test_a_repository_that_changed_is_found_before_anything_is_written(bench: Bench) -> None:
    plan, events = a_package_plan(payload=a_payload(bench.path / "repository")), list[Event]()
    context = a_context(bench, plan, events)
    (newer,) = build((replace(SEER, version="2"),), bench.path / "newer").values()
    shutil.copy(newer, bench.path / "repository")
    index(bench.path / "repository")
    assert execute(steps(plan, bench), context) is ExitStatus.FAILED
    assert isinstance(events[-1], Failed)
    assert (events[-1].step, "seer-2-1.noarch" in events[-1].message) == ("verify-packages", True)
    assert list(bench.target.iterdir()) == []


def test_every_file_gets_the_label_that_the_installed_policy_has_for_it(bench: Bench) -> None:
    payload = a_payload(bench.path / "repository", replace(SEER, files=(CONFIG,)))
    plan, events = a_package_plan(payload=payload), list[Event]()
    labelling = (*steps(plan, bench), BringPolicy(), LabelRoot())
    assert execute(labelling, a_context(bench, plan, events)) is ExitStatus.DONE
    target = bench.target
    assert {
        path: label_of(target / path) for path in ("", "etc/machine-id", "usr/share/seer/data", "etc/yum.repos.d")
    } == {
        "": "system_u:object_r:root_t:s0",
        "etc/machine-id": "system_u:object_r:etc_runtime_t:s0",
        "usr/share/seer/data": "system_u:object_r:usr_t:s0",
        "etc/yum.repos.d": "system_u:object_r:etc_t:s0",
    }
    assert [
        path for path in target.rglob("*") if "security.selinux" not in os.listxattr(path, follow_symlinks=False)
    ] == []


def label_of(path: Path) -> str:
    return os.getxattr(path, "security.selinux").decode().rstrip("\0")
