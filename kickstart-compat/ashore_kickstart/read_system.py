"""Who the installed system is: language, time, name, accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashore_installer.plan import Draft, Group, RootAccount, User
from ashore_installer.secret import Secret
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused

LEFT_OUT = "*password-left-out*"
"""Stands where a password was when a kickstart was saved. As a hash it matches nothing (crypt(5)), so that an
installer that doesn't know it makes an account that nobody can log in to."""


def lang(draft: Draft, command: Command) -> Draft:
    return _change(draft, command, "locale", locale=command.arguments[0])


def keyboard(draft: Draft, command: Command) -> Draft:
    plain = command.arguments[0] if command.arguments else ""
    keymap = command.text("--vckeymap")
    if plain and keymap:
        raise Refused(command.line, "keyboard names two keymaps for the console.", "Keep --vckeymap only.")
    return _change(draft, command, "keymap", keymap=keymap or plain, x11_layouts=command.words("--xlayouts"))


def timezone(draft: Draft, command: Command) -> Draft:
    zone = command.arguments[0] if command.arguments else ""
    return _change(draft, command, "timezone", timezone=zone, utc=command.has("--utc"))


def rootpw(draft: Draft, command: Command) -> Draft:
    account = RootAccount(
        password=_password(command, command.arguments[0] if command.arguments else "", "root"),
        crypted=command.has("--iscrypted"),
        locked=command.has("--lock"),
        ssh_keys=draft.system.root.ssh_keys,
    )
    return _change(draft, command, "root", root=account)


def user(draft: Draft, command: Command) -> Draft:
    name = command.text("--name")
    if any("(" in group for group in command.words("--groups")):
        raise Refused(command.line, "a group's number can't be given here.", "Add a line `group --name=… --gid=…`.")
    made = User(
        name=name,
        gecos=command.text("--gecos"),
        groups=command.words("--groups"),
        password=_password(command, command.text("--password"), f"user {name}"),
        crypted=command.has("--iscrypted"),
        locked=command.has("--lock"),
        uid=command.number("--uid"),
        gid=command.number("--gid"),
        shell=command.text("--shell"),
        home=command.text("--homedir"),
    )
    return _change(draft, command, f"users.{name}", users=(*draft.system.users, made))


def _password(command: Command, text: str, whose: str) -> Secret | None:
    if command.has("--iscrypted") and command.has("--plaintext"):
        raise Refused(command.line, "a password can't be both --iscrypted and --plaintext.", "Keep one of them.")
    if text == LEFT_OUT:
        raise Refused(
            command.line,
            f"this kickstart was saved without its passwords, and the one of {whose} is missing.",
            f"Put a hash in place of {LEFT_OUT}, as `openssl passwd -6` makes it.",
        )
    return Secret(text) if text else None


def group(draft: Draft, command: Command) -> Draft:
    made = Group(name=command.text("--name"), gid=command.number("--gid"))
    return _change(draft, command, f"groups.{made.name}", groups=(*draft.system.groups, made))


def sshkey(draft: Draft, command: Command) -> Draft:
    name, key = command.text("--username"), command.arguments[0]
    if name == "root":
        root = draft.system.root
        return _change(draft, command, "root", root=replace(root, ssh_keys=(*root.ssh_keys, key)))
    if all(user.name != name for user in draft.system.users):
        raise Refused(
            command.line, f"sshkey is for {name}, but no `user` line makes that user.", f"Add `user --name={name}`."
        )
    users = tuple(
        replace(user, ssh_keys=(*user.ssh_keys, key)) if user.name == name else user for user in draft.system.users
    )
    return _change(draft, command, f"users.{name}", users=users)


def _change(draft: Draft, command: Command, field: str, **changes: Any) -> Draft:
    system = replace(draft.system, **changes)
    return replace(draft, system=system, lines={**draft.lines, f"system.{field}": command.line})


READERS = {
    "lang": lang,
    "keyboard": keyboard,
    "timezone": timezone,
    "rootpw": rootpw,
    "user": user,
    "group": group,
    "sshkey": sshkey,
}
