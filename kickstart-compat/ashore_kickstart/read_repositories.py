"""Where packages come from: `url`, `repo` and `cdrom` as repositories, in the order of their lines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ashore_installer.package_plan import MEDIUM_REPOSITORY, PackagePayload, Repository, SigningKey
from ashore_installer.plan import Draft
from ashore_installer.secret import Secret
from ashore_kickstart.addresses import PROXY_SCHEMES, SCHEMES, Address, parsed, parsed_proxy
from ashore_kickstart.package_commands import MEDIUM
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_system import LEFT_OUT

INSTALLATION = "installation"
"""Id of the repository of `url`, which kickstart has no name for."""
ON_MEDIUM = Repository(id=MEDIUM, baseurls=(MEDIUM_REPOSITORY,))
"""The repository on the medium; what it has of keys is known where the medium is."""
ANY_KEY = "any"
"""Stands for the fingerprint of a key that is taken as it is."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
_YES, _NO = ("", "true", "yes", "on", "1"), ("false", "no", "off", "0")


def url(draft: Draft, command: Command) -> Draft:
    return _added(draft, command, Repository(id=INSTALLATION, **_place(command, "--url"), **_common(command)))


def repo(draft: Draft, command: Command) -> Draft:
    name = command.text("--name")
    if not NAME.fullmatch(name):
        raise Refused(command.line, f"{name!r} can't be a repository's name.", "Use letters, digits and _ . : -")
    if set(command.options) == {"--name"} and name == MEDIUM:
        return _added(draft, command, ON_MEDIUM)
    made = Repository(
        id=name,
        name=command.text("--title"),
        **_place(command, "--baseurl"),
        **_common(command),
        cost=_at_least_zero(command, "--cost"),
        priority=_at_least_zero(command, "--priority"),
        includes=command.words("--includepkgs"),
        excludes=command.words("--excludepkgs"),
        groups=not _switch(command, "--ignoregroups"),
        install=command.has("--install"),
    )
    return _added(draft, command, made)


def cdrom(draft: Draft, command: Command) -> Draft:
    return _added(draft, command, ON_MEDIUM)


READERS = {"url": url, "repo": repo, "cdrom": cdrom}


def _added(draft: Draft, command: Command, made: Repository) -> Draft:
    payload = draft.packages or PackagePayload(repositories=())
    for number, known in enumerate(payload.repositories):
        if known.id == made.id:
            line = draft.lines[f"packages.repositories[{number}]"]
            message = f"line {line} has already named the repository {made.id}."
            raise Refused(command.line, message, "Remove one of the two lines, or give it another name.")
    field = f"packages.repositories[{len(payload.repositories)}]"
    return replace(
        draft,
        packages=replace(payload, repositories=(*payload.repositories, made)),
        lines={**draft.lines, field: command.line},
    )


# --- the parts of a repository -------------------------------------------------------------------------------


def _place(command: Command, option: str) -> dict[str, Any]:
    """Where it is, and who may read it there."""
    bases = tuple(_address(command, word) for word in command.text(option).split())
    lists = {name: _address(command, command.text(name)) for name in _LISTS if command.text(name)}
    if not bases and not lists:
        hint = f"Add {option}, --mirrorlist or --metalink. Without an address, `repo --name={MEDIUM}` is known."
        raise Refused(command.line, f"{command.name} has no address.", hint)
    user, password = _credentials(command, (*bases, *lists.values()))
    return {
        "baseurls": tuple(one.url for one in bases),
        **{field: lists[name].url for name, field in _LISTS.items() if name in lists},
        "username": user,
        "password": password,
    }


_LISTS = {"--mirrorlist": "mirrorlist", "--metalink": "metalink"}


def _address(command: Command, word: str) -> Address:
    found = parsed(word)
    if found is None:
        scheme = word.partition(":")[0] if "://" in word else ""
        other = scheme.isalnum() and scheme not in SCHEMES
        what = f"addresses with {scheme}: are not supported" if other else "the address can't be read"
        known = ", ".join(f"{one}:" for one in (*SCHEMES, MEDIUM))
        raise Refused(command.line, f"{command.name}: {what}.", f"Known are {known} addresses.")
    return found


