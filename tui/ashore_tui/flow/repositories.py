"""The repositories that are known, and those in use. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from ashore_installer.package_plan import MEDIUM_REPOSITORY, Repository, SigningKey
from ashore_installer.payload.package_protocol import KeyInfo, RepositoryState
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.software import chosen, with_packages
from ashore_tui.flow.state import Flow
from ashore_tui.text import _, n_, said

_ID = re.compile(r"[A-Za-z0-9_.:-]+")
"""What libdnf5 takes as the id of a repository."""
_SCHEMES = ("http", "https", "ftp", "file")


class Address(StrEnum):
    """What an address leads to: the repository, or a list of its mirrors."""

    BASE = "baseurl"
    MIRRORS = "mirrorlist"
    METALINK = "metalink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A repository, whether it is in use, and what came of reading it; None while it was not read."""

    repository: Repository
    used: bool
    state: RepositoryState | None = None

    @property
    def name(self) -> str:
        return self.repository.name or self.repository.id


def known(flow: Flow) -> tuple[Known, ...]:
    """All repositories with their state."""
    used = {one.id for one in chosen(flow).repositories}
    states = {one.id: one for one in (flow.catalogue.repositories if flow.catalogue else ())}
    return tuple(
        Known(repository=one, used=one.id in used, state=states.get(one.id) if one.id in used else None)
        for one in flow.repositories
    )


def toggle(flow: Flow, id: str) -> Flow:  # noqa: A002 (the field's name)
    """The repository is used, or not used any more."""
    used = {one.id for one in chosen(flow).repositories} ^ {id}
    return _using(flow, used)


def put(flow: Flow, repository: Repository, *, instead_of: str = "") -> Flow:
    """The repository in the place of the one with that id, else at the end; it is used."""
    used = {one.id for one in chosen(flow).repositories} - {instead_of} | {repository.id}
    ids = [one.id for one in flow.repositories]
    if instead_of in ids:
        every = tuple(repository if one.id == instead_of else one for one in flow.repositories)
    else:
        every = (*flow.repositories, repository)
    return _using(replace(flow, repositories=every), used)


def remove(flow: Flow, id: str) -> Flow:  # noqa: A002
    used = {one.id for one in chosen(flow).repositories} - {id}
    return _using(replace(flow, repositories=tuple(one for one in flow.repositories if one.id != id)), used)


def _using(flow: Flow, used: set[str]) -> Flow:
    repositories = tuple(one for one in flow.repositories if one.id in used)
    return with_packages(flow, replace(chosen(flow), repositories=repositories))


def confirm_keys(repository: Repository, keys: Sequence[KeyInfo]) -> Repository:
    """The repository with these keys and no others: only what has their fingerprints is taken."""
    found = tuple(SigningKey(location=one.location, fingerprint=one.fingerprint) for one in keys)
    return replace(repository, keys=found)


# --- forms ---------------------------------------------------------------------------------------------------


def address_of(repository: Repository) -> tuple[Address, str]:
    """Where it is; of several base addresses, all."""
    if repository.metalink:
        return Address.METALINK, repository.metalink
    if repository.mirrorlist:
        return Address.MIRRORS, repository.mirrorlist
    return Address.BASE, " ".join(repository.baseurls)


def with_address(repository: Repository, kind: Address, text: str) -> Repository:
    return replace(
        repository,
        baseurls=tuple(text.split()) if kind is Address.BASE else (),
        mirrorlist=text if kind is Address.MIRRORS else "",
        metalink=text if kind is Address.METALINK else "",
    )


def with_key(repository: Repository, location: str) -> Repository:
    """The repository with the key at an address, which is to be confirmed anew when it is another one."""
    if location == key_location(repository):
        return repository
    return replace(repository, keys=(SigningKey(location=location),) if location else ())


def key_location(repository: Repository) -> str:
    """Where its keys are, as far as it is one place."""
    return next(iter(dict.fromkeys(one.location for one in repository.keys)), "")


def repository_id(text: str, taken: Sequence[str] = ()) -> str | Wrong:
    word = text.strip()
    if word in taken:
        return Wrong(_("There is a repository {name} already.").format(name=word))
    return word if _ID.fullmatch(word) else Wrong(_("Use letters, digits and . _ : - without blanks."))


def address(text: str) -> str | Wrong:
    """One or several addresses of the same thing."""
    words = text.split()
    if words and all(_is_address(word) for word in words):
        return " ".join(words)
    return Wrong(_("Write an address like https://example.org/os/x86_64/."))


def optional_address(text: str) -> str | Wrong:
    return address(text) if text.strip() else ""


def _is_address(word: str) -> bool:
    parts = urlsplit(word)
    if word.startswith(MEDIUM_REPOSITORY):
        return True
    return parts.scheme in _SCHEMES and bool(parts.netloc or (parts.scheme == "file" and parts.path))


# --- words ---------------------------------------------------------------------------------------------------


def state_words(one: Known) -> str:
    """Whether it can be used, and how much it has."""
    if not one.used:
        return _("not used")
    if one.state is None:
        return _("being read")
    if one.state.problem:
        return said(one.state.problem)
    count = one.state.packages
    return n_("{count} package", "{count} packages", count).format(count=f"{count:,}".replace(",", " "))


def used_words(flow: Flow) -> str:
    """The names of those in use."""
    return ", ".join(one.name for one in known(flow) if one.used) or _("none")


def key_words(repository: Repository) -> str:
    """What vouches for its packages."""
    if not repository.gpgcheck:
        return _("signatures are NOT checked")
    if not repository.keys:
        return _("signatures are checked, but there is no key")
    confirmed = [one.fingerprint for one in repository.keys if one.fingerprint]
    if len(confirmed) == len(repository.keys):
        return _("key {fingerprint}").format(fingerprint=", ".join(f"… {spaced(one[-16:])}" for one in confirmed))
    return _("key not confirmed yet")


def spaced(fingerprint: str) -> str:
    """A fingerprint in groups of four digits, as people compare them."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
