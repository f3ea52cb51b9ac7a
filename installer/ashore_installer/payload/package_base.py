"""libdnf5's Base, made of a `PackagePayload`: its options, its repositories, and their metadata.

Nothing of the running system's own configuration of dnf is read. This and the modules that it is given to are all that
knows libdnf5, which has no types.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ashore_installer.package_plan import PackagePayload, Repository
from ashore_installer.payload.package_meter import Meter
from ashore_installer.payload.package_protocol import Answer, FailureKind, PackagesFailed, Request
from ashore_installer.payload.package_reasons import reason, telling

log = logging.getLogger(__name__)

MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "ppc64le": "ppc64le", "riscv64": "riscv64", "s390x": "s390x"}
"""OCI's words for architectures, and rpm's."""
_REPOSITORY = re.compile(r'for repository "([^"]+)": (.*)', re.DOTALL)
RELEASE_VARIABLES = ("$releasever", "${releasever")


@dataclass(kw_only=True)
class Downloads:
    """What callbacks of libdnf5 tell of downloads: progress to a meter, and why mirrors failed."""

    meter: Meter
    failures: list[str] = field(default_factory=list)
    broken_off: Callable[[int], None] = lambda _data: None
    """Called with the number that a download was added with, when it has failed or goes on elsewhere."""
    _data: dict[int, int] = field(default_factory=dict)
    _kept: Any = None
    """libdnf5 owns its half of the object only; without ours it would call into nothing."""

    def attach(self, base: Any) -> None:
        """Get told by `base`, as long as this lives. Numbers are all that libdnf5 keeps of ours."""
        import libdnf5

        told = self

        class Callbacks(libdnf5.repo.DownloadCallbacks):  # type: ignore[misc]
            def add_new_download(self, data: int, _what: str, total: float) -> int:
                number = told.meter.begin(int(total))
                told._data[number] = data
                return number

            def progress(self, number: int, total: float, done: float) -> int:
                told.meter.reached(number, int(done), int(total))
                return 0

            def end(self, number: int, status: int, message: str | None) -> int:
                failed = status == libdnf5.repo.DownloadCallbacks.TransferStatus_ERROR
                if failed:
                    told.failures.append(message or "no reason is known")
                    told.broken_off(told._data.get(number, 0))
                told.meter.ended(number, whole=not failed)
                return 0

            def mirror_failure(self, number: int, message: str, url: str, *_kind: str) -> int:
                told.broken_off(told._data.get(number, 0))
                told.failures.append(f"{url}: {message}" if url and url not in message else message)
                return 0

        self._kept = Callbacks()
        base.set_download_callbacks(libdnf5.repo.DownloadCallbacksUniquePtr(self._kept))


@contextmanager
def opened(request: Request, root: Path, macros: dict[str, str]) -> Iterator[Any]:
    """A Base whose installroot is `root`, before anything is loaded. `macros` are rpm's, for this process."""
    import libdnf5

    with _rpm_macros(macros):
        base = libdnf5.base.Base()
        _configure(base, request, root)
        base.setup()
    for repository in request.payload.repositories:
        _add(base, request.payload, repository)
    yield base


def load(base: Any, repositories: tuple[Repository, ...], tell: Callable[[Answer], None], *, installed: bool) -> None:
    """Fetch and read the metadata, and the rpm database of the root if `installed`.

    Raises PackagesFailed that names the repository and what its mirrors said.
    """
    import libdnf5

    downloads = Downloads(meter=Meter(tell=tell))
    downloads.attach(base)
    sack = base.get_repo_sack()
    try:
        if installed:
            sack.load_repos()
        else:
            sack.load_repos(libdnf5.repo.Repo.Type_AVAILABLE)
    except errors() as error:
        raise _unreadable(error, downloads.failures) from error
    silent = {repository.id for repository in repositories if not repository.groups}
    if silent:
        _hide_groups(base, silent)
    downloads.meter.finish()


def errors() -> tuple[type[Exception], ...]:
    """What libdnf5 raises: its own exceptions, and SWIG's for those of C++."""
    import libdnf5.exception

    return libdnf5.exception.Error, RuntimeError


def _hide_groups(base: Any, silent: set[str]) -> None:
    """Have no groups of the repositories `silent`: libdnf5 knows the option enablegroups and does nothing about it."""
    import libdnf5

    def only(found: Any) -> bool:
        return set(found.get_repos()) <= silent

    groups, environments = libdnf5.comps.GroupQuery(base), libdnf5.comps.EnvironmentQuery(base)
    hidden = [str(group.get_groupid()) for group in groups if only(group)]
    if hidden:
        groups.filter_groupid(hidden)
        base.get_comps_sack().add_user_group_excludes(groups)
    hidden = [str(environment.get_environmentid()) for environment in environments if only(environment)]
    if hidden:
        environments.filter_environmentid(hidden)
        base.get_comps_sack().add_user_environment_excludes(environments)


