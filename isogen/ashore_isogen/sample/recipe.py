"""The recipe of an image as data: what `image/` says. Nothing here runs a program or changes a file."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ashore_installer.errors import BadInput
from ashore_isogen import oci

DIRECTORY = Path(__file__).parent / "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the image: its tag, its time (seconds since 1970), its layers over the base, from below."""

    tag: str
    created: int
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is in the directory of an image: image.toml, packages.txt, rootfs/, finish.sh and layers/."""

    directory: Path
    suite: str
    architecture: str
    labels: dict[str, str]
    versions: tuple[Version, ...]
    packages: tuple[str, ...]

    @property
    def epoch(self) -> int:
        """SOURCE_DATE_EPOCH of the build: no file in any layer is younger."""
        return min(version.created for version in self.versions)

    @property
    def finish(self) -> Path:
        """The script that makes a plain tree a bootable one."""
        return self.directory / "finish.sh"

    def rootfs(self) -> bytes:
        """The files that go into the base before `finish`, as a tar stream."""
        return oci.tar_bytes(checked_in(self.directory / "rootfs", self.epoch))

    def layer(self, name: str) -> bytes:
        """The tar stream of a derived layer."""
        return oci.tar_bytes(checked_in(self.directory / "layers" / name, self.epoch))


def load(directory: Path = DIRECTORY) -> Recipe:
    """Read the recipe in `directory`. Raises BadInput."""
    try:
        data = tomllib.loads((directory / "image.toml").read_text(encoding="utf-8"))
        return Recipe(
            directory=directory,
            suite=data["suite"],
            architecture=data["architecture"],
            labels=data["labels"],
            versions=tuple(_version(table) for table in data["version"]),
            packages=packages((directory / "packages.txt").read_text(encoding="utf-8")),
        )
    except OSError as error:
        raise BadInput(
            f"{error.filename} can't be read: {error.strerror}.", "Name the directory of an image."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{directory}/image.toml is not TOML: {error}.", "Correct it.") from error
    except KeyError as error:
        raise BadInput(f"{directory}/image.toml lacks {error}.", "Compare it with the sample's.") from error


def _version(table: dict[str, Any]) -> Version:
    created = table["created"]
    if not isinstance(created, datetime) or created.tzinfo is None:
        raise BadInput(f"{created} is no time with a zone.", "Write it as 2026-11-01T00:00:00Z.")
    return Version(tag=table["tag"], created=int(created.timestamp()), layers=tuple(table["layers"]))


def packages(text: str) -> tuple[str, ...]:
    """The names in a list of packages: one a line, comments after `#`."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def checked_in(root: Path, mtime: int) -> Iterator[oci.Entry]:
    """The tree of a source checkout as root's: an owner's umask and the time of the checkout don't count."""
    for entry in oci.Tree(root=root, mtime=mtime, owner=(0, 0)):
        executable = entry.kind is oci.Kind.DIRECTORY or entry.mode & stat.S_IXUSR
        mode = entry.mode if entry.kind is oci.Kind.SYMLINK else 0o755 if executable else 0o644
        yield replace(entry, mode=mode, xattrs=())
