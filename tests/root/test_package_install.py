"""Packages get installed into a root, and what their scriptlets do is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from tests.root.packaging import Bench, small
from tests.root.rpms import Laboratory, installed

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]

DATABASE = "/usr/lib/sysimage/rpm"


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    laboratory.repository(tmp_path / "main")
    return Bench(path=tmp_path, laboratory=laboratory)


@pytest.fixture
def main(bench: Bench) -> Repository:
    return bench.repository((bench.path / "main").as_uri())


def test_everything_is_where_the_new_rpm_looks(bench: Bench, main: Repository) -> None:
    info = bench.install(bench.payload(main, "alpha", "rpm"))
    found = installed(bench.target, DATABASE)
    assert {name for name in found if not name.startswith("gpg-pubkey")} == {one.nevra for one in info.packages}
    assert not (bench.target / "var/lib/rpm").exists()
    assert (bench.target / "usr/share/alpha/data").read_text() == "alpha\n"
    assert bench.heard.progressed[-1] == (len(info.packages), len(info.packages), "packages")
    assert not list(bench.target.glob(".ashore*"))


def test_older_database(bench: Bench, main: Repository) -> None:
    bench.install(bench.payload(main, "weak", "old-rpm"))
    assert "weak-1-1.noarch" in installed(bench.target, "/var/lib/rpm")
    assert not (bench.target / "usr/lib/sysimage/rpm").exists()


def test_documentation_and_languages(bench: Bench, main: Repository) -> None:
    documentation, german = Path("usr/share/doc/told/README"), Path("usr/share/locale/de/told")
    bench.install(bench.payload(main, "told", documentation=False, languages=("fr",)))
    assert not (bench.target / documentation).exists()
    assert not (bench.target / german).exists()
    other = Bench(path=bench.path / "other", laboratory=bench.laboratory)
    other.path.mkdir()
    other.install(other.payload(main, "told", languages=("de",)))
    assert (other.target / documentation).exists()
    assert (other.target / german).exists()


def test_failing_post_is_a_warning(bench: Bench, main: Repository) -> None:
    bench.install(bench.payload(main, "fails-after", "weak"))
    assert {"fails-after-1-1.noarch", "weak-1-1.noarch"} <= installed(bench.target, DATABASE)
    (warning,) = bench.heard.warnings
    assert warning.startswith("The script %post of the package fails-after failed")
    assert "oh dear" in bench.log


def test_failing_pre_fails_the_package(bench: Bench, main: Repository) -> None:
    with pytest.raises(PackagesFailed, match="The script %pre of the package fails-before failed") as caught:
        bench.install(bench.payload(main, "fails-before", "weak"))
    assert caught.value.kind is FailureKind.TRANSACTION
    assert "fails-before-1-1.noarch" not in installed(bench.target, DATABASE)


def test_repositories_that_changed_since_the_plan(bench: Bench, main: Repository) -> None:
    payload = bench.payload(main, "beta")
    info = bench.resolve(payload)
    bench.laboratory.repository(bench.path / "smaller", "beta")
    other = bench.payload(bench.repository((bench.path / "smaller").as_uri()), "beta")
    with pytest.raises(PackagesFailed, match=r"changed since the plan was made: weak-1-1\.noarch") as caught:
        bench.libdnf5.download(other, info, bench.target)
    assert caught.value.kind is FailureKind.CHANGED


def test_package_that_vanished_after_the_download(bench: Bench, main: Repository) -> None:
    payload = bench.payload(main, "weak")
    info = bench.download(payload)
    (bench.path / "main" / "weak-1.rpm").unlink()
    with pytest.raises(PackagesFailed, match=r"weak-1-1\.noarch was not downloaded"):
        bench.libdnf5.install(payload, info, bench.target)


def test_full_disk_in_the_transaction(bench: Bench, main: Repository) -> None:
    # Packages of a repository on this machine are not copied: there is room for them, and not for what is in them.
    with small(bench.target, megabytes=3):
        with pytest.raises(PackagesFailed) as caught:
            bench.install(bench.payload(main, "large", "rpm"))
        assert caught.value.kind is FailureKind.SPACE
        assert "large-1-1.noarch" not in installed(bench.target, DATABASE)
