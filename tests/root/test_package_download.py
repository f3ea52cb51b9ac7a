"""Downloads go on after failures and from other mirrors, and lose nothing; they can be cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashore_installer.errors import Cancelled
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from ashore_installer.payload.package_transaction import DOWNLOADS
from tests.root.packaging import Bench, Heard, small
from tests.root.rpms import Laboratory, Server, served

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    laboratory.repository(tmp_path / "main", "weak", "large")
    return Bench(path=tmp_path, laboratory=laboratory)


@pytest.fixture
def server(bench: Bench) -> Iterator[Server]:
    with served(bench.path / "main", bench.path / "first") as found:
        yield found


def asked_for(server: Server, name: str) -> list[int]:
    """The first byte of each request for the package `name`."""
    return [int(line.split()[1]) for line in server.requests() if f"/{name}-" in line]


def test_from_a_server(bench: Bench, server: Server) -> None:
    info = bench.download(bench.payload(bench.repository(server.url), "weak", "large"))
    done, total, unit = [item for item in bench.heard.progressed if item[2] == "bytes"][-1]
    assert (done, total, unit) == (info.download_size, info.download_size, "bytes")
    assert asked_for(server, "large") == [0]


def test_connection_that_breaks_off_goes_on_where_it_was(bench: Bench, server: Server) -> None:
    server.behave("cut large 1")
    bench.download(bench.payload(bench.repository(server.url), "weak", "large"))
    first, second = asked_for(server, "large")
    assert (first, second > 0) == (0, True)
    assert asked_for(server, "weak") == [0]


def test_another_mirror(bench: Bench, server: Server) -> None:
    server.behave("refuse large")
    with served(bench.path / "main", bench.path / "second") as mirror:
        bench.download(bench.payload(bench.repository(server.url, mirror.url), "weak", "large"))
        assert asked_for(mirror, "large")


def test_server_that_dies(bench: Bench, server: Server) -> None:
    payload = bench.payload(bench.repository(server.url), "weak", "large")
    info = bench.resolve(payload)
    bench.target.mkdir()
    server.behave("die large")
    with pytest.raises(PackagesFailed, match=r"After 2 tries, .*large-1-1\.noarch could not be fetched") as caught:
        bench.libdnf5.download(payload, info, bench.target, bench.heard)
    assert caught.value.kind is FailureKind.DOWNLOAD
    assert any("Trying again in 1 s" in note for note in bench.heard.notes)
    _it_goes_on_elsewhere(bench)


def _it_goes_on_elsewhere(bench: Bench) -> None:
    """What is on the target from a server that died is not fetched again."""
    assert (bench.target / DOWNLOADS / "large-1.rpm.part").stat().st_size > 0
    with served(bench.path / "main", bench.path / "third") as other:
        bench.download(bench.payload(bench.repository(other.url), "weak", "large"))
        assert all(start > 0 for start in asked_for(other, "large"))


def test_no_room(bench: Bench, server: Server) -> None:
    payload = bench.payload(bench.repository(server.url), "large")
    info = bench.resolve(payload)
    with (
        small(bench.target, megabytes=2),
        pytest.raises(PackagesFailed, match="There is no room for the packages") as caught,
    ):
        bench.libdnf5.download(payload, info, bench.target)
    assert caught.value.kind is FailureKind.SPACE


def test_metadata_that_can_not_be_had(bench: Bench, server: Server) -> None:
    server.behave("refuse primary")
    with pytest.raises(PackagesFailed, match=r"The repository main can't be used: .*503") as caught:
        bench.resolve(bench.payload(bench.repository(server.url), "weak"))
    assert caught.value.kind is FailureKind.REPOSITORY


@dataclass(kw_only=True)
class Impatient(Heard):
    """Cancels when it was asked a few times."""

    left: int = 5

    def heed_cancel(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_cancel_while_a_server_does_not_answer(bench: Bench, server: Server) -> None:
    server.behave("stall primary")
    began = time.monotonic()
    with pytest.raises(Cancelled):
        bench.libdnf5.resolve(bench.payload(bench.repository(server.url), "weak", timeout=600), "amd64", Impatient())
    assert time.monotonic() - began < 120
