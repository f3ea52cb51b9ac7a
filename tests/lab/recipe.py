"""What `distribution/` says, as values: which packages there are, of what they are made and what they do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parent / "distribution"
SHELL = "/bin/sh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scriptlet:
    """`text` run by `interpreter`; without a text the interpreter itself is what runs."""

    interpreter: str = SHELL
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Runs at the end of a transaction that installs files below `paths`; the highest `priority` first."""

    paths: tuple[str, ...]
    priority: int
    script: Scriptlet


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecipe:
    """One RPM package. `debs` are names or globs of Debian packages, the first one gives the version."""

    name: str
    debs: tuple[str, ...] = ()
    summary: str = ""
    noarch: bool = False
    version_of: str = ""
    """An RPM package whose version it has."""
    requires: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Debian packages that it does not require, whatever its Debian packages say."""
    units: tuple[str, ...] = ()
    """Of systemd: enabled or not as the presets say, when it is installed."""
    ghosts: tuple[str, ...] = ()
    ghost_sizes: dict[str, int]
    scriptlets: dict[str, Scriptlet]
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    suite: str
    release_suffix: str
    without: tuple[str, ...]
    more: tuple[str, ...]
    materials: tuple[str, ...]
    packages: tuple[PackageRecipe, ...]

    @property
    def wanted(self) -> tuple[str, ...]:
        """Debian packages that are asked for by name."""
        named = (deb for package in self.packages for deb in package.debs if "*" not in deb)
        return (*named, *self.more, *self.materials)


def load(directory: Path = DIRECTORY) -> Recipe:
    data = tomllib.loads((directory / "packages.toml").read_text(encoding="utf-8"))
    return Recipe(
        suite=data["suite"],
        release_suffix=data["release_suffix"],
        without=tuple(data["without"]),
        more=tuple(data["more"]),
        materials=tuple(data["materials"]),
        packages=tuple(_package(name, table) for name, table in data["package"].items()),
    )


def _package(name: str, table: dict[str, Any]) -> PackageRecipe:
    lists = ("debs", "requires", "provides", "recommends", "without", "units", "ghosts")
    return PackageRecipe(
        name=name,
        summary=table.get("summary", ""),
        noarch=table.get("noarch", False),
        version_of=table.get("version_of", ""),
        ghost_sizes=table.get("ghost_sizes", {}),
        scriptlets={kind: _scriptlet(value) for kind, value in table.get("scriptlets", {}).items()},
        triggers=tuple(_trigger(value) for value in table.get("triggers", ())),
        **{key: tuple(table.get(key, ())) for key in lists},
    )


def _scriptlet(value: str | dict[str, str]) -> Scriptlet:
    return Scriptlet(text=value) if isinstance(value, str) else Scriptlet(**value)


def _trigger(table: dict[str, Any]) -> Trigger:
    script = Scriptlet(text=table["text"], interpreter=table.get("interpreter", SHELL))
    return Trigger(paths=tuple(table["paths"]), priority=table["priority"], script=script)
