"""A Draft or a plan as a kickstart that gives the same again when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ashore_installer.errors import BadInput
from ashore_installer.plan import (
    Draft,
    Finish,
    InstallPlan,
    PayloadRequest,
    RootAccount,
    Script,
    ScriptPhase,
    SystemPlan,
    User,
)
from ashore_installer.secret import Secret
from ashore_kickstart.commands import SECTIONS
from ashore_kickstart.from_plan import draft_of
from ashore_kickstart.lines import INCLUDES
from ashore_kickstart.read_system import LEFT_OUT
from ashore_kickstart.words import Unsayable, words
from ashore_kickstart.write_encryption import has_secrets
from ashore_kickstart.write_network import network_lines
from ashore_kickstart.write_packages import repository_lines, section_lines
from ashore_kickstart.write_payload import payload_lines
from ashore_kickstart.write_storage import bootloader_lines, storage_lines

_NOTICE = f"# Saved without its passwords: put a hash (a repository's password itself) in place of each {LEFT_OUT}."
_EMPTY_NOTICE = "# Saved without its passphrases: write one after each empty --passphrase= and --tpm2-pin=."
_ENDS = {Finish.REBOOT: "reboot", Finish.POWEROFF: "poweroff", Finish.HALT: "halt"}


def kickstart_from_plan(plan: InstallPlan, *, reveal_secrets: bool = False) -> str:
    """The kickstart of `plan`: read, resolved and finalized on the same machine, it gives `plan` again.

    Passwords are left out unless `reveal_secrets`, in a form that is refused by name when it is read. Raises BadInput
    when the kickstart language has no words for a part of the plan.
    """
    return kickstart_from_draft(draft_of(plan), reveal_secrets=reveal_secrets)


def kickstart_from_draft(draft: Draft, *, reveal_secrets: bool = False) -> str:
    """The kickstart that gives `draft` again, but for the numbers of lines. Passwords as in `kickstart_from_plan`."""
    try:
        lines = tuple(_lines(draft, reveal_secrets))
    except Unsayable as unsayable:
        raise BadInput(
            f"A kickstart can't say this: {unsayable}.", "Keep the plan as JSON, or change that part of it."
        ) from unsayable
    head = ["# Kickstart written by Ashore."]
    head += [_NOTICE] if any(LEFT_OUT in line for line in lines) else []
    head += [_EMPTY_NOTICE] if not reveal_secrets and has_secrets(draft.storage) else []
    return "\n".join((*head, *lines)) + "\n"


def _lines(draft: Draft, reveal: bool) -> Iterator[str]:
    yield from _payload_lines(draft, reveal)
    yield from storage_lines(draft.storage, reveal)
    yield from bootloader_lines(draft)
    yield from _system_lines(draft.system, reveal)
    yield from _finish_lines(draft.finish, draft.eject)
    if draft.packages is not None:
        yield from section_lines(draft.packages)
    for script in draft.scripts:
        yield from _script_lines(script)


def _payload_lines(draft: Draft, reveal: bool) -> Iterator[str]:
    if draft.packages is None:
        yield from payload_lines(draft.payload)
    elif draft.payload != PayloadRequest():
        raise Unsayable("an image is to be installed, and packages too")
    else:
        yield from repository_lines(draft.packages, reveal)


def _finish_lines(finish: Finish, eject: bool) -> Iterator[str]:
    if finish in _ENDS:
        yield words(_ENDS[finish], {"--eject": eject})
    elif eject:
        raise Unsayable("the medium is ejected, but nothing happens after that")


# --- the system ----------------------------------------------------------------------------------------------


def _system_lines(system: SystemPlan, reveal: bool) -> Iterator[str]:
    if system.locale:
        yield words("lang", {}, system.locale)
    if system.keymap or system.x11_layouts:
        yield words("keyboard", {"--vckeymap": system.keymap, "--xlayouts": system.x11_layouts})
    if system.timezone:
        yield words("timezone", {"--utc": system.utc}, system.timezone)
    elif not system.utc:
        raise Unsayable("the hardware clock keeps local time, but no time zone is set")
    yield from network_lines(system)
    yield from _account_lines(system, reveal)


def _account_lines(system: SystemPlan, reveal: bool) -> Iterator[str]:
    yield _root_line(system.root, reveal)
    yield from (words("group", {"--name": group.name, "--gid": group.gid}) for group in system.groups)
    yield from (_user_line(user, reveal) for user in system.users)
    yield from _key_lines("root", system.root.ssh_keys)
    for user in system.users:
        yield from _key_lines(user.name, user.ssh_keys)


def _root_line(root: RootAccount, reveal: bool) -> str:
    if root.password is None and not root.locked:
        raise Unsayable("root is not locked, but has no password")
    crypted, password = _password(root.password, root.crypted, reveal)
    options = {"--lock": root.locked, "--iscrypted": crypted, "--plaintext": bool(password) and not crypted}
    return words("rootpw", options, *([password] if password else []))


def _user_line(user: User, reveal: bool) -> str:
    crypted, password = _password(user.password, user.crypted, reveal)
    return words(
        "user",
        {
            "--name": user.name,
            "--gecos": user.gecos,
            "--groups": user.groups,
            "--password": password,
            "--iscrypted": crypted,
            "--plaintext": bool(password) and not crypted,
            "--lock": user.locked,
            "--uid": user.uid,
            "--gid": user.gid,
            "--shell": user.shell,
            "--homedir": user.home,
        },
    )


def _password(password: Secret | None, crypted: bool, reveal: bool) -> tuple[bool, str]:
    """Whether the text that stands for the password is a hash, and that text."""
    if password is None:
        return crypted, ""
    if not password.reveal():
        raise Unsayable("a password is empty")
    return (crypted, password.reveal()) if reveal else (True, LEFT_OUT)


def _key_lines(name: str, keys: Iterable[str]) -> Iterator[str]:
    yield from (words("sshkey", {"--username": name}, key) for key in keys)


# --- scripts -------------------------------------------------------------------------------------------------


def _script_lines(script: Script) -> Iterator[str]:
    if script.phase is not ScriptPhase.POST:
        raise Unsayable("a script runs before the installation")
    body = script.body.removesuffix("\n")
    for line in body.split("\n"):
        if line.strip() and line.split(maxsplit=1)[0] in ("%end", *INCLUDES, *SECTIONS):
            raise Unsayable(f"a script has the line {line.strip()!r}")
    if not body.strip() or "\r" in body:
        raise Unsayable("a script is empty, or has carriage returns")
    yield ""
    yield words(
        "%post",
        {
            "--interpreter": "" if script.interpreter == "/bin/sh" else script.interpreter,
            "--nochroot": not script.chroot,
            "--erroronfail": script.error_on_fail,
            "--log": script.log,
        },
    )
    yield body
    yield "%end"
