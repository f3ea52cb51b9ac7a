"""Debian packages as an index describes them, and which of them the laboratory needs. Values only.

The format is deb822 (deb-control(5)); dependencies are `a (>= 1) | b, c`. Versions are left out: all packages come from
one state of one suite, which agrees with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.lab.recipe import Recipe

Alternatives = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deb:
    name: str
    version: str
    architecture: str
    summary: str
    depends: tuple[Alternatives, ...]
    """Depends and Pre-Depends: of each, one is needed, the first one preferably."""
    provides: tuple[str, ...]

    @property
    def file(self) -> str:
        """The name that apt-get(8) gives the file of this package."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_{self.architecture}.deb"


def parse_index(text: str) -> dict[str, Deb]:
    """All packages of an index, by name."""
    debs = (_deb(paragraph) for paragraph in text.split("\n\n") if paragraph.strip())
    return {deb.name: deb for deb in debs}


def _deb(paragraph: str) -> Deb:
    fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line.startswith(" "))
    needs = ", ".join(fields[key] for key in ("Pre-Depends", "Depends") if key in fields)
    return Deb(
        name=fields["Package"],
        version=fields["Version"],
        architecture=fields["Architecture"],
        summary=fields.get("Description", fields["Package"]),
        depends=tuple(_alternatives(needs)),
        provides=tuple(names[0] for names in _alternatives(fields.get("Provides", ""))),
    )


def _alternatives(text: str) -> Iterator[Alternatives]:
    for group in re.split(r"\s*,\s*", text.strip()):
        if group:
            yield tuple(re.split(r"[\s(]", one.strip())[0] for one in group.split("|"))


def chosen(recipe: Recipe, index: Mapping[str, Deb]) -> tuple[Deb, ...]:
    """What the recipe names with all that it depends on, sorted by name. Raises KeyError for what is not there."""
    providers = providers_of(index.values())
    dropped = {package_deb: set(package.without) for package in recipe.packages for package_deb in package.debs}
    found: dict[str, Deb] = {}
    waiting = list(recipe.wanted)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        deb = found[name] = index[name]
        without = {*recipe.without, *dropped.get(name, ())}
        if name not in recipe.materials:
            waiting += needs(deb, without, {*recipe.wanted, *found}, index, providers)
    return tuple(found[name] for name in sorted(found))


def needs(
    deb: Deb, without: set[str], preferred: set[str], index: Mapping[str, Deb], providers: Mapping[str, str]
) -> Iterator[str]:
    """The Debian packages that `deb` needs: of alternatives one that is preferred, else the first one there is."""
    for group in deb.depends:
        if without.intersection(group):
            continue
        names = [name.partition(":")[0] for name in group]
        real = [name if name in index else providers[name] for name in names if name in index or name in providers]
        if not real:
            raise KeyError(f"{deb.name} needs {' | '.join(group)}, which is not there")
        yield next((name for name in real if name in preferred), real[0])


def providers_of(debs: Iterable[Deb]) -> dict[str, str]:
    """For each virtual package one that provides it, the first by name."""
    found: dict[str, str] = {}
    for deb in sorted(debs, key=lambda deb: deb.name):
        for name in deb.provides:
            found.setdefault(name, deb.name)
    return found
