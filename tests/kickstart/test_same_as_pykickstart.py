"""Our splitting into lines and sections is that of pykickstart's own parser."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings

from ashore_installer.plan import Draft
from ashore_kickstart.parse import parse
from ashore_kickstart.write import kickstart_from_draft
from tests.kickstart.values import drafts

pytestmark = pytest.mark.filterwarnings("ignore::pykickstart.errors.KickstartParseWarning")
KICKSTARTS = Path(__file__).parent.parent / "kickstarts"


@pytest.mark.parametrize("name", ["bios-xfs.ks", "uefi-ext4.ks", "image.ks"])
def test_files(name: str) -> None:
    compare((KICKSTARTS / name).read_text())


@given(drafts())
@settings(max_examples=30, deadline=None)
def test_what_we_write(draft: Draft) -> None:
    compare(kickstart_from_draft(draft, reveal_secrets=True).replace(" --enforce-container-sigpolicy", ""))


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
    assert [(part.mountpoint, part.size) for part in handler.partition.partitions] == [
        (command.arguments[0], command.number("--size"))
        for command in ours.commands
        if command.name in ("part", "partition")
    ]
