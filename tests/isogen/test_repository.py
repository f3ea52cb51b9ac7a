"""The package repository of a medium: what is collected, what its groups are, whom it trusts, and that it is found."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.mediacheck import check_tree
from ashore_installer.medium import PACKAGES, MediumManifest, medium_repositories, read_manifest
from ashore_installer.package_plan import GroupChoice, PackagePayload, PackagesInfo, Repository, SigningKey
from ashore_installer.payload.package_process import Report
from ashore_installer.run import Commands
from ashore_isogen.build import BuildRequest, build_iso
from ashore_isogen.repository.collect import Collected, Enter, Tools, collect
from ashore_isogen.repository.comps import groups_text
from ashore_isogen.repository.keys import with_local_keys
from ashore_isogen.repository.metadata import group_files, unpacked
from tests.fakes.media import Notes, a_layout, a_runtime
from tests.fakes.packages import some_packages
from tests.isogen.test_iso_build import extracted

KEY = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----\n"
COMPS = """<?xml version="1.0"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group><id>core</id><name>Core</name><packagelist>
    <packagereq type="mandatory">bash</packagereq><packagereq type="mandatory">plymouth</packagereq>
    </packagelist></group>
  <group><id>web</id><name>Web</name><packagelist>
    <packagereq type="mandatory">httpd</packagereq><packagereq type="default">bash</packagereq></packagelist></group>
  <group><id>shell</id><name>Shells</name><packagelist>
    <packagereq type="mandatory">bash</packagereq><packagereq type="optional">zsh</packagereq></packagelist></group>
  <environment><id>server</id><name>Server</name><grouplist><groupid>core</groupid></grouplist>
    <optionlist><groupid>web</groupid><groupid>shell</groupid></optionlist></environment>
  <environment><id>site</id><name>Site</name><grouplist><groupid>web</groupid></grouplist></environment>
  <category><id>all</id></category>
