"""What the engine and libdnf5's process say to each other, and the addresses of what is on the medium."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.package_plan import PackageInfo, PackagePayload, Repository, SigningKey
from ashore_installer.payload.package_facts import packages_info
from ashore_installer.payload.package_process import located
from ashore_installer.payload.package_protocol import (
    Answer,
    Browsed,
    Catalogue,
    Done,
    EnvironmentInfo,
    Failed,
    FailureKind,
    GroupInfo,
    PackagesFailed,
    Progressed,
    RepositoryState,
    Request,
    Resolved,
    Verb,
    answer_line,
    read_answer,
    read_request,
    request_text,
)
from ashore_installer.secret import Secret

PACKAGE = PackageInfo(nevra="a-1-1.noarch", repository="main", download_size=1, install_size=2, checksum="sha256:0")
INFO = packages_info((), (PACKAGE,), "amd64")
PAYLOAD = PackagePayload(
    repositories=(
        Repository(
            id="main",
            baseurls=("medium:packages",),
            username="me",
            password=Secret("hunter2"),
            keys=(SigningKey(location="medium:/KEY"),),
        ),
    ),
    packages=("bash",),
    languages=(),
)


def test_request_goes_through_a_pipe_with_its_secrets() -> None:
    request = Request(
        verb=Verb.INSTALL, payload=PAYLOAD, architecture="amd64", cache="/c", target="/t", log="/l", expected=INFO
    )
    assert read_request(request_text(request)) == request


def test_request_that_is_none() -> None:
    with pytest.raises(BadInput, match="request"):
        read_request('{"verb": "resolve"}')


@pytest.mark.parametrize(
    "answer",
    [
        Progressed(done=1, total=2, unit="packages", rate=3),
        Resolved(info=INFO),
        Browsed(
            catalogue=Catalogue(
                repositories=(RepositoryState(id="main", problem="gone"),),
                environments=(EnvironmentInfo(id="e", name="E", groups=("core",)),),
                groups=(GroupInfo(id="core", name="Core"),),
            )
        ),
        Failed(kind=FailureKind.UNTRUSTED, message="It is not signed.", details=("a", "b")),
        Done(),
    ],
)
def test_answers_are_one_line_each(answer: Answer) -> None:
    line = answer_line(answer)
    assert line.count("\n") == 1
    assert read_answer(line) == answer


def test_exit_status_of_failures() -> None:
    assert PackagesFailed(FailureKind.UNRESOLVABLE, "No.").status == ExitStatus.BAD_INPUT
    assert PackagesFailed(FailureKind.UNTRUSTED, "No.").status == ExitStatus.FAILED


def test_addresses_on_the_medium() -> None:
    (repository,) = located(PAYLOAD, Path("/run/medium dir")).repositories
    assert repository.baseurls == ("file:///run/medium%20dir/packages",)
    assert repository.keys[0].location == "file:///run/medium%20dir/KEY"
    assert repository.mirrorlist == ""
