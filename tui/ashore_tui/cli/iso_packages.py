"""The packages that `ashore iso build` puts on a medium: from its own words, and from kickstarts."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.package_plan import (
    MEDIUM_REPOSITORY,
    GroupChoice,
    PackagePayload,
    Repository,
    SigningKey,
)


def chosen_packages(options: argparse.Namespace) -> PackagePayload | None:
    """What to collect and where from; None for a medium without packages. Raises BadInput."""
    asked = _asked(options)
    listed = _of_kickstart(options.packages_from) if options.packages_from else None
    embedded = _of_kickstart(options.kickstart) if options.kickstart else None
    on_medium = embedded is not None and any(_is_on_medium(one) for one in embedded.repositories)
    if options.packages_from and listed is None:
        message = f"The kickstart {options.packages_from} installs no packages."
        raise BadInput(message, "Name another one, or leave --packages-from out.")
    repositories = (*(_elsewhere(listed) if listed else ()), *asked.repositories)
    if not repositories:
        _require_nothing(asked, listed, on_medium=on_medium)
        return None
    choice = _together(listed, embedded) if listed and embedded and on_medium else listed
    choice = choice or (embedded if on_medium else None) or asked
    return replace(choice if choice is asked else _together(choice, asked), repositories=repositories)


def _require_nothing(asked: PackagePayload, listed: PackagePayload | None, *, on_medium: bool) -> None:
    """Without a repository, nothing may want packages on the medium."""
    if asked.packages or asked.groups or asked.environment or listed:
        raise BadInput("Nothing says where the packages come from.", "Name a repository with --repo.")
    if on_medium:
        raise BadInput(
            "The kickstart installs packages from the medium, but none are put on it.",
            "Name a repository with --repo, from which they are collected.",
        )


def _asked(options: argparse.Namespace) -> PackagePayload:
    """In the words of the command itself."""
    keys = tuple(SigningKey(location=_address(text)) for text in options.repo_key)
    repositories = tuple(
        Repository(id=f"repo{number}", baseurls=(_address(text),), keys=keys, gpgcheck=not options.no_gpgcheck)
        for number, text in enumerate(options.repo, 1)
    )
    return PackagePayload(
        repositories=repositories,
        environment=options.environment,
        groups=tuple(GroupChoice(id=name) for name in dict.fromkeys(options.group)),
        packages=tuple(dict.fromkeys(options.package)),
        release=options.releasever,
    )


def _address(text: str) -> str:
    """An address, or a file or directory of this machine as one."""
    from ashore_kickstart.addresses import parsed

    if "://" not in text:
        return Path(text).absolute().as_uri()
    found = parsed(text)
    if found is None or found.url.startswith(MEDIUM_REPOSITORY):
        message = f"Packages can't come from {text}."
        raise BadInput(message, "Name an http:, https:, ftp: or file: address, or a directory.")
    if found.user or found.password:
        # Whoever looks at the processes of a machine sees their arguments.
        raise BadInput("A password can't be given here.", "Write a `repo` line into a file for --packages-from.")
    return found.url


def _of_kickstart(path: Path) -> PackagePayload | None:
    from ashore_kickstart.fetch import read_text
    from ashore_kickstart.read import draft_from_text

    draft = draft_from_text(read_text(path, str(path)), str(path))
    return draft.packages and replace(draft.packages, locale=draft.system.locale)


def _is_on_medium(one: Repository) -> bool:
    return any(url.startswith(MEDIUM_REPOSITORY) for url in (*one.baseurls, one.mirrorlist, one.metalink))


def _elsewhere(payload: PackagePayload) -> tuple[Repository, ...]:
    return tuple(one for one in payload.repositories if not _is_on_medium(one))


def _together(one: PackagePayload, other: PackagePayload) -> PackagePayload:
    """What is enough for both; `one` says the rest."""
    if one.environment and other.environment and one.environment != other.environment:
        message = f"Two environments are asked for: {one.environment} and {other.environment}."
        raise BadInput(message, "A medium is made for one; add the groups of the other.")
    levels = {choice.id: choice for choice in (*other.groups, *one.groups)}
    packages = tuple(dict.fromkeys((*one.packages, *other.packages)))
    return replace(
        one,
        environment=one.environment or other.environment,
        groups=tuple(levels.values()),
        packages=packages,
        excludes=tuple(name for name in one.excludes if name not in packages),
        excluded_groups=tuple(name for name in one.excluded_groups if name not in levels),
        core=one.core or other.core,
        locale=one.locale or other.locale,
        release=other.release or one.release,
    )
