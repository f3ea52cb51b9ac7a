"""Repositories of the installed system: files of /etc/yum.repos.d, in dnf5.conf(5)'s words.

Certificates and keys that are files of the running system are copied to the same path, as the file names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ashore_installer.chroot import inside
from ashore_installer.configure.files import PRIVATE, PUBLIC, write
from ashore_installer.errors import InstallerError
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.secret import Secret

DIRECTORY = "/etc/yum.repos.d"
KEYS = "/etc/pki/rpm-gpg"
_OF_DNF = "main"
"""The section of dnf's own settings: as a repository, it is passed over without a word (libdnf5, RepoSack)."""


def installed(payload: PackagePayload) -> tuple[Repository, ...]:
    """The repositories that the installed system gets."""
    return tuple(one for one in payload.repositories if one.install)


def write_repositories(root: Path, payload: PackagePayload) -> None:
    """Write a file for each into the system at `root`; what has a password is for root only. Raises InstallerError."""
    for one in installed(payload):
        keys = tuple(_kept_key(root, one, number, key.location) for number, key in enumerate(one.keys, 1))
        secret = one.password or one.proxy_password
        write(root, f"{DIRECTORY}/{one.id}.repo", repository_text(one, keys), PRIVATE if secret else PUBLIC)
        for path, mode in ((one.ca_certificate, PUBLIC), (one.client_certificate, PUBLIC), (one.client_key, PRIVATE)):
            if path and not inside(root, path).exists():
                write(root, path, _text(Path(path)), mode)


def repository_text(repository: Repository, keys: tuple[str, ...]) -> str:
    """The text of a .repo file; `keys` are addresses of keys as the installed system knows them."""
    lines = (f"{name}={value}" for name, value in _settings(repository, keys) if value)
    section = f"{repository.id}-repository" if repository.id == _OF_DNF else repository.id
    return "\n".join([f"[{section}]", *lines, ""])


def _settings(one: Repository, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield "name", one.name or one.id
    yield "baseurl", " ".join(one.baseurls)
    yield "mirrorlist", one.mirrorlist
    yield "metalink", one.metalink
    yield "enabled", "1"
    yield "cost", "" if one.cost is None else str(one.cost)
    yield "priority", "" if one.priority is None else str(one.priority)
    yield "proxy", one.proxy
    yield "proxy_username", one.proxy_username
    yield "proxy_password", _revealed(one.proxy_password)
    yield "username", one.username
    yield "password", _revealed(one.password)
    yield "sslverify", "" if one.sslverify else "0"
    yield "sslcacert", one.ca_certificate
    yield "sslclientcert", one.client_certificate
    yield "sslclientkey", one.client_key
    yield "includepkgs", ",".join(one.includes)
    yield "excludepkgs", ",".join(one.excludes)
    yield "enablegroups", "" if one.groups else "0"
    yield "gpgcheck", str(int(one.gpgcheck))
    yield "repo_gpgcheck", str(int(one.repo_gpgcheck))
    yield "gpgkey", " ".join(keys)


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""


def _kept_key(root: Path, repository: Repository, number: int, location: str) -> str:
    """The address of a key in the installed system, which a file of the running system is copied to."""
    parts = urlsplit(location)
    if parts.scheme != "file":
        return location
    path = f"{KEYS}/RPM-GPG-KEY-{repository.id}" + (f"-{number}" if number > 1 else "")
    write(root, path, _text(Path(unquote(parts.path))))
    return f"file://{path}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        message = f"The file {path}, which a repository of the new system needs, can't be read: {error.strerror}."
        raise InstallerError(message, "Put it there, or leave the repository out of the new system.") from error
