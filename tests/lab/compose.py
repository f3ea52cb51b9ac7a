"""Which RPM packages are made of which Debian packages, and what they require. Values only."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.lab.debs import Deb, needs, providers_of
from tests.lab.recipe import PackageRecipe, Recipe

KERNEL_DEB = "linux-binary-"
EARLY = frozenset({"lagoon-release", "lagoon-gpg-keys", "setup", "filesystem", "basesystem"})
"""What does not require the package `filesystem`, since that requires it."""
OWN_VERSION = "7-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpm:
    """An RPM package that is to be built. `version` may not have a `-`; `epoch` is empty or a number."""

    recipe: PackageRecipe
    debs: tuple[Deb, ...]
    epoch: str
    version: str
    release: str
    noarch: bool
    summary: str
    requires: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.recipe.name


def kernel_version(debs: Iterable[Deb]) -> str:
    """The version of the one kernel, as uname(1) will say it. Raises ValueError unless there is exactly one."""
    (version,) = [deb.name.removeprefix(KERNEL_DEB) for deb in debs if deb.name.startswith(KERNEL_DEB)]
    return version


def compose(recipe: Recipe, debs: tuple[Deb, ...]) -> tuple[Rpm, ...]:
    """All RPM packages, sorted by name."""
    packaged = tuple(deb for deb in debs if deb.name not in recipe.materials)
    holders = {deb.name: _holder(recipe, deb) for deb in packaged}
    recipes = {package.name: package for package in recipe.packages}
    for name in holders.values():
        recipes.setdefault(name, PackageRecipe(name=name, ghost_sizes={}, scriptlets={}))
    members = {name: _members(package, packaged, holders) for name, package in recipes.items()}
    index = {deb.name: deb for deb in packaged}
    return tuple(
        _rpm(recipe, recipes[name], members, _requires(recipe, recipes[name], members[name], holders, index))
        for name in sorted(recipes)
    )


def _holder(recipe: Recipe, deb: Deb) -> str:
    """The RPM package that holds `deb`: one that names it, else one with a glob for it, else one of the same name."""
    for package in recipe.packages:
        if deb.name in package.debs:
            return package.name
    for package in recipe.packages:
        if any(fnmatch.fnmatchcase(deb.name, pattern) for pattern in package.debs):
            return package.name
    return deb.name


def _members(package: PackageRecipe, debs: Iterable[Deb], holders: Mapping[str, str]) -> tuple[Deb, ...]:
    """What `package` holds, in the order in which the recipe names it."""

    def place(deb: Deb) -> int:
        matches = [fnmatch.fnmatchcase(deb.name, pattern) for pattern in package.debs]
        return matches.index(True) if any(matches) else len(matches)

    return tuple(sorted((deb for deb in debs if holders[deb.name] == package.name), key=place))


def _requires(
    recipe: Recipe, package: PackageRecipe, debs: tuple[Deb, ...], holders: Mapping[str, str], index: Mapping[str, Deb]
) -> tuple[str, ...]:
    without = {*recipe.without, *package.without}
    preferred, providers = set(recipe.wanted), providers_of(index.values())
    found = {holders[name] for deb in debs for name in needs(deb, without, preferred, index, providers)}
    found |= set() if package.name in EARLY else {"filesystem"}
    return tuple(sorted({*found, *package.requires} - {package.name}))


def _rpm(
    recipe: Recipe, package: PackageRecipe, members: Mapping[str, tuple[Deb, ...]], requires: tuple[str, ...]
) -> Rpm:
    debs = members[package.name]
    source = members[package.version_of] if package.version_of else debs
    epoch, version, release = split_version(source[0].version if source else OWN_VERSION)
    return Rpm(
        recipe=package,
        debs=debs,
        epoch=epoch,
        version=version,
        release=release + recipe.release_suffix,
        noarch=package.noarch or {deb.architecture for deb in debs} == {"all"},
        summary=package.summary or (debs[0].summary if debs else package.name),
        requires=requires,
    )


def split_version(text: str) -> tuple[str, str, str]:
    """Epoch (or nothing), version and release of a Debian version; native ones (deb-version(7)) get release 1."""
    epoch, _, rest = text.rpartition(":")
    version, _, revision = rest.rpartition("-")
    return epoch, (version or rest).replace("-", "."), revision if version else "1"
