"""All storage scenarios, in the order in which they are run."""

from __future__ import annotations

from tests.kickstarts import expected
from tests.vm.storage import (
    scenarios_existing,
    scenarios_luks,
    scenarios_lvm,
    scenarios_plain,
    scenarios_raid,
    scenarios_refused,
    scenarios_stacks,
)
from tests.vm.storage.row import Row

ROWS: tuple[Row, ...] = (
    *scenarios_plain.ROWS,
    *scenarios_lvm.ROWS,
    *scenarios_luks.ROWS,
    *scenarios_raid.ROWS,
    *scenarios_existing.ROWS,
    *scenarios_stacks.ROWS,
    *scenarios_refused.ROWS,
    *expected.ROWS,
)


def row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)
