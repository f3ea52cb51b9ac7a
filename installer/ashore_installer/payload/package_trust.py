"""Whose packages are installed: the keys of each repository, and the check of every package before the transaction.

A package may be signed by the keys of its own repository only, so each repository's packages are checked against a
keyring of its own, which is thrown away. Nothing gets into the rpm database of the target before all are good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from ashore_installer.package_plan import Repository, SigningKey
from ashore_installer.payload.package_base import Downloads, errors
from ashore_installer.payload.package_keys import NoKey, PublicKey, keys_in, normalised, readable
from ashore_installer.payload.package_meter import Meter
from ashore_installer.payload.package_protocol import FailureKind, KeyInfo, PackagesFailed
from ashore_installer.payload.package_reasons import reason, telling

log = logging.getLogger(__name__)

KEY_LIMIT = 1 << 20
"""No file of keys is larger, in bytes."""


def read_keys(base: Any, repositories: Sequence[Repository], directory: Path) -> dict[str, Path]:
    """Read the keys of every repository that has its packages or metadata checked.

    Those that are trusted are put into an armored file for each repository in `directory`, which is all that libdnf5
    sees of keys. Gives the files by the repositories' ids. Raises PackagesFailed when a repository names no key, or one
    that isn't to be had.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for repository, file in _files(repositories, directory):
        if not repository.keys:
            raise PackagesFailed(
                FailureKind.UNTRUSTED,
                f"The repository {repository.id} names no key, so nobody can tell who made its packages.",
                "Name its key, or switch the check of signatures off for it.",
            )
        keys = [key for one in repository.keys for key in _right_keys(base, repository, one, directory)]
        file.write_text("".join(key.armored() for key in keys), encoding="ascii")
    return kept_keys(base, repositories, directory)


def kept_keys(base: Any, repositories: Sequence[Repository], directory: Path) -> dict[str, Path]:
    """The files that `read_keys` has put into `directory`; the repositories of `base` are told."""
    found = {repository.id: file for repository, file in _files(repositories, directory) if file.is_file()}
    for repository in repositories:
        if repository.id in found:
            _repo(base, repository).get_config().gpgkey = [found[repository.id].as_uri()]
    return found


def _files(repositories: Sequence[Repository], directory: Path) -> Iterator[tuple[Repository, Path]]:
    for number, repository in enumerate(repositories):
        if repository.gpgcheck or repository.repo_gpgcheck:
            yield repository, directory / f"{number}.asc"


def key_infos(base: Any, repositories: Sequence[Repository]) -> tuple[KeyInfo, ...]:
    """What is at the locations that the repositories name, whoever's it is."""
    with TemporaryDirectory(prefix="ashore-keys-") as directory:
        return tuple(
            KeyInfo(repository=repository.id, location=one.location, fingerprint=key.fingerprint, user_ids=key.user_ids)
            for repository in repositories
            for one in repository.keys
            for key in _keys_at(base, repository, one, Path(directory))
        )


def check_signatures(packages: Sequence[Any], trusted: dict[str, Path], tell: Callable[[int, int], None]) -> None:
    """Check the signature of every package that must have one, as rpm does it. Raises PackagesFailed that names all."""
    wrong: list[str] = []
    groups: dict[str, list[Any]] = {}
    for package in packages:
        groups.setdefault(package.get_repo_id(), []).append(package)
    done = 0
    for repository, members in groups.items():
        if members[0].get_repo().get_config().pkg_gpgcheck:
            with _keyring(trusted[repository]) as judge:
                for package in members:
                    wrong += judge(package)
                    done += 1
                    tell(done, len(packages))
    tell(len(packages), len(packages))
    if wrong:
        more = f" There are {len(wrong) - 1} more." if len(wrong) > 1 else ""
        raise PackagesFailed(
            FailureKind.UNTRUSTED,
            f"{wrong[0]}{more}",
            "Don't install it: check the key's fingerprint, and whether the mirror has been tampered with.",
            tuple(wrong),
        )


def enrol(base: Any, trusted: dict[str, Path], repositories: set[str]) -> None:
    """Put the keys of `repositories` into the rpm database of `base`'s root; they have proved to be the right ones."""
    import libdnf5

    signature = libdnf5.rpm.RpmSignature(base)
    for name in sorted(repositories & trusted.keys()):
        for info in signature.parse_key_file(str(trusted[name])):
            signature.import_key(info)


