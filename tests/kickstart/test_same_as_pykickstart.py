"""What we take for valid is valid for pykickstart's own parser, and it finds the same in it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ashore_installer.package_plan import GroupLevel
from ashore_installer.plan import Draft
from ashore_kickstart.commands import ADDITIONS
from ashore_kickstart.parse import Command, PackageLines, Parsed, parse
from ashore_kickstart.read_packages import with_packages
from ashore_kickstart.write import kickstart_from_draft
from tests.kickstart.values import drafts

pytestmark = pytest.mark.filterwarnings("ignore::pykickstart.errors.KickstartParseWarning")
KICKSTARTS = Path(__file__).parent.parent / "kickstarts"


FILES = [KICKSTARTS / "bios-xfs.ks", KICKSTARTS / "uefi-ext4.ks", KICKSTARTS / "image.ks"]
FILES += [KICKSTARTS / "traditional.ks"]
FILES += sorted((KICKSTARTS / "storage").glob("*.ks"))
_WORD = r"""(?:'[^']*'|"[^"]*"|[^\s'"])+"""
"""One word of a shell's line, quoted or not."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files(path: Path) -> None:
    compare(without_additions(path.read_text()))


@given(drafts())
@settings(max_examples=30, deadline=None)
def test_what_we_write(draft: Draft) -> None:
    compare(without_additions(kickstart_from_draft(draft, reveal_secrets=True)))


def without_additions(text: str) -> str:
    """`text` without the options that only Ashore knows."""
    return "\n".join(_plain(line) for line in text.split("\n"))


def _plain(line: str) -> str:
    for option in ADDITIONS.get(line.partition(" ")[0], ()):
        line = re.sub(rf" {option}(={_WORD})?(?= |$)", "", line)
    return line


def test_additions_are_found_and_nothing_else() -> None:
    line = "btrfs --subvol --name=a --metadata=raid1 --fsoptions='a b'\"'\"' c' none x"
    assert without_additions(line) == "btrfs --subvol --name=a --metadata=raid1 none x"
    assert without_additions("echo --fsoptions=x\nraid --metadata=1.0 / x") == "echo --fsoptions=x\nraid / x"


def compare(text: str) -> None:
    ours = parse(text)
    parser = importlib.import_module("pykickstart.parser")
    version = importlib.import_module("pykickstart.version")
    handler = version.makeVersion(version.DEVEL)
    parser.KickstartParser(handler).readKickstartFromString(text)

    assert ours.problems == ()
    theirs = [(one.script, one.interp, one.inChroot, one.errorOnFail, one.logfile or "") for one in handler.scripts]
    assert [(one.body, one.interpreter, one.chroot, one.error_on_fail, one.log) for one in ours.scripts] == theirs
    seen = {name for name, command in handler.commands.items() if command.seen}
    assert seen >= {command.name for command in ours.commands}
    assert [user.name for user in handler.user.userList] == [
        command.text("--name") for command in ours.commands if command.name == "user"
    ]
    assert _packages_of(handler) == _sections(ours.packages)
    assert [one.name for one in handler.repo.repoList] == [
        command.text("--name") for command in ours.commands if command.name == "repo"
    ]
    assert _storage_of(handler) == [
        _facts(command) for name in _LISTS for command in ours.commands if command.name == name
    ]


def _packages_of(handler: Any) -> tuple[object, ...]:
    """What pykickstart has read of %packages."""
    found = handler.packages
    groups = sorted((one.name, one.include) for one in found.groupList)
    others = sorted(one.name for one in found.excludedGroupList)
    return found.environment or "", groups, others, sorted(found.packageList), sorted(found.excludedList)


def _sections(sections: tuple[PackageLines, ...]) -> tuple[object, ...]:
    """The same of what we have read."""
    found = with_packages(Draft(), Parsed(commands=(), scripts=(), packages=sections, problems=()))[0].packages
    if found is None:
        return "", [], [], [], []
    levels = {GroupLevel.MANDATORY: 0, GroupLevel.DEFAULT: 1, GroupLevel.OPTIONAL: 2}
    groups = sorted((one.id, levels[one.level]) for one in found.groups)
    return (
        found.environment, groups, sorted(found.excluded_groups), sorted(found.packages), sorted(found.excludes),
    )  # fmt: skip


_LISTS = ("part", "raid", "volgroup", "logvol", "btrfs", "mount")


def _facts(command: Command) -> tuple[object, ...]:
    """The command's name, what it is about, its size if it has one, and its members."""
    first, *others = command.arguments
    match command.name:
        case "mount":
            return "mount", first, None, tuple(others)
        case "part" | "logvol":
            return command.name, first, command.number("--size"), ()
        case _:
            return command.name, first, None, tuple(others)


def _storage_of(handler: Any) -> list[tuple[object, ...]]:
    """The same facts of what pykickstart has read."""
    found: list[tuple[object, ...]] = [("part", one.mountpoint, one.size, ()) for one in handler.partition.partitions]
    found += [("raid", one.mountpoint, None, tuple(one.members)) for one in handler.raid.raidList]
    found += [("volgroup", one.vgname, None, tuple(one.physvols)) for one in handler.volgroup.vgList]
    found += [("logvol", one.mountpoint, one.size, ()) for one in handler.logvol.lvList]
    found += [("btrfs", one.mountpoint, None, tuple(one.devices)) for one in handler.btrfs.btrfsList]
    return found + [("mount", one.device, None, (one.mount_point,)) for one in handler.mount.mount_points]
