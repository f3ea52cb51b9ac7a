"""What repositories are reached by: mirrors, proxies, certificates, passwords; and which of several is taken from."""

from __future__ import annotations

import hashlib
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.package_plan import PackagePayload, Repository, SigningKey
from ashore_installer.payload.package_process import MODULE
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from ashore_installer.payload.repositories import write_repositories
from ashore_installer.secret import Secret
from tests.root.packaging import Bench
from tests.root.rpms import RELEASE, Laboratory, Rpm, build, index
from tests.root.transport import Identity, Peer, authority, of_server, running
from tests.root.transport_server import Setup

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg", "openssl", "dnf5")]

NOBODY = "http://127.0.0.1:9"
"""Nothing listens there (the discard service's port)."""
ANNA, WORD = "anna", "o:p/e n%sesame$"
HOST = "http://packages.example"
"""No name server knows it (RFC 2606): only a proxy can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Certificates, made once."""

    authority: Identity
    stranger: Identity
    server: Identity
    client: Identity


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    place = tmp_path_factory.mktemp("papers")
    ours = authority(place / "authority")
    return Papers(
        authority=ours,
        stranger=authority(place / "stranger"),
        server=of_server(ours, place / "server"),
        client=ours.issue(place / "client"),
    )


@pytest.fixture(scope="module")
def main(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of signed packages, with its key."""
    made = laboratory.repository(tmp_path_factory.mktemp("served") / "main", "weak", "beta", "rpm", RELEASE.name)
    laboratory.right.public_key(made / "key-7.asc")
    return made


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    return Bench(path=tmp_path, laboratory=laboratory)


@pytest.fixture
def server(bench: Bench, main: Path) -> Iterator[Peer]:
    """Plain, for everybody."""
    with running(setup(bench, main, "server")) as found:
        yield found


def setup(bench: Bench, directory: Path, name: str, **more: Any) -> Setup:
    return Setup(directory=str(directory), scratch=str(bench.path / name), **more)


def unchecked(*urls: str, **more: Any) -> Repository:
    return replace(Repository(id="main", baseurls=urls, gpgcheck=False), **more)


def wanted(*repositories: Repository, packages: tuple[str, ...] = ("weak",), **more: Any) -> PackagePayload:
    payload = PackagePayload(repositories=repositories, packages=packages, core=False, retries=1, timeout=20)
    return replace(payload, **more)


def sources(bench: Bench, *repositories: Repository, **more: Any) -> dict[str, str]:
    """The repository of each package that is resolved to."""
    return {one.nevra: one.repository for one in bench.resolve(wanted(*repositories, **more)).packages}


def refused(bench: Bench, repository: Repository, message: str, **more: Any) -> PackagesFailed:
    with pytest.raises(PackagesFailed, match=f"The repository main can't be used: {message}") as caught:
        bench.resolve(wanted(repository, **more))
    assert caught.value.kind is FailureKind.REPOSITORY
    return caught.value


# --- mirrors -------------------------------------------------------------------------------------------------


def test_list_of_mirrors_whose_first_is_dead(bench: Bench, main: Path, server: Peer) -> None:
    (main / "mirrors").write_text(f"# two\n{NOBODY}/main\n{server.url}\n")
    bench.download(wanted(unchecked(mirrorlist=f"{server.url}/mirrors")))
    assert {"/mirrors", "/repodata/repomd.xml", "/weak-1.rpm"} <= set(server.asked())


def test_list_of_mirrors_that_is_not_there(bench: Bench, server: Peer) -> None:
    refused(bench, unchecked(mirrorlist=f"{server.url}/nowhere"), ".*Status code: 404 .*/nowhere")


def metalink(main: Path, digest: str, *urls: str) -> str:
    """A metalink of the metadata's first file, as MirrorManager makes it."""
    resources = "".join(
        f'<url protocol="http" type="http" location="DE" preference="{100 - number}">{url}/repodata/repomd.xml</url>'
        for number, url in enumerate(urls)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><metalink version="3.0" xmlns="http://www.metalinker.org/">'
        f'<files><file name="repomd.xml"><size>{(main / "repodata/repomd.xml").stat().st_size}</size>'
        f'<verification><hash type="sha256">{digest}</hash></verification>'
        f'<resources maxconnections="1">{resources}</resources></file></files></metalink>'
    )


def test_metalink_whose_first_mirror_is_dead(bench: Bench, main: Path, server: Peer) -> None:
    digest = hashlib.sha256((main / "repodata/repomd.xml").read_bytes()).hexdigest()
    (main / "metalink").write_text(metalink(main, digest, f"{NOBODY}/main", server.url))
    bench.download(wanted(unchecked(metalink=f"{server.url}/metalink")))
    assert {"/metalink", "/repodata/repomd.xml", "/weak-1.rpm"} <= set(server.asked())


def test_metadata_that_is_not_what_the_metalink_says(bench: Bench, main: Path, server: Peer) -> None:
    (main / "forged").write_text(metalink(main, "0" * 64, server.url))
    error = refused(bench, unchecked(metalink=f"{server.url}/forged"), ".*checksum doesn't match")
    assert error.hint.startswith("Try again later")
    assert "/repodata/repomd.xml" in server.asked()


# --- proxies -------------------------------------------------------------------------------------------------


def test_everything_goes_through_the_proxy(bench: Bench, main: Path) -> None:
    with running(setup(bench, main, "proxy", proxy=True)) as proxy:
        bench.download(wanted(unchecked(HOST, proxy=proxy.url)))
        urls = [seen.url for seen in proxy.seen()]
    assert f"{HOST}/weak-1.rpm" in urls
    assert all(url.startswith(f"{HOST}/") for url in urls)


def test_proxy_with_a_name_and_a_password(bench: Bench, main: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(setup(bench, main, "proxy", proxy=True, user=ANNA, password=WORD)) as proxy:
        right = unchecked(HOST, proxy=proxy.url, proxy_username=ANNA, proxy_password=Secret(WORD))
        bench.download(wanted(right))
        # curl asks what the proxy wants first.
        assert f"{HOST}/weak-1.rpm" in {seen.url for seen in proxy.seen() if seen.allowed}
        error = refused(bench, replace(right, proxy_password=Secret("no")), "the proxy wants another user name or")
        assert "of the proxy" in error.hint
        nowhere(bench, proxy, caplog.text)


def test_encrypted_connection_through_a_proxy(bench: Bench, main: Path, papers: Papers) -> None:
    with (
        running(setup(bench, main, "server"), papers.server) as server,
        running(setup(bench, main, "proxy", proxy=True, upstream=server.port)) as proxy,
    ):
        repository = unchecked(server.url, proxy=proxy.url, ca_certificate=str(papers.authority.certificate))
        assert sources(bench, repository) == {"weak-1-1.noarch": "main"}
        assert {seen.url for seen in proxy.seen()} == {server.url.removeprefix("https://")}


# --- certificates --------------------------------------------------------------------------------------------


def test_authority_of_its_own(bench: Bench, main: Path, papers: Papers) -> None:
    with running(setup(bench, main, "server"), papers.server) as server:
        bench.download(wanted(unchecked(server.url, ca_certificate=str(papers.authority.certificate))))
        assert "/weak-1.rpm" in server.asked()


def test_server_of_another_authority(bench: Bench, main: Path, papers: Papers) -> None:
    with running(setup(bench, main, "server"), papers.server) as server:
        message = "the server's certificate is not from an authority that is trusted"
        error = refused(bench, unchecked(server.url, ca_certificate=str(papers.stranger.certificate)), message)
        assert error.hint.startswith("Name the certificate of the server's authority")
        refused(bench, unchecked(server.url), message)
        refused(
            bench, unchecked(server.url, ca_certificate="/nowhere.pem"), "the certificate of the authority can't be"
        )
        assert server.asked() == []
        assert sources(bench, unchecked(server.url, sslverify=False)) == {"weak-1-1.noarch": "main"}


def test_client_certificate(bench: Bench, main: Path, papers: Papers) -> None:
    with running(setup(bench, main, "server", clients=str(papers.authority.certificate)), papers.server) as server:
        without = unchecked(server.url, ca_certificate=str(papers.authority.certificate))
        error = refused(bench, without, "the encrypted connection was refused")
        assert "client certificate" in error.hint
        assert server.asked() == []
        client = papers.client
        right = replace(without, client_certificate=str(client.certificate), client_key=str(client.key))
        bench.download(wanted(right))
        assert "/weak-1.rpm" in server.asked()


# --- names and passwords -------------------------------------------------------------------------------------


def nowhere(bench: Bench, peer: Peer, logged: str) -> None:
    """The password is in no arguments, no environment, no log, nothing that was told, nor on the target."""
    ran = "\n".join(seen.processes for seen in peer.seen())
    assert MODULE in ran
    assert logged
    told = "\n".join([*bench.heard.notes, *bench.heard.warnings])
    assert WORD not in f"{ran}{logged}{told}"
    places = [path for name in ("cache", "log", "target") for path in (bench.path / name).rglob("*") if path.is_file()]
    assert places
    assert [path for path in places if WORD.encode() in path.read_bytes()] == []


def test_name_and_password(bench: Bench, main: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(setup(bench, main, "server", user=ANNA, password=WORD)) as server:
        right = bench.repository(server.url, username=ANNA, password=Secret(WORD))
        bench.install(wanted(right))
        assert all(seen.allowed for seen in server.seen())
        error = refused(bench, replace(right, password=Secret("no")), "the server wants another user name or password")
        assert "of the repository" in error.hint
        assert WORD not in f"{error}{error.details}"
        nowhere(bench, server, caplog.text)


def test_key_from_a_server_that_asks_for_everything(bench: Bench, main: Path, papers: Papers) -> None:
    wants = setup(bench, main, "server", user=ANNA, password=WORD, clients=str(papers.authority.certificate))
    with running(wants, papers.server) as server:
        key = SigningKey(location=f"{server.url}/key-$releasever.asc", fingerprint=bench.key().fingerprint)
        right = replace(everything(server, papers), keys=(key,), gpgcheck=True)
        bench.download(wanted(right, release="7"))
        assert "/key-7.asc" in server.asked()
        with pytest.raises(PackagesFailed, match=r"key-\$releasever.asc can't be used: .*wants another user name"):
            bench.resolve(wanted(replace(right, password=Secret("no")), release="7"))


def everything(server: Peer, papers: Papers) -> Repository:
    return unchecked(
        server.url, username=ANNA, password=Secret(WORD), ca_certificate=str(papers.authority.certificate),
        client_certificate=str(papers.client.certificate), client_key=str(papers.client.key),
    )  # fmt: skip


def test_repository_of_the_installed_system(bench: Bench, main: Path, papers: Papers) -> None:
    wants = setup(bench, main, "server", user=ANNA, password="plain", clients=str(papers.authority.certificate))
    with running(wants, papers.server) as server:
        kept = replace(everything(server, papers), install=True, password=Secret("plain"), excludes=("beta",))
        write_repositories(bench.target, wanted(kept))
        assert "password=plain" in (bench.target / "etc/yum.repos.d/main.repo").read_text()
        assert readable_by_all(bench.target, "plain", papers.client.key.read_text()) == []
        words = ["dnf5", f"--installroot={bench.target}", "--releasever=7", "repoquery", "--qf=%{name}\n"]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        assert set(done.stdout.split()) == {"weak", "rpm", RELEASE.name}


def readable_by_all(root: Path, *texts: str) -> list[Path]:
    """The files that have one of the texts and that not only their owner can read."""
    files = [path for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    return [path for path in files if any(text in path.read_text() for text in texts)]


# --- one of several ------------------------------------------------------------------------------------------


def test_the_cheaper_one(bench: Bench, main: Path) -> None:
    dear, cheap = (unchecked(main.as_uri(), id=name, cost=cost) for name, cost in (("dear", 2000), ("cheap", 500)))
    assert sources(bench, dear, cheap) == {"weak-1-1.noarch": "cheap"}
    assert sources(bench, replace(dear, cost=1), cheap) == {"weak-1-1.noarch": "dear"}


def test_priority_comes_before_versions(bench: Bench, main: Path) -> None:
    build([Rpm(name="weak", version="2")], bench.path / "new")
    index(bench.path / "new")
    old, new = unchecked(main.as_uri(), id="old"), unchecked((bench.path / "new").as_uri(), id="new")
    assert sources(bench, old, new) == {"weak-2-1.noarch": "new"}
    assert sources(bench, replace(old, priority=10), new) == {"weak-1-1.noarch": "old"}


def test_what_one_repository_leaves_out_comes_from_the_other(bench: Bench, main: Path) -> None:
    first, second = (unchecked(main.as_uri(), id=name, cost=cost) for name, cost in (("first", 1), ("second", 2)))
    both = {"packages": ("weak", "beta")}
    assert sources(bench, replace(first, excludes=("w*",)), second, **both) == {
        "weak-1-1.noarch": "second", "beta-1-1.noarch": "first",
    }  # fmt: skip
    assert sources(bench, replace(first, includes=("w*",)), second, **both) == {
        "weak-1-1.noarch": "first", "beta-1-1.noarch": "second",
    }  # fmt: skip


# --- patience, and variables ---------------------------------------------------------------------------------


def test_server_that_hangs_is_given_up(bench: Bench, server: Peer) -> None:
    payload = wanted(unchecked(server.url), timeout=1)
    info = bench.resolve(payload)
    server.behave("stall weak")
    bench.target.mkdir()
    message = r"After 1 tries, weak-1-1\.noarch could not be fetched: nothing came for so long that it was given up"
    with pytest.raises(PackagesFailed, match=message) as caught:
        bench.libdnf5.download(payload, info, bench.target, bench.heard)
    assert caught.value.kind is FailureKind.DOWNLOAD
    server.behave("stall repomd")
    error = refused(bench, unchecked(server.url), "nothing came for so long", timeout=1)
    assert "allow a longer time" in error.hint


def test_retries_are_as_many_as_were_asked_for(bench: Bench, server: Peer) -> None:
    payload = wanted(unchecked(server.url), retries=3)
    info = bench.resolve(payload)
    server.behave("cut weak 2")
    bench.target.mkdir()
    bench.libdnf5.download(payload, info, bench.target, bench.heard)
    assert server.asked().count("/weak-1.rpm") == 3


def test_variables_in_addresses(bench: Bench, main: Path) -> None:
    (bench.path / "tree").mkdir()
    (bench.path / "tree" / "7-x86_64").symlink_to(main)
    with running(setup(bench, bench.path / "tree", "server")) as server:
        (bench.path / "tree" / "list-7-x86_64").write_text(f"{server.url}/${{releasever}}-$basearch\n")
        first = unchecked(f"{server.url}/$releasever-$basearch", id="first", cost=1)
        assert sources(bench, first, release="7") == {"weak-1-1.noarch": "first"}
        listed = unchecked(mirrorlist=f"{server.url}/list-$releasever-$basearch")
        assert sources(bench, listed, release="7") == {"weak-1-1.noarch": "main"}
        with pytest.raises(PackagesFailed, match=r"has \$releasever in it, and no release was named"):
            bench.resolve(wanted(first))
