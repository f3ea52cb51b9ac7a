"""`ashore install` and `ashore plan` in traditional mode: real plans and real checks of packages that are not there.

Only libdnf5 and the engine's own process are fakes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.check import check
from ashore_installer.errors import ExitStatus
from ashore_installer.facts import Facts
from ashore_installer.finalize import finalize
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.plan import Draft, InstallPlan, Problem
from ashore_installer.sources import resolve
from ashore_installer.steps import steps_for
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_installer.units import GiB
from ashore_tui.engine import Progress
from tests.fakes.packages import FakePackages, a_package_plan, a_payload, some_packages
from tests.tui.fakes import FakeEngine, ashore

DRAFT = Draft(packages=a_payload(), storage=StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic()))


@dataclass
class PackageEngine(FakeEngine):
    packages: FakePackages = field(default_factory=FakePackages)

    def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
        self.resolved.append(draft)
        return resolve(draft, progress=progress, machine=machine, packages=self.packages)

    def finalize(self, draft: Draft, machine: MachineInfo, image: Facts) -> InstallPlan:
        return finalize(draft, machine, image)

    def check(self, plan: InstallPlan, machine: MachineInfo, image: Facts) -> tuple[Problem, ...]:
        return check(plan, machine, image)

    def steps(self, plan: InstallPlan) -> tuple[str, ...]:
        return tuple(step.title for step in steps_for(plan))


@pytest.fixture
def engine(tmp_path: Path) -> PackageEngine:
    return PackageEngine(tmp_path)


def save(path: Path, value: Draft | InstallPlan) -> str:
    path.write_text(codec.to_json(value))
    return str(path)


def test_a_plan_with_packages_is_carried_out(engine: PackageEngine, tmp_path: Path) -> None:
    plan = a_package_plan()

    outcome = ashore(engine, "install", "--plan", save(tmp_path / "plan.json", plan), "--yes")

    assert outcome.status == ExitStatus.DONE
    (request,) = engine.requests
    assert request.plan == plan
    assert isinstance(request.payload, PackagesInfo)
    # A plan is whole: what the machine needs was added when it was made, and nothing is added again.
    assert engine.packages.calls == [("resolve", a_payload())]


def test_a_dry_run_shows_the_packages_and_the_steps(engine: PackageEngine, tmp_path: Path) -> None:
    outcome = ashore(engine, "install", "--plan", save(tmp_path / "plan.json", a_package_plan()), "--dry-run")

    assert outcome.status == ExitStatus.DONE
    assert "Lagoon Linux 1" in outcome.out
    assert "http://repo.example/base" in outcome.out
    assert "7. Install the packages\n" in outcome.out
    assert engine.requests == []


def test_a_draft_is_checked_with_what_the_machine_needs(engine: PackageEngine, tmp_path: Path) -> None:
    outcome = ashore(engine, "plan", "check", save(tmp_path / "draft.json", DRAFT))

    assert outcome.status == ExitStatus.DONE, outcome.err
    ((_, payload),) = engine.packages.calls
    assert isinstance(payload, PackagePayload)
    assert {"bash", "kernel", "grub2-pc"} <= set(payload.packages)


def test_packages_that_do_not_fit_are_refused(engine: PackageEngine, tmp_path: Path) -> None:
    engine.packages = FakePackages(info=some_packages(unpacked_size=30 * GiB))

    outcome = ashore(engine, "plan", "check", save(tmp_path / "plan.json", a_package_plan()))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "The file system / is too small" in outcome.err


def test_an_image_on_the_command_line_takes_the_place_of_packages(engine: PackageEngine, tmp_path: Path) -> None:
    name = save(tmp_path / "draft.json", DRAFT)

    ashore(engine, "plan", "check", name, "--image", "oci:/nowhere:1")

    assert engine.resolved[0].packages is None
    assert engine.packages.calls == []


def test_packages_are_updated_from_repositories_and_not_from_an_image(engine: PackageEngine, tmp_path: Path) -> None:
    name = save(tmp_path / "draft.json", DRAFT)

    outcome = ashore(engine, "plan", "check", name, "--target-imgref", "docker://registry.example/os:1")

    assert outcome.status == ExitStatus.BAD_INPUT
    assert "--target-imgref" in outcome.err
