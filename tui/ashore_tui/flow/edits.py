"""What a person changes about the system: each a pure function from one `SystemPlan` to the next."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import RootAccount, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_tui.flow.choices import Keymap, Language, keymap_table, language_table

_SUDO = ("debian", "ubuntu")
"""Distributions (os-release(5), ID and ID_LIKE) whose sudo lets the group `sudo` become root; elsewhere `wheel`."""


# --- language, keyboard, time --------------------------------------------------------------------------------


def choose_language(system: SystemPlan, locale: str) -> SystemPlan:
    """The language, and with it the keyboard and the time zone that are usual for it, unless another was chosen."""
    before, after = _language(system.locale), _language(locale)
    chosen = replace(system, locale=locale)
    if after and system.keymap in ("", before.keymap if before else ""):
        chosen = choose_keymap(chosen, after.keymap)
    if after and system.timezone in ("", before.timezone if before else ""):
        chosen = replace(chosen, timezone=after.timezone)
    return chosen


def choose_keymap(system: SystemPlan, name: str) -> SystemPlan:
    """The console's keymap, and the X11 layouts with the same keys; of a keymap that is typed in, only itself."""
    known = keymap_of(name)
    return replace(system, keymap=name, x11_layouts=known.layouts if known else ())


def keymap_of(name: str) -> Keymap | None:
    return next((one for one in keymap_table() if one.name == name), None)


def _language(locale: str) -> Language | None:
    return next((one for one in language_table() if one.locale == locale), None)


# --- accounts ------------------------------------------------------------------------------------------------


def admin_group(image: PayloadInfo | None) -> str:
    """The group whose members may become root. Of an image that was not scanned, most have `wheel`."""
    release = image.os_release if image else {}
    names = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    return "sudo" if any(name in _SUDO for name in names) else "wheel"


def set_root_password(system: SystemPlan, password: Secret | None) -> SystemPlan:
    """The password of root; None locks the account, so that only ssh keys are left."""
    root = replace(system.root, password=password, crypted=False, locked=password is None)
    return replace(system, root=root)


def set_root_keys(system: SystemPlan, keys: tuple[str, ...]) -> SystemPlan:
    return replace(system, root=replace(system.root, ssh_keys=keys))


def reset_root(system: SystemPlan) -> SystemPlan:
    return replace(system, root=RootAccount())


def put_user(system: SystemPlan, user: User, *, instead_of: str = "") -> SystemPlan:
    """The user in the place of the one with that name, else at the end."""
    names = [one.name for one in system.users]
    if instead_of not in names:
        return replace(system, users=(*system.users, user))
    return replace(system, users=tuple(user if one.name == instead_of else one for one in system.users))


def remove_user(system: SystemPlan, name: str) -> SystemPlan:
    return replace(system, users=tuple(one for one in system.users if one.name != name))


def set_admin(user: User, group: str, *, admin: bool) -> User:
    others = tuple(one for one in user.groups if one != group)
    return replace(user, groups=(*others, group) if admin else others)


def set_password(user: User, password: Secret | None) -> User:
    """The password of a user; without one only ssh keys let them in."""
    return replace(user, password=password, crypted=False, locked=False)


def usual_name(full_name: str) -> str:
    """A user name made of a full one, as `Ada Lovelace` gives `ada`; empty when its letters don't make one."""
    first = full_name.strip().casefold().split(" ")[0]
    letters = "".join(letter for letter in first if letter.isascii() and (letter.isalnum() or letter in "-_"))
    return letters[:32] if letters[:1].isalpha() else ""
