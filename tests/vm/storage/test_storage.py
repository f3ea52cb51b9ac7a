"""The quick part of the storage scenarios, by `make test`; `make storage-matrix` runs all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.storage.matrix import line
from tests.vm.storage.row import Row
from tests.vm.storage.scenario import judge
from tests.vm.storage.scenarios import ROWS

# The first of them may have to boot the live system and freeze it.
pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS if row.quick])
def test_what_was_asked_for_is_on_the_disks(row: Row, tmp_path: Path) -> None:
    verdict = judge(row, tmp_path)
    print(line(verdict), verdict.output, sep="\n")
    assert verdict.wrong == ()
