"""The source in traditional mode: repositories, environment, groups and packages, as lines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ashore_installer.errors import InstallerError
from ashore_installer.package_plan import PackagePayload, Repository
from ashore_tui.engine import Engine
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.repositories import (
    Address,
    Known,
    address,
    address_of,
    confirm_keys,
    key_location,
    key_words,
    known,
    optional_address,
    put,
    remove,
    repository_id,
    spaced,
    state_words,
    toggle,
    used_words,
    with_address,
    with_key,
)
from ashore_tui.flow.software import (
    NONE,
    choose_environment,
    chosen,
    environment_words,
    environments,
    found_choices,
    group_words,
    groups,
    package_names,
    set_excludes,
    solved_lines,
    toggle_group,
    toggle_package,
    with_packages,
)
from ashore_tui.flow.state import Flow
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Prompt
from ashore_tui.text import _, n_, said

_ADD, _KEY, _USE, _CHANGE, _REMOVE = "+", "key", "use", "change", "remove"


def software(flow: Flow, engine: Engine) -> Page:
    """`engine` is asked for packages and keys."""
    payload, catalogue = chosen(flow), flow.catalogue
    none = _("none")
    return Page(
        notes=solved_lines(flow),
        items=(
            Item(
                label=_("Repositories"),
                value=used_words(flow),
                change=partial(_repositories, engine),
                needed=not payload.repositories,
            ),
            Item(label=_("Environment"), value=environment_words(payload, catalogue), change=_environment),
            Item(label=_("Groups"), value=group_words(payload, catalogue), change=_groups),
            Item(label=_("Packages"), value=" ".join(payload.packages) or none, change=partial(_packages, engine)),
            Item(label=_("Left out"), value=" ".join(payload.excludes) or none, change=_excludes),
            Item(label=_("Documentation"), value=_yes(payload.documentation), change=_documentation),
            Item(label=_("What packages recommend besides"), value=_yes(payload.weak_dependencies), change=_weak),
        ),
    )


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


# --- what is chosen ------------------------------------------------------------------------------------------


def _environment(flow: Flow, prompt: Prompt) -> Flow:
    picked = prompt.pick(environments(flow.catalogue), _("Number"), chosen(flow).environment or NONE)
    return choose_environment(flow, picked)


def _groups(flow: Flow, prompt: Prompt) -> Flow:
    """One after the other is added or taken away, until nothing is typed."""
    offered = groups(flow)
    while picked := prompt.search(offered, _("Part of a group's name, or Enter when done"), _no_other):
        flow = toggle_group(flow, picked)
        prompt.say(_("Groups: {names}").format(names=group_words(chosen(flow), flow.catalogue)))
    return flow


def _no_other(text: str) -> str:  # a group that no repository has can't be installed, as the solver says then
    return text


def _packages(engine: Engine, flow: Flow, prompt: Prompt) -> Flow:
    """Words are looked for in the repositories; a number adds what was found, or takes it away."""
    while words := prompt.text(_("Part of a package's name or purpose, or Enter when done"), str.split):
        prompt.say(_("Searching ..."))
        try:
            matched = engine.search(chosen(flow), tuple(words))
        except InstallerError as error:
            prompt.say(said(str(error)))
            continue
        found = found_choices(matched.packages[:15])
        if not found:
            prompt.say(_("Nothing has that in it."))
            continue
        if matched.total > len(found):
            more = matched.total - len(found)
            prompt.say(
                n_("And one more: type more of it.", "And {count} more: type more of it.", more).format(count=more)
            )
        none = Choice(value="", label=_("None of these"))
        picked = prompt.pick((*found, none), _("Number"), found[0].value)
        flow = toggle_package(flow, picked) if picked else flow
        prompt.say(_("Packages: {names}").format(names=" ".join(chosen(flow).packages) or _("none")))
    return flow


def _excludes(flow: Flow, prompt: Prompt) -> Flow:
    return set_excludes(flow, prompt.text(_("Left out"), package_names, " ".join(chosen(flow).excludes)))


def _documentation(flow: Flow, prompt: Prompt) -> Flow:
    wanted = prompt.yes(_("Install documentation?"), default=chosen(flow).documentation)
    return with_packages(flow, replace(chosen(flow), documentation=wanted))


def _weak(flow: Flow, prompt: Prompt) -> Flow:
    wanted = prompt.yes(_("Install what packages recommend besides?"), default=chosen(flow).weak_dependencies)
    return with_packages(flow, replace(chosen(flow), weak_dependencies=wanted))


# --- repositories --------------------------------------------------------------------------------------------


def _repositories(engine: Engine, flow: Flow, prompt: Prompt) -> Flow:
    every = known(flow)
    choices = [Choice(value=one.repository.id, label=one.name, detail=_facts(one)) for one in every]
    picked = prompt.pick((*choices, Choice(value=_ADD, label=_("Add a repository"))), _("Number"), _ADD)
    if picked == _ADD:
        return _asked(engine, flow, prompt, None)
    one = next(one for one in every if one.repository.id == picked)
    doing = prompt.pick(_doings(one), _("Number"), _USE)
    if doing == _USE:
        return toggle(flow, picked)
    if doing == _REMOVE:
        return remove(flow, picked)
    return _confirmed(engine, flow, prompt, one.repository) if doing == _KEY else _asked(engine, flow, prompt, one)


def _facts(one: Known) -> str:
    return f"{state_words(one)}; {address_of(one.repository)[1]}; {key_words(one.repository)}"


def _doings(one: Known) -> tuple[Choice, ...]:
    use = Choice(value=_USE, label=_("Use it no more") if one.used else _("Use it"))
    key = (Choice(value=_KEY, label=_("Look at its key")),) if one.repository.keys else ()
    return (
        use,
        Choice(value=_CHANGE, label=_("Change it")),
        *key,
        Choice(value=_REMOVE, label=_("Remove it")),
    )


def _asked(engine: Engine, flow: Flow, prompt: Prompt, old: Known | None) -> Flow:
    """A form for a repository that is added, or changed."""
    start = old.repository if old else Repository(id="", install=True)
    taken = tuple(one.repository.id for one in known(flow) if one is not old)
    name = prompt.text(_("Name"), lambda text: repository_id(text, taken), start.id)
    before, text = address_of(start)
    kinds = (
        Choice(value=Address.BASE, label=_("the repository itself")),
        Choice(value=Address.MIRRORS, label=_("a list of mirrors")),
        Choice(value=Address.METALINK, label=_("a metalink")),
    )
    kind = Address(prompt.pick(kinds, _("What the address is of"), before))
    made = with_address(start, kind, prompt.text(_("Address"), address, text if kind is before else ""))
    checks = prompt.yes(_("Check the packages' signatures?"), default=start.gpgcheck)
    if checks:
        made = with_key(made, prompt.text(_("Address of the key"), address, key_location(start)))
    else:
        made = with_key(made, prompt.text(_("Address of the key"), optional_address, key_location(start)))
    install = prompt.yes(_("Shall the installed system use it too?"), default=start.install)
    made = replace(made, id=name, gpgcheck=checks, install=install)
    flow = put(flow, made, instead_of=start.id)
    return _confirmed(engine, flow, prompt, made) if made.gpgcheck else flow


def _confirmed(engine: Engine, flow: Flow, prompt: Prompt, repository: Repository) -> Flow:
    """The key is shown; who trusts it has only this one taken."""
    if all(key.fingerprint for key in repository.keys):
        prompt.say(key_words(repository))
        return flow
    prompt.say(_("Reading the key ..."))
    try:
        keys = engine.keys(PackagePayload(repositories=(repository,)))
    except InstallerError as error:
        prompt.say(said(str(error)))
        return flow
    for key in keys:
        prompt.say(", ".join(key.user_ids), "  ")
        prompt.say(spaced(key.fingerprint), "  ")
    if not keys or not prompt.yes(_("Do you trust it to sign packages?")):
        return flow
    return put(flow, confirm_keys(repository, keys), instead_of=repository.id)
