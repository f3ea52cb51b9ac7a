"""A repository for a medium is collected by libdnf5 and createrepo_c, and a system is installed from it again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.medium import PACKAGES, with_medium
from ashore_installer.package_plan import MEDIUM_REPOSITORY, GroupChoice, PackagePayload, Repository
from ashore_installer.payload.package_process import PackageProcess
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from ashore_isogen.report import Quiet
from ashore_isogen.repository.collect import Collected, Tools, collect
from tests.root.packaging import Bench, names
from tests.root.rpms import Laboratory, Rpm, build, index, installed

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]

DATABASE = "/usr/lib/sysimage/rpm"
MEANT = PackagePayload(repositories=(Repository(id="medium", baseurls=(MEDIUM_REPOSITORY,)),))


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    laboratory.repository(tmp_path / "main")
    return Bench(path=tmp_path, laboratory=laboratory)


def run(words: list[str]) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def enter(_payload: PackagePayload, work: Path) -> Tools:
    """These tests are in the runtime root already."""
    return Tools(packages=PackageProcess(cache=work / "cache"), run=run)


def collected(bench: Bench, payload: PackagePayload, name: str = "work") -> Collected:
    (bench.path / name).mkdir()
    return collect(payload, "amd64", bench.path / name, enter, Quiet())


def chosen(bench: Bench) -> PackagePayload:
    """The environment with its groups."""
    main = bench.repository((bench.path / "main").as_uri())
    return bench.payload(main, core=True, environment="tiny-environment")


def on_medium(bench: Bench, found: Collected) -> Path:
    """A medium that carries the repository, without what it was made with."""
    medium = bench.path / "medium"
    shutil.copytree(found.directory, medium / PACKAGES)
    shutil.rmtree(bench.path / "main")
    return medium


def test_a_system_is_installed_from_what_was_collected(bench: Bench) -> None:
    found = collected(bench, chosen(bench))
    medium = on_medium(bench, found)
    libdnf5 = PackageProcess(cache=bench.path / "cache", medium=medium)
    payload = with_medium(replace(MEANT, environment="tiny-environment"), medium)
    bench.target.mkdir()

    info = libdnf5.resolve(payload, "amd64")
    libdnf5.download(payload, info, bench.target)
    libdnf5.install(payload, info, bench.target)

    assert {"beta", "told", "tiny-release"} <= names(info)
    assert found.facts.count == len(list((medium / PACKAGES).rglob("*.rpm"))) == len(info.packages)
    assert {package.nevra for package in info.packages} <= installed(bench.target, DATABASE)


def test_the_same_packages_are_described_in_the_same_bytes(bench: Bench) -> None:
    first, second = (collected(bench, chosen(bench), name) for name in ("one", "two"))

    assert first.index == second.index


def test_groups_that_are_not_there_are_not_offered(bench: Bench) -> None:
    main = bench.repository((bench.path / "main").as_uri())
    found = collected(bench, bench.payload(main, core=True, groups=(GroupChoice(id="more"),)))
    medium = on_medium(bench, found)

    catalogue = PackageProcess(cache=bench.path / "cache", medium=medium).browse(with_medium(MEANT, medium), "amd64")

    assert [one.id for one in catalogue.groups] == ["core", "more"]
    assert catalogue.environments == ()


def test_what_disks_can_need_is_collected_where_it_is_there(bench: Bench) -> None:
    build([Rpm(name="lvm2"), Rpm(name="mdadm", extra="Requires: nowhere")], bench.path / "tools")
    index(bench.path / "tools")
    main, tools = (
        Repository(id=name, baseurls=((bench.path / name).as_uri(),), gpgcheck=False) for name in ("main", "tools")
    )

    found = collected(bench, replace(bench.payload(main, "weak"), repositories=(main, tools)))

    assert sorted(path.name for path in found.directory.rglob("*.rpm")) == ["lvm2-1.rpm", "weak-1.rpm"]
    assert found.facts.choice.packages == ("weak",)


def test_a_package_by_another_key_is_not_put_onto_a_medium(bench: Bench) -> None:
    bench.laboratory.wrong.sign(sorted((bench.path / "main").glob("weak-*.rpm")))
    index(bench.path / "main")
    main = bench.repository((bench.path / "main").as_uri())

    with pytest.raises(PackagesFailed) as caught:
        collected(bench, bench.payload(main, "weak"))
    assert caught.value.kind is FailureKind.UNTRUSTED


def test_what_is_missing_is_said_and_not_left_out(bench: Bench) -> None:
    main = bench.repository((bench.path / "main").as_uri())

    with pytest.raises(PackagesFailed) as caught:
        collected(bench, bench.payload(main, "nowhere-to-be-found"))
    assert caught.value.kind is FailureKind.UNRESOLVABLE
