"""The kickstarts of the VM tests can be followed: known without booting anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_kickstart.read import problems_of
from tests.vm.cases import CASES, KEY, KICKSTARTS, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_line_is_supported(case: Case) -> None:
    text = case.text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcL5fVnq8JYT8gOnS1pB8RkC7b8uI0yO7b1nGmXw0aP tests")
    assert KEY not in text
    assert problems_of(text) == ()


@pytest.mark.parametrize("path", sorted((KICKSTARTS / "storage").glob("*.ks")), ids=lambda path: path.stem)
def test_every_line_of_the_storage_cases_is_supported(path: Path) -> None:
    assert problems_of(path.read_text()) == ()