def _credentials(command: Command, addresses: tuple[Address, ...]) -> tuple[str, Secret | None]:
    """Of the addresses, or of the options; there is one name and one password."""
    found = {(one.user, one.password.reveal() if one.password else "") for one in addresses}
    if command.has("--username") or command.has("--password"):
        found = (found - {("", "")}) | {(command.text("--username"), command.text("--password"))}
    if len(found) > 1:
        raise Refused(
            command.line, f"{command.name} has several names or passwords.", "Keep --username and --password."
        )
    ((user, password),) = found
    if password and not user:
        raise Refused(command.line, f"{command.name} has a password without a name.", "Add --username.")
    return user, _secret(command, password)


def _secret(command: Command, text: str) -> Secret | None:
    if text == LEFT_OUT:
        message = "this kickstart was saved without its passwords, and the one of a repository is missing."
        raise Refused(command.line, message, f"Put the password in place of {LEFT_OUT}.")
    return Secret(text) if text else None


def _common(command: Command) -> dict[str, Any]:
    proxy = _proxy(command) if command.text("--proxy") else Address(url="")
    return {
        "proxy": proxy.url,
        "proxy_username": proxy.user,
        "proxy_password": _secret(command, proxy.password.reveal()) if proxy.password else None,
        "sslverify": not command.has("--noverifyssl"),
        "ca_certificate": command.text("--sslcacert"),
        "client_certificate": command.text("--sslclientcert"),
        "client_key": command.text("--sslclientkey"),
        "keys": _keys(command),
        "gpgcheck": not command.has("--nogpgcheck"),
        "repo_gpgcheck": command.has("--repo-gpgcheck"),
    }


def _proxy(command: Command) -> Address:
    found = parsed_proxy(command.text("--proxy"))
    if found is None:
        known = ", ".join(PROXY_SCHEMES)
        raise Refused(
            command.line, f"{command.name}: the proxy can't be read.", f"Write it as http://HOST:PORT ({known})."
        )
    return replace(found, url=found.url.rstrip("/"))


def _keys(command: Command) -> tuple[SigningKey, ...]:
    places = command.words("--gpgkey")
    prints = command.words("--gpgkey-fingerprint") or (ANY_KEY,) * len(places)
    if len(prints) != len(places):
        message = f"{command.name} has {len(places)} keys, but {len(prints)} fingerprints."
        raise Refused(command.line, message, f"Give one for each of --gpgkey; `{ANY_KEY}` takes the key as it is.")
    for place in places:
        if _address(command, place).user:
            raise Refused(command.line, f"{command.name}: the address of a key has a name in it.", "Leave it out.")
    return tuple(
        SigningKey(location=place, fingerprint=_fingerprint(command, text))
        for place, text in zip(places, prints, strict=True)
    )


def _fingerprint(command: Command, text: str) -> str:
    """Fingerprints may be written in groups, and in lower case."""
    found = "".join(text.split()).upper()
    if text == ANY_KEY:
        return ""
    if not FINGERPRINT.fullmatch(found):
        raise Refused(command.line, f"{text!r} is no fingerprint of a key.", "It has 40 or 64 hexadecimal digits.")
    return found


def _at_least_zero(command: Command, option: str) -> int | None:
    """pykickstart takes any text for the options that Ashore adds."""
    if not command.has(option):
        return None
    if not command.text(option).isdecimal():
        raise Refused(command.line, f"{command.name} {option} is no whole number.", f"Write it as {option}=1000.")
    return int(command.text(option))


def _switch(command: Command, option: str) -> bool:
    if command.text(option).lower() not in (*_YES, *_NO):
        raise Refused(command.line, f"{command.name} {option} is neither true nor false.", f"Write {option}.")
    return command.has(option) and command.text(option).lower() not in _NO
