"""What the engine and the process that holds libdnf5 say to each other.

The request is one JSON value on standard input, because there may be passwords in it. The answers are JSON lines on
standard output, `{"type": "Progressed", …}`; the last is `Done` or `Failed`, else the process has died.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ashore_installer import codec
from ashore_installer.errors import ExitStatus, InstallerError
from ashore_installer.package_plan import PackagePayload, PackagesInfo

T = TypeVar("T")


class Verb(StrEnum):
    """What is asked for. Each is a process of its own, as libdnf5 holds the interpreter's lock for whole calls."""

    RESOLVE = "resolve"
    """What would be installed: `Resolved`."""
    DOWNLOAD = "download"
    """Fetch the packages to the target and check their signatures."""
    INSTALL = "install"
    """The transaction, of what was downloaded."""
    COLLECT = "collect"
    """Fetch the packages into a directory, for media: `Resolved`."""
    BROWSE = "browse"
    """What the repositories have: `Browsed`."""
    SEARCH = "search"
    """Packages that match words: `Matched`."""
    KEYS = "keys"
    """The keys that the repositories name, to be shown and confirmed: `KeysRead`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`architecture` is OCI's word. All paths are of the running system and absolute."""

    verb: Verb
    payload: PackagePayload
    architecture: str
    cache: str
    """Where the metadata is kept between two requests, so that it is fetched once."""
    target: str = ""
    """Root of the system to be installed, for DOWNLOAD and INSTALL; the directory of packages for COLLECT."""
    log: str = ""
    """Where libdnf5 writes what it does and what scriptlets say; empty for nowhere."""
    expected: PackagesInfo | None = None
    """What was resolved when the plan was made. DOWNLOAD and INSTALL do this and nothing else."""
    words: tuple[str, ...] = ()
    """For SEARCH."""


class FailureKind(StrEnum):
    """What went wrong, for programs."""

    INPUT = "input"
    """The request itself: an option that can't be."""
    UNRESOLVABLE = "unresolvable"
    """Missing packages or groups, conflicts; each problem is a detail."""
    REPOSITORY = "repository"
    """Metadata that can't be had or read."""
    CHANGED = "changed"
    """The repositories have something else than when the plan was made."""
    DOWNLOAD = "download"
    UNTRUSTED = "untrusted"
    """A wrong or missing key, an unsigned or a changed package; each package is a detail."""
    SPACE = "space"
    TRANSACTION = "transaction"


class PackagesFailed(InstallerError):
    """What libdnf5 was asked for failed. `details` are sentences, one for each package or problem."""

    def __init__(self, kind: FailureKind, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.details = details
        if kind in (FailureKind.INPUT, FailureKind.UNRESOLVABLE):
            self.status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """`done` of `total` `unit`s ("bytes" or "packages"); `rate` in units a second over the last seconds, 0 unknown."""

    done: int
    total: int
    unit: str = "bytes"
    rate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cautioned:
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    info: PackagesInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInfo:
    """A group of packages, or what an environment says of it. Sizes in bytes, of its default packages alone."""

    id: str
    name: str
    description: str = ""
    packages: int = 0
    install_size: int = 0
    visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentInfo:
    """An environment: `groups` always come with it, `options` (ids) may be added, `defaults` of them are proposed."""

    id: str
    name: str
    description: str = ""
    groups: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What came of a repository: how many packages it has, or why it can't be used."""

    id: str
    packages: int = 0
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What repositories offer, in the order of their own display_order, then by name."""

    repositories: tuple[RepositoryState, ...]
    environments: tuple[EnvironmentInfo, ...] = ()
    groups: tuple[GroupInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsed:
    catalogue: Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPackage:
    """The newest of a name. Sizes in bytes."""

    name: str
    version: str
    summary: str
    repository: str
    install_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`total` is how many match; `packages` are the best of them."""

    packages: tuple[FoundPackage, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A key as it was read from `location`: to be shown and confirmed."""

    repository: str
    location: str
    fingerprint: str
    user_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRead:
    keys: tuple[KeyInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    kind: FailureKind
    message: str
    hint: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """All was done."""


Answer = Progressed | Noted | Cautioned | Resolved | Browsed | Matched | KeysRead | Failed | Done

_ANSWERS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Progressed, Noted, Cautioned, Resolved, Browsed, Matched, KeysRead, Failed, Done)
}  # fmt: skip


def request_text(request: Request) -> str:
    """The request with its secrets, for a pipe and nothing else."""
    return json.dumps(codec.to_data(request, reveal_secrets=True))


def read_request(text: str) -> Request:
    """Raises BadInput."""
    return codec.from_json(text, Request, "The request for packages")


def answer_line(answer: Answer) -> str:
    """One line, with its end."""
    return json.dumps({"type": type(answer).__name__, **codec.to_data(answer)}, ensure_ascii=False) + "\n"


def read_answer(line: str) -> Answer:
    """Raises BadInput for what is no answer."""
    data = json.loads(line)
    answer: Answer = codec.from_data(data, _ANSWERS[data.pop("type")], "The answer of libdnf5's process")
    return answer
