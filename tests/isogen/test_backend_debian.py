"""Debian packages: what is asked of mmdebstrap, and what dpkg's database says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, InstallerError
from ashore_isogen.backend_debian import Archive, DebianPackages, Dpkg, Package, mirror_among, reason_of
from ashore_isogen.template.commands import InstallPkg

STATUS = """Package: zlib1g
Status: install ok installed
Architecture: amd64
Version: 1:1.3.1
Description: compression
 Version: not a field

Package: base-files
Status: install ok installed
Architecture: amd64
Version: 14
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    info = tmp_path / "root/var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info.parent / "status").write_text(STATUS, encoding="utf-8")
    (info / "zlib1g:amd64.list").write_text("/.\n/usr\n/usr/lib/libz.so.1\n", encoding="utf-8")
    (info / "base-files.list").write_text("/.\n/etc/issue\n", encoding="utf-8")
    return tmp_path / "root"


def backend(root: Path) -> DebianPackages:
    archive = Archive(uri="http://mirror.example/debian", suite="forky")
    return DebianPackages(root=root, archive=archive, debs=root / "debs", report=print)


def test_the_database_is_read(root: Path) -> None:
    assert Dpkg(root).packages() == (
        Package(name="base-files", version="14", architecture="amd64"),
        Package(name="zlib1g", version="1:1.3.1", architecture="amd64"),
    )
    assert Dpkg(root).files_of("zlib*") == ["/usr", "/usr/lib/libz.so.1"]
    assert len(Dpkg(root).files_of("*")) == 3
    assert Dpkg(root).files_of("none") == []


def test_a_package_is_there_as_long_as_a_file_of_it_is(root: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    (cut / "usr/lib").mkdir(parents=True)
    assert Dpkg(root).packages_in(cut) == ()
    (cut / "usr/lib/libz.so.1").touch()
    assert [package.name for package in Dpkg(root).packages_in(cut)] == ["zlib1g"]


def test_a_finished_tree_takes_no_packages(root: Path) -> None:
    with pytest.raises(BadInput, match="nano: this tree is complete"):
        Dpkg(root).request(InstallPkg(specs=("nano",)))
    with pytest.raises(BadInput, match="complete"):
        Dpkg(root).transact()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (InstallPkg(specs=("a", "lib*")), r"lib\* is a glob"),
        (InstallPkg(specs=("a",), required=False), "--optional is not supported yet"),
    ],
)
def test_what_apt_can_not_be_asked_for_is_refused(root: Path, command: InstallPkg, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        backend(root).request(command)


def test_a_transaction_needs_packages(root: Path) -> None:
    with pytest.raises(InstallerError, match="No package was asked for"):
        backend(root).transact()


def test_mmdebstrap_gets_what_was_asked_for(root: Path) -> None:
    packages = backend(root)
    packages.request(InstallPkg(specs=("systemd", "udev", "x-doc"), excluding=("*-doc",)))
    packages.request(InstallPkg(specs=("bash",)))
    words = packages.command()
    assert "--include=systemd,udev,bash" in words
    assert words[-3:-1] == ["forky", str(root)]
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert words[-1] == f"deb [signed-by={keyring}] http://mirror.example/debian forky main"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["http://a.example/debian/ main"], "http://a.example/debian"),
        (
            ["https://x.example/apt main", "http://b.example/debian contrib", "http://c.example/debian main"],
            "http://c.example/debian",
        ),
        (["http://a.example/debian-security/ main", "http://d.example/debian/ main"], "http://d.example/debian"),
        (["https://x.example/ubuntu main"], None),
        ([], None),
    ],
)
def test_the_archive_is_the_one_of_this_machine(lines: list[str], expected: str | None) -> None:
    assert mirror_among(lines) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("I: x\nE: Unable to locate package nanoo\nE: setup failed: E: apt-get\n", "Unable to locate package nanoo"),
        ("mmdebstrap: something else\n", "mmdebstrap: something else"),
        ("", "mmdebstrap failed."),
    ],
)
def test_the_reason_of_a_failure_is_found(output: str, expected: str) -> None:
    assert reason_of(output) == expected
