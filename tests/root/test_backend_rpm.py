"""A root tree is built by templates out of RPM packages."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.payload.package_protocol import PackagesFailed
from ashore_isogen.backend_rpm import RpmPackages
from ashore_isogen.template.commands import InstallPkg, Where
from ashore_isogen.template.execute import Executor
from ashore_isogen.template.tree import Tree
from ashore_isogen.template.words import read_line
from tests.root.packaging import Bench
from tests.root.rpms import Laboratory

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]

TEMPLATE = """\
installpkg alpha told
installpkg --optional nowhere-to-be-found lar*
run_pkg_transaction
removefrom alpha /usr/share/alpha/*
removepkg told
append /etc/done "yes"
"""


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    laboratory.repository(tmp_path / "main")
    bench = Bench(path=tmp_path, laboratory=laboratory)
    (bench.target / "etc").mkdir(parents=True)
    return bench


def run(words: list[str]) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def backend(bench: Bench) -> RpmPackages:
    base = bench.payload(bench.repository((bench.path / "main").as_uri()))
    return RpmPackages(
        root=bench.target, base=base, architecture="amd64", libdnf5=bench.libdnf5, run=run, report=bench.heard
    )  # fmt: skip


def test_a_template_makes_a_tree(bench: Bench) -> None:
    lines = [read_line(Where(file="x.tmpl", line=at), text) for at, text in enumerate(TEMPLATE.splitlines(), 1)]
    packages = backend(bench)
    executor = Executor(tree=Tree(bench.target), packages=packages, enter=print, report=bench.heard.note)

    executor.execute(lines)

    assert (bench.target / "usr/share/beta/data").read_text() == "beta\n"
    assert (bench.target / "usr/share/large/noise").exists()
    assert not (bench.target / "usr/share/alpha/data").exists()
    assert not (bench.target / "usr/share/told/data").exists()
    assert not (bench.target / "usr/share/doc/told/README").exists()
    assert not (bench.target / "usr/share/weak").exists()
    assert (bench.target / "etc/done").read_text() == "yes\n"
    assert "nowhere-to-be-found is optional, and can't be had." in bench.heard.notes
    assert packages.files_of("beta") == ["/usr/share/beta", "/usr/share/beta/data"]


def test_what_is_excluded_from_a_glob_is_not_installed(bench: Bench) -> None:
    packages = backend(bench)
    packages.request(InstallPkg(specs=("[tw]*",), excluding=("weak", "tiny-*")))
    packages.transact()

    assert (bench.target / "usr/share/told/data").exists()
    assert not (bench.target / "usr/share/weak").exists()


def test_what_is_required_must_be_there(bench: Bench) -> None:
    packages = backend(bench)
    packages.request(InstallPkg(specs=("nowhere-to-be-found",)))

    with pytest.raises(PackagesFailed, match="nowhere-to-be-found"):
        packages.transact()


def test_a_tree_is_made_once(bench: Bench) -> None:
    packages = backend(bench)
    with pytest.raises(InstallerError, match=r"^No package was asked for\."):
        packages.transact()
    assert packages.files_of("*") == ()
    packages.request(InstallPkg(specs=("weak",)))
    packages.transact()

    with pytest.raises(BadInput, match=r"^told: this tree is complete\."):
        packages.request(InstallPkg(specs=("told",)))


def test_what_the_base_leaves_out_stays_out(bench: Bench) -> None:
    packages = backend(bench)
    packages.base = replace(packages.base, excludes=("weak",))
    packages.request(InstallPkg(specs=("told",)))
    packages.transact()

    assert not (bench.target / "usr/share/weak").exists()