class _Judge:
    """Tells what is wrong with the signature of a package, by a keyring of its own."""

    def __init__(self, signature: Any, kinds: Any) -> None:
        self._signature = signature
        self._kinds = kinds

    def __call__(self, package: Any) -> Iterator[str]:
        name, where = package.get_nevra(), package.get_repo_id()
        match self._signature.check_package_signature(str(package.get_package_path())):
            case self._kinds.CheckResult_OK:
                return
            case self._kinds.CheckResult_FAILED_KEY_MISSING:
                yield f"The package {name} of the repository {where} is signed by a key that isn't the repository's."
            case self._kinds.CheckResult_FAILED_NOT_TRUSTED:
                yield f"The package {name} of the repository {where} is signed by a key that is not trusted any more."
            case self._kinds.CheckResult_FAILED_NOT_SIGNED:
                yield f"The package {name} of the repository {where} is not signed."
            case _:
                yield f"The package {name} of the repository {where} was changed after it was signed."


@contextmanager
def _keyring(keys: Path) -> Iterator[_Judge]:
    """An empty root whose rpm database has the keys of one repository."""
    import libdnf5

    with TemporaryDirectory(prefix="ashore-keyring-") as directory:
        base = libdnf5.base.Base()
        base.get_config().installroot = directory
        signature = libdnf5.rpm.RpmSignature(base)
        for info in signature.parse_key_file(str(keys)):
            signature.import_key(info)
        yield _Judge(signature, libdnf5.rpm.RpmSignature)


def _right_keys(base: Any, repository: Repository, one: SigningKey, directory: Path) -> list[PublicKey]:
    keys = _keys_at(base, repository, one, directory)
    wanted = normalised(one.fingerprint)
    right = [key for key in keys if not wanted or key.fingerprint == wanted]
    if not right:
        there = ", ".join(readable(key.fingerprint) for key in keys)
        raise PackagesFailed(
            FailureKind.UNTRUSTED,
            f"The key of the repository {repository.id} at {one.location} is not the one that was named: its "
            f"fingerprint is {there}.",
            f"The right one is {readable(wanted)}. Find out which of both is wrong before you go on.",
        )
    return right


def _keys_at(base: Any, repository: Repository, one: SigningKey, directory: Path) -> tuple[PublicKey, ...]:
    try:
        content = _content(base, repository, one.location, directory)
        return keys_in(content)
    except NoKey as error:
        raise _no_key(repository, one, str(error)) from error
    except OSError as error:
        raise _no_key(repository, one, (error.strerror or str(error)).lower()) from error


def _no_key(repository: Repository, one: SigningKey, reason: str) -> PackagesFailed:
    return PackagesFailed(
        FailureKind.UNTRUSTED,
        f"The key of the repository {repository.id} at {one.location} can't be used: {reason}.",
        "Check its address, and that it is an OpenPGP public key.",
    )


def _content(base: Any, repository: Repository, location: str, directory: Path) -> bytes:
    """Locations have dnf's variables, as addresses of repositories do. Raises OSError, or NoKey."""
    location = str(base.get_vars().substitute(location))
    parts = urlsplit(location)
    if parts.scheme in ("", "file"):
        path = Path(unquote(parts.path))
    else:
        path = directory / "fetched"
        _fetch(base, repository, location, path)
    with path.open("rb") as file:
        return file.read(KEY_LIMIT)


def _fetch(base: Any, repository: Repository, location: str, path: Path) -> None:
    """Fetch a key in the way that its repository is fetched. Raises NoKey that says why it can't be."""
    import libdnf5

    path.unlink(missing_ok=True)
    downloads = Downloads(meter=Meter(tell=lambda _answer: None))
    downloads.attach(base)
    downloader = libdnf5.repo.FileDownloader(base)
    downloader.add(_repo(base, repository), location, str(path))
    try:
        downloader.download()
    except errors() as error:
        log.error("%s", error)
        raise NoKey(reason(telling(downloads.failures) or "it can't be fetched").why) from error


def _repo(base: Any, repository: Repository) -> Any:
    import libdnf5

    query = libdnf5.repo.RepoQuery(base)
    query.filter_id(repository.id)
    (found,) = list(query)
    return found