</comps>"""
REPOMD = """<repomd xmlns="http://linux.duke.edu/metadata/repo">
<data type="primary"><location href="repodata/p"/></data>
<data type="group"><location href="repodata/1-comps.xml.gz"/></data></repomd>"""


def a_choice(key: Path, **changes: Any) -> PackagePayload:
    one = Repository(id="base", baseurls=("http://m.example/os/",), keys=(SigningKey(location=key.as_uri()),))
    return replace(PackagePayload(repositories=(one,), packages=("bash",)), **changes)


@dataclass
class FakeTools:
    """libdnf5 that "fetches" a file for each package and keeps metadata, and programs that write down their words."""

    work: Path
    info: PackagesInfo
    ran: list[list[str]] = field(default_factory=list)
    collected: list[PackagePayload] = field(default_factory=list)

    def resolve(self, payload: PackagePayload, architecture: str, report: Report) -> PackagesInfo:
        assert payload.ignore_missing
        report.progress(1, 1)
        return replace(self.info, architecture=architecture)

    def collect(self, payload: PackagePayload, architecture: str, directory: Path, report: Report) -> PackagesInfo:
        assert architecture == "amd64"
        self.collected.append(payload)
        report.progress(1, 2)
        for one in self.info.packages:
            (directory / f"{one.nevra}.rpm").write_bytes(one.nevra.encode())
        kept = self.work / "cache" / f"{payload.repositories[0].id}-0123456789abcdef" / "repodata"
        kept.mkdir(parents=True)
        (kept / "repomd.xml").write_text(REPOMD)
        (kept / "1-comps.xml.gz").write_bytes(gzip.compress(COMPS.encode()))
        return self.info

    def run(self, words: list[str]) -> str:
        self.ran.append(words)
        if words[0] == "rpm":
            return "1767225600\n" * sum(word.endswith(".rpm") for word in words)
        directory = Path(words[-1])
        (directory / "repodata").mkdir()
        (directory / "repodata/repomd.xml").write_text(" ".join(words[:-1]).replace(str(self.work), ""))
        return ""


def entering(info: PackagesInfo, made: list[FakeTools]) -> Enter:
    def enter(_payload: PackagePayload, work: Path) -> Tools:
        tools = FakeTools(work=work, info=info)
        made.append(tools)
        return Tools(packages=tools, run=tools.run)

    return enter


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "a key.asc"
    path.write_bytes(KEY)
    return path


@pytest.fixture
def made() -> list[FakeTools]:
    return []


def collected(choice: PackagePayload, work: Path, made: list[FakeTools], report: Notes | None = None) -> Collected:
    work.mkdir(exist_ok=True)
    return collect(choice, "amd64", work, entering(some_packages(), made), report or Notes())


# --- collecting ----------------------------------------------------------------------------------------------


def test_what_machines_can_need_comes_along_as_far_as_it_is_there(
    key: Path, tmp_path: Path, made: list[FakeTools]
) -> None:
    collected(a_choice(key), tmp_path / "work", made)

    (wanted,) = made[0].collected
    assert wanted.packages == ("bash", "dracut", "grub2-tools", "grub2-pc")
    assert not wanted.ignore_missing


def test_what_was_left_out_does_not_come_along(key: Path, tmp_path: Path, made: list[FakeTools]) -> None:
    collected(a_choice(key, excludes=("grub2-pc",)), tmp_path / "work", made)

    assert "grub2-pc" not in made[0].collected[0].packages


def test_the_repository_says_what_it_is(key: Path, tmp_path: Path, made: list[FakeTools]) -> None:
    found = collected(a_choice(key), tmp_path / "work", made)

    assert found.facts.name == "Lagoon Linux 1"
    assert found.facts.count == len(some_packages().packages)
    assert found.facts.choice == a_choice(key, repositories=())
    assert found.facts.sources == ("http://m.example/os/",)
    assert found.facts.signed
    assert found.created == 1_767_225_600
    paths = [item.path for item in found.items()]
    assert f"{PACKAGES}/keys/1.asc" in paths
    assert f"{PACKAGES}/repodata/repomd.xml" in paths
    assert f"{PACKAGES}/Packages/bash-5.3-1.x86_64.rpm" in paths


def test_nothing_of_the_machine_that_it_is_made_on_is_told(key: Path, tmp_path: Path, made: list[FakeTools]) -> None:
    choice = a_choice(key)
    one = replace(choice.repositories[0], baseurls=((tmp_path / "my packages").as_uri(),))

    found = collected(replace(choice, repositories=(one,)), tmp_path / "work", made)

    assert found.facts.sources == ("file:my packages",)
    assert str(tmp_path) not in repr(found.facts)


def test_the_same_packages_give_the_same_repository(key: Path, tmp_path: Path, made: list[FakeTools]) -> None:
    first, second = (collected(a_choice(key), tmp_path / name, made) for name in ("one", "two"))

    assert first.index == second.index
    assert {path.stat().st_mtime for path in (first.directory / "Packages").iterdir()} == {1_767_225_600}


def test_packages_are_checked_with_the_key_that_goes_onto_the_medium(
    key: Path, tmp_path: Path, made: list[FakeTools]
) -> None:
    found = collected(a_choice(key), tmp_path / "work", made)

    (used,) = made[0].collected[0].repositories[0].keys
    assert used.location == (found.directory / "keys/1.asc").as_uri()
    assert (found.directory / "keys/1.asc").read_bytes() == KEY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: (), "Nothing says where packages come from."),
        (lambda one: (replace(one, keys=()),), "Nothing says which keys sign the packages of the repository base."),
        (lambda one: (one, replace(one, id="x", gpgcheck=False)), "The packages of some repositories are checked"),
        (lambda one: (replace(one, keys=(SigningKey(location="file:///no"),)),), "The key /no can't be read"),
        (lambda one: (replace(one, keys=(SigningKey(location="medium:k"),)),), "A key for a medium can't be at"),
    ],
)
def test_what_can_not_be_trusted_is_refused(
    key: Path, tmp_path: Path, made: list[FakeTools],
    change: Callable[[Repository], tuple[Repository, ...]], message: str,
) -> None:  # fmt: skip
    choice = a_choice(key)

    with pytest.raises(BadInput, match=f"^{message}"):
        collected(replace(choice, repositories=change(choice.repositories[0])), tmp_path / "work", made)
    assert made == []


def test_packages_that_are_not_checked_leave_no_key(key: Path, tmp_path: Path, made: list[FakeTools]) -> None:
    choice = a_choice(key)
    one = replace(choice.repositories[0], gpgcheck=False)

    found = collected(replace(choice, repositories=(one,)), tmp_path / "work", made)

    assert not found.facts.signed
    assert not list((found.directory / "keys").iterdir())


# --- keys ----------------------------------------------------------------------------------------------------


def test_a_key_is_read_once_for_all_that_name_it(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return KEY

    one = Repository(id="a", baseurls=("http://x/",), keys=(SigningKey(location="http://k/", fingerprint="A" * 40),))
    found = with_local_keys(PackagePayload(repositories=(one, replace(one, id="b"))), tmp_path, fetch)

    assert asked == ["http://k/"]
    assert {key for one in found.repositories for key in one.keys} == {
        SigningKey(location=(tmp_path / "1.asc").as_uri(), fingerprint="A" * 40)
    }


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    one = Repository(id="a", baseurls=("http://x/",), keys=(SigningKey(location="http://k/"),))

    with pytest.raises(BadInput, match=r"^http://k/ is no armoured OpenPGP key\."):
        with_local_keys(PackagePayload(repositories=(one,)), tmp_path, lambda _: b"<html>")


# --- groups --------------------------------------------------------------------------------------------------


def groups(text: bytes) -> dict[str, list[str]]:
    """Environments and groups, with their packages or groups."""
    top = ElementTree.fromstring(text)
    lists = {"group": ("packagelist",), "environment": ("grouplist", "optionlist")}
    return {
        one.findtext("id", ""): [item.text or "" for name in lists[one.tag] for item in one.find(name) or ()]
        for one in top
    }


def test_groups_that_can_be_had_stay_without_what_is_missing() -> None:
    found = groups_text([COMPS.encode()], PackagePayload(repositories=()), {"bash"})

    assert groups(found) == {"core": ["bash"], "shell": ["bash"], "server": ["core", "shell"]}


def test_a_chosen_group_stays_even_if_something_of_it_was_left_out() -> None:
    choice = PackagePayload(repositories=(), groups=(GroupChoice(id="web"),), excludes=("httpd",))

    assert groups(groups_text([COMPS.encode()], choice, {"bash"}))["web"] == ["bash"]
    assert "web" in groups(groups_text([COMPS.encode()], replace(choice, groups=(), environment="site"), {"bash"}))
    assert "web" in groups(groups_text([COMPS.encode()], replace(choice, groups=(), environment="SITE"), {"bash"}))
    assert "web" in groups(groups_text([COMPS.encode()], replace(choice, groups=(GroupChoice(id="Web"),)), {"bash"}))


def test_groups_of_two_repositories_are_put_together() -> None:
    more = '<comps><group><id>shell</id><packagelist><packagereq type="default">fish</packagereq>'
    more += "<packagereq>bash</packagereq></packagelist></group></comps>"

    found = groups_text([COMPS.encode(), more.encode()], PackagePayload(repositories=()), {"bash", "fish"})

    assert groups(found)["shell"] == ["bash", "fish"]


def test_no_groups_are_no_file() -> None:
    assert groups_text([], PackagePayload(repositories=()), {"bash"}) == b""


@pytest.mark.parametrize("text", [b"<comps>", b"<html/>"])
def test_groups_that_can_not_be_read_are_refused(text: bytes) -> None:
    with pytest.raises(InstallerError, match=r"^The groups of a repository can't be read\."):
        groups_text([text], PackagePayload(repositories=()), {"bash"})


def test_groups_are_found_among_what_libdnf5_has_kept(tmp_path: Path) -> None:
    for name in ("base-0123456789abcdef", "base-extra-0123456789abcdef"):
        (tmp_path / name / "repodata").mkdir(parents=True)
        (tmp_path / name / "repodata/repomd.xml").write_text(REPOMD)
        (tmp_path / name / "repodata/1-comps.xml.gz").write_bytes(gzip.compress(name.encode()))

    (found,) = group_files(tmp_path, ["base", "other"])

    assert unpacked(found, lambda _: b"") == b"base-0123456789abcdef"


def test_what_is_compressed_with_zstd_is_left_to_who_can(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x28\xb5\x2f\xfd...")

    assert unpacked(tmp_path / "x", lambda path: path.name.encode()) == b"x"


# --- the medium ----------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Bench:
    directory: Path
    choice: PackagePayload
    made: list[FakeTools] = field(default_factory=list)

    def build(self, **changes: Any) -> tuple[MediumManifest, Path]:
        """The manifest, and the medium as the live system sees it."""
        count = len(list(self.directory.iterdir()))
        output = self.directory / f"{count}.iso"
        request = replace(BuildRequest(output=output, packages=self.choice), **changes)
        runtime = a_runtime(self.directory / f"runtime{count}")
        enter = entering(some_packages(), self.made)
        manifest = build_iso(request, runtime, Commands(), Notes(), enter=enter)
        return manifest, extracted(output, self.directory / f"root{count}")


@pytest.fixture
def bench(tmp_path: Path, key: Path) -> Bench:
    (tmp_path / "bench").mkdir()
    return Bench(directory=tmp_path / "bench", choice=a_choice(key))


def test_the_live_system_finds_the_packages_and_their_keys(bench: Bench) -> None:
    manifest, root = bench.build()

    assert read_manifest(root) == manifest
    assert manifest.image is None
    assert manifest.packages is not None
    assert manifest.created == "2026-01-01T00:00:00Z"
    (found,) = medium_repositories(root)
    assert found.gpgcheck
    assert [key.location for key in found.keys] == [f"medium:{PACKAGES}/keys/1.asc"]
    assert check_tree(root, manifest) == ()


def test_the_media_check_sees_a_changed_package(bench: Bench) -> None:
    manifest, root = bench.build()
    path = f"{PACKAGES}/Packages/bash-5.3-1.x86_64.rpm"
    (root / path).chmod(0o644)
    (root / path).write_bytes(b"bash-5.3-1.x86_65")

    assert check_tree(root, manifest) == (path,)


def test_an_image_and_packages_go_onto_one_medium(bench: Bench) -> None:
    manifest, root = bench.build(image=a_layout(bench.directory / "layout"))

    assert manifest.image is not None
    assert manifest.packages is not None
    assert "Install Sample System" in (root / "boot/grub/grub.cfg").read_text()


def test_media_with_other_packages_are_told_apart(bench: Bench, key: Path) -> None:
    first, _ = bench.build()
    key.write_bytes(KEY + b"\n")
    second, _ = bench.build()

    assert first.volume_id != second.volume_id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"packages": None}, "Nothing says what the medium installs."),
        ({"target": "docker://x/y"}, "Packages don't update from an image."),
    ],
)
def test_what_makes_no_medium_is_refused(bench: Bench, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{message}"):
        bench.build(**changes)


def test_a_medium_may_carry_neither_if_its_kickstart_knows_where_packages_are(bench: Bench) -> None:
    kickstart = bench.directory / "x.ks"
    kickstart.write_text("url --url=http://m.example/ --nogpgcheck\n%packages\n%end\n")

    manifest, _ = bench.build(packages=None, kickstart=kickstart)

    assert (manifest.image, manifest.packages) == (None, None)
    assert manifest.kickstart
