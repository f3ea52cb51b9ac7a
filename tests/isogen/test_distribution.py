"""Which distribution a runtime root is made of, and where its packages come from; Fedora's templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.cache import Cache
from ashore_isogen.distribution import chosen, debian
from ashore_isogen.ours import templates_directory
from ashore_isogen.runtime import ensure_root, main
from ashore_isogen.runtime_root import CLEANUP, COMMON, INSTALL, POSTINSTALL, templates_of
from ashore_isogen.template.commands import Command, InstallPkg, RunPkgTransaction
from tests.fakes.media import Notes

FEDORA = templates_directory("fedora")
AT = "https://mirror.example/os/"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.asc"
    path.write_text("one", encoding="utf-8")
    return path


def commands(name: str) -> Iterator[Command]:
    return (line.command for line in templates_of(FEDORA, None).parse(name))


def test_packages_of_a_distribution_come_from_its_repositories(key: Path) -> None:
    payload = chosen("fedora", [AT, str(key.parent)], [str(key)]).payload()

    assert [one.baseurls for one in payload.repositories] == [(AT,), (key.parent.as_uri(),)]
    assert all(one.gpgcheck and one.keys[0].location == key.as_uri() for one in payload.repositories)


@pytest.mark.parametrize(
    ("name", "repositories", "keys", "message"),
    [
        ("fedora", [], [], "Nothing says where the packages of fedora come from."),
        ("fedora", [AT], [], "Nothing says which keys sign the packages."),
        ("debian", [AT], ["key.asc"], "Debian's packages come from the archive that this machine's apt uses."),
        ("fedora", ["gopher://mirror.example/"], ["key.asc"], "Packages can't come from gopher://mirror.example/."),
        ("fedora", ["https://ann:secret@mirror.example/"], ["key.asc"], "A password can't be given here."),
        ("./nowhere", [AT], ["key.asc"], f"nowhere has no {INSTALL}."),
        ("common", [AT], ["key.asc"], f"common has no {INSTALL}."),
    ],
)
def test_what_does_not_fit_together_is_bad_input(
    name: str, repositories: list[str], keys: list[str], message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        chosen(name, repositories, keys)
    assert caught.value.message.endswith(message)


def test_the_digest_follows_what_packages_come_from(key: Path) -> None:
    before = chosen("fedora", [AT], [str(key)])
    assert chosen("fedora", [AT], [str(key)]).digest == before.digest
    digests = {before.digest, debian().digest, chosen("fedora", [AT, f"{AT}more/"], [str(key)]).digest}
    assert chosen(str(FEDORA), [AT], [str(key)]).digest == before.digest
    old = before.digest
    key.write_text("another", encoding="utf-8")
    assert len(digests | {chosen("fedora", [AT], [str(key)]).digest}) == 4
    assert before.digest != old


def test_its_words_name_the_same_again(key: Path) -> None:
    one = chosen("fedora", [AT], [str(key)])

    assert one.words() == [f"--distribution={FEDORA}", f"--repo={AT}", f"--repo-key={key.as_uri()}"]
    assert chosen(str(one.templates), one.repositories, one.keys) == one
    assert debian().words() == []


def test_roots_of_distributions_displace_each_other_not(tmp_path: Path, key: Path) -> None:
    cache, fedora = Cache(tmp_path / "cache"), chosen("fedora", [AT], [str(key)])
    for one in (fedora, debian()):
        cache.entry(one.kind, one.digest).mkdir(parents=True)

    assert fedora.kind != debian().kind
    assert ensure_root(Notes(), cache, fedora) == cache.entry("root-fedora", fedora.digest) / "tree"
    assert ensure_root(Notes(), cache) == cache.entry("root", debian().digest) / "tree"


def test_the_packages_are_asked_for_and_installed_last() -> None:
    *asked, last = commands(INSTALL)
    assert last == RunPkgTransaction()
    assert all(isinstance(one, InstallPkg) for one in asked)
    names = [name for one in asked if isinstance(one, InstallPkg) for name in one.specs]
    assert len(names) == len(set(names))
    assert {"kernel", "systemd", "shim-x64", "ostree-libs", "python3-libdnf5", "python3-blivet"} <= set(names)


def test_what_makes_an_installer_is_never_optional() -> None:
    assert all(isinstance(one, InstallPkg) and one.required for one in commands("installer.tmpl"))


@pytest.mark.parametrize("distribution", ["debian", "fedora"])
def test_every_configuration_file_is_there_and_used(distribution: str) -> None:
    directory = templates_directory(distribution)
    text = (directory / POSTINSTALL).read_text(encoding="utf-8")
    there = {path.name for place in (templates_directory(COMMON), directory) for path in place.glob("config_files/*")}

    assert set(re.findall(r"\$\{configdir\}/(\S+) ", text)) == there


def test_the_dry_run_lists_every_command_of_a_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dry-run", "--distribution", "fedora"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^system\.tmpl:[0-9]+: installpkg kernel$", out, re.MULTILINE)
    assert re.search(r"^installer\.tmpl:[0-9]+: installpkg python3-libdnf5$", out, re.MULTILINE)
    assert re.search(rf"^{re.escape(CLEANUP)}:[0-9]+: removefrom systemd-udev ", out, re.MULTILINE)


def test_a_live_system_is_cut_from_debians_root_only(capsys: pytest.CaptureFixture[str], key: Path) -> None:
    assert main(["build", "--distribution", "fedora", "--repo", AT, "--repo-key", str(key)]) == 2
    assert "A live system is cut from debian's root, not yet from that of fedora." in capsys.readouterr().err
