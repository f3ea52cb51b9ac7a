"""Which distribution a runtime root is made of, and where its packages come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ashore_installer.errors import BadInput
from ashore_installer.package_plan import PackagePayload, Repository, SigningKey
from ashore_isogen.ours import templates_directory
from ashore_isogen.repository.local import local_path
from ashore_isogen.runtime_root import DISTRIBUTION, INSTALL, RPM_CODE, root_digest

_SCHEMES = ("http", "https", "ftp", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """`templates` is its directory. With `repositories`, their packages are installed, else those of Debian's archive.

    Repositories and the keys that sign their packages are addresses (http:, https:, ftp:, file:).
    """

    templates: Path
    repositories: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its roots in the cache: what is built of one distribution displaces no other."""
        return f"root-{self.templates.name}" if self.repositories else "root"

    @property
    def digest(self) -> str:
        """The digest of all that its root is made from, but for the state of what packages come from."""
        return (
            root_digest(self.templates, RPM_CODE, self._origin()) if self.repositories else root_digest(self.templates)
        )

    def words(self) -> list[str]:
        """What names it on the command line of `ashore_isogen.runtime`."""
        if not self.repositories:
            return []
        found = [f"--distribution={self.templates}"]
        return [*found, *(f"--repo={one}" for one in self.repositories), *(f"--repo-key={one}" for one in self.keys)]

    def payload(self) -> PackagePayload:
        """Where RPM packages come from; which ones are chosen, the templates say."""
        keys = tuple(SigningKey(location=one) for one in self.keys)
        repositories = (
            Repository(id=f"repo{number}", baseurls=(one,), keys=keys)
            for number, one in enumerate(self.repositories, 1)
        )
        return PackagePayload(repositories=tuple(repositories), languages=())

    def _origin(self) -> Iterator[bytes]:
        for one in self.repositories:
            yield one.encode()
        for one in self.keys:
            yield one.encode()
            if (path := local_path(one)) and path.is_file():
                yield path.read_bytes()


def debian() -> Distribution:
    """What the live system is made of, unless somebody says otherwise."""
    return Distribution(templates=templates_directory(DISTRIBUTION))


def chosen(name: str, repositories: Sequence[str], keys: Sequence[str]) -> Distribution:
    """The distribution `name`, or with templates of one's own in the directory `name` (which has a `/`).

    Repositories and keys are addresses, or directories and files of this machine. Raises BadInput.
    """
    if name == DISTRIBUTION:
        if repositories or keys:
            message = "Debian's packages come from the archive that this machine's apt uses."
            raise BadInput(message, "Leave --repo and --repo-key out, or name another --distribution.")
        return debian()
    if not repositories:
        raise BadInput(f"Nothing says where the packages of {name} come from.", "Name a repository with --repo.")
    if not keys:
        raise BadInput("Nothing says which keys sign the packages.", "Name them with --repo-key.")
    return Distribution(
        templates=templates_named(name),
        repositories=tuple(map(_address, repositories)),
        keys=tuple(map(_address, keys)),
    )


def templates_named(name: str) -> Path:
    """The directory of the distribution `name`, or `name` itself if it is a path. Raises InstallerError."""
    templates = Path(name).absolute() if "/" in name else templates_directory(name)
    if not (templates / INSTALL).is_file():
        raise BadInput(f"{templates} has no {INSTALL}.", "Name a distribution, or a directory with its templates.")
    return templates


def _address(text: str) -> str:
    if "://" not in text:
        return Path(text).absolute().as_uri()
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES:
        raise BadInput(f"Packages can't come from {text}.", "Name an http:, https:, ftp: or file: address.")
    if parts.username or parts.password:
        # Whoever looks at the processes of a machine sees their arguments.
        raise BadInput("A password can't be given here.", "Use a repository that asks for none.")
    return text
