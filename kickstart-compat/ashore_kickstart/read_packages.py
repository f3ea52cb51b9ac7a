"""Which packages: the %packages sections together with the repositories, as a PackagePayload."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ashore_installer.package_plan import GroupChoice, GroupLevel, Multilib, PackagePayload
from ashore_installer.plan import Draft
from ashore_kickstart.package_commands import PACKAGES
from ashore_kickstart.parse import PackageLines, Parsed
from ashore_kickstart.problems import LineProblem, Refused
from ashore_kickstart.read_repositories import ON_MEDIUM, READERS

IMAGES = ("ostreecontainer", "bootc")
"""Commands that choose image mode."""
RELATION = re.compile(r"\S+( (<|<=|=|>=|>) \S+)?")
"""A package's line: a name, a glob, or what packages provide, as `python(abi) = 3.14`."""
_LEVELS = {"--nodefaults": GroupLevel.MANDATORY, "--optional": GroupLevel.OPTIONAL}


def with_packages(draft: Draft, parsed: Parsed) -> tuple[Draft, tuple[LineProblem, ...]]:
    """The draft with its packages, if it has any, and what is wrong with them."""
    mixed = _two_modes(parsed)
    if mixed or not parsed.packages:
        # A section that was refused is none, but it is there.
        return draft, mixed or (() if parsed.problems else _without_section(parsed))
    sections = _Sections()
    for section in parsed.packages:
        sections.take(section)
    repositories = draft.packages.repositories if draft.packages else ()
    lines = {**draft.lines, "packages": parsed.packages[0].line}
    if not repositories:
        lines["packages.repositories[0]"] = parsed.packages[0].line
    payload = sections.payload(PackagePayload(repositories=repositories or (ON_MEDIUM,)))
    return replace(draft, packages=payload, lines=lines), tuple(sections.problems)


def _two_modes(parsed: Parsed) -> tuple[LineProblem, ...]:
    image = next((one for one in parsed.commands if one.name in IMAGES), None)
    if image is None:
        return ()
    ours = [(one.line, one.name) for one in parsed.commands if one.name in READERS]
    ours += [(one.line, PACKAGES) for one in parsed.packages]
    return tuple(
        LineProblem(
            line=line,
            message=f"{name} installs packages, but line {image.line} ({image.name}) installs an image.",
            hint="Keep one of the two: a kickstart installs an image or packages.",
        )
        for line, name in ours
    )


def _without_section(parsed: Parsed) -> tuple[LineProblem, ...]:
    return tuple(
        LineProblem(
            line=one.line,
            message=f"{one.name} says where packages come from, but there is no {PACKAGES} section.",
            hint=f"Add {PACKAGES} and %end with the packages between them, or remove the line.",
        )
        for one in parsed.commands
        if one.name in READERS
    )