def machine(architecture: str) -> str:
    """rpm's word for OCI's word of an architecture."""
    try:
        return MACHINES[architecture]
    except KeyError:
        raise PackagesFailed(
            FailureKind.INPUT,
            f"There are no packages for the architecture {architecture}.",
            f"It may be one of {', '.join(MACHINES)}.",
        ) from None


def _configure(base: Any, request: Request, root: Path) -> None:
    payload, config, variables = request.payload, base.get_config(), base.get_vars()
    config.installroot = str(root)
    config.cachedir = str(Path(request.cache))
    config.system_cachedir = str(Path(request.cache))
    config.plugins = False
    config.varsdir = []
    config.reposdir = []
    config.optional_metadata_types = ["comps", "filelists"]
    config.install_weak_deps = payload.weak_dependencies
    config.multilib_policy = str(payload.multilib)
    config.excludepkgs = list(payload.excludes)
    config.skip_unavailable = payload.ignore_missing
    config.skip_broken = payload.ignore_broken
    config.tsflags = [] if payload.documentation else ["nodocs"]
    config.retries = payload.retries
    config.timeout = payload.timeout
    config.keepcache = True
    config.best = True
    variables.set("arch", machine(request.architecture))
    variables.set("basearch", machine(request.architecture))
    if payload.release:
        variables.set("releasever", payload.release)


@contextmanager
def _rpm_macros(macros: dict[str, str]) -> Iterator[None]:
    """Have librpm read `macros` when it reads its configuration, which it does once in a process (rpm(8), FILES).

    The variable is gone again before a scriptlet could inherit it.
    """
    with TemporaryDirectory(prefix="ashore-rpm-") as directory:
        file = Path(directory, "rpm", "macros")
        file.parent.mkdir()
        file.write_text("".join(f"%{name} {value}\n" for name, value in macros.items()), encoding="utf-8")
        before = os.environ.get("XDG_CONFIG_HOME")
        os.environ["XDG_CONFIG_HOME"] = directory
        try:
            yield
        finally:
            del os.environ["XDG_CONFIG_HOME"]
            if before is not None:
                os.environ["XDG_CONFIG_HOME"] = before


def _add(base: Any, payload: PackagePayload, repository: Repository) -> None:
    substitute = _substituter(base, payload, repository)
    config = base.get_repo_sack().create_repo(repository.id).get_config()
    config.name = repository.name or repository.id
    config.enabled = True
    config.skip_if_unavailable = False
    config.metadata_expire = 0
    if repository.baseurls:
        config.baseurl = [substitute(url) for url in repository.baseurls]
    if repository.mirrorlist:
        config.mirrorlist = substitute(repository.mirrorlist)
    if repository.metalink:
        config.metalink = substitute(repository.metalink)
    config.includepkgs = list(repository.includes)
    config.excludepkgs = list(repository.excludes)
    config.pkg_gpgcheck = repository.gpgcheck
    config.repo_gpgcheck = repository.repo_gpgcheck
    if repository.cost is not None:
        config.cost = repository.cost
    if repository.priority is not None:
        config.priority = repository.priority
    _connect(config, repository)


def _connect(config: Any, repository: Repository) -> None:
    config.sslverify = repository.sslverify
    for option, value in (
        ("proxy", repository.proxy),
        ("proxy_username", repository.proxy_username),
        ("proxy_password", repository.proxy_password and repository.proxy_password.reveal()),
        ("username", repository.username),
        ("password", repository.password and repository.password.reveal()),
        ("sslcacert", repository.ca_certificate),
        ("sslclientcert", repository.client_certificate),
        ("sslclientkey", repository.client_key),
    ):
        if value:
            setattr(config, option, value)


def _substituter(base: Any, payload: PackagePayload, repository: Repository) -> Callable[[str], str]:
    def substitute(url: str) -> str:
        if not payload.release and any(name in url for name in RELEASE_VARIABLES):
            raise PackagesFailed(
                FailureKind.INPUT,
                f"The address of the repository {repository.id} has $releasever in it, and no release was named.",
                "Name the release, as 43.",
            )
        return str(base.get_vars().substitute(url))

    return substitute


def _unreadable(error: Exception, failures: list[str]) -> PackagesFailed:
    """libdnf5 says `Failed to download metadata (…) for repository "main": why`; the callbacks may say more."""
    said = str(error)
    log.error("%s", said)
    match = _REPOSITORY.search(said)
    found = reason(telling(failures) or (match[2] if match else said).strip().rstrip("."))
    return PackagesFailed(
        FailureKind.REPOSITORY,
        f"{f'The repository {match[1]}' if match else 'A repository'} can't be used: {found.why}.",
        found.hint,
        tuple(dict.fromkeys((*failures, said))),
    )
