"""Keys of repositories, read once: what packages are checked with is what goes onto the medium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.package_plan import PackagePayload, Repository, SigningKey
from ashore_installer.units import KiB
from ashore_isogen.repository.local import local_path

_LIMIT = 1024 * KiB
_SECONDS = 30

Fetch = Callable[[str], bytes]
"""The content of an http: or https: address. Raises InstallerError."""


def with_local_keys(payload: PackagePayload, directory: Path, fetch: Fetch) -> PackagePayload:
    """`payload` with its keys in files `N.asc` of `directory`, each once. Raises BadInput, InstallerError."""
    known: dict[str, Path] = {}

    def local(key: SigningKey) -> SigningKey:
        place = known.get(key.location)
        if place is None:
            place = known[key.location] = directory / f"{len(known) + 1}.asc"
            place.write_bytes(_content(key.location, fetch))
        return replace(key, location=place.as_uri())

    def repository(one: Repository) -> Repository:
        return replace(one, keys=tuple(local(key) for key in one.keys))

    return replace(payload, repositories=tuple(repository(one) for one in payload.repositories))


def download(address: str) -> bytes:
    """What `Fetch` is when there is a network."""
    import requests

    try:
        answer = requests.get(address, timeout=_SECONDS)
        answer.raise_for_status()
    except requests.RequestException as error:
        message = f"The key {address} can't be fetched ({type(error).__name__})."
        raise InstallerError(message, "Check its address and the network.") from error
    return answer.content


def _content(location: str, fetch: Fetch) -> bytes:
    if urlsplit(location).scheme in ("http", "https"):
        content = fetch(location)
    elif path := local_path(location):
        content = _read(path)
    else:
        raise BadInput(f"A key for a medium can't be at {location}.", "Name a file, or an http: or https: address.")
    if len(content) > _LIMIT or b"-----BEGIN PGP PUBLIC KEY BLOCK-----" not in content:
        raise BadInput(f"{location} is no armoured OpenPGP key.", "Export it with `gpg --armor --export`.")
    return content


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LIMIT + 1)
    except OSError as error:
        raise BadInput(f"The key {path} can't be read: {error.strerror}.", "Check its name.") from error
