"""libdnf5 resolves what was asked for, and says in words why it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.package_plan import GroupChoice, GroupLevel, PackagePayload, Repository
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from tests.root.packaging import Bench, names
from tests.root.rpms import Laboratory

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]


@pytest.fixture(scope="module")
def bench(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    path = tmp_path_factory.mktemp("resolve")
    laboratory.repository(path / "main")
    return Bench(path=path, laboratory=laboratory)


@pytest.fixture(scope="module")
def main(bench: Bench) -> Repository:
    return bench.repository((bench.path / "main").as_uri())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"packages": ("alpha",)}, {"alpha", "beta", "weak"}),
        ({"packages": ("alpha",), "weak_dependencies": False}, {"alpha", "beta"}),
        ({"packages": ("alpha",), "excludes": ("we*",)}, {"alpha", "beta"}),
        ({"packages": ("/usr/share/told/data", "wea?")}, {"told", "weak"}),
        ({"core": True}, {"tiny-release"}),
        ({"core": True, "excluded_groups": ("core",), "packages": ("weak",)}, {"weak"}),
        ({"groups": (GroupChoice(id="levels", level=GroupLevel.MANDATORY),)}, {"beta", "weak"}),
        ({"groups": (GroupChoice(id="levels"),)}, {"beta", "weak", "told"}),
        ({"groups": (GroupChoice(id="levels", level=GroupLevel.OPTIONAL),)}, {"beta", "weak", "told", "large"}),
        ({"environment": "tiny-environment"}, {"tiny-release", "beta", "weak", "told"}),
        (
            {"environment": "tiny-environment", "groups": (GroupChoice(id="levels", level=GroupLevel.OPTIONAL),)},
            {"tiny-release", "beta", "weak", "told", "large"},
        ),
        ({"environment": "tiny-environment", "excluded_groups": ("levels",)}, {"tiny-release"}),
        ({"groups": (GroupChoice(id="Levels", level=GroupLevel.MANDATORY),)}, {"beta", "weak"}),
        ({"environment": "tiny", "excluded_groups": ("LEVELS",)}, {"tiny-release"}),
        ({"packages": ("weak", "nosuch"), "ignore_missing": True}, {"weak"}),
        ({"packages": ("weak", "broken"), "ignore_broken": True}, {"weak"}),
        ({"packages": ("weak",), "locale": "de_AT.UTF-8"}, {"weak", "langpacks-de"}),
        ({"packages": ("weak",), "locale": "pt_BR.UTF-8"}, {"weak", "langpacks-pt_BR"}),
        ({"packages": ("weak",), "locale": "da_DK.UTF-8"}, {"weak"}),
        ({"packages": ("weak",), "locale": "de_DE.UTF-8", "excludes": ("langpacks-*",)}, {"weak"}),
    ],
)
def test_what_is_chosen(bench: Bench, main: Repository, changes: dict[str, object], expected: set[str]) -> None:
    assert names(bench.resolve(bench.payload(main, **changes))) == expected


def test_facts(bench: Bench, main: Repository) -> None:
    info = bench.resolve(bench.payload(main, "tiny-release", "old-rpm"))
    assert info.name == "Tiny 7"
    assert info.rpm_database == "/var/lib/rpm"
    assert info.download_size == sum(
        path.stat().st_size for path in (bench.path / "main").glob("*.rpm") if path.name.startswith(("tiny", "old"))
    )
    assert all(package.checksum.startswith("sha256:") for package in info.packages)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"packages": ("alpa", "zz*")},
            ("No repository has the package alpa: did you mean alpha?", "No package matches zz*."),
        ),
        ({"packages": ("broken",)}, ("The package broken-1-1.noarch needs nowhere, which no repository has.",)),
        ({"groups": (GroupChoice(id="level"),)}, ("No repository has the group level: did you mean levels?",)),
        ({"environment": "huge"}, ("No repository has the environment huge.",)),
    ],
)  # fmt: skip
def test_what_can_not_be(bench: Bench, main: Repository, changes: dict[str, object], problems: tuple[str, ...]) -> None:
    with pytest.raises(PackagesFailed) as caught:
        bench.resolve(bench.payload(main, **changes))
    assert (caught.value.kind, caught.value.details) == (FailureKind.UNRESOLVABLE, problems)


def test_conflict_names_both(bench: Bench, main: Repository) -> None:
    with pytest.raises(PackagesFailed) as caught:
        bench.resolve(bench.payload(main, "alpha", "foe"))
    assert "package foe-1-1.noarch conflicts with beta-1-1.noarch" in caught.value.details[0]


def test_what_is_left_out_is_told(bench: Bench, main: Repository) -> None:
    info = bench.resolve(bench.payload(main, "weak", "broken", "nosuch", ignore_broken=True, ignore_missing=True))
    assert names(info) == {"weak"}
    assert any("broken" in text for text in info.warnings)
    assert any("nosuch" in text for text in info.warnings)


def test_repository_excludes_and_includes(bench: Bench, main: Repository) -> None:
    only = bench.repository(*main.baseurls, includes=("weak", "told"))
    assert names(bench.resolve(bench.payload(only, "*"))) == {"weak", "told"}
    less = bench.repository(*main.baseurls, excludes=("weak",))
    assert names(bench.resolve(bench.payload(less, "beta"))) == {"beta"}


def test_repository_without_groups(bench: Bench, main: Repository) -> None:
    silent = bench.repository(*main.baseurls, groups=False)
    with pytest.raises(PackagesFailed, match="No repository has the group levels"):
        bench.resolve(bench.payload(silent, groups=(GroupChoice(id="levels"),)))


def test_release_in_an_address(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "7").symlink_to(bench.path / "main")
    there = bench.repository(f"{tmp_path.as_uri()}/$releasever")
    assert names(bench.resolve(bench.payload(there, "weak", release="7"))) == {"weak"}
    with pytest.raises(PackagesFailed, match="no release was named"):
        bench.resolve(bench.payload(there, "weak"))


def test_repository_that_is_not_there(bench: Bench) -> None:
    gone = bench.repository("http://127.0.0.1:9/nothing")
    with pytest.raises(PackagesFailed, match="The repository main can't be used: ") as caught:
        bench.resolve(bench.payload(gone, "weak"))
    assert caught.value.kind is FailureKind.REPOSITORY


def test_what_is_offered(bench: Bench, main: Repository) -> None:
    gone = Repository(id="gone", baseurls=("http://127.0.0.1:9/nothing",), gpgcheck=False)
    catalogue = bench.libdnf5.browse(PackagePayload(repositories=(main, gone)), "amd64")
    there, not_there = catalogue.repositories
    assert (there.id, there.packages, there.problem) == ("main", 15, "")
    assert not_there.id == "gone"
    assert not_there.problem.startswith("The repository gone can't be used")
    (environment,) = catalogue.environments
    assert (environment.name, environment.groups, environment.options) == ("Tiny", ("core", "levels"), ("more",))
    core, levels, more = sorted(catalogue.groups, key=lambda group: group.id)
    assert (core.visible, levels.visible, levels.packages) == (False, True, 2)
    assert more.install_size == sum(
        package.install_size for package in bench.resolve(bench.payload(main, "weak")).packages
    )


def test_search(bench: Bench, main: Repository) -> None:
    found = bench.libdnf5.search(bench.payload(main), "amd64", ("rpm",))
    assert [package.name for package in found.packages] == ["rpm", "old-rpm"]
    found = bench.libdnf5.search(bench.payload(main), "amd64", ("tiny", "WEAK"))
    assert [(package.name, package.summary) for package in found.packages] == [("weak", "Tiny weak")]


def test_collected_for_a_medium(bench: Bench, main: Repository, tmp_path: Path) -> None:
    info = bench.libdnf5.collect(bench.payload(main, "alpha"), "amd64", tmp_path / "medium", bench.heard)
    files = sorted((tmp_path / "medium").iterdir())
    assert [path.name for path in files] == ["alpha-1.rpm", "beta-1.rpm", "weak-1.rpm"]
    assert not any(path.is_symlink() for path in files)
    assert sum(path.stat().st_size for path in files) == info.download_size