@dataclass(slots=True, kw_only=True)
class _Sections:
    """All sections together. Dictionaries keep the lines of what was said, and its order."""

    environment: tuple[str, int] | None = None
    groups: dict[str, tuple[GroupLevel, int]] = field(default_factory=dict)
    packages: dict[str, int] = field(default_factory=dict)
    excludes: dict[str, int] = field(default_factory=dict)
    excluded_groups: dict[str, int] = field(default_factory=dict)
    options: dict[str, tuple[Any, int]] = field(default_factory=dict)
    problems: list[LineProblem] = field(default_factory=list)

    def take(self, section: PackageLines) -> None:
        try:
            self._header(section)
        except Refused as refused:
            self.problems.append(refused.problem)
        for number, line in section.lines:
            try:
                self._line(number, line)
            except Refused as refused:
                self.problems.append(refused.problem)

    def payload(self, base: PackagePayload) -> PackagePayload:
        return replace(
            base,
            environment=self.environment[0] if self.environment else "",
            groups=tuple(GroupChoice(id=name, level=level) for name, (level, _) in self.groups.items()),
            packages=tuple(self.packages),
            excludes=tuple(self.excludes),
            excluded_groups=tuple(self.excluded_groups),
            **{name: value for name, (value, _) in self.options.items()},
        )

    def _header(self, section: PackageLines) -> None:
        for option, text in section.options.items():
            name, value = _option(section.line, option, text)
            before, line = self.options.setdefault(name, (value, section.line))
            if before != value:
                message = f"line {line} says something else about {option}."
                raise Refused(section.line, message, "Remove one of the two.")

    def _line(self, line: int, text: str) -> None:
        if text.startswith("@^"):
            self._environment(line, _group_name(line, text[2:]))
        elif text.startswith("-@^"):
            raise Refused(line, "an environment can't be left out.", "Remove its own line, or leave out groups of it.")
        elif text.startswith("@"):
            self._group(line, text[1:])
        elif text.startswith("-@"):
            self._excluded_group(line, _group_name(line, text[2:]))
        elif text.startswith("-"):
            name = _package_name(line, text[1:])
            self.packages.pop(name, None)
            self.excludes.setdefault(name, line)
        else:
            name = _package_name(line, text)
            self.excludes.pop(name, None)
            self.packages.setdefault(name, line)

    def _environment(self, line: int, name: str) -> None:
        if self.environment and self.environment[0] != name:
            message = f"line {self.environment[1]} has already chosen the environment {self.environment[0]}."
            raise Refused(line, message, "Keep one of them: a system has one environment.")
        self.environment = self.environment or (name, line)

    def _group(self, line: int, text: str) -> None:
        name, level = _group_level(line, text)
        if name in self.excluded_groups:
            message = f"line {self.excluded_groups[name]} leaves out the group {name}."
            raise Refused(line, message, "Remove one of the two lines.")
        before, first = self.groups.setdefault(name, (level, line))
        if before is not level:
            raise Refused(line, f"line {first} takes more or less of the group {name}.", "Remove one of the two lines.")

    def _excluded_group(self, line: int, name: str) -> None:
        self.groups.pop(name, None)
        self.excluded_groups.setdefault(name, line)


def _option(line: int, option: str, text: str) -> tuple[str, Any]:
    """The field of a PackagePayload that an option of the section sets, and its value."""
    if option in _SWITCHES:
        return _SWITCHES[option]
    match option:
        case "--inst-langs":
            return "languages", tuple(dict.fromkeys(word for word in re.split(r"[,:\s]+", text) if word))
        case "--timeout" | "--retries":
            if int(text) < 0:
                raise Refused(line, f"{option} is less than nothing.", f"Write it as {option}=10.")
            return option.removeprefix("--"), int(text)
        case _:
            return "release", text


_SWITCHES: Mapping[str, tuple[str, Any]] = {
    "--nocore": ("core", False),
    "--excludedocs": ("documentation", False),
    "--ignoremissing": ("ignore_missing", True),
    "--ignorebroken": ("ignore_broken", True),
    "--multilib": ("multilib", Multilib.ALL),
    "--exclude-weakdeps": ("weak_dependencies", False),
}


def _package_name(line: int, text: str) -> str:
    if not RELATION.fullmatch(text):
        raise Refused(line, f"{text!r} is no package.", "Write each package on a line of its own.")
    return text


def _group_level(line: int, text: str) -> tuple[str, GroupLevel]:
    """A group's name may have spaces in it; its options stand anywhere."""
    words = text.split()
    levels = [word for word in words if word.startswith("--")]
    if len(levels) > 1:
        raise Refused(line, "a group can't be taken in two ways.", "Keep --nodefaults or --optional.")
    if levels and levels[0] not in _LEVELS:
        raise Refused(line, f"there is no option {levels[0]} for groups.", "Known are --nodefaults and --optional.")
    name = " ".join(word for word in words if word not in _LEVELS)
    return _group_name(line, name), _LEVELS[levels[0]] if levels else GroupLevel.DEFAULT


def _group_name(line: int, text: str) -> str:
    name = " ".join(text.split())
    if any(word.startswith("--") for word in name.split()):
        raise Refused(line, f"{name!r} can't have options.", "Write @GROUP, -@GROUP or @^ENVIRONMENT alone.")
    if ":" in name or "/" in name:
        raise Refused(line, f"{name!r} is a module, and dnf5 knows none.", "Name the packages themselves.")
    if not name:
        raise Refused(line, "the line names no group.", "Write it as @GROUP.")
    return name
