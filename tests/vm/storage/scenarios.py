"""All storage scenarios, in the order in which they are run."""

from __future__ import annotations

from tests.vm.storage import scenarios_plain
from tests.vm.storage.row import Row

ROWS: tuple[Row, ...] = (*scenarios_plain.AUTOMATIC, *scenarios_plain.EXPLICIT)


def row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)
