"""Root, users and their keys: as lines."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.plan import User
from ashore_tui.flow import edits, fields
from ashore_tui.flow.state import Flow, with_system
from ashore_tui.flow.status import can_log_in
from ashore_tui.flow.strength import caps_lock_note, strength
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Ask, Back, Prompt
from ashore_tui.text import _, n_


def accounts(flow: Flow) -> Page:
    root = flow.system.root
    password = _("set") if root.password and not root.locked else _("none: root can't log in with one")
    items = [
        Item(label=_("Root password"), value=password, change=_root_password, needed=True),
        Item(label=_("Root ssh keys"), value=keys_text(root.ssh_keys), change=_root_keys),
        *(_user_item(user, flow) for user in flow.system.users),
        Item(label=_("Add a user"), change=_add_user),
    ]
    if not can_log_in(root) and not any(map(can_log_in, flow.system.users)):
        answer = _("yes") if flow.no_login else _("no")
        items.append(Item(label=_("Install without any login"), value=answer, change=_no_login))
    return Page(items=tuple(items))


def keys_text(keys: tuple[str, ...]) -> str:
    return n_("{count} key", "{count} keys", len(keys)).format(count=len(keys)) if keys else _("none")


def _user_item(user: User, flow: Flow) -> Item:
    facts = [user.gecos, _("administrator") if edits.admin_group(flow.facts) in user.groups else ""]
    facts += ["" if can_log_in(user) else _("can't log in"), keys_text(user.ssh_keys) if user.ssh_keys else ""]
    label = _("User {name}").format(name=user.name)

    def change(flow: Flow, prompt: Prompt) -> Flow:
        return _change_user(flow, prompt, user)

    return Item(label=label, value=", ".join(filter(None, facts)) or _("may log in"), change=change)


# --- root ----------------------------------------------------------------------------------------------------


def _root_password(flow: Flow, prompt: Prompt) -> Flow:
    known = flow.system.root.password is not None
    if known and not prompt.yes(_("There is a password. Set another one?"), default=True):
        return with_system(flow, edits.set_root_password(flow.system, None))
    word = prompt.secret(_("Root password (not shown; Enter leaves it):"), fields.password, _note("root", flow))
    return with_system(flow, edits.set_root_password(flow.system, word)) if word else flow


def _note(name: str, flow: Flow) -> Ask:
    def note(text: str) -> str:
        return " ".join(filter(None, (strength(text, name, flow.system.hostname).text, caps_lock_note(text))))

    return note


def _root_keys(flow: Flow, prompt: Prompt) -> Flow:
    return with_system(flow, edits.set_root_keys(flow.system, _keys(prompt, flow.system.root.ssh_keys)))


def _keys(prompt: Prompt, known: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that are given; the known ones when none is, and the person wants to keep them."""
    for key in known:
        prompt.say(f"{key[:60]} ...", "  ")
    while True:
        found = fields.ssh_keys(prompt.lines(_("Public keys, one a line; an empty line ends them:")))
        if isinstance(found, fields.Wrong):
            prompt.say(found.text)
        elif found or not known or not prompt.yes(_("Keep the keys above?"), default=True):
            return found
        else:
            return known


def _no_login(flow: Flow, prompt: Prompt) -> Flow:
    question = _("Does the image bring its own accounts, so that nobody else has to log in?")
    return replace(flow, no_login=prompt.yes(question, default=flow.no_login))


# --- users ---------------------------------------------------------------------------------------------------


def _add_user(flow: Flow, prompt: Prompt) -> Flow:
    full = prompt.text(_("Full name (Enter: none)"), fields.full_name)
    taken = tuple(one.name for one in flow.system.users)

    def free(text: str) -> str | fields.Wrong:
        return fields.user_name(text, taken)

    name = prompt.text(_("User name"), free, edits.usual_name(full))
    group = edits.admin_group(flow.facts)
    admin = prompt.yes(_("Administrator (in the group {group})?").format(group=group), default=True)
    user = edits.set_admin(User(name=name, gecos=full), group, admin=admin)
    return with_system(flow, edits.put_user(flow.system, _with_password(user, flow, prompt)))


def _with_password(user: User, flow: Flow, prompt: Prompt) -> User:
    question = _("Password of {name} (not shown; Enter: none):").format(name=user.name)
    word = prompt.secret(question, fields.password, _note(user.name, flow))
    return edits.set_password(user, word) if word else user


def _change_user(flow: Flow, prompt: Prompt, user: User) -> Flow:
    """A page of its own; going back from it leads to the accounts."""
    try:
        while True:
            changed = _one_change(flow, prompt, user)
            if changed is None:
                return with_system(flow, edits.remove_user(flow.system, user.name))
            flow, user = with_system(flow, edits.put_user(flow.system, changed, instead_of=user.name)), changed
    except Back:
        return flow


def _one_change(flow: Flow, prompt: Prompt, user: User) -> User | None:
    """The user after one change; None when the user goes. Raises Back when there is nothing more to change."""
    group = edits.admin_group(flow.facts)
    admin = group in user.groups
    lines = (
        _("Full name: {text}").format(text=user.gecos or _("none")),
        _("Password: {text}").format(text=_("set") if user.password else _("none")),
        _("Administrator: {text}").format(text=_("yes") if admin else _("no")),
        _("Groups: {text}").format(text=", ".join(user.groups) or _("none")),
        _("ssh keys: {text}").format(text=keys_text(user.ssh_keys)),
        _("Remove this user"),
    )
    for number, line in enumerate(lines, 1):
        prompt.say(f"{number}) {line}", "  ")
    match prompt.command(_("Number to change, Enter to go back: ")):
        case "":
            raise Back
        case "1":
            return replace(user, gecos=prompt.text(_("Full name"), fields.full_name, user.gecos))
        case "2":
            return _with_password(user, flow, prompt)
        case "3":
            return edits.set_admin(user, group, admin=not admin)
        case "4":
            return replace(user, groups=prompt.text(_("Groups"), fields.group_names, " ".join(user.groups)))
        case "5":
            return replace(user, ssh_keys=_keys(prompt, user.ssh_keys))
        case "6":
            return None if prompt.yes(_("Remove {name}?").format(name=user.name)) else user
        case _other:
            prompt.say(_("Give a number from 1 to {count}.").format(count=len(lines)))
            return user
