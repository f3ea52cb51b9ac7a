"""Installing into a root file system that holds image-mode systems already: what stays, and what is replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.boot.entries import read_entries
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.payload.ostree import Sysroot
from ashore_installer.payload.steps import DeployImage, ImportImage, InitSysroot, LabelTarget, ProveDeployment
from ashore_installer.run import Commands
from ashore_isogen.oci import Entry, regular
from tests.installer.images import BASE
from tests.root.sysroots import fsck, ostree
from tests.root.test_import_deploy import ROOT, Installation

pytestmark = pytest.mark.root

STEPS = (InitSysroot, ImportImage, DeployImage, LabelTarget, ProveDeployment)
OLD, NEW = regular("usr/share/version", b"old\n"), regular("usr/share/version", b"new\n")


class Kept:
    """One physical root, in which images are installed one after the other."""

    def __init__(self, tmp_path: Path) -> None:
        self.target = tmp_path / "target"
        self._tmp_path, self._number = tmp_path, 0

    def install(self, stateroot: str, *entries: Entry) -> Context:
        self._number += 1
        directory = self._tmp_path / str(self._number)
        directory.mkdir()
        made = Installation(directory, (*BASE, *ROOT), entries)
        context = made.context
        self.target.mkdir(exist_ok=True)
        payload = replace(made.payload, stateroot=stateroot, target=f"docker://registry.example/{stateroot}:1")
        context.plan, context.target = replace(context.plan, payload=payload), self.target
        for kind in STEPS:
            kind(payload=payload).run(context)
        return context

    def deployments(self) -> list[str]:
        with Sysroot(self.target) as sysroot:
            return [f"{path.parents[1].name} {version(path)}" for _, path in sysroot.deployments()]


def version(deployment: Path) -> str:
    return (deployment / "usr/share/version").read_text().strip()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    for deployment in made.target.glob("ostree/deploy/*/deploy/*.?"):
        Commands().run(["chattr", "-i", deployment])


def home_of(target: Path, stateroot: str) -> Path:
    home = target / "ostree/deploy" / stateroot / "var/home/anne"
    home.mkdir(parents=True)
    (home / "letter").write_text("dear")
    return home / "letter"


def test_a_system_in_the_same_stateroot_is_replaced_and_its_var_stays(kept: Kept) -> None:
    old = kept.install("default", OLD)
    letter = home_of(kept.target, "default")
    (old.root() / "etc/of-the-old").write_text("x")

    new = kept.install("default", NEW)

    assert kept.deployments() == ["default new"]
    assert letter.read_text() == "dear"
    assert not (new.root() / "etc/of-the-old").exists()
    assert len(read_entries(kept.target)) == 1
    fsck(kept.target / "ostree/repo")


def test_the_same_image_can_be_installed_again(kept: Kept) -> None:
    kept.install("default", OLD)
    kept.install("default", OLD)
    assert kept.deployments() == ["default old"]


def test_other_stateroots_stay_with_their_boot_entries(kept: Kept) -> None:
    old = kept.install("other", OLD)
    letter = home_of(kept.target, "other")
    (old.root() / "etc/of-the-old").write_text("x")

    kept.install("default", NEW)

    assert kept.deployments() == ["default new", "other old"]
    assert letter.read_text() == "dear"
    assert (old.root() / "etc/of-the-old").read_text() == "x"
    first, second = read_entries(kept.target)
    assert "/default/" in first.options[-1]
    assert "/other/" in second.options[-1]
    assert ostree("admin", "status", f"--sysroot={kept.target}").count("origin:") == 2
    # Twice more: libostree goes from one boot version to the other.
    kept.install("default", OLD)
    kept.install("default", NEW)
    assert kept.deployments() == ["default new", "other old"]


def test_boot_may_be_new_when_only_the_own_stateroot_is_there(kept: Kept) -> None:
    kept.install("default", OLD)
    letter = home_of(kept.target, "default")
    shutil.rmtree(kept.target / "boot")
    (kept.target / "boot").mkdir()
    kept.install("default", NEW)
    assert kept.deployments() == ["default new"]
    assert letter.read_text() == "dear"


def test_a_repository_of_another_kind_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "ostree").mkdir(parents=True)
    ostree("init", f"--repo={target}/ostree/repo", "--mode=bare-user")
    with pytest.raises(InstallerError, match="no system can boot from"):
        Sysroot.create(target, "default")
