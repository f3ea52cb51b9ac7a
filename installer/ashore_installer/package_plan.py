"""Traditional mode as values: which repositories, which packages, and what became of them when they were resolved.

The words are those of kickstart's `%packages`, `url` and `repo` and of dnf5.conf(5). A `PackagePayload` is the same in
a Draft and in an InstallPlan: what it leaves open, the resolver decides; `PackagesInfo` says what that was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ashore_installer.payload_info import PayloadInfo
from ashore_installer.secret import Secret

MEDIUM_REPOSITORY = "medium:"
"""The base address of the repository on the medium that the system was booted from, wherever that is mounted."""
CORE = "core"
"""The group that every installation gets, unless `nocore` (Anaconda's too)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An OpenPGP key that may sign. `location` is a file:, http:, https: or medium: address of an armoured key.

    Only a key with this fingerprint (40 hexadecimal digits, or 64 for version 6; upper case) is taken from there. Empty
    takes what is there: who named the location has vouched for it.
    """

    location: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A package repository. One of `baseurls`, `mirrorlist` and `metalink` says where it is (dnf5.conf(5))."""

    id: str
    name: str = ""
    baseurls: tuple[str, ...] = ()
    """http:, https:, ftp:, file: addresses, or `medium:` with a path below the medium's root."""
    mirrorlist: str = ""
    metalink: str = ""
    cost: int | None = None
    priority: int | None = None
    proxy: str = ""
    """`http://host:port`, without credentials."""
    proxy_username: str = ""
    proxy_password: Secret | None = field(default=None)
    username: str = ""
    password: Secret | None = field(default=None)
    """For HTTP authentication."""
    sslverify: bool = True
    ca_certificate: str = ""
    """Path of a file in the running system, as are the next two."""
    client_certificate: str = ""
    client_key: str = ""
    includes: tuple[str, ...] = ()
    """Globs; if there are any, only matching packages are seen."""
    excludes: tuple[str, ...] = ()
    groups: bool = True
    """Whether its groups and environments are seen (kickstart's --ignoregroups)."""
    keys: tuple[SigningKey, ...] = ()
    gpgcheck: bool = True
    """Packages must be signed by one of `keys`."""
    repo_gpgcheck: bool = False
    """The metadata must be, too."""
    install: bool = False
    """The installed system gets it in /etc/yum.repos.d."""


class GroupLevel(StrEnum):
    """How much of a group: kickstart's `--nodefaults` and `--optional`."""

    MANDATORY = "mandatory"
    DEFAULT = "default"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    id: str
    level: GroupLevel = GroupLevel.DEFAULT


class Multilib(StrEnum):
    """Which architectures of a package are preferred (dnf.conf(5), multilib_policy)."""

    BEST = "best"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePayload:
    """Traditional mode: packages from repositories, by libdnf5."""

    repositories: tuple[Repository, ...]
    environment: str = ""
    """Id of an environment (`server-product-environment`)."""
    groups: tuple[GroupChoice, ...] = ()
    packages: tuple[str, ...] = ()
    """Names, globs, provides or name.architecture, as dnf's command line takes them."""
    excludes: tuple[str, ...] = ()
    """Names or globs of packages that are never installed, not even as a dependency."""
    excluded_groups: tuple[str, ...] = ()
    core: bool = True
    """The group `core` is installed."""
    weak_dependencies: bool = True
    documentation: bool = True
    languages: tuple[str, ...] | None = None
    """Of `%lang` files, which are installed (rpm's _install_langs); None takes all, an empty tuple none."""
    locale: str = ""
    """The language (`de_DE.UTF-8`) whose packages are added where a repository has some (Fedora's `langpacks-de`)."""
    multilib: Multilib = Multilib.BEST
    ignore_missing: bool = False
    """Names that no repository has are left out with a warning."""
    ignore_broken: bool = False
    """Packages whose dependencies can't be had are left out with a warning."""
    retries: int = 10
    """Tries for each file, over all mirrors."""
    timeout: int = 30
    """Seconds without data after which a download is given up (dnf.conf(5))."""
    release: str = ""
    """$releasever; empty takes that of the package that provides system-release."""


# --- what it is ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageInfo:
    """One package of a transaction. Sizes in bytes; `checksum` as the metadata has it, `sha256:…`."""

    nevra: str
    repository: str
    download_size: int
    install_size: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesInfo(PayloadInfo):
    """A resolved transaction. `unpacked_size` is what it takes once it is installed, its initramfs included."""

    packages: tuple[PackageInfo, ...]
    """By `nevra`."""
    warnings: tuple[str, ...] = ()
    """What was left out, as sentences."""
    rpm_database: str = ""
    """Directory where the installed system's own rpm looks for its database (its macro %_dbpath)."""

    @property
    def download_size(self) -> int:
        return sum(package.download_size for package in self.packages)
