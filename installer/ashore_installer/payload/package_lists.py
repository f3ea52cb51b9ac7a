"""What repositories offer, for screens: environments, groups, packages, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_base import load, opened
from ashore_installer.payload.package_protocol import (
    Answer,
    Browsed,
    Catalogue,
    EnvironmentInfo,
    FoundPackage,
    GroupInfo,
    KeysRead,
    Matched,
    PackagesFailed,
    RepositoryState,
    Request,
)
from ashore_installer.payload.package_trust import key_infos, read_keys

Tell = Callable[[Answer], None]

MOST = 200
"""So many packages at most are given for a search."""


def browse(request: Request, tell: Tell) -> None:
    """What the repositories have. One that can't be used is left out, with the reason."""
    states = {one.id: _state(request, one, tell) for one in request.payload.repositories}
    usable = tuple(one for one in request.payload.repositories if not states[one.id].problem)
    with _loaded(request, usable, _quiet) as base:
        sizes = _sizes(base)
        catalogue = Catalogue(
            repositories=tuple(states.values()), environments=tuple(_environments(base)),
            groups=tuple(_groups(base, sizes)),
        )  # fmt: skip
    tell(Browsed(catalogue=catalogue))


def search(request: Request, tell: Tell) -> None:
    """Packages whose name or summary has all the words: first those of that name, then names, then summaries."""
    import libdnf5

    words = [word.lower() for word in request.words]
    with _loaded(request, request.payload.repositories, tell) as base:
        query = libdnf5.rpm.PackageQuery(base)
        query.filter_latest_evr()
        found = {}
        for package in query:
            rank = _rank(str(package.get_name()), str(package.get_summary()), words)
            if rank is not None:
                found[package.get_name()] = (rank, _found(package))
    ordered = sorted(found.values(), key=lambda item: (item[0], item[1].name))
    tell(Matched(packages=tuple(package for _, package in ordered[:MOST]), total=len(ordered)))


def keys(request: Request, tell: Tell) -> None:
    """The keys at the places that the repositories name."""
    with TemporaryDirectory(prefix="ashore-root-") as root, opened(request, Path(root), {}) as base:
        tell(KeysRead(keys=key_infos(base, request.payload.repositories)))


@contextmanager
def _loaded(request: Request, repositories: tuple[Repository, ...], tell: Tell) -> Iterator[Any]:
    """A Base with the metadata of `repositories`. Only who signs metadata matters here: no package is fetched."""
    payload = replace(
        request.payload,
        repositories=tuple(replace(one, gpgcheck=False) for one in repositories),
    )
    with (
        TemporaryDirectory(prefix="ashore-root-") as root,
        opened(replace(request, payload=payload), Path(root), {}) as base,
    ):
        read_keys(base, payload.repositories, Path(root, "keys"))
        load(base, repositories, tell, installed=False)
        yield base


def _state(request: Request, repository: Repository, tell: Tell) -> RepositoryState:
    import libdnf5

    try:
        with _loaded(request, (repository,), tell) as base:
            return RepositoryState(id=repository.id, packages=libdnf5.rpm.PackageQuery(base).size())
    except PackagesFailed as error:
        return RepositoryState(id=repository.id, problem=error.message, hint=error.hint)


def _sizes(base: Any) -> dict[str, int]:
    """The size of the newest package of each name, in bytes."""
    import libdnf5

    query = libdnf5.rpm.PackageQuery(base)
    query.filter_latest_evr()
    return {str(package.get_name()): int(package.get_install_size()) for package in query}


def _environments(base: Any) -> Iterator[EnvironmentInfo]:
    import libdnf5

    found = [*libdnf5.comps.EnvironmentQuery(base)]
    for item in sorted(found, key=lambda one: (one.get_order_int(), str(one.get_translated_name()))):
        mandatory = tuple(str(name) for name in item.get_groups())
        yield EnvironmentInfo(
            id=str(item.get_environmentid()),
            name=str(item.get_translated_name() or item.get_environmentid()),
            description=str(item.get_translated_description()),
            groups=mandatory,
            options=tuple(str(name) for name in item.get_optional_groups()),
            defaults=tuple(str(name) for name in item.get_default_groups()),
        )


def _groups(base: Any, sizes: dict[str, int]) -> Iterator[GroupInfo]:
    import libdnf5

    found = [*libdnf5.comps.GroupQuery(base)]
    usual = (libdnf5.comps.PackageType_MANDATORY, libdnf5.comps.PackageType_DEFAULT)
    for item in sorted(found, key=lambda one: (one.get_order_int(), str(one.get_translated_name()))):
        names = {str(package.get_name()) for package in item.get_packages() if package.get_type() in usual}
        yield GroupInfo(
            id=str(item.get_groupid()),
            name=str(item.get_translated_name() or item.get_groupid()),
            description=str(item.get_translated_description()),
            packages=len(names & sizes.keys()),
            install_size=sum(sizes.get(name, 0) for name in names),
            visible=bool(item.get_uservisible()),
        )


def _rank(name: str, summary: str, words: list[str]) -> int | None:
    """How well a package fits; less is better, None is not at all."""
    lowered, text = name.lower(), f"{name} {summary}".lower()
    if not all(word in text for word in words):
        return None
    if lowered in words:
        return 0
    return 1 if all(word in lowered for word in words) else 2


def _found(package: Any) -> FoundPackage:
    return FoundPackage(
        name=str(package.get_name()),
        version=str(package.get_evr()),
        summary=str(package.get_summary()),
        repository=str(package.get_repo_id()),
        install_size=int(package.get_install_size()),
    )


def _quiet(_answer: Answer) -> None: ...
