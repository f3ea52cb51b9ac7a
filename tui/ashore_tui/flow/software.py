"""What can be chosen in traditional mode, and what was: an environment, groups, packages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ashore_installer.package_plan import GroupChoice, PackagePayload, PackagesInfo
from ashore_installer.payload.package_protocol import Catalogue, FoundPackage, GroupInfo
from ashore_installer.units import human
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.state import Flow, with_draft
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.text import _, n_, said

NONE = "-"
"""In a list of environments, the row of none; no environment can be called that."""
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-*?[]()/@:~^")
"""What names, globs and provides are made of."""


def with_packages(flow: Flow, payload: PackagePayload) -> Flow:
    """The flow with another choice of packages."""
    return with_draft(flow, replace(flow.draft, packages=payload))


def chosen(flow: Flow) -> PackagePayload:
    """What is chosen now."""
    return flow.draft.packages or PackagePayload(repositories=())


def with_switch(flow: Flow, name: str, *, on: bool) -> Flow:
    """The flow with a switch of the payload the one way or the other: `documentation`, `weak_dependencies`."""
    changes: dict[str, Any] = {name: on}
    return with_packages(flow, replace(chosen(flow), **changes))


# --- environment ---------------------------------------------------------------------------------------------


def environments(catalogue: Catalogue | None) -> tuple[Choice, ...]:
    """The environments, after the row for none."""
    none = Choice(value=NONE, label=_("None"), detail=_("the base system, and what is chosen besides"))
    known = catalogue.environments if catalogue else ()
    return (none, *(Choice(value=one.id, label=one.name or one.id, detail=one.description) for one in known))


def choose_environment(flow: Flow, id: str) -> Flow:  # noqa: A002 (the field's name)
    """Another environment, with the groups that it proposes, instead of those that the one before proposed."""
    payload = chosen(flow)
    before, after = _proposed(flow, payload.environment), _proposed(flow, "" if id == NONE else id)
    kept = [one for one in payload.groups if one.id not in before]
    new = [GroupChoice(id=one) for one in after if one not in {other.id for other in kept}]
    environment = "" if id == NONE else id
    return with_packages(flow, replace(payload, environment=environment, groups=(*kept, *new)))


def _proposed(flow: Flow, environment: str) -> tuple[str, ...]:
    known = flow.catalogue.environments if flow.catalogue else ()
    return next((one.defaults for one in known if one.id == environment), ())


# --- groups --------------------------------------------------------------------------------------------------


def groups(flow: Flow) -> tuple[Choice, ...]:
    """The groups that can be added: those that belong to the environment first, then all others that are shown."""
    if flow.catalogue is None:
        return ()
    environment = next((one for one in flow.catalogue.environments if one.id == chosen(flow).environment), None)
    included = environment.groups if environment else ()
    options = environment.options if environment else ()
    known = {one.id: one for one in flow.catalogue.groups}
    first = [known[one] for one in options if one in known]
    rest = [one for one in known.values() if one.visible and one.id not in (*options, *included)]
    return tuple(_group(one) for one in (*first, *rest))


def _group(group: GroupInfo) -> Choice:
    count = n_("{count} package", "{count} packages", group.packages).format(count=group.packages)
    size = human(group.install_size) if group.install_size else ""
    facts = ", ".join(filter(None, (count, size)))
    return Choice(value=group.id, label=group.name or group.id, detail=f"{facts}. {group.description}".rstrip(". "))


def toggle_group(flow: Flow, id: str) -> Flow:  # noqa: A002
    """The group is added, or taken away if it was there."""
    payload = chosen(flow)
    kept = tuple(one for one in payload.groups if one.id != id)
    added = () if len(kept) < len(payload.groups) else (GroupChoice(id=id),)
    return with_packages(flow, replace(payload, groups=(*kept, *added)))


# --- packages ------------------------------------------------------------------------------------------------


def toggle_package(flow: Flow, name: str) -> Flow:
    """The package is named, or not named any more; who names it does not leave it out."""
    payload = chosen(flow)
    if name in payload.packages:
        return with_packages(flow, replace(payload, packages=tuple(one for one in payload.packages if one != name)))
    excludes = tuple(one for one in payload.excludes if one != name)
    return with_packages(flow, replace(payload, packages=(*payload.packages, name), excludes=excludes))


def set_packages(flow: Flow, names: Sequence[str]) -> Flow:
    return with_packages(flow, replace(chosen(flow), packages=tuple(names)))


def set_excludes(flow: Flow, names: Sequence[str]) -> Flow:
    """What is never installed."""
    return with_packages(flow, replace(chosen(flow), excludes=tuple(names)))


def found_choices(found: Iterable[FoundPackage]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=one.name, label=one.name, detail=f"{one.version}, {human(one.install_size)}: {one.summary}")
        for one in found
    )


def package_names(text: str) -> tuple[str, ...] | Wrong:
    """Names of packages as dnf takes them, with blanks between them."""
    words = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if any(word.startswith("-") or not set(word) <= _NAME for word in words):
        return Wrong(_("Write names of packages, like vim-enhanced, with blanks between them."))
    return words


# --- what came of it -----------------------------------------------------------------------------------------


def solved_lines(flow: Flow) -> tuple[str, ...]:
    """What the solver made of the choice, or what is wrong with it, as lines; empty while it is not known."""
    if flow.source_problem:
        return wrong_lines((flow.source_problem,))
    if flow.packages is None:
        return ()
    return (resolved_words(flow.packages), *map(said, flow.packages.warnings))


# --- words ---------------------------------------------------------------------------------------------------


def environment_words(payload: PackagePayload, catalogue: Catalogue | None) -> str:
    """The name of the environment."""
    if not payload.environment:
        return _("none: the base system") if payload.core else _("none")
    known = catalogue.environments if catalogue else ()
    return next((one.name for one in known if one.id == payload.environment and one.name), payload.environment)


def group_words(payload: PackagePayload, catalogue: Catalogue | None) -> str:
    """The names of the groups."""
    names = {one.id: one.name or one.id for one in (catalogue.groups if catalogue else ())}
    return ", ".join(names.get(one.id, one.id) for one in payload.groups) or _("none")


def chosen_words(payload: PackagePayload, catalogue: Catalogue | None) -> str:
    """What was chosen, in a line."""
    parts = [environment_words(payload, catalogue)]
    parts = parts if payload.environment else [_("base system")] if payload.core else []
    if payload.groups:
        parts.append(n_("{count} group", "{count} groups", len(payload.groups)).format(count=len(payload.groups)))
    if payload.packages:
        count = len(payload.packages)
        parts.append(n_("{count} package by name", "{count} packages by name", count).format(count=count))
    return ", ".join(parts) or _("nothing")


def resolved_words(info: PackagesInfo) -> str:
    """What the solver made of it."""
    count = len(info.packages)
    return n_(
        "{count} package, {size} to fetch, {unpacked} when installed",
        "{count} packages, {size} to fetch, {unpacked} when installed",
        count,
    ).format(count=count, size=human(info.download_size), unpacked=human(info.unpacked_size))
