"""Repositories that stay: .repo files that dnf understands, and secrets that only root reads."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.package_plan import Repository, SigningKey
from ashore_installer.payload.repositories import repository_text, write_repositories
from ashore_installer.secret import Secret
from tests.fakes.packages import a_payload


def parsed(text: str, name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    assert parser.sections() == [name]
    return dict(parser[name])


def test_a_small_repository_says_no_more_than_it_has_to() -> None:
    text = repository_text(Repository(id="base", baseurls=("http://a.example/1", "http://b.example/2")), ())
    assert parsed(text, "base") == {
        "name": "base",
        "baseurl": "http://a.example/1 http://b.example/2",
        "enabled": "1",
        "gpgcheck": "1",
        "repo_gpgcheck": "0",
    }


def test_everything_that_was_said_is_kept() -> None:
    text = repository_text(
        Repository(
            id="all", name="All of it", metalink="https://m.example/x?repo=y&arch=$basearch", cost=0, priority=10,
            proxy="http://p.example:3128", proxy_username="pu", proxy_password=Secret("pp"), username="u",
            password=Secret("p w"), sslverify=False, ca_certificate="/etc/ca.pem", client_certificate="/etc/c.pem",
            client_key="/etc/c.key", includes=("a*", "b"), excludes=("c",), groups=False, gpgcheck=False,
            repo_gpgcheck=True,
        ),
        ("file:///etc/pki/rpm-gpg/x", "https://k.example/y"),
    )  # fmt: skip
    assert parsed(text, "all") == {
        "name": "All of it",
        "metalink": "https://m.example/x?repo=y&arch=$basearch",
        "enabled": "1",
        "cost": "0",
        "priority": "10",
        "proxy": "http://p.example:3128",
        "proxy_username": "pu",
        "proxy_password": "pp",
        "username": "u",
        "password": "p w",
        "sslverify": "0",
        "sslcacert": "/etc/ca.pem",
        "sslclientcert": "/etc/c.pem",
        "sslclientkey": "/etc/c.key",
        "includepkgs": "a*,b",
        "excludepkgs": "c",
        "enablegroups": "0",
        "gpgcheck": "0",
        "repo_gpgcheck": "1",
        "gpgkey": "file:///etc/pki/rpm-gpg/x https://k.example/y",
    }


def test_a_repository_is_not_taken_for_the_settings_of_dnf() -> None:
    assert parsed(repository_text(Repository(id="main", baseurls=("http://a.example",)), ()), "main-repository")


def test_what_has_a_password_is_for_root_only(tmp_path: Path) -> None:
    secret = Repository(id="secret", baseurls=("https://a.example",), password=Secret("p"), username="u", install=True)
    proxied = Repository(id="proxied", baseurls=("https://a.example",), proxy_password=Secret("p"), install=True)
    plain = Repository(id="plain", baseurls=("https://a.example",), install=True)
    hidden = Repository(id="hidden", baseurls=("https://a.example",))
    write_repositories(tmp_path, a_payload(repositories=(secret, proxied, plain, hidden)))
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "etc/yum.repos.d").iterdir()}
    assert modes == {"secret.repo": 0o600, "proxied.repo": 0o600, "plain.repo": 0o644}


def test_keys_and_certificates_of_the_live_system_go_along(tmp_path: Path) -> None:
    files = {name: tmp_path / "live" / name for name in ("one key", "two", "c.key", "ca.pem")}
    (tmp_path / "live").mkdir()
    for name, file in files.items():
        file.write_text(f"{name}\n")
    keys = tuple(SigningKey(location=files[name].as_uri()) for name in ("one key", "two"))
    repository = Repository(
        id="base", baseurls=("https://a.example",), install=True, ca_certificate=str(files["ca.pem"]),
        keys=(*keys, SigningKey(location="https://k.example/3")), client_key=str(files["c.key"]),
    )  # fmt: skip
    root = tmp_path / "root"
    write_repositories(root, a_payload(repositories=(repository,)))
    told = parsed((root / "etc/yum.repos.d/base.repo").read_text(), "base")["gpgkey"].split()
    places = ["/etc/pki/rpm-gpg/RPM-GPG-KEY-base", "/etc/pki/rpm-gpg/RPM-GPG-KEY-base-2"]
    assert told == [*(f"file://{place}" for place in places), "https://k.example/3"]
    assert [(root / place.lstrip("/")).read_text() for place in places] == ["one key\n", "two\n"]
    copied = root / str(files["c.key"]).lstrip("/")
    assert (copied.read_text(), copied.stat().st_mode & 0o777) == ("c.key\n", 0o600)
    assert (root / str(files["ca.pem"]).lstrip("/")).stat().st_mode & 0o777 == 0o644


def test_a_key_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    repository = Repository(id="base", install=True, keys=(SigningKey(location=(tmp_path / "gone").as_uri()),))
    with pytest.raises(InstallerError, match="gone"):
        write_repositories(tmp_path, a_payload(repositories=(repository,)))
