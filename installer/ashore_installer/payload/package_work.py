"""What libdnf5's process does for an installation: resolve, download, install; and collect for media."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ashore_installer.package_plan import PackagesInfo
from ashore_installer.payload import package_transaction as transaction
from ashore_installer.payload.package_base import load, opened
from ashore_installer.payload.package_fetch import Fetch, link_local
from ashore_installer.payload.package_goal import Solution, facts_of, inbound, package_infos, solve
from ashore_installer.payload.package_protocol import (
    Answer,
    FailureKind,
    PackagesFailed,
    Progressed,
    Request,
    Resolved,
)
from ashore_installer.payload.package_trust import check_signatures, enrol, kept_keys, read_keys

Tell = Callable[[Answer], None]

KEYS = "keys"
"""Directory beside the downloaded packages, for the keys that they were checked with."""


def resolve(request: Request, tell: Tell) -> None:
    """Say what would be installed on an empty disk. Nothing is written but the metadata's cache."""
    with _scratch() as keys, _empty(request) as base:
        read_keys(base, request.payload.repositories, keys)
        load(base, request.payload.repositories, tell, installed=False)
        tell(Resolved(info=facts_of(base, solve(base, request.payload), request.architecture)))


def download(request: Request, tell: Tell) -> None:
    """Fetch what the plan was made for into a directory of the target, and check it."""
    directory = _downloads(request)
    with _empty(request) as base:
        trusted = read_keys(base, request.payload.repositories, directory / KEYS)
        load(base, request.payload.repositories, _without_progress(tell), installed=False)
        packages = list(inbound(_as_planned(request, solve(base, request.payload)).transaction))
        base.get_config().destdir = str(directory)
        link_local(packages, directory)
        Fetch(base=base, packages=packages, tries=request.payload.retries, tell=tell).run(directory)
        check_signatures(packages, trusted, _counting(tell))


def install(request: Request, tell: Tell) -> None:
    """The transaction, of what `download` has left in the target."""
    directory, root = _downloads(request), Path(request.target)
    expected, repositories = _expected(request), request.payload.repositories
    with opened(request, root, transaction.macros(request.payload, expected)) as base:
        base.get_config().cacheonly = "metadata"
        base.get_config().destdir = str(directory)
        transaction.log_to(base, request.log)
        trusted = kept_keys(base, repositories, directory / KEYS)
        load(base, repositories, _without_progress(tell), installed=True)
        solution = _as_planned(request, solve(base, request.payload))
        _require_downloads(solution)
        checked = {repository.id for repository in repositories if repository.gpgcheck}
        enrol(base, trusted, checked & {package.get_repo_id() for package in inbound(solution.transaction)})
        transaction.run(base, solution.transaction, root, tell)
    transaction.clear_up(root)


def collect(request: Request, tell: Tell) -> None:
    """Fetch the packages and all that they need into a directory that gets a repository on a medium."""
    directory = Path(request.target)
    with _scratch() as keys, _empty(request) as base:
        trusted = read_keys(base, request.payload.repositories, keys)
        load(base, request.payload.repositories, _without_progress(tell), installed=False)
        solution = solve(base, request.payload)
        packages = list(inbound(solution.transaction))
        base.get_config().destdir = str(directory)
        Fetch(base=base, packages=packages, tries=request.payload.retries, tell=tell).run(directory)
        check_signatures(packages, trusted, _counting(tell))
        tell(Resolved(info=facts_of(base, solution, request.architecture)))


@contextmanager
def _empty(request: Request) -> Iterator[Any]:
    """A Base of an empty root: what gets installed doesn't depend on anything that is there."""
    with TemporaryDirectory(prefix="ashore-root-") as root, opened(request, Path(root), {}) as base:
        yield base


@contextmanager
def _scratch() -> Iterator[Path]:
    with TemporaryDirectory(prefix="ashore-keys-") as directory:
        yield Path(directory)


def _downloads(request: Request) -> Path:
    return Path(request.target, transaction.DOWNLOADS)


def _expected(request: Request) -> PackagesInfo:
    if request.expected is None:
        raise ValueError("it wasn't said what the plan was made for")
    return request.expected


def _as_planned(request: Request, solution: Solution) -> Solution:
    """Raises PackagesFailed unless the transaction is the one that the plan was made for."""
    wanted = {(package.nevra, package.checksum) for package in _expected(request).packages}
    found = {(package.nevra, package.checksum) for package in package_infos(solution.transaction)}
    if wanted != found:
        names = sorted({nevra for nevra, _ in wanted ^ found})
        raise PackagesFailed(
            FailureKind.CHANGED,
            f"The repositories have changed since the plan was made: {', '.join(names[:3])}.",
            "Start again, so that the packages are chosen again.",
            tuple(names),
        )
    return solution


def _require_downloads(solution: Solution) -> None:
    missing = sorted(
        package.get_nevra() for package in inbound(solution.transaction) if not package.is_available_locally()
    )
    if missing:
        raise PackagesFailed(
            FailureKind.DOWNLOAD,
            f"The package {missing[0]} was not downloaded, or is not what was downloaded any more.",
            "Start again; if it happens again, check the disk.",
            tuple(missing),
        )


def _counting(tell: Tell) -> Callable[[int, int], None]:
    return lambda done, total: tell(Progressed(done=done, total=total, unit="packages"))


def _without_progress(tell: Tell) -> Tell:
    """For metadata that is fetched already: its progress would only jump."""

    def pass_on(answer: Answer) -> None:
        if not isinstance(answer, Progressed):
            tell(answer)

    return pass_on
