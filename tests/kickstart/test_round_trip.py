"""Reading what was written gives the same again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from ashore_installer.plan import Draft
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.write import kickstart_from_draft
from tests.kickstart.values import drafts, without_lines

KICKSTARTS = Path(__file__).parent.parent / "kickstarts"


@given(drafts())
@settings(max_examples=60, deadline=None)
def test_a_draft_survives_being_written_and_read(draft: Draft) -> None:
    text = kickstart_from_draft(draft, reveal_secrets=True)

    assert without_lines(draft_from_text(text, "written.ks")) == draft


NAMES = ["bios-xfs.ks", "uefi-ext4.ks", "image.ks", "traditional.ks"]
NAMES += [f"storage/{path.name}" for path in sorted((KICKSTARTS / "storage").glob("*.ks"))]


@pytest.mark.parametrize("name", NAMES)
def test_a_kickstart_is_written_back_with_the_same_meaning(name: str) -> None:
    draft = draft_from_text((KICKSTARTS / name).read_text(), name)

    text = kickstart_from_draft(draft, reveal_secrets=True)

    assert without_lines(draft_from_text(text, "written.ks")) == without_lines(draft)
    assert kickstart_from_draft(draft_from_text(text, "written.ks"), reveal_secrets=True) == text
